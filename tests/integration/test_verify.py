"""Verification of real encodes: whole ones pass, damaged, short and altered ones do not."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication

from alchemist_desktop.app.loop import make_loop
from alchemist_desktop.domain.explanation import Explanation
from alchemist_desktop.domain.plan import Action
from alchemist_desktop.domain.profile import OutputCodec
from alchemist_desktop.media.qprocess import QtProcessRunner
from alchemist_desktop.media.verify import verify
from tests.support.encoding import Encoded, encode, probe, rules
from tests.support.media import ffmpeg_path, make_clip, run_ffmpeg

pytestmark = pytest.mark.anyio
X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "20")


@pytest.fixture
def anyio_backend(qapp: QCoreApplication) -> tuple[str, dict[str, Any]]:
    return "asyncio", {"loop_factory": lambda: make_loop(qapp)}


async def check(made: Encoded, *, decode: bool = True) -> tuple[Explanation | None, list[float]]:
    percents: list[float] = []
    result = await verify(
        QtProcessRunner(),
        ffmpeg_path(),
        plan=made.plan,
        source=made.source,
        output=made.output,
        on_percent=percents.append,
        decode=decode,
        encode_words=made.words,
    )
    return result, percents


def rich_clip(path: Path) -> Path:
    """Two sound tracks, subtitles, a font, chapters, a title."""
    folder = path.parent
    (folder / "a.srt").write_text("1\n00:00:00,100 --> 00:00:01,500\nHello\n")
    (folder / "font.ttf").write_bytes(b"\0\1\0\0" + b"x" * 100)
    (folder / "meta").write_text(
        ";FFMETADATA1\ntitle=A film\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=900\ntitle=One\n"
        "[CHAPTER]\nTIMEBASE=1/1000\nSTART=900\nEND=2000\ntitle=Two\n"
    )
    sources: list[str | Path] = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=2", "-f", "lavfi", "-i", "sine=d=2"]
    sources += ["-i", folder / "a.srt", "-i", folder / "meta"]
    maps = ["-map", "0:v", "-map", "1:a", "-map", "1:a", "-map", "2:s", "-map_metadata", "3", "-map_chapters", "3"]
    tags = ["-metadata:s:a:0", "language=ger", "-metadata:s:a:1", "language=eng", "-metadata:s:a:1", "title=Commentary"]
    tags += ["-metadata:s:s:0", "language=eng", "-disposition:s:0", "forced", "-disposition:a:1", "comment"]
    font = ["-attach", str(folder / "font.ttf"), "-metadata:s:t", "mimetype=font/ttf"]
    run_ffmpeg([*sources, *maps, *X264, "-c:a", "aac", "-c:s", "srt", *tags, *font, path])
    return path


def ten_bit(path: Path) -> Path:
    colors = ("-color_primaries", "bt2020", "-color_trc", "smpte2084", "-colorspace", "bt2020nc")
    codec = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:hdr10=1")
    tag = "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc"
    display = "master-display=G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1):max-cll=1000,400"
    return make_clip(path, video=(*codec[:-1], f"{codec[-1]}:{display}", "-pix_fmt", "yuv420p10le", "-vf", tag, *colors))


def variable_rate(path: Path) -> Path:
    return make_clip(path, video=("-vf", r"select=not(eq(mod(n\,5)\,2))", "-fps_mode", "vfr", *X264))


def interlaced(path: Path) -> Path:
    return make_clip(path, video=("-vf", "tinterlace=interleave_top", "-flags", "+ildct+ilme", *X264, "-pix_fmt", "yuv420p"))


def rotated(path: Path) -> Path:
    upright = make_clip(path.with_name("upright.mp4"), duration_s=1)
    run_ffmpeg(["-display_rotation", "90", "-i", upright, "-c", "copy", path])
    return path


def transport_stream(path: Path) -> Path:
    return make_clip(path, video=(*X264, "-bf", "2"), extra=("-f", "mpegts"))


@pytest.mark.parametrize(
    ("make", "source_name", "output_name"),
    [
        (rich_clip, "a.mkv", "b.mkv"),
        (rich_clip, "a.mkv", "b.mp4"),
        (make_clip, "a.mp4", "b.mkv"),
        (variable_rate, "a.mkv", "b.mkv"),
        (variable_rate, "a.mp4", "b.mkv"),
        (interlaced, "a.mkv", "b.mkv"),
        (rotated, "a.mp4", "b.mkv"),
        (transport_stream, "a.ts", "b.mkv"),
        (make_clip, "a.avi", "b.mkv"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
async def test_a_whole_encode_passes(tmp_path: Path, make: Callable[[Path], Path], source_name: str, output_name: str) -> None:
    made = encode(make(tmp_path / source_name), tmp_path / output_name)
    result, percents = await check(made)
    assert result is None
    assert percents == sorted(percents)
    assert percents[-1] == 100.0


async def test_an_hdr_encode_passes_and_its_tags_are_looked_at(tmp_path: Path) -> None:
    made = encode(ten_bit(tmp_path / "a.mkv"), tmp_path / "b.mkv", rules(OutputCodec.AV1))
    assert made.plan.video is not None
    assert made.plan.video.hdr_static is not None
    assert (await check(made))[0] is None
    plain = make_clip(tmp_path / "plain.mkv", video=("-c:v", "libsvtav1", "-preset", "12", "-pix_fmt", "yuv420p10le"))
    result, _ = await check(replace(made, output=probe(plain)))
    assert result is not None
    assert (result.measured["dynamic_range"], result.measured["expected_dynamic_range"]) == ("sdr", "hdr10")


async def test_a_remux_passes(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "a.mp4", extra=("-metadata", "title=A film"))
    made = encode(source, tmp_path / "b.mkv", rules(OutputCodec.H264))
    assert made.plan.action is Action.REMUX
    assert (await check(made))[0] is None


async def test_a_source_cut_off_in_the_middle_never_passes(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "a.mkv", duration_s=8)
    source.write_bytes(source.read_bytes()[: source.stat().st_size // 2])
    made = encode(source, tmp_path / "b.mkv")
    assert made.source.is_truncated
    result, _ = await check(made)
    assert result is not None
    assert result.code == "source_truncated"
    assert result.measured["expected_s"] == pytest.approx(8, abs=0.2)
    unmeasured = replace(made, source=replace(made.source, last_packet_s=None))
    result, _ = await check(unmeasured)
    assert result is not None
    assert result.code == "verification_failed"


@pytest.mark.parametrize("decode", [True, False])
async def test_an_output_that_lacks_frames_does_not_pass(tmp_path: Path, decode: bool) -> None:
    made = encode(make_clip(tmp_path / "a.mkv"), tmp_path / "b.mkv")
    short = tmp_path / "short.mkv"
    run_ffmpeg(["-i", made.output.path, "-map", "0", "-c:a", "copy", "-c:v", "libx265", "-x265-params", "log-level=error",
                "-vf", r"select=not(between(n\,20\,22))", "-fps_mode", "passthrough", short])  # fmt: skip
    result, _ = await check(replace(made, output=probe(short)), decode=decode)
    assert result is not None
    assert result.code == "verification_failed"
    assert (result.measured["frames"], result.measured["expected_frames"]) == (47, 50)


async def test_flipped_bits_in_the_output_do_not_pass(tmp_path: Path) -> None:
    # H.264's decoder tells of damage; those of HEVC and AV1 pass over most of what lies within a frame.
    source = make_clip(tmp_path / "a.avi", video=("-c:v", "mpeg4", "-q:v", "3"))
    made = encode(source, tmp_path / "b.mkv", rules(OutputCodec.H264))
    path = Path(made.output.path)
    data = bytearray(path.read_bytes())
    for position in range(len(data) // 2, len(data) // 2 + 2000, 5):
        data[position] ^= 0xFF
    path.write_bytes(data)
    damaged = replace(made, output=replace(made.output, stamp=probe(path).stamp))
    result, _ = await check(damaged)
    assert result is not None
    assert result.code == "verification_failed"
    assert "decoded" in result.detail


async def test_damage_that_a_remux_takes_over_is_no_reason_to_fail(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "a.mp4", duration_s=4)
    data = bytearray(source.read_bytes())
    for position in range(len(data) // 2, len(data) // 2 + 400, 7):
        data[position] ^= 0xFF
    source.write_bytes(data)
    made = encode(source, tmp_path / "b.mkv", rules(OutputCodec.H264))
    assert made.plan.action is Action.REMUX
    assert (await check(made))[0] is None


def recording(path: Path) -> Path:
    """A broadcast switched on in the middle: its first pictures refer to others that were never received."""
    whole = make_clip(path.with_name("whole.ts"), duration_s=4, video=(*X264, "-g", "50", "-bf", "2"), extra=("-f", "mpegts"))
    packets = whole.read_bytes()
    path.write_bytes(packets[len(packets) // 3 // 188 * 188 :])
    return path


async def test_pictures_nobody_can_decode_are_not_missed(tmp_path: Path) -> None:
    made = encode(recording(tmp_path / "a.ts"), tmp_path / "b.mkv")
    main = made.source.main_video
    decoded = made.output.main_video
    assert main is not None
    assert decoded is not None
    assert (main.frame_count or 0) > (decoded.frame_count or 0) + 1
    result, _ = await check(made)
    assert result is None


async def test_a_source_with_much_damage_is_not_replaced(tmp_path: Path) -> None:
    source = make_clip(tmp_path / "a.ts", duration_s=4, video=(*X264, "-g", "10"), audio=None, extra=("-f", "mpegts"))
    packets = bytearray(source.read_bytes())
    for position in range(188 * 100, len(packets), 188 * 20):
        packets[position + 4 : position + 188] = bytes(184)
    source.write_bytes(packets)
    made = encode(source, tmp_path / "b.mkv")
    result, _ = await check(made)
    assert result is not None
    assert result.code == "corrupt_or_unreadable_media"


async def test_a_lost_track_does_not_pass(tmp_path: Path) -> None:
    made = encode(rich_clip(tmp_path / "a.mkv"), tmp_path / "b.mkv")
    less = tmp_path / "less.mkv"
    run_ffmpeg(["-i", made.output.path, "-map", "0", "-map", "-0:a:1", "-c", "copy", less])
    result, percents = await check(replace(made, output=probe(less)))
    assert result is not None
    assert (result.measured["audio_streams"], result.measured["expected_audio_streams"]) == (1, 2)
    assert percents == []


async def test_an_output_of_which_ffmpeg_is_missing_says_so(tmp_path: Path) -> None:
    made = encode(make_clip(tmp_path / "a.mkv", duration_s=1), tmp_path / "b.mkv")
    result = await verify(
        QtProcessRunner(),
        "/no/such/ffmpeg",
        plan=made.plan,
        source=made.source,
        output=made.output,
        on_percent=lambda _: None,
    )
    assert result is not None
    assert "/no/such/ffmpeg" in result.detail
