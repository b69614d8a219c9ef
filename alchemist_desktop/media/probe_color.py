"""Colour numbers and HDR side data as FFmpeg stores them, translated into the names and notations of the domain."""

import struct

from alchemist_desktop.domain.probe import Color, DolbyVision, DynamicRange

# Numbers of ITU-T H.273, names of FFmpeg; 2 means "unspecified" and is left out.
_PRIMARIES = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "film", 9: "bt2020", 10: "smpte428",
    11: "smpte431", 12: "smpte432", 22: "ebu3213",
}  # fmt: skip
_TRANSFERS = {
    1: "bt709", 4: "bt470m", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "linear", 9: "log100", 10: "log316",
    11: "iec61966-2-4", 12: "bt1361e", 13: "iec61966-2-1", 14: "bt2020-10", 15: "bt2020-12", 16: "smpte2084",
    17: "smpte428", 18: "arib-std-b67",
}  # fmt: skip
_SPACES = {
    0: "gbr", 1: "bt709", 4: "fcc", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 8: "ycgco", 9: "bt2020nc",
    10: "bt2020c", 11: "smpte2085", 12: "chroma-derived-nc", 13: "chroma-derived-c", 14: "ictcp", 15: "ipt-c2",
    16: "ycgco-re", 17: "ycgco-ro",
}  # fmt: skip
_RANGES = {1: "tv", 2: "pc"}

_CHROMATICITY_UNIT = 50_000  # x265 counts in 0.00002
_LUMINANCE_UNIT = 10_000  # x265 counts in 0.0001 cd/m²
_MASTERING_DISPLAY = struct.Struct("=20i2i")  # ten fractions, then two flags


def color_of(*, primaries: int, transfer: int, space: int, range_: int, chroma_location: str | None = None) -> Color:
    """The colour description for FFmpeg's enumeration values."""
    return Color(
        primaries=_PRIMARIES.get(primaries),
        transfer=_TRANSFERS.get(transfer),
        space=_SPACES.get(space),
        range=_RANGES.get(range_),
        chroma_location=chroma_location,
    )


def merged(first: Color, second: Color) -> Color:
    """`first`, with what it does not say taken from `second`."""
    return Color(
        primaries=first.primaries or second.primaries,
        transfer=first.transfer or second.transfer,
        space=first.space or second.space,
        range=first.range or second.range,
        chroma_location=first.chroma_location or second.chroma_location,
    )


def dynamic_range_of(color: Color, dolby_vision: DolbyVision | None) -> DynamicRange:
    """The brightness system; a Dolby Vision record counts more than the base picture's transfer curve."""
    if dolby_vision is not None:
        return DynamicRange.DOLBY_VISION
    if color.transfer == "smpte2084":
        return DynamicRange.HDR10
    if color.transfer == "arib-std-b67":
        return DynamicRange.HLG
    if color.transfer is None and color.primaries == "bt2020":
        return DynamicRange.UNKNOWN
    return DynamicRange.SDR


def mastering_display(data: bytes) -> str | None:
    """An AVMasteringDisplayMetadata structure in x265's notation; None when it is incomplete."""
    if len(data) < _MASTERING_DISPLAY.size:
        return None
    *numbers, has_primaries, has_luminance = _MASTERING_DISPLAY.unpack_from(data)
    pairs = list(zip(numbers[::2], numbers[1::2], strict=True))
    if not (has_primaries and has_luminance) or any(denominator == 0 for _, denominator in pairs):
        return None
    values = [numerator / denominator for numerator, denominator in pairs]
    red_x, red_y, green_x, green_y, blue_x, blue_y, white_x, white_y = (round(v * _CHROMATICITY_UNIT) for v in values[:8])
    darkest, brightest = (round(v * _LUMINANCE_UNIT) for v in values[8:])
    return f"G({green_x},{green_y})B({blue_x},{blue_y})R({red_x},{red_y})WP({white_x},{white_y})L({brightest},{darkest})"


def content_light(data: bytes) -> tuple[int, int] | None:
    """MaxCLL and MaxFALL of an AVContentLightMetadata structure; None when both are unknown (0)."""
    if len(data) < 8:
        return None
    max_cll, max_fall = struct.unpack_from("=2I", data)
    return (max_cll, max_fall) if max_cll or max_fall else None
