"""VMAF of real encodes."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication

from alchemist_desktop.app.loop import make_loop
from alchemist_desktop.domain.probe import Color, DynamicRange, Probe, VideoStream
from alchemist_desktop.media.qprocess import QtProcessRunner
from alchemist_desktop.media.quality import VmafResult, build_graph, measure_vmaf
from tests.support.encoding import probe
from tests.support.media import ffmpeg_path, make_clip, run_ffmpeg

pytestmark = pytest.mark.anyio
NO_SOUND = "-an"


@pytest.fixture
def anyio_backend(qapp: QCoreApplication) -> tuple[str, dict[str, Any]]:
    return "asyncio", {"loop_factory": lambda: make_loop(qapp)}


async def measure(source: Path, output: Path, *, ffmpeg: str | None = None) -> VmafResult:
    percents: list[float] = []
    result = await measure_vmaf(
        QtProcessRunner(),
        ffmpeg or ffmpeg_path(),
        source=probe(source),
        output=probe(output),
        on_percent=percents.append,
    )
    assert all(0 <= percent <= 100 for percent in percents)
    return result


def encode(source: Path, output: Path, crf: int, *options: str) -> Path:
    run_ffmpeg(["-i", source, "-c:v", "libx264", "-preset", "ultrafast", "-crf", str(crf), *options, NO_SOUND, output])
    return output


def score(result: VmafResult) -> float:
    assert result.error is None
    assert result.score is not None
    return result.score


async def test_better_encodes_score_higher_and_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    source = make_clip(tmp_path / "a.mp4", audio=None)
    good = score(await measure(source, encode(source, tmp_path / "good.mkv", 18)))
    bad = score(await measure(source, encode(source, tmp_path / "bad.mkv", 45)))
    assert good > 90 > bad
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.mp4", "bad.mkv", "good.mkv"]


@pytest.mark.parametrize(
    ("make", "options"),
    [
        (("-c:v", "libx264", "-crf", "10", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le"), ("-pix_fmt", "yuv420p")),
        (("-c:v", "libx264", "-crf", "10", "-preset", "ultrafast", "-pix_fmt", "yuvj420p"), ("-vf", "scale=out_range=tv")),
        (("-c:v", "libx264", "-crf", "10", "-preset", "ultrafast", "-pix_fmt", "yuv420p"), ("-vf", "scale=640:360")),
        (("-vf", r"select=not(eq(mod(n\,5)\,2))", "-fps_mode", "vfr", "-c:v", "libx264", "-crf", "10"), ("-fps_mode", "passthrough")),
        (("-vf", "tinterlace=interleave_top", "-flags", "+ildct+ilme", "-c:v", "libx264", "-crf", "10"), ("-vf", "bwdif=send_frame")),
    ],
    ids=["ten_bit", "full_range", "scaled", "variable_rate", "interlaced"],
)  # fmt: skip
async def test_the_same_frames_are_compared(tmp_path: Path, make: tuple[str, ...], options: tuple[str, ...]) -> None:
    source = make_clip(tmp_path / "a.mp4", video=make, audio=None)
    assert score(await measure(source, encode(source, tmp_path / "b.mkv", 15, *options))) > 88


@pytest.mark.skipif(os.name == "nt", reason="such folders cannot be made there")
async def test_any_temporary_folder_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = tmp_path / "it's a [test], a:b;c"
    odd.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(odd))
    source = make_clip(tmp_path / "a.mp4", duration_s=0.4, audio=None)
    assert score(await measure(source, encode(source, tmp_path / "b.mkv", 15))) > 80
    assert list(odd.iterdir()) == []


async def test_whatever_prevents_a_score_is_told(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "a.mp4", duration_s=1)
    output = encode(source, tmp_path / "b.mkv", 30)
    sound = tmp_path / "sound.mka"
    run_ffmpeg(["-i", source, "-vn", "-c:a", "copy", sound])
    assert (await measure(source, sound)).error == "One of the files has no picture."
    missing = await measure(source, output, ffmpeg="/no/such/ffmpeg")
    assert missing.score is None
    assert missing.error is not None
    assert "/no/such/ffmpeg" in missing.error


async def test_hdr_against_its_sdr_version_has_no_score(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "a.mp4", duration_s=1)
    sdr = probe(source)
    video = sdr.main_video
    assert video is not None
    hdr = _hdr(sdr, video)
    result = await measure_vmaf(QtProcessRunner(), ffmpeg_path(), source=hdr, output=sdr, on_percent=lambda _: None)
    assert result.score is None
    both = await measure_vmaf(QtProcessRunner(), ffmpeg_path(), source=hdr, output=hdr, on_percent=lambda _: None)
    assert both.score is not None
    assert both.note is not None


def _hdr(sdr: Probe, video: VideoStream) -> Probe:
    color = Color(primaries="bt2020", transfer="smpte2084", space="bt2020nc")
    return replace(sdr, streams=(replace(video, color=color, dynamic_range=DynamicRange.HDR10),))


@pytest.mark.parametrize(
    ("width", "height", "duration_s", "words"),
    [
        (3840, 2160, 100, ("vmaf_4k_v0.6.1", "n_subsample=1[")),
        (3840, 1600, 7200, ("vmaf_4k_v0.6.1", "n_subsample=10")),
        (1920, 1080, 1000, ("version=vmaf_v0.6.1", "n_subsample=4")),
    ],
)
async def test_model_and_density_fit_the_file(width: int, height: int, duration_s: float, words: tuple[str, ...]) -> None:
    video = VideoStream(index=0, codec="hevc", width=width, height=height, bit_depth=10, fps_ratio=(24000, 1001))
    graph = build_graph(video, video, "/tmp/x.json", duration_s=duration_s, threads=4)
    assert words[0] in graph
    assert words[-1] in graph
    assert "settb=1001/24000" in graph
    assert "yuv420p10le" in graph
