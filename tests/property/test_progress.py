"""The progress parser against any text in any split."""

import math

from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.media.progress import ProgressParser

KEYS = st.sampled_from(
    ["frame", "fps", "total_size", "out_time_us", "out_time_ms", "out_time", "speed", "progress", "bitrate", ""]
)
LINES = st.one_of(st.text(), st.builds("{}={}".format, KEYS, st.text()), st.builds("{}={}".format, KEYS, st.floats()),
                  st.just("progress=continue"), st.just("progress=end"))  # fmt: skip


@given(st.lists(LINES))
def test_any_text_is_survived_and_every_value_makes_sense(lines: list[str]) -> None:
    parser = ProgressParser()
    for line in lines:
        progress = parser.feed(line)
        assert (progress is not None) == (line.strip().replace(" ", "") in {"progress=continue", "progress=end"})
        if progress is not None:
            numbers = [progress.fps, progress.out_time_s, progress.speed]
            assert all(number is None or math.isfinite(number) for number in numbers)
            assert progress.frame is None or progress.frame >= 0
            assert progress.out_time_s is None or progress.out_time_s >= 0


@given(
    frame=st.integers(0, 10**9), seconds=st.integers(0, 10**6), size=st.integers(0, 10**15), noise=st.lists(st.text(), max_size=5)
)
def test_noise_between_the_lines_changes_nothing(frame: int, seconds: int, size: int, noise: list[str]) -> None:
    quiet = [text for text in noise if "=" not in text]
    parser = ProgressParser()
    fed = [f"frame={frame}", *quiet, f"out_time_us={seconds * 1_000_000}", *quiet, f"total_size={size}"]
    assert [parser.feed(line) for line in fed] == [None] * len(fed)
    progress = parser.feed("progress=end")
    assert progress is not None
    assert (progress.frame, progress.out_time_s, progress.total_size_bytes, progress.is_end) == (frame, seconds, size, True)
