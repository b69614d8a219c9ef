"""The corpus is what it says: every file can be built, and the tricky ones have the property they are there for."""

import subprocess
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest
from av.video.frame import VideoFrame

from alchemist_desktop.domain.job import TERMINAL_STATES
from tests.support.corpus import CorpusFile, all_recipes, build_corpus
from tests.support.media import ffmpeg_path


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> dict[str, CorpusFile]:
    return {file.name: file for file in build_corpus(tmp_path_factory.mktemp("corpus"))}


def _path(corpus: dict[str, CorpusFile], name: str) -> str:
    return str(corpus[name].path)


def test_every_recipe_has_a_name_and_a_reason_of_its_own() -> None:
    recipes = all_recipes()
    assert len({recipe.name for recipe in recipes}) == len(recipes) >= 45
    assert all(recipe.why and recipe.expect <= TERMINAL_STATES for recipe in recipes)


def test_every_file_is_built(corpus: dict[str, CorpusFile]) -> None:
    names_no_file = {"folder.mkv", "dangling.mkv"}
    assert set(corpus) == {recipe.name for recipe in all_recipes()}
    assert {name for name, file in corpus.items() if not file.path.is_file()} == names_no_file
    assert {name for name, file in corpus.items() if not file.expect} == {*names_no_file, ".hidden.mkv"}


def test_only_damaged_files_cannot_be_opened(corpus: dict[str, CorpusFile]) -> None:
    unreadable = {file.name for file in corpus.values() if file.path.is_file() and not _can_open(file.path)}
    assert unreadable == {"cut.mp4", "header only.mkv", "empty.mkv", "one byte.mp4", "zeros.mkv", "text.mkv"}


def _can_open(path: Path) -> bool:
    try:
        with av.open(str(path)) as media:
            return len(media.streams) > 0
    except (av.FFmpegError, OSError):
        return False


def test_files_that_exist_are_not_built_again(tmp_path: Path) -> None:
    kept = tmp_path / "plain.mkv"
    kept.write_bytes(b"mine")
    built = build_corpus(tmp_path, {"plain.mkv", "empty.mkv"})
    assert [file.name for file in built] == ["plain.mkv", "empty.mkv"]
    assert kept.read_bytes() == b"mine"


@pytest.mark.parametrize(
    ("name", "pixel_format"),
    [
        ("h264 hi10.mkv", "yuv420p10le"),
        ("h264 422.mkv", "yuv422p10le"),
        ("h264 rgb.mkv", "gbrp"),
        ("h264 full range.mp4", "yuvj420p"),
        ("hevc 12 bit 444.mkv", "yuv444p12le"),
        ("codec prores.mov", "yuv422p10le"),
        ("ffv1 16 bit.mkv", "yuv422p16le"),
        ("codec utvideo.avi", "gbrap"),
    ],
)
def test_pixel_formats_are_kept_by_the_encoder(corpus: dict[str, CorpusFile], name: str, pixel_format: str) -> None:
    assert _first_frame(_path(corpus, name)).format.name == pixel_format


def _first_frame(path: str) -> VideoFrame:
    with av.open(path) as media:
        return next(media.decode(video=0))


@pytest.mark.parametrize("name", ["odd size.mkv", "odd size 444.mkv"])
def test_odd_sizes_are_odd(corpus: dict[str, CorpusFile], name: str) -> None:
    frame = _first_frame(_path(corpus, name))
    assert (frame.width, frame.height) == (161, 91)


def test_hdr10_carries_its_static_metadata(corpus: dict[str, CorpusFile]) -> None:
    frame = _first_frame(_path(corpus, "hdr10.mkv"))
    told = " ".join(map(repr, frame.side_data))
    assert "MASTERING_DISPLAY_METADATA" in told
    assert "CONTENT_LIGHT_LEVEL" in told
    assert frame.color_trc == 16  # SMPTE ST 2084


def test_rotated_picture_has_a_display_matrix(corpus: dict[str, CorpusFile]) -> None:
    assert _first_frame(_path(corpus, "rotated.mp4")).rotation in {90, -90}


def test_interlaced_pictures_say_so(corpus: dict[str, CorpusFile]) -> None:
    for name in ("interlaced tff.mkv", "avchd.mts"):
        assert _first_frame(_path(corpus, name)).interlaced_frame


def test_anamorphic_pixels_are_not_square(corpus: dict[str, CorpusFile]) -> None:
    with av.open(_path(corpus, "anamorphic.mkv")) as media:
        assert media.streams.video[0].sample_aspect_ratio == Fraction(64, 45)


def _frame_times_s(path: str) -> list[float]:
    with av.open(path) as media:
        return [frame.time for frame in media.decode(video=0) if frame.time is not None]


