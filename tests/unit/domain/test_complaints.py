"""FFmpeg's complaints: which speak against a file, and of what kind of damage they tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.domain.complaints import is_complaint, judge, lacks_decoder
from alchemist_desktop.domain.health import HealthCategory
from alchemist_desktop.domain.job import FileStamp
from alchemist_desktop.domain.probe import AudioStream, Probe, VideoStream

PROBE = Probe(
    path="/a.mkv",
    stamp=FileStamp(size_bytes=1, mtime_ns=1),
    container="matroska,webm",
    duration_s=10.0,
    streams=(
        VideoStream(index=0, codec="h264"),
        AudioStream(index=1, codec="aac"),
        AudioStream(index=2, codec="dts"),
        VideoStream(index=3, codec="av1"),
        AudioStream(index=4, codec="mp3"),
    ),
)


@pytest.mark.parametrize(
    "line",
    [
        "[null @ 0x5586d42f9300] Application provided invalid, non monotonically increasing dts to muxer in stream 1: 3 >= 3",
        "    Last message repeated 2 times",
        "[h264 @ 0x55] mmco: unref short failure",
        "[h264 @ 0x55] co located POCs unavailable",
        "[hevc @ 0x55] Could not find ref with POC 12",
        "[h264 @ 0x55] SEI type 5 size 640 truncated at 48",
        "[aac @ 0x55] This feature is not implemented. Update your FFmpeg version to the newest one from Git.",
        "[vist#0:0/none @ 0x55] Decoding requested, but no decoder found for: none",
        "[mp3float @ 0x55] invalid new backstep -1",
        "Error opening input files: Invalid data found when processing input",
    ],
)
def test_what_says_nothing_against_a_file(line: str) -> None:
    assert not is_complaint(line)


@pytest.mark.parametrize(
    ("line", "category"),
    [
        ("[h264 @ 0x55] error while decoding MB 6 2, bytestream -5", HealthCategory.CORRUPT_VIDEO),
        ("[aac @ 0x55] decode_pce: Input buffer exhausted before END element found", HealthCategory.CORRUPT_AUDIO),
        ("[dca @ 0x55] Invalid subframe", HealthCategory.CORRUPT_AUDIO),
        ("[mp3float @ 0x55] Header missing", HealthCategory.CORRUPT_AUDIO),
        ("[libdav1d @ 0x55] Error parsing OBU data", HealthCategory.CORRUPT_VIDEO),
        ("[vist#0:0/av1 @ 0x55] [dec:libdav1d @ 0x56] Error submitting packet to decoder", HealthCategory.CORRUPT_VIDEO),
        ("[aist#0:1/aac @ 0x55] [dec:aac @ 0x56] Error submitting packet to decoder: Invalid data", HealthCategory.CORRUPT_AUDIO),
        ("[in#0/matroska,webm @ 0x55] File ended prematurely", HealthCategory.TRUNCATED_FILE),
        ("[in#0/mov,mp4 @ 0x55] stream 1, offset 0x13aa73: partial file", HealthCategory.TRUNCATED_FILE),
        ("[in#0/matroska,webm @ 0x55] 0x00 at pos 12 (0xc) invalid as first byte of an EBML number", HealthCategory.CORRUPT_FILE),
        ("[in#0 @ 0x55] moov atom not found", HealthCategory.CORRUPT_FILE),
        ("[in#0/avi @ 0x55] something odd", HealthCategory.CORRUPT_FILE),
        ("[in#0 @ 0x55] Error opening input: Permission denied", HealthCategory.PERMISSION_ERROR),
        ("[h264 @ 0x55] non-existing PPS 0 referenced", HealthCategory.MISSING_KEYFRAME),
        ("Something nobody knows", HealthCategory.UNKNOWN),
    ],
)
def test_each_complaint_tells_of_one_kind_of_damage(line: str, category: HealthCategory) -> None:
    assert is_complaint(line)
    issue = judge([line], PROBE)
    assert issue.category is category
    assert "0x55" not in issue.raw_output
    assert len(issue.summary) <= 200


def test_the_first_complaint_that_says_what_is_wrong_counts() -> None:
    lines = ["Something nobody knows", "[aac @ 0x1] channel is broken", "[h264 @ 0x2] error while decoding MB 1 1"]
    issue = judge(lines, PROBE)
    assert issue.category is HealthCategory.CORRUPT_AUDIO
    assert "channel is broken" in issue.summary
    assert issue.raw_output.splitlines()[2] == "[h264] error while decoding MB 1 1"


@pytest.mark.parametrize("container", ["mpegts", "mpeg"])
def test_a_broadcast_may_begin_without_its_key_frame(container: str) -> None:
    assert not is_complaint("[h264 @ 0x55] non-existing PPS 0 referenced", container)
    assert is_complaint("[h264 @ 0x55] error while decoding MB 6 2", container)


def test_a_codec_this_ffmpeg_lacks_is_told_apart() -> None:
    assert lacks_decoder("[vist#0:0/none @ 0x55] Decoding requested, but no decoder found for: none")
    assert not lacks_decoder("[h264 @ 0x55] error while decoding MB 6 2")


@given(st.lists(st.text(max_size=300), max_size=5))
def test_any_words_are_judged(lines: list[str]) -> None:
    issue = judge(lines, PROBE)
    assert issue.summary
    assert isinstance(issue.category, HealthCategory)
