import re
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.domain.probe import Color, DolbyVision, DynamicRange
from alchemist_desktop.media.probe_color import color_of, content_light, dynamic_range_of, mastering_display, merged

X265 = re.compile(r"G\((\d+),(\d+)\)B\((\d+),(\d+)\)R\((\d+),(\d+)\)WP\((\d+),(\d+)\)L\((\d+),(\d+)\)")


def _packed(values: list[int], *, primaries: int = 1, luminance: int = 1) -> bytes:
    """Red, green, blue, white, darkest and brightest in x265's units, as FFmpeg lays them out."""
    units = [50_000] * 8 + [10_000] * 2
    fractions = [number for pair in zip(values, units, strict=True) for number in pair]
    return struct.pack("=20i2i", *fractions, primaries, luminance)


@given(st.lists(st.integers(0, 50_000), min_size=10, max_size=10))
def test_mastering_displays_come_out_in_the_order_x265_wants(values: list[int]) -> None:
    red_x, red_y, green_x, green_y, blue_x, blue_y, white_x, white_y, darkest, brightest = values
    text = mastering_display(_packed(values))
    assert text is not None
    match = X265.fullmatch(text)
    assert match is not None
    assert [int(number) for number in match.groups()] == [
        green_x, green_y, blue_x, blue_y, red_x, red_y, white_x, white_y, brightest, darkest,
    ]  # fmt: skip


def test_incomplete_mastering_displays_are_none() -> None:
    whole = [1] * 10
    assert mastering_display(_packed(whole, primaries=0)) is None
    assert mastering_display(_packed(whole, luminance=0)) is None
    assert mastering_display(_packed(whole)[:-1]) is None
    assert mastering_display(struct.pack("=20i2i", *([1, 0] * 10), 1, 1)) is None


def test_content_light_of_nothing_is_none() -> None:
    assert content_light(struct.pack("=2I", 1000, 400)) == (1000, 400)
    assert content_light(struct.pack("=2I", 0, 0)) is None
    assert content_light(b"") is None


def test_colour_numbers_get_ffmpegs_names_and_unspecified_is_none() -> None:
    assert color_of(primaries=9, transfer=16, space=9, range_=1) == Color(
        primaries="bt2020", transfer="smpte2084", space="bt2020nc", range="tv"
    )
    assert color_of(primaries=2, transfer=2, space=2, range_=0) == Color()


def test_the_first_source_that_says_something_wins() -> None:
    first = Color(primaries="bt709", range="tv")
    second = Color(primaries="bt2020", transfer="smpte2084", range="pc")
    assert merged(first, second) == Color(primaries="bt709", transfer="smpte2084", range="tv")


@pytest.mark.parametrize(
    ("color", "dolby_vision", "expected"),
    [
        (Color(transfer="smpte2084"), None, DynamicRange.HDR10),
        (Color(transfer="arib-std-b67"), None, DynamicRange.HLG),
        (Color(transfer="bt709", primaries="bt2020"), None, DynamicRange.SDR),
        (Color(primaries="bt2020"), None, DynamicRange.UNKNOWN),
        (Color(), None, DynamicRange.SDR),
        (Color(transfer="smpte2084"), DolbyVision(profile=8), DynamicRange.DOLBY_VISION),
    ],
)
def test_dynamic_ranges(color: Color, dolby_vision: DolbyVision | None, expected: DynamicRange) -> None:
    assert dynamic_range_of(color, dolby_vision) is expected
