"""The acceptance checks about what FFmpeg does with sound and pictures, and the quality gates, through the whole engine."""

import shlex
import sys
from pathlib import Path

import av
import pytest

from alchemist_desktop.domain.job import JobState
from tests.support.core import open_test_core, process, quick_settings
from tests.support.media import ffmpeg_path, make_clip, run_ffmpeg

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.skipif(sys.platform == "win32", reason="the stand-ins for FFmpeg are shell scripts"),
]

IN_PLACE: dict[str, object] = {"delete_source": True, "in_place": True}
STALL_S = 5


def stand_in(folder: Path, pattern: str, instead: str) -> str:
    """A program that is FFmpeg, but for calls whose arguments match the shell pattern: those run `instead`."""
    program = folder / "ffmpeg"
    real = shlex.quote(ffmpeg_path())
    program.write_text(f'#!/bin/sh\ncase " $* " in {pattern}) {instead} ;; esac\nexec {real} "$@"\n')
    program.chmod(0o755)
    return str(program)


async def test_a8_a_long_silent_remux_is_not_taken_for_a_stalled_one(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    make_clip(library / "film.mp4", duration_s=STALL_S + 2, size="160x90")
    slow = stand_in(tmp_path, '*" -f matroska "*', f'exec {shlex.quote(ffmpeg_path())} -re "$@"')
    settings = quick_settings(
        transcode={"output_codec": "h264"}, hardware={"ffmpeg_path": slow}, engine={"stall_timeout_s": STALL_S}
    )
    async with open_test_core(tmp_path, settings) as core:
        job = (await process(core, library))["film.mp4"]
        details = await core.services.jobs.details(job.id)
    assert job.state is JobState.COMPLETED, job.failure
    assert job.encoder == "copy"
    (attempt,) = details.attempts
    assert attempt.stderr_tail == ""
    assert attempt.encode_time_s is not None
    assert attempt.encode_time_s > STALL_S


async def test_a10_side_surround_becomes_opus(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    surround = "anoisesrc=d=1:a=0.1,aformat=channel_layouts=mono,pan=5.1(side)|c0=c0|c1=c0|c2=c0|c3=c0|c4=c0|c5=c0"
    picture = "testsrc2=s=320x180:r=25:d=1,noise=alls=12:allf=t"
    run_ffmpeg(
        ["-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", surround, "-c:v", "libx264", "-preset", "ultrafast", "-crf", "10",
         "-pix_fmt", "yuv420p", "-c:a", "flac", library / "film.mkv"]
    )  # fmt: skip
    async with open_test_core(
        tmp_path, quick_settings(transcode={"output_codec": "av1"}, files={"output_extension": "webm"})
    ) as core:
        job = (await process(core, library))["film.mkv"]
    assert job.state is JobState.COMPLETED, job.failure
    with av.open(job.output_path) as made:
        sound = made.streams.audio[0].codec_context
        assert (sound.name, sound.layout.name) == ("opus", "5.1")


async def test_a11_reference_white_stays_bright_when_its_tones_are_mapped(tmp_path: Path) -> None:
    """Grey of 203 cd/m², which is 58 % on the PQ curve: 572 of 1023 in 10 bit."""
    library = tmp_path / "library"
    library.mkdir()
    declared = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv"
    run_ffmpeg(
        ["-f", "lavfi", "-i", f"color=s=160x90:r=25:d=1,format=yuv420p10le,geq=lum=571+3*random(0):cb=512:cr=512,{declared}",
         "-c:v", "ffv1", library / "film.mkv"]
    )  # fmt: skip
    settings = quick_settings(transcode={"output_codec": "h264", "hdr_mode": "tonemap"})
    async with open_test_core(tmp_path, settings) as core:
        job = (await process(core, library))["film.mkv"]
    assert job.state is JobState.COMPLETED, job.failure
    with av.open(job.output_path) as made:
        frame = next(made.decode(video=0))
        assert frame.format.name == "yuv420p"
        assert int(frame.to_ndarray()[:90].mean()) >= 160


async def test_covers_come_along(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    run_ffmpeg(["-f", "lavfi", "-i", "color=red:s=96x96", "-frames:v", "1", tmp_path / "cover.png"])
    attached = ("-attach", str(tmp_path / "cover.png"), "-metadata:s:t", "mimetype=image/png", "-metadata:s:t", "filename=c.png")
    make_clip(library / "film.mkv", duration_s=1, extra=attached)
    async with open_test_core(tmp_path, quick_settings()) as core:
        job = (await process(core, library))["film.mkv"]
    assert job.state is JobState.COMPLETED, job.failure
    with av.open(job.output_path) as made:
        (cover,) = made.decode(video=1)
        assert (cover.width, cover.height) == (96, 96)
        assert cover.to_ndarray(format="rgb24")[48, 48].tolist() == pytest.approx([255, 0, 0], abs=3)


GATED: dict[str, object] = {"enable_vmaf": True, "revert_on_low_quality": True}


async def test_a_good_result_passes_the_quality_gate(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    make_clip(library / "film.mkv", duration_s=1)
    settings = quick_settings(quality=GATED | {"min_vmaf_score": 60.0}, transcode={"vmaf_min_score": 50.0})
    async with open_test_core(tmp_path, settings) as core:
        job = (await process(core, library))["film.mkv"]
        details = await core.services.jobs.details(job.id)
    assert job.state is JobState.COMPLETED, job.failure
    assert details.stats is not None
    assert details.stats.vmaf_score is not None
    assert 60.0 < details.stats.vmaf_score < 99.9


@pytest.mark.parametrize(
    ("sections", "state", "code"),
    [
        ({"quality": GATED | {"min_vmaf_score": 99.9}}, JobState.SKIPPED, "quality_below_threshold"),
        ({"transcode": {"vmaf_min_score": 99.9}}, JobState.FAILED, "quality_check_failed"),
    ],
)
async def test_a_result_below_the_gate_is_thrown_away(
    tmp_path: Path, sections: dict[str, dict[str, object]], state: JobState, code: str
) -> None:
    library = tmp_path / "library"
    library.mkdir()
    source = make_clip(library / "film.mkv", duration_s=1)
    before = source.read_bytes()
    async with open_test_core(tmp_path, quick_settings(files=IN_PLACE, **sections)) as core:
        job = (await process(core, library))["film.mkv"]
    explanation = job.failure if state is JobState.FAILED else job.decision
    assert job.state is state
    assert explanation is not None
    assert explanation.code == code
    assert source.read_bytes() == before
    assert [path for path in library.rglob("*") if path.is_file()] == [source]


async def test_a_gate_that_cannot_be_measured_is_not_passed(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    source = make_clip(library / "film.mkv", duration_s=1)
    before = source.read_bytes()
    program = stand_in(tmp_path, "*libvmaf=*", "echo \"No such filter: 'libvmaf'\" >&2; exit 8")
    settings = quick_settings(files=IN_PLACE, quality=GATED, hardware={"ffmpeg_path": program})
    async with open_test_core(tmp_path, settings) as core:
        job = (await process(core, library))["film.mkv"]
    assert job.state is JobState.FAILED
    assert job.failure is not None
    assert job.failure.code == "quality_check_failed"
    assert "libvmaf" in job.failure.detail
    assert source.read_bytes() == before
