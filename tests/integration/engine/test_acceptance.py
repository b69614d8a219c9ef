"""The acceptance checks: real files through the whole path, from scan to replacement."""

import asyncio
import hashlib
import os
import shutil
from itertools import groupby
from pathlib import Path

import av
import pytest
from av.stream import Disposition

from alchemist_desktop.domain.events import JobChanged
from alchemist_desktop.domain.job import Job, JobState, Phase
from alchemist_desktop.engine.schedule_keeper import ScheduleKeeper
from tests.support.bitstreams import pgs_subtitles
from tests.support.core import collect, jobs_of, open_test_core, process, quick_settings, until, until_state
from tests.support.media import make_clip, run_ffmpeg

pytestmark = pytest.mark.anyio

IN_PLACE: dict[str, object] = {"delete_source": True, "in_place": True}


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def streams_of(path: str) -> list[tuple[str, str, str | None]]:
    with av.open(path) as container:
        return [(s.type, s.codec_context.name if s.codec_context else "", s.metadata.get("language")) for s in container.streams]


def trashed(library: Path) -> list[Path]:
    return [path for path in library.rglob(".alchemist/trash/*/*") if path.is_file()]


async def test_a_file_is_encoded_verified_and_put_beside_its_source(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    source = make_clip(library / "film.mkv")
    before = digest(source)
    async with open_test_core(tmp_path, quick_settings()) as core:
        jobs = await process(core, library)
        job = jobs["film.mkv"]
        details = await core.services.jobs.details(job.id)
    assert job.state is JobState.COMPLETED
    assert Path(job.output_path) == library / "film-alchemist.mkv"
    assert streams_of(job.output_path)[0][1] == "hevc"
    assert job.encoder == "libx265"
    assert digest(source) == before
    assert details.stats is not None
    assert details.stats.output_size_bytes == Path(job.output_path).stat().st_size
    assert [attempt.outcome for attempt in details.attempts] == ["completed"]
    assert "libx265" in details.attempts[0].command
    assert sorted(path.name for path in library.iterdir()) == ["film-alchemist.mkv", "film.mkv"]


async def test_a1_every_track_font_chapter_and_title_survives(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (tmp_path / "a.srt").write_text("1\n00:00:00,100 --> 00:00:01,000\nHello\n")
    (tmp_path / "a.sup").write_bytes(pgs_subtitles([(0.2, 0.8), (1.0, 1.6)]))
    (tmp_path / "font.ttf").write_bytes(b"\0\1\0\0" + bytes(300))
    (tmp_path / "chapters.txt").write_text(
        ";FFMETADATA1\ntitle=A Film\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=One\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=1000\nEND=2000\ntitle=Two\n"
    )
    run_ffmpeg(
        ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2", "-f", "lavfi", "-i", "sine=f=300:d=2",
         "-i", tmp_path / "a.srt", "-i", tmp_path / "a.srt", "-i", tmp_path / "chapters.txt", "-i", tmp_path / "a.sup",
         "-attach", tmp_path / "font.ttf", "-metadata:s:t", "mimetype=application/x-truetype-font",
         "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "4", "-map", "6",
         "-map_metadata", "5", "-map_chapters", "5", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
         "-c:a", "aac", "-c:s", "srt", "-c:s:2", "copy", "-metadata:s:s:2", "language=jpn", "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger",
         "-metadata:s:s:0", "language=eng", "-metadata:s:s:1", "language=fre", "-disposition:s:1", "forced",
         library / "film.mkv"]
    )  # fmt: skip
    async with open_test_core(tmp_path, quick_settings()) as core:
        job = (await process(core, library))["film.mkv"]
    assert job.state is JobState.COMPLETED, job.failure
    with av.open(job.output_path) as made, av.open(str(library / "film.mkv")) as source:
        assert [(s.type, s.metadata.get("language")) for s in made.streams] == [
            (s.type, s.metadata.get("language")) for s in source.streams
        ]
        assert [chapter["metadata"]["title"] for chapter in made.chapters()] == ["One", "Two"]
        assert made.metadata["title"] == "A Film"
        assert [bool(s.disposition & Disposition.forced) for s in made.streams.subtitles] == [False, True, False]
        assert made.streams.subtitles[2].codec_context.name == "pgssub"
        assert made.streams.attachments[0].metadata["filename"] == "font.ttf"


@pytest.mark.parametrize("codec", ["hevc", "h264"])
async def test_a2_mov_text_and_timecode_go_into_matroska(tmp_path: Path, codec: str) -> None:
    """With H.264 as the target only the container changes: a remux."""
    library = tmp_path / "library"
    library.mkdir()
    (tmp_path / "a.srt").write_text("1\n00:00:00,100 --> 00:00:01,000\nHello\n")
    run_ffmpeg(
        ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2", "-i", tmp_path / "a.srt",
         "-map", "0", "-map", "1", "-map", "2", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac",
         "-c:s", "mov_text", "-timecode", "00:00:00:00", library / "film.mov"]
    )  # fmt: skip
    assert "data" in [kind for kind, _codec, _language in streams_of(str(library / "film.mov"))]
    async with open_test_core(tmp_path, quick_settings(transcode={"output_codec": codec})) as core:
        job = (await process(core, library))["film.mov"]
        details = await core.services.jobs.details(job.id)
    assert job.state is JobState.COMPLETED, job.failure
    assert [codec for _kind, codec, _language in streams_of(job.output_path)] == [codec, "aac", "srt"]
    assert details.plan is not None
    assert any("timecode" in note.lower() or "data" in note.lower() for note in details.plan.notes)


