"""Probes of real files, each made by FFmpeg for the one thing it shows."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from alchemist_desktop.domain.probe import (
    AudioStream,
    Chapter,
    DataStream,
    DolbyVision,
    DynamicRange,
    HdrStatic,
    Probe,
    ProbeFailure,
    VideoStream,
)
from alchemist_desktop.media.probe import probe_file
from tests.support.bitstreams import add_dolby_vision, flip_bits
from tests.support.media import ffmpeg_path, make_clip, run_ffmpeg

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
SMALL = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1")
TONE = ("-f", "lavfi", "-i", "sine=d=1")
SRT = "1\n00:00:00,100 --> 00:00:00,900\nHello\n"
PNG = ("-f", "lavfi", "-i", "color=red:s=64x96:d=0.04:r=25", "-frames:v", "1")


def _probe(path: Path) -> Probe:
    probe = probe_file(str(path))
    assert isinstance(probe, Probe), probe
    return probe


def _video(path: Path) -> VideoStream:
    video = _probe(path).main_video
    assert video is not None
    return video


def _failure(path: Path) -> ProbeFailure:
    failure = probe_file(str(path))
    assert isinstance(failure, ProbeFailure)
    assert failure.path == str(path)
    return failure


def _x265(path: Path, transfer: str, *, hdr10: str = "") -> Path:
    params = f"log-level=error:colorprim=bt2020:transfer={transfer}:colormatrix=bt2020nc{hdr10}"
    tags = ("-vf", f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc:range=tv")
    run_ffmpeg(
        [*SMALL, *tags, "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p10le", "-x265-params", params, path]
    )
    return path


def _copy(source: Path, target: Path, options: Sequence[str] = ()) -> Path:
    run_ffmpeg(["-i", source, "-map", "0", "-c", "copy", *options, target])
    return target


def _packet_bytes(path: Path, index: int) -> int:
    """What FFmpeg itself counts for one stream."""
    argv = [ffmpeg_path(), "-v", "error", "-i", str(path), "-map", f"0:{index}", "-c", "copy", "-f", "data", "-"]
    return len(subprocess.run(argv, capture_output=True, check=True).stdout)


def test_a_plain_file(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "plain.mkv", extra=("-metadata", "title=A film"))
    probe = _probe(path)
    status = path.stat()
    assert (probe.stamp.size_bytes, probe.stamp.mtime_ns, probe.stamp.inode) == (
        status.st_size,
        status.st_mtime_ns,
        status.st_ino,
    )
    assert probe.container == "matroska,webm"
    assert probe.duration_s == pytest.approx(2.0, abs=0.1)
    assert probe.last_packet_s == pytest.approx(2.0, abs=0.1)
    assert not probe.is_truncated
    assert probe.tags["title"] == "A film"
    assert [type(stream) for stream in probe.streams] == [VideoStream, AudioStream]
    video, audio = probe.videos[0], probe.audios[0]
    assert (video.codec, video.width, video.height, video.pixel_format, video.bit_depth) == ("h264", 320, 180, "yuv420p", 8)
    assert (video.fps, video.fps_ratio, video.real_fps, video.frame_count) == (25.0, (25, 1), 25.0, 50)
    assert (video.field_order, video.sample_aspect, video.rotation) == ("progressive", (1, 1), 0)
    assert video.dynamic_range is DynamicRange.SDR
    assert (audio.codec, audio.channels, audio.channel_layout, audio.sample_rate_hz) == ("aac", 1, "mono", 44100)
    assert audio.profile == "LC"


@pytest.mark.parametrize("extension", ["mkv", "mp4", "ts", "avi", "mpg", "mov", "flv"])
def test_bit_rates_are_those_of_the_streams(tmp_path: Path, extension: str) -> None:
    codecs = {"mpg": ("mpeg2video", "mp2"), "avi": ("mpeg4", "libmp3lame")}.get(extension, ("libx264", "aac"))
    path = make_clip(
        tmp_path / f"clip.{extension}", video=("-c:v", codecs[0], "-b:v", "900k"), audio=("-c:a", codecs[1], "-b:a", "128k")
    )
    for stream in _probe(path).streams:
        assert stream.bitrate_bps == pytest.approx(_packet_bytes(path, stream.index) * 8 / 2.0, rel=0.08)


def test_statistics_tags_of_another_file_are_not_believed(tmp_path: Path) -> None:
    tags = ("-metadata:s:v:0", "BPS=80000000", "-metadata:s:v:0", "NUMBER_OF_BYTES=20000000")
    path = make_clip(tmp_path / "stale.mkv", extra=tags)
    video = _video(path)
    assert video.tags["BPS"] == "80000000"
    assert video.bitrate_bps == pytest.approx(_packet_bytes(path, 0) * 8 / 2.0, rel=0.05)


def test_languages_titles_and_dispositions(tmp_path: Path) -> None:
    path = tmp_path / "tracks.mkv"
    subtitle = tmp_path / "a.srt"
    subtitle.write_text(SRT)
    marks = [
        "-metadata:s:a:0", "language=ger", "-metadata:s:a:0", "title=Kommentar", "-metadata:s:a:1", "language=und",
        "-disposition:a:0", "comment", "-disposition:a:1", "default", "-metadata:s:s:0", "language=fre",
        "-disposition:s:0", "default+forced+hearing_impaired",
    ]  # fmt: skip
    run_ffmpeg(
        [*SMALL, *TONE, "-i", subtitle, "-map", "0", "-map", "1", "-map", "1", "-map", "2", *X264, "-c:s", "srt", *marks, path]
    )
    first, second = _probe(path).audios
    subtitles = _probe(path).subtitles[0]
    assert (first.language, first.title, first.dispositions) == ("ger", "Kommentar", frozenset({"comment"}))
    assert (second.language, second.is_default) == (None, True)
    assert (subtitles.codec, subtitles.language, subtitles.is_text, subtitles.is_forced) == ("subrip", "fre", True, True)
    assert "hearing_impaired" in subtitles.dispositions


def test_ten_bits_come_from_the_pixel_format(tmp_path: Path) -> None:
    path = tmp_path / "ten.mkv"
    run_ffmpeg([*SMALL, "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv422p10le", path])
    assert (_video(path).pixel_format, _video(path).bit_depth) == ("yuv422p10le", 10)


def test_eight_bit_hevc_has_eight_bits(tmp_path: Path) -> None:
    path = tmp_path / "eight.mkv"
    run_ffmpeg(
        [*SMALL, "-c:v", "libx265", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-x265-params", "log-level=error", path]
    )
    assert (_video(path).codec, _video(path).bit_depth) == ("hevc", 8)


@pytest.mark.parametrize("extension", ["mkv", "mp4", "ts"])
def test_hdr10_with_its_metadata(tmp_path: Path, extension: str) -> None:
    display = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
    hdr10 = f":hdr10=1:master-display={display}:max-cll=1000,400"
    video = _video(_x265(tmp_path / f"hdr.{extension}", "smpte2084", hdr10=hdr10))
    assert video.dynamic_range is DynamicRange.HDR10
    assert video.hdr_static == HdrStatic(mastering_display=display, max_cll=1000, max_fall=400)
    color = video.color
    assert (color.primaries, color.transfer, color.space, color.range) == ("bt2020", "smpte2084", "bt2020nc", "tv")
    assert (video.bit_depth, video.dolby_vision, video.hdr10_plus) == (10, None, False)


def test_hlg(tmp_path: Path) -> None:
    video = _video(_x265(tmp_path / "hlg.mkv", "arib-std-b67"))
    assert (video.dynamic_range, video.hdr_static) == (DynamicRange.HLG, None)


@pytest.mark.parametrize(("profile", "compatibility_id"), [(5, 0), (8, 1), (8, 4)])
def test_dolby_vision_records(tmp_path: Path, profile: int, compatibility_id: int) -> None:
    plain = _x265(tmp_path / "plain.mp4", "smpte2084").read_bytes()
    path = tmp_path / "dv.mp4"
    path.write_bytes(add_dolby_vision(plain, profile=profile, compatibility_id=compatibility_id, level=6))
    video = _video(path)
    assert video.dolby_vision == DolbyVision(profile=profile, level=6, compatibility_id=compatibility_id)
    assert video.dynamic_range is DynamicRange.DOLBY_VISION


def test_hdr10_plus(tmp_path: Path) -> None:
    run_ffmpeg([*SMALL, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", tmp_path / "raw.hevc"])
    # One ITU-T T.35 message of the kind HDR10+ uses, with a single window, in front of the first picture.
    payload = bytes.fromhex("b5003c0001040140" + "000f" + "42" * 6 + "42" * 3 + "90" + "02" * 30)
    message = b"\0\0\1\x4e\x01" + bytes([4, len(payload)]) + payload + b"\x80"
    stream = (tmp_path / "raw.hevc").read_bytes()
    first_picture = stream.index(b"\0\0\1\x28")  # an IDR picture's NAL unit
    (tmp_path / "plus.hevc").write_bytes(stream[:first_picture] + message + stream[first_picture:])
    assert not _video(tmp_path / "raw.hevc").hdr10_plus
    assert _video(tmp_path / "plus.hevc").hdr10_plus


@pytest.mark.parametrize("extension", ["mkv", "mp4", "ts"])
def test_interlaced_pictures(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"interlaced.{extension}"
    run_ffmpeg([*SMALL, "-vf", "setfield=tff", *X264, "-flags", "+ilme+ildct", "-x264-params", "tff=1", path])
    video = _video(path)
    assert video.is_interlaced
    assert video.field_order[0] == "t"


def test_interlacing_is_looked_for_where_nothing_announces_it(tmp_path: Path) -> None:
    path = tmp_path / "quiet.avi"
    run_ffmpeg([*SMALL, "-vf", "setfield=tff", "-c:v", "mpeg4", "-flags", "+ilme+ildct", path])
    assert _video(path).is_interlaced
    run_ffmpeg([*SMALL, "-c:v", "mpeg4", "-y", path])
    assert _video(path).field_order == "progressive"


@pytest.mark.parametrize(("counter_clockwise", "clockwise"), [(90, 270), (180, 180), (-90, 90)])
@pytest.mark.parametrize("extension", ["mp4", "mkv"])
def test_rotation(tmp_path: Path, extension: str, counter_clockwise: int, clockwise: int) -> None:
    run_ffmpeg([*SMALL, *X264, tmp_path / "plain.mp4"])
    path = tmp_path / f"turned.{extension}"
    run_ffmpeg(["-display_rotation", str(counter_clockwise), "-i", tmp_path / "plain.mp4", "-c", "copy", path])
    assert (_video(path).rotation, _video(path).width) == (clockwise, 320)


def test_pixels_that_are_not_square(tmp_path: Path) -> None:
    path = tmp_path / "wide.mkv"
    run_ffmpeg([*SMALL, "-vf", "setsar=64/45", *X264, path])
    assert _video(path).sample_aspect == (64, 45)


def test_variable_frame_rate(tmp_path: Path) -> None:
    path = tmp_path / "variable.mkv"
    run_ffmpeg([*SMALL, "-vf", "select='not(between(n,5,14))'", "-fps_mode", "vfr", *X264, path])
    assert _video(path).is_variable_frame_rate
    assert not _video(make_clip(tmp_path / "constant.mkv", fps="30000/1001", audio=None)).is_variable_frame_rate


def test_exact_frame_rates(tmp_path: Path) -> None:
    assert _video(make_clip(tmp_path / "ntsc.mp4", fps="24000/1001", audio=None)).fps_ratio == (24000, 1001)


def test_cover_art_in_mp4_is_not_the_film(tmp_path: Path) -> None:
    clip, cover, path = make_clip(tmp_path / "clip.mp4"), tmp_path / "cover.png", tmp_path / "covered.mp4"
    run_ffmpeg([*PNG, cover])
    run_ffmpeg(["-i", clip, "-i", cover, "-map", "0", "-map", "1", "-c", "copy", "-disposition:v:1", "attached_pic", path])
    probe = _probe(path)
    assert [(video.codec, video.is_attached_picture) for video in (*probe.videos, *probe.pictures)] == [
        ("h264", False),
        ("png", True),
    ]
    assert probe.main_video == probe.videos[0]


def test_cover_art_and_fonts_in_mkv(tmp_path: Path) -> None:
    clip, cover, font = make_clip(tmp_path / "clip.mkv"), tmp_path / "cover.png", tmp_path / "font.ttf"
    run_ffmpeg([*PNG, cover])
    font.write_bytes(b"\0\1\0\0" + b"f" * 100)
    path = tmp_path / "attached.mkv"
    types = ["-metadata:s:t:0", "mimetype=image/png", "-metadata:s:t:1", "mimetype=application/x-truetype-font"]
    run_ffmpeg(["-i", clip, "-map", "0", "-c", "copy", "-attach", cover, "-attach", font, *types, path])
    probe = _probe(path)
    assert [(picture.codec, picture.width, picture.height) for picture in probe.pictures] == [("png", 64, 96)]
    assert [(file.filename, file.mimetype, file.codec) for file in probe.attachments] == [
        ("font.ttf", "application/x-truetype-font", "ttf")
    ]
    assert [stream.index for stream in probe.streams] == [0, 1, 2, 3]
    assert len(probe.videos) == 1


def test_streams_without_a_codec_name_are_data(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "timecode.mov", extra=("-timecode", "01:00:00:00"))
    data = _probe(path).data
    assert [type(stream) for stream in data] == [DataStream]
    assert (data[0].codec, data[0].codec_tag, data[0].tags["timecode"]) == ("", "tmcd", "01:00:00:00")


def test_mov_text_and_chapters(tmp_path: Path) -> None:
    subtitle, notes, path = tmp_path / "a.srt", tmp_path / "notes.txt", tmp_path / "text.mp4"
    subtitle.write_text(SRT)
    notes.write_text(
        ";FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=400\ntitle=One\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=400\nEND=1000\n"
    )
    maps = ("-map", "0", "-map", "1", "-map_metadata", "2", "-map_chapters", "2")
    run_ffmpeg([*SMALL, "-i", subtitle, "-i", notes, *maps, *X264, "-c:s", "mov_text", path])
    probe = _probe(path)
    assert [subtitles.codec for subtitles in probe.subtitles] == ["mov_text"]
    assert probe.chapters[0] == Chapter(start_s=0.0, end_s=0.4, title="One")
    assert [chapter.end_s for chapter in probe.chapters] == pytest.approx([0.4, 1.0])


def test_a_file_that_was_written_to_a_pipe_has_its_real_duration(tmp_path: Path) -> None:
    path = tmp_path / "live.mkv"
    argv = [ffmpeg_path(), "-v", "error", *SMALL, *TONE, *X264, "-c:a", "aac", "-f", "matroska", "pipe:1"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        path.write_bytes(process.stdout.read())
    probe = _probe(path)
    assert probe.duration_s == pytest.approx(1.0, abs=0.1)
    assert probe.bitrate_bps == pytest.approx(path.stat().st_size * 8, rel=0.1)
    assert not probe.is_truncated


def _cut(path: Path, share: float) -> Path:
    cut = path.with_name(f"cut-{path.name}")
    cut.write_bytes(path.read_bytes()[: round(path.stat().st_size * share)])
    return cut


@pytest.mark.parametrize("options", [("mkv",), ("mp4", "-movflags", "+faststart"), ("webm",), ("flv",)])
def test_cut_files_show_where_they_end(tmp_path: Path, options: tuple[str, ...]) -> None:
    extension, *extra = options
    video = ("-c:v", "libvpx", "-deadline", "realtime") if extension == "webm" else (*X264, "-g", "25")
    audio = ("-c:a", "libopus" if extension == "webm" else "aac")
    path = make_clip(tmp_path / f"a.{extension}", duration_s=8.0, video=video, audio=audio, extra=extra)
    probe = _probe(_cut(path, 0.5))
    assert probe.is_truncated
    assert probe.duration_s == pytest.approx(8.0, abs=0.2)
    assert probe.last_packet_s == pytest.approx(4.0, abs=1.0)
    assert not _probe(path).is_truncated


@pytest.mark.parametrize("extension", ["mkv", "mp4", "ts"])
def test_large_files_are_measured_by_their_parts(tmp_path: Path, extension: str) -> None:
    """More than the reader reads whole: bit rates are sampled, and the end is sought from behind."""
    video = ("-c:v", "mpeg4", "-q:v", "1", "-g", "12")
    extra = ("-movflags", "+faststart") if extension == "mp4" else ()
    path = make_clip(tmp_path / f"large.{extension}", duration_s=6.0, size="1280x720", video=video, extra=extra)
    assert path.stat().st_size > 20 * 2**20
    probe = _probe(path)
    assert probe.last_packet_s == pytest.approx(6.0, abs=0.2)
    assert not probe.is_truncated
    for stream in probe.streams:
        assert stream.bitrate_bps == pytest.approx(_packet_bytes(path, stream.index) * 8 / 6.0, rel=0.1)
    cut = _probe(_cut(path, 0.5))
    assert cut.last_packet_s == pytest.approx(3.0, abs=0.5)
    assert cut.is_truncated == (extension != "ts")  # a transport stream announces nothing


def test_flipped_bits_do_not_keep_a_file_from_being_read(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "whole.mkv")
    bad = tmp_path / "flipped.mkv"
    bad.write_bytes(flip_bits(path.read_bytes(), count=200, seed=7))
    probe = _probe(bad)
    assert probe.duration_s == pytest.approx(2.0, abs=0.1)
    assert [stream.codec for stream in probe.streams] == ["h264", "aac"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"This is a text, whatever its name says.\n" * 50, "text"),
        (b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 20, "Invalid data"),
        (b"ffconcat version 1.0\nfile clip.mkv\n", "text"),
        (b"ffconcat version 1.0\nfile clip.mkv\n#\0", "text"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nclip.mkv\n\0", "text"),
        (b"\0\n#EXTM3U\n", "Invalid data"),
    ],
)
def test_what_is_no_media_file_is_told_as_such(tmp_path: Path, content: bytes, words: str) -> None:
    make_clip(tmp_path / "clip.mkv", duration_s=0.5)
    path = tmp_path / "no.mkv"
    path.write_bytes(content)
    failure = _failure(path)
    assert failure.code == "corrupt_or_unreadable_media"
    assert words in failure.error


def test_an_mp4_without_its_index_says_so(tmp_path: Path) -> None:
    failure = _failure(_cut(make_clip(tmp_path / "a.mp4"), 0.5))
    assert failure.code == "corrupt_or_unreadable_media"
    assert "moov atom not found" in failure.error


def test_a_missing_file(tmp_path: Path) -> None:
    assert _failure(tmp_path / "gone.mkv").code == "source_missing"


def test_what_is_not_a_regular_file_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "folder.mkv").mkdir()
    assert "regular" in _failure(tmp_path / "folder.mkv").error
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.mkv")
        assert "regular" in _failure(tmp_path / "pipe.mkv").error


def test_a_file_without_rights(tmp_path: Path) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        pytest.skip("this user may read everything")
    path = make_clip(tmp_path / "closed.mkv", duration_s=0.5)
    path.chmod(0)
    assert _failure(path).code == "permission_denied"


@pytest.mark.skipif(sys.platform in {"win32", "darwin"}, reason="the file system refuses such names")
@pytest.mark.parametrize("name", [b"caf\xe9.mkv", b"it's a [test], a:b\n%d.mkv", b"n" * 246 + b".mkv", b"http:x.mkv"])
def test_any_file_name_works(tmp_path: Path, name: bytes) -> None:
    clip = make_clip(tmp_path / "clip.mkv", duration_s=0.5)
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name))
    shutil.copy(clip, path)
    assert _probe(path).path == str(path)


def test_the_ends_of_streams_are_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    run_ffmpeg([*SMALL, "-f", "lavfi", "-i", "sine=d=3", *X264, "-c:a", "aac", path])
    video, audio = _probe(path).streams
    assert video.last_time_s == pytest.approx(0.96, abs=0.01)
    assert audio.last_time_s == pytest.approx(2.98, abs=0.05)
    assert video.duration_s == pytest.approx(1.0, abs=0.05)


def test_a_file_that_cannot_be_sought_is_read_to_its_end(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.flv", video=("-c:v", "flv"), audio=("-c:a", "libmp3lame", "-ar", "44100"))
    assert _probe(path).last_packet_s == pytest.approx(2.0, abs=0.1)


def test_a_subtitle_without_an_end_does_not_make_the_file_longer(tmp_path: Path) -> None:
    (tmp_path / "a.srt").write_text("1\n00:00:00,100 --> 99:00:00,000\nHello\n")
    path = tmp_path / "a.mkv"
    run_ffmpeg([*SMALL, *TONE, "-i", tmp_path / "a.srt", *X264, "-c:a", "aac", "-c:s", "srt", path])
    probe = _probe(path)
    assert probe.subtitles[0].duration_s == pytest.approx(99 * 3600)
    assert probe.duration_s == pytest.approx(1.0, abs=0.1)
    assert not probe.is_truncated


def test_mp4_titles_are_the_names_of_handlers(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "a.mp4", extra=("-metadata:s:a:0", "handler_name=Commentary"))
    assert [stream.title for stream in _probe(path).streams] == [None, "Commentary"]
