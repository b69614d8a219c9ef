"""The check of a result: it neither hangs, nor wastes an encode, nor keeps back what it knows."""

import asyncio
import logging
import sys
from pathlib import Path

import pytest

from alchemist_desktop.app.core import Core
from alchemist_desktop.domain.job import Job, JobState
from tests.support.core import open_test_core, process, quick_settings, until_state
from tests.support.inventory import digest
from tests.support.media import make_clip, run_ffmpeg
from tests.support.wrapped_ffmpeg import WrappedFfmpeg

pytestmark = pytest.mark.anyio

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for FFmpeg is a shell script")
STALL_S = 5
IN_PLACE: dict[str, object] = {"delete_source": True, "in_place": True}


def make_library(tmp_path: Path) -> Path:
    library = tmp_path / "library"
    library.mkdir()
    return library


async def until_frozen(core: Core, library: Path, ffmpeg: WrappedFfmpeg) -> Job:
    await core.scanner.scan_folder(str(library))
    core.engine.wake()
    async with asyncio.timeout(60):
        while not ffmpeg.is_frozen:
            await asyncio.sleep(0.02)
    return await until_state(core, "film.mkv", JobState.ENCODING)


@posix_only
@pytest.mark.parametrize("mode", ["frozen decode", "frozen vmaf"])
async def test_a_check_that_stands_still_is_ended_unless_it_was_suspended(tmp_path: Path, mode: str) -> None:
    library = make_library(tmp_path)
    before = digest(make_clip(library / "film.mkv", duration_s=1))
    ffmpeg = WrappedFfmpeg(tmp_path / "ffmpeg", mode)
    engine: dict[str, object] = {"stall_timeout_s": STALL_S, "max_attempts": 1}
    settings = quick_settings(
        files=IN_PLACE,
        engine=engine,
        quality={"enable_vmaf": True},
        hardware={"cpu_preset": "faster", "ffmpeg_path": ffmpeg.path},
    )
    async with open_test_core(tmp_path / "home", settings) as core:
        job = await until_frozen(core, library, ffmpeg)
        await core.services.jobs.suspend(job.id)
        await asyncio.sleep(STALL_S + 2)
        suspended = await core.parts.stores.jobs.get(job.id)
        assert suspended is not None
        assert suspended.state is JobState.ENCODING
        await core.services.jobs.resume(job.id)
        ended = await until_state(core, "film.mkv", JobState.FAILED, JobState.COMPLETED, JobState.SKIPPED, JobState.QUEUED)
    assert ended.state is JobState.FAILED
    assert ended.failure is not None
    assert ended.failure.code == "stalled"
    assert digest(library / "film.mkv") == before


async def test_own_subtitles_beside_a_film_cost_no_encode(tmp_path: Path) -> None:
    library = make_library(tmp_path)
    (tmp_path / "a.srt").write_text("1\n00:00:00,100 --> 00:00:00,900\nHello\n")
    run_ffmpeg(
        ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1,noise=alls=12:allf=t", "-i", tmp_path / "a.srt", "-map", "0", "-map", "1",
         "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:s", "srt", "-metadata:s:s:0", "language=eng",
         library / "film.mkv"]
    )  # fmt: skip
    (library / "film.eng.srt").write_text("own subtitles")
    settings = quick_settings(files=IN_PLACE, transcode={"subtitle_mode": "extract"})
    async with open_test_core(tmp_path / "home", settings) as core:
        job = (await process(core, library))["film.mkv"]
    assert job.state is JobState.COMPLETED, job.failure or job.decision
    assert (library / "film.eng.srt").read_text() == "own subtitles"
    assert "Hello" in (library / "film.eng.2.srt").read_text()


async def test_what_a_score_of_hdr_means_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    library = make_library(tmp_path)
    declared = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv"
    run_ffmpeg(
        ["-f", "lavfi", "-i", f"testsrc2=s=320x180:r=25:d=1,noise=alls=12:allf=t,format=yuv420p10le,{declared}", "-c:v", "ffv1",
         library / "film.mkv"]
    )  # fmt: skip
    settings = quick_settings(quality={"enable_vmaf": True, "min_vmaf_score": 100.0})
    with caplog.at_level(logging.INFO):
        async with open_test_core(tmp_path / "home", settings) as core:
            job = (await process(core, library))["film.mkv"]
    assert job.decision is not None
    assert job.decision.code == "quality_below_threshold", job.failure
    assert "rough guide" in job.decision.detail
    (line,) = [record for record in caplog.records if record.getMessage().startswith("VMAF of")]
    assert "rough guide" in line.getMessage()
    assert line.__dict__["job_id"] == job.id
