"""Plans carried out by the real FFmpeg: depth, brightness, size and time of the picture."""

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import av
import pytest

from alchemist_desktop.domain.plan import Action
from alchemist_desktop.domain.planner import make_plan
from alchemist_desktop.domain.probe import DynamicRange, HdrStatic, Probe
from alchemist_desktop.domain.profile import EncodingRules, HdrMode, OutputCodec, QualityProfile
from tests.support.carry_out import FAST, carry_out, probed
from tests.support.media import ffmpeg_path, make_clip, run_ffmpeg
from tests.support.probes import CPU_ONLY

MASTERING = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
PQ = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv"
HLG = PQ.replace("smpte2084", "arib-std-b67")
# 203 cd/m², the white of a sheet of paper in HDR10, as a code value of 10-bit PQ at limited range.
PAPER_WHITE = 573


def _grey(path: Path, tags: str, *x265: str) -> Probe:
    picture = f"color=c=black:s=128x96:r=25:d=0.4,format=yuv420p10le,lutyuv=y={PAPER_WHITE}:u=512:v=512,{tags}"
    parameters = ":".join(["log-level=error", *x265])
    run_ffmpeg(["-f", "lavfi", "-i", picture, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", parameters, path])
    return probed(path)


@pytest.fixture(scope="module")
def hdr10(tmp_path_factory: pytest.TempPathFactory) -> Probe:
    static = ("hdr10=1", "repeat-headers=1", f"master-display={MASTERING}", "max-cll=1000,400")
    return _grey(tmp_path_factory.mktemp("hdr") / "hdr10.mkv", PQ, *static)


def _luma(path: Path) -> float:
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        assert frame.format.name == "yuv420p"
        plane = frame.planes[0]
        row = bytes(plane)[: plane.width]
        return sum(row) / len(row)


def test_paper_white_stays_bright_in_sdr(hdr10: Probe, tmp_path: Path) -> None:
    rules = replace(FAST, codec=OutputCodec.H264, hdr_mode=HdrMode.TONEMAP)
    _, result = carry_out(hdr10, rules, tmp_path)
    video = result.main_video
    assert video is not None
    assert (video.color.transfer, video.color.primaries, video.hdr_static) == ("bt709", "bt709", None)
    assert video.dynamic_range is DynamicRange.SDR
    assert _luma(tmp_path / "result.mkv") >= 160


@pytest.mark.parametrize("tags", [HLG, PQ, "setparams=color_trc=smpte2084:colorspace=bt2020nc", "setparams=color_trc=smpte2084"])
def test_tones_are_mapped_whatever_else_the_source_leaves_open(tmp_path: Path, tags: str) -> None:
    rules = replace(FAST, codec=OutputCodec.H264)
    _, result = carry_out(_grey(tmp_path / "hdr.mkv", tags), rules, tmp_path)
    assert result.main_video is not None
    assert result.main_video.dynamic_range is DynamicRange.SDR
    assert _luma(tmp_path / "result.mkv") > 120


@pytest.mark.parametrize("codec", [OutputCodec.HEVC, OutputCodec.AV1])
@pytest.mark.parametrize("extension", ["mkv", "mp4"])
def test_hdr10_keeps_its_values(hdr10: Probe, tmp_path: Path, codec: OutputCodec, extension: str) -> None:
    rules = replace(FAST, codec=codec, output_extension=extension, is_conversion=True)
    _, result = carry_out(hdr10, rules, tmp_path)
    video = result.main_video
    assert video is not None
    assert (video.bit_depth, video.dynamic_range) == (10, DynamicRange.HDR10)
    assert (video.color.primaries, video.color.transfer, video.color.space) == ("bt2020", "smpte2084", "bt2020nc")
    assert video.hdr_static == HdrStatic(mastering_display=MASTERING, max_cll=1000, max_fall=400)


def test_hlg_keeps_its_tags(tmp_path: Path) -> None:
    _, result = carry_out(_grey(tmp_path / "hlg.mkv", HLG), FAST, tmp_path)
    video = result.main_video
    assert video is not None
    assert (video.dynamic_range, video.color.transfer, video.bit_depth) == (DynamicRange.HLG, "arib-std-b67", 10)


def test_deep_h264_becomes_playable(tmp_path: Path) -> None:
    deep = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le")
    source = probed(make_clip(tmp_path / "deep.mkv", duration_s=0.4, video=deep))
    plan, result = carry_out(source, replace(FAST, codec=OutputCodec.H264), tmp_path)
    video = result.main_video
    assert video is not None
    assert (video.codec, video.pixel_format, video.profile) == ("h264", "yuv420p", "High")
    assert "8 bit" in plan.notes[0]


def test_plain_hevc_is_known_as_8_bit(tmp_path: Path) -> None:
    plain = ("-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-x265-params", "log-level=error")
    source = probed(make_clip(tmp_path / "plain.mkv", video=plain))
    explanation = make_plan(source, replace(FAST, codec=OutputCodec.HEVC), CPU_ONLY).explanation
    assert explanation.measured == {"codec": "hevc", "bit_depth": 8}
    skipped = make_plan(source, EncodingRules(min_bpp_threshold=100), CPU_ONLY).explanation
    assert skipped.measured["bitrate"] == "measured"
    assert skipped.measured["threshold"] == pytest.approx(70)


@pytest.mark.parametrize("codec", list(OutputCodec))
def test_odd_sizes(tmp_path: Path, codec: OutputCodec) -> None:
    odd = ("-vf", "crop=319:179:exact=1", "-c:v", "ffv1", "-pix_fmt", "yuv444p")
    source = probed(make_clip(tmp_path / "odd.mkv", duration_s=0.4, video=odd))
    _, result = carry_out(source, replace(FAST, codec=codec), tmp_path)
    video = result.main_video
    assert video is not None
    assert (video.width, video.height) == (320, 180)


def _times(path: Path) -> list[float]:
    with av.open(str(path)) as container:
        return sorted(packet.pts * float(packet.time_base) for packet in container.demux(video=0) if packet.pts is not None)


@pytest.mark.parametrize(("codec", "extension"), [(OutputCodec.AV1, "mkv"), (OutputCodec.HEVC, "mp4"), (OutputCodec.HEVC, "mkv")])
def test_every_frame_keeps_its_time(tmp_path: Path, codec: OutputCodec, extension: str) -> None:
    jumpy = (
        "-vf",
        "select='not(eq(mod(n,7),3))*not(between(n,20,29))'",
        "-fps_mode",
        "vfr",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
    )
    source = probed(make_clip(tmp_path / "jumpy.mkv", video=jumpy, fps="30"))
    carry_out(source, replace(FAST, codec=codec, output_extension=extension), tmp_path)
    before, after = _times(tmp_path / "jumpy.mkv"), _times(tmp_path / f"result.{extension}")
    assert after == pytest.approx(before, abs=0.0011)


def test_interlaced_pictures_become_progressive(tmp_path: Path) -> None:
    fields = ("-vf", "interlace", "-c:v", "mpeg2video", "-flags", "+ildct+ilme", "-q:v", "3")
    source = probed(make_clip(tmp_path / "fields.ts", duration_s=1.0, video=fields))
    assert source.main_video is not None
    assert source.main_video.is_interlaced
    _, result = carry_out(source, FAST, tmp_path)
    assert result.main_video is not None
    assert not result.main_video.is_interlaced


def test_a_turned_picture_comes_out_upright(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", duration_s=0.4)
    run_ffmpeg(["-display_rotation", "90", "-i", clip, "-c", "copy", tmp_path / "turned.mp4"])
    _, result = carry_out(probed(tmp_path / "turned.mp4"), FAST, tmp_path)
    video = result.main_video
    assert video is not None
    assert (video.width, video.height, video.rotation) == (180, 320, 0)


def _vmaf(result: Path, source: str) -> float:
    argv = [ffmpeg_path(), "-hide_banner", "-nostdin", "-i", str(result), "-i", source]
    compare = "[0:v]format=yuv420p[a];[1:v]format=yuv420p[b];[a][b]libvmaf"
    done = subprocess.run([*argv, "-lavfi", compare, "-f", "null", "-"], capture_output=True, text=True, check=True)
    match = re.search(r"VMAF score: ([\d.]+)", done.stderr)
    assert match is not None, done.stderr
    return float(match[1])


@pytest.mark.parametrize("codec", list(OutputCodec))
def test_better_words_look_better_and_weigh_more(tmp_path: Path, codec: OutputCodec) -> None:
    lossless = ("-c:v", "ffv1", "-pix_fmt", "yuv420p")
    source = probed(make_clip(tmp_path / "source.mkv", duration_s=1.0, video=lossless, audio=None))
    sizes, scores = [], []
    for word in (QualityProfile.SPEED, QualityProfile.BALANCED, QualityProfile.QUALITY):
        carry_out(source, replace(FAST, codec=codec, quality=word), tmp_path)
        sizes.append((tmp_path / "result.mkv").stat().st_size)
        scores.append(_vmaf(tmp_path / "result.mkv", source.path))
    assert sizes == sorted(set(sizes))
    assert scores == sorted(set(scores))


def test_a_bit_rate_is_kept_to(tmp_path: Path) -> None:
    source = probed(make_clip(tmp_path / "source.mkv", audio=None))
    rules = replace(FAST, codec=OutputCodec.H264, is_conversion=True, video_bitrate_kbps=400)
    plan, _ = carry_out(source, rules, tmp_path)
    assert plan.action is Action.TRANSCODE
    kbps = (tmp_path / "result.mkv").stat().st_size * 8 / 2 / 1000
    assert 250 < kbps < 600
