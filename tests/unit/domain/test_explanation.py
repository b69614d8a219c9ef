"""Sentences for people keep their numbers readable, and the measured values raw."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.domain.explanation import CATALOGUE, Measured, explain
from alchemist_desktop.domain.wording import codec_name, share, size


@pytest.mark.parametrize(
    ("code", "measured", "detail"),
    [
        (
            "already_target_codec",
            {"codec": "hevc", "bit_depth": 8},
            "Its video is HEVC at 8 bit, which is what the profile asks for.",
        ),
        (
            "transcode_recommended",
            {"current_codec": "mpeg2video", "target_codec": "av1", "bpp": 0.21},
            "The source is MPEG-2 with 0.21 bits per pixel; it becomes AV1.",
        ),
        (
            "predicted_reduction_insufficient",
            {"expected_size": 1_400_000_000, "reduction": 0.12, "threshold": 0.3},
            "The expected size is 1.4 GB, 12 % smaller than the source; 30 % less is asked for.",
        ),
        (
            "size_reduction_insufficient",
            {"reduction": -0.5, "threshold": 0.3},
            "The result would be 50 % larger than the source; 30 % less is asked for.",
        ),
    ],
)
def test_sentences_are_readable_and_values_raw(code: str, measured: dict[str, Measured], detail: str) -> None:
    explanation = explain(code, None, **measured)
    assert explanation.detail == detail
    assert explanation.measured == measured


@given(st.sampled_from(sorted(CATALOGUE)), st.sampled_from([None, 0, 1.5, True, "h264", "{0}"]))
def test_any_value_can_be_told(code: str, value: Measured) -> None:
    keys = ("codec", "threshold", "reduction", "expected_size", "bpp", "error", "container", "missing", "limit_s")
    assert explain(code, **dict.fromkeys(keys, value)).detail


@pytest.mark.parametrize(
    ("size_bytes", "words"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1.0 kB"), (123_456_789, "123 MB"), (999_999_999, "1.0 GB"), (4.7e12, "4.7 TB")],
)
def test_sizes(size_bytes: float, words: str) -> None:
    assert size(size_bytes) == words


@pytest.mark.parametrize(("part", "words"), [(0, "0 %"), (0.12, "12 %"), (0.004, "0.4 %"), (1.0, "100 %"), (-0.3, "-30 %")])
def test_shares(part: float, words: str) -> None:
    assert share(part) == words


def test_a_codec_without_a_better_word_is_named_by_its_code() -> None:
    assert (codec_name("h264"), codec_name("cook")) == ("H.264", "COOK")
