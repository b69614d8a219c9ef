"""FFmpeg's progress lines."""

import pytest

from alchemist_desktop.domain.attempt import Progress
from alchemist_desktop.media.progress import ProgressParser

BLOCK = (
    "frame=120", "fps=59.94", "stream_0_0_q=28.0", "bitrate=1024.0kbits/s", "total_size=4096", "out_time_us=4800000",
    "out_time_ms=4800000", "out_time=00:00:04.800000", "dup_frames=0", "speed=2.4x", "progress=continue",
)  # fmt: skip


def _feed(*lines: str) -> list[Progress]:
    parser = ProgressParser()
    return [progress for line in lines if (progress := parser.feed(line)) is not None]


def test_a_block_becomes_one_progress() -> None:
    expected = Progress(frame=120, fps=59.94, out_time_s=4.8, total_size_bytes=4096, speed=2.4)
    assert _feed(*BLOCK) == [expected]


def test_the_last_block_says_so() -> None:
    assert [progress.is_end for progress in _feed(*BLOCK, *BLOCK[:-1], "progress=end")] == [False, True]


def test_values_do_not_leak_into_the_next_block() -> None:
    assert _feed(*BLOCK, "progress=continue")[1] == Progress()


@pytest.mark.parametrize("value", ["N/A", "", "nonsense", "nan", "inf", "-inf", "9" * 6000])
@pytest.mark.parametrize("key", ["frame", "fps", "total_size", "out_time_us", "out_time", "speed"])
def test_values_that_are_not_known(key: str, value: str) -> None:
    assert _feed(f"{key}={value}", "progress=continue") == [Progress()]


@pytest.mark.parametrize(
    ("lines", "out_time_s"),
    [
        (["out_time=01:02:03.500000"], 3723.5),
        (["out_time_us=N/A", "out_time_ms=1500000"], 1.5),
        (["out_time_us=-20000"], 0.0),
        (["out_time=-00:00:00.020000"], 0.0),
        (["out_time=12:30"], None),
    ],
)
def test_positions(lines: list[str], out_time_s: float | None) -> None:
    (progress,) = _feed(*lines, "progress=continue")
    assert progress.out_time_s == out_time_s


def test_words_between_the_lines_are_ignored() -> None:
    assert _feed("[libx264 @ 0x1] frame=9 of progress=end", "frame = 3", "progress=maybe", "progress=continue") == [Progress()]


def test_padding_is_forgiven() -> None:
    assert _feed("frame=  7  ", "fps= 25", "speed= 1.5x", " progress=continue\r") == [Progress(frame=7, fps=25.0, speed=1.5)]