def test_variable_rate_has_short_and_long_frames(corpus: dict[str, CorpusFile]) -> None:
    times = _frame_times_s(_path(corpus, "variable rate.mkv"))
    steps = {round(later - earlier, 2) for earlier, later in pairwise(times)}
    assert {0.04, 0.16} <= steps


def test_gap_is_two_seconds_wide(corpus: dict[str, CorpusFile]) -> None:
    times = _frame_times_s(_path(corpus, "gap.mkv"))
    assert max(later - earlier for earlier, later in pairwise(times)) == pytest.approx(2.04, abs=0.01)


def test_clock_of_the_wrapping_recording_runs_over(corpus: dict[str, CorpusFile]) -> None:
    """The demuxer counts on from a negative start, so that the presentation goes through zero."""
    with av.open(_path(corpus, "timestamps wrap.ts")) as media:
        assert media.start_time is not None
        assert media.start_time < 0


def test_piped_file_announces_no_length(corpus: dict[str, CorpusFile]) -> None:
    with av.open(_path(corpus, "no duration.mkv")) as media:
        assert media.duration is None


@pytest.mark.parametrize("name", ["cut.mkv", "cut index first.mp4", "preallocated.mkv"])
def test_cut_files_announce_twice_what_they_hold(corpus: dict[str, CorpusFile], name: str) -> None:
    with av.open(_path(corpus, name)) as media:
        assert media.duration is not None
        announced_s = media.duration / av.time_base
    assert announced_s == pytest.approx(8.0, abs=0.1)
    assert _last_readable_s(_path(corpus, name)) < 5.0


def _last_readable_s(path: str) -> float:
    last_s = 0.0
    with av.open(path) as media:
        try:
            for packet in media.demux():
                if packet.pts is not None and packet.time_base is not None:
                    last_s = max(last_s, float(packet.pts * packet.time_base))
        except av.FFmpegError:
            return last_s
    return last_s


def test_everything_has_all_kinds_of_tracks(corpus: dict[str, CorpusFile]) -> None:
    with av.open(_path(corpus, "everything.mkv")) as media:
        kinds = [stream.type for stream in media.streams]
        subtitles = [stream.codec_context.codec.canonical_name for stream in media.streams.subtitles]
        assert kinds == ["video", "audio", "audio", "subtitle", "subtitle", "subtitle", "subtitle", "attachment"]
        assert subtitles == ["subrip", "subrip", "ass", "hdmv_pgs_subtitle"]
        assert len(media.chapters()) == 2
        assert media.streams.audio[1].language == "ger"


def test_eight_tracks_keep_their_languages_and_roles(corpus: dict[str, CorpusFile]) -> None:
    with av.open(_path(corpus, "eight tracks.mkv")) as media:
        assert [stream.language for stream in media.streams.audio] == ["eng", "ger", "fre", "jpn", "spa", "ita", None, "chi"]
        roles = {flag.name for stream in media.streams.audio for flag in type(stream.disposition) if stream.disposition & flag}
    assert {"default", "dub", "comment", "original", "forced", "visual_impaired"} <= roles


@pytest.mark.parametrize(
    ("name", "layout"),
    [("71 flac.mkv", "7.1"), ("51 side flac.mkv", "5.1(side)"), ("dts.mkv", "5.1(side)"), ("mono 8 kHz.mkv", "1 channels")],
)
def test_channel_layouts(corpus: dict[str, CorpusFile], name: str, layout: str) -> None:
    with av.open(_path(corpus, name)) as media:
        assert media.streams.audio[0].layout.name == layout


@pytest.mark.parametrize("name", ["timecode.mov", "telemetry.mp4", "data.ts", "timecode and text.mp4"])
def test_data_tracks_are_there(corpus: dict[str, CorpusFile], name: str) -> None:
    with av.open(_path(corpus, name)) as media:
        assert len(media.streams.data) == 1


@pytest.mark.parametrize("name", ["cover.mkv", "cover.mp4", "song.mp4"])
def test_covers_are_attached_pictures(corpus: dict[str, CorpusFile], name: str) -> None:
    with av.open(_path(corpus, name)) as media:
        pictures = [stream for stream in media.streams.video if stream.disposition & type(stream.disposition).attached_pic]
        assert len(pictures) == 1


def test_flipped_bits_spoil_the_payload_and_not_the_structure(corpus: dict[str, CorpusFile]) -> None:
    path = _path(corpus, "flipped.mkv")
    with av.open(path) as media:
        assert media.duration is not None
        assert media.duration / av.time_base == pytest.approx(8.0, abs=0.1)
        assert sum(1 for packet in media.demux(video=0) if packet.size) > 150
    decoded = subprocess.run([ffmpeg_path(), "-v", "error", "-i", path, "-f", "null", "-"], capture_output=True, check=False)
    assert decoded.stderr, "FFmpeg decodes it without a complaint"


def test_a_name_that_is_no_text_is_there(corpus: dict[str, CorpusFile]) -> None:
    assert any("\udce9" in name for name in corpus)