async def test_a3_a_truncated_source_is_never_replaced(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    whole = make_clip(tmp_path / "whole.mkv", duration_s=20, size="160x90")
    data = whole.read_bytes()
    (library / "cut.mkv").write_bytes(data[: len(data) // 2])
    before = digest(library / "cut.mkv")
    async with open_test_core(tmp_path, quick_settings(files=IN_PLACE)) as core:
        job = (await process(core, library))["cut.mkv"]
    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert job.failure.code == "source_truncated"
    assert digest(library / "cut.mkv") == before
    assert trashed(library) == []


async def test_a5_a_source_rewritten_meanwhile_is_left_alone(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    source = make_clip(library / "film.mkv", duration_s=3, size="640x360")
    newer = make_clip(tmp_path / "newer.mkv", duration_s=1)
    async with open_test_core(tmp_path, quick_settings(files=IN_PLACE, hardware={"cpu_preset": "slow"})) as core:
        await core.scanner.scan_folder(str(library))
        core.engine.wake()
        await until_state(core, "film.mkv", JobState.ENCODING)
        shutil.copy(newer, tmp_path / "incoming")
        (tmp_path / "incoming").replace(source)
        job = await until_state(core, "film.mkv", JobState.FAILED, JobState.COMPLETED, JobState.SKIPPED)
    assert job.failure is not None
    assert job.failure.code == "source_changed"
    assert digest(source) == digest(newer)
    assert trashed(library) == []
    assert [path.name for path in library.iterdir() if not path.name.startswith(".")] == ["film.mkv"]


async def test_a6_two_sources_with_one_stem_keep_both_their_results(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    make_clip(library / "A.mkv", duration_s=1)
    make_clip(library / "A.mp4", duration_s=2)
    originals = {digest(library / "A.mkv"), digest(library / "A.mp4")}
    async with open_test_core(tmp_path, quick_settings(files=IN_PLACE)) as core:
        jobs = await process(core, library)
    assert {job.state for job in jobs.values()} == {JobState.COMPLETED}
    outputs = {job.output_path for job in jobs.values()}
    assert len(outputs) == 2
    assert all(Path(output).is_file() for output in outputs)
    assert {digest(path) for path in trashed(library)} == originals


async def test_a7_a_cancelled_job_stays_cancelled(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    make_clip(library / "film.mkv", duration_s=10, size="640x360")
    async with open_test_core(tmp_path, quick_settings(hardware={"cpu_preset": "slow"})) as core:
        await core.scanner.scan_folder(str(library))
        core.engine.wake()
        job = await until_state(core, "film.mkv", JobState.ENCODING)
        assert await core.services.jobs.cancel(job.id)
        job = await until_state(core, "film.mkv", JobState.CANCELLED)
        core.engine.wake()
        await core.scanner.scan_folder(str(library))
        core.engine.wake()
        await asyncio.sleep(1.0)
        later = (await jobs_of(core))["film.mkv"]
    assert later.state is JobState.CANCELLED
    assert later.not_before is None
    assert later.failure is not None
    assert later.failure.code == "cancelled"
    assert [path.name for path in library.iterdir()] == ["film.mkv"]


async def test_a9_burn_in_works_with_hostile_names(tmp_path: Path) -> None:
    library = tmp_path / "li'brary [x], y:z"
    library.mkdir()
    (tmp_path / "a.srt").write_text("1\n00:00:00,000 --> 00:00:02,000\nHELLO THERE\n")
    source = library / "it's a [test], a:b.mkv"
    run_ffmpeg(
        ["-f", "lavfi", "-i", "color=c=black:s=320x180:r=25:d=2,noise=alls=8:allf=t", "-i", tmp_path / "a.srt", "-c:v", "libx264", "-preset",
         "ultrafast", "-pix_fmt", "yuv420p", "-c:s", "srt", source]
    )  # fmt: skip
    async with open_test_core(tmp_path, quick_settings(transcode={"subtitle_mode": "burn"})) as core:
        job = (await process(core, library))[source.name]
    assert job.state is JobState.COMPLETED, job.failure
    with av.open(job.output_path) as made:
        frames = list(made.decode(video=0))
        assert max(int(frame.to_ndarray(format="gray").max()) for frame in frames) > 150


async def test_a12_a_10_bit_source_becomes_8_bit_h264(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    video = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p10le")
    make_clip(library / "film.mkv", duration_s=1, video=video)
    async with open_test_core(tmp_path, quick_settings(transcode={"output_codec": "h264"})) as core:
        job = (await process(core, library))["film.mkv"]
    assert job.state is JobState.COMPLETED, job.failure
    with av.open(job.output_path) as made:
        context = made.streams.video[0].codec_context
        assert (context.pix_fmt, context.profile) == ("yuv420p", "High")


async def test_a13_one_bad_file_does_not_hold_up_the_others(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    clip = make_clip(tmp_path / "clip.mkv", duration_s=0.4, size="64x64")
    for number in range(20):
        shutil.copy(clip, library / f"{number:02d}.mkv")
    (library / "07.mkv").write_bytes(b"this is no media file" * 50)
    async with open_test_core(tmp_path, quick_settings()) as core:
        jobs = await process(core, library)
    failed = [name for name, job in jobs.items() if job.state is JobState.FAILED]
    assert failed == ["07.mkv"]
    assert sum(job.state is JobState.COMPLETED for job in jobs.values()) == 19


async def test_a17_plain_8_bit_hevc_is_known_as_such(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    video = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p")
    make_clip(library / "film.mkv", duration_s=1, video=video)
    async with open_test_core(tmp_path, quick_settings()) as core:
        job = (await process(core, library))["film.mkv"]
    assert job.state is JobState.SKIPPED
    assert job.decision is not None
    assert job.decision.code == "already_target_codec"
    assert job.decision.measured["bit_depth"] == 8


async def test_a18_nothing_starts_after_pause(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    clip = make_clip(tmp_path / "clip.mkv", duration_s=4, size="640x360")
    for number in range(4):
        shutil.copy(clip, library / f"{number}.mkv")
    async with open_test_core(tmp_path, quick_settings()) as core:
        await core.services.engine.set_mode(core.engine.status.mode, jobs_override=1)
        await core.scanner.scan_folder(str(library))
        core.engine.wake()
        await until(core, lambda jobs: any(job.state is JobState.ENCODING for job in jobs.values()))
        await core.services.engine.pause()
        busy = {name for name, job in (await jobs_of(core)).items() if job.state is not JobState.QUEUED}
        await until(core, lambda jobs: not any(job.state.is_active for job in jobs.values()))
        await asyncio.sleep(0.5)
        later = {name for name, job in (await jobs_of(core)).items() if job.state is not JobState.QUEUED}
    assert len(busy) == 1
    assert later == busy


async def test_a19_deleting_the_last_window_opens_the_engine(tmp_path: Path) -> None:
    async with open_test_core(tmp_path, quick_settings()) as core:
        now = core.parts.clock.local_now()
        other_day = (now.weekday() + 1 + 3) % 7
        window = {"start_time": "03:00", "end_time": "03:01", "days_of_week": [other_day]}
        shut = quick_settings(schedule={"windows": [window]})
        keeper = ScheduleKeeper(core.parts.clock, core.parts.settings, core.engine.set_schedule_closed)
        await core.services.settings.replace(shut)
        keeper.check()
        assert core.engine.status.scheduler_paused
        await core.services.settings.replace(quick_settings())
        keeper.check()
        status = core.services.engine.status()
    assert not status.scheduler_paused
    assert status.status == "running"


async def test_replacement_goes_to_the_trash_and_undo_brings_it_back(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    source = make_clip(library / "film.mkv")
    os.utime(source, (1_000_000_000, 1_000_000_000))
    before = digest(source)
    async with open_test_core(tmp_path, quick_settings(files=IN_PLACE)) as core:
        job = (await process(core, library))["film.mkv"]
        assert job.state is JobState.COMPLETED, job.failure
        assert streams_of(str(source))[0][1] == "hevc"
        assert int(source.stat().st_mtime) == 1_000_000_000
        await core.scanner.scan_folder(str(library))  # the result must not be taken for a new source
        assert (await jobs_of(core))["film.mkv"].state is JobState.COMPLETED
        path = await core.services.jobs.undo(job.id)
        undone = (await jobs_of(core))["film.mkv"]
        await core.scanner.scan_folder(str(library))
        core.engine.wake()
        await asyncio.sleep(0.3)
        later = (await jobs_of(core))["film.mkv"]
    assert path == str(source)
    assert digest(source) == before
    assert undone.state is later.state is JobState.SKIPPED


async def test_a_stopped_engine_queues_its_jobs_again_and_leaves_no_work_files(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    make_clip(library / "film.mkv", duration_s=10, size="640x360")
    settings = quick_settings(hardware={"cpu_preset": "slow"})
    async with open_test_core(tmp_path, settings) as core:
        await core.scanner.scan_folder(str(library))
        core.engine.wake()
        await until_state(core, "film.mkv", JobState.ENCODING)
    async with open_test_core(tmp_path, settings, start=False) as core:
        job: Job = (await jobs_of(core))["film.mkv"]
    assert job.state is JobState.QUEUED
    assert [path.name for path in library.iterdir()] == ["film.mkv"]


async def test_suspend_freezes_an_encode_and_resume_goes_on(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    make_clip(library / "film.mkv", duration_s=6, size="640x360")
    async with open_test_core(tmp_path, quick_settings()) as core:
        await core.scanner.scan_folder(str(library))
        core.engine.wake()
        job = await until_state(core, "film.mkv", JobState.ENCODING)
        assert await core.services.jobs.suspend(job.id)
        await asyncio.sleep(0.7)
        context = core.engine.context(job.id)
        assert context is not None
        frozen = context.progress
        await asyncio.sleep(1.0)
        assert context.progress == frozen
        assert await core.services.jobs.resume(job.id)
        job = await until_state(core, "film.mkv", JobState.COMPLETED, JobState.FAILED)
    assert job.state is JobState.COMPLETED, job.failure


async def test_events_tell_the_life_of_a_job_in_order(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    make_clip(library / "film.mkv", duration_s=1)
    async with open_test_core(tmp_path, quick_settings()) as core:
        facts = collect(core)
        await process(core, library)
        await asyncio.sleep(0.2)
    names = [type(fact).__name__ for fact in facts]
    assert names.index("ScanStarted") < names.index("JobAdded") < names.index("ScanCompleted") < names.index("DecisionMade")
    states = [(fact.job.state, fact.job.phase) for fact in facts if isinstance(fact, JobChanged)]
    order = [
        (JobState.ANALYZING, Phase.PROBING),
        (JobState.ENCODING, Phase.ENCODING),
        (JobState.ENCODING, Phase.VERIFYING),
        (JobState.ENCODING, Phase.REPLACING),
        (JobState.COMPLETED, None),
    ]
    assert [state for state, _ in groupby(state for state in states if state in order)] == order
    assert "EngineIdle" in names
