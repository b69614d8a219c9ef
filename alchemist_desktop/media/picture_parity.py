"""Compares the picture of an output with what its plan promised: size, pixel format, colour and HDR values; pure."""

import re
from collections.abc import Iterator
from dataclasses import fields

from alchemist_desktop.domain.plan import Plan, StreamAction, StreamKind, VideoEncode
from alchemist_desktop.domain.probe import Color, DynamicRange, HdrStatic, Probe, VideoStream
from alchemist_desktop.media.parity import Mismatch, pair_streams

_FORMAT_SYNONYMS = {"nv12": "yuv420p", "p010le": "yuv420p10le", "yuvj420p": "yuv420p", "yuvj422p": "yuv422p"}
# Names of the same matrix or curve; None stands for what players assume when nothing is said.
_COLOR_SYNONYMS: dict[str, str | None] = {
    "bt470bg": "smpte170m", "bt2020-10": "bt709", "bt2020-12": "bt709", "tv": None, "mpeg": None, "limited": None,
    "unknown": None, "unspecified": None, "reserved": None,
}  # fmt: skip
_CHROMATICITY_STEPS = 25  # of 0.00002: encoders store them in their own fixed-point formats
_LUMINANCE_SHARE = 0.01
_LUMINANCE_STEPS = 10  # of 0.0001 cd/m²
_HDR = frozenset({DynamicRange.HDR10, DynamicRange.HLG, DynamicRange.DOLBY_VISION})


def compare_picture(plan: Plan, source: Probe, output: Probe) -> Iterator[Mismatch]:
    """Everything in which the output's pictures differ from the plan, or from the source where they are copied."""
    originals = {video.index: video for video in source.videos}
    for planned, found in pair_streams(plan, output):
        original = originals.get(planned.index)
        if planned.kind is not StreamKind.VIDEO or not isinstance(found, VideoStream) or original is None:
            continue
        if plan.video is not None and planned.action is StreamAction.ENCODE:
            yield from _compare_encoded(plan.video, original, found)
        else:
            yield from _compare_copied(original, found)


def display_size(video: VideoStream) -> tuple[int, int]:
    """Width and height as shown, after rotation."""
    return (video.height, video.width) if video.rotation % 180 else (video.width, video.height)


def _compare_encoded(planned: VideoEncode, original: VideoStream, found: VideoStream) -> Iterator[Mismatch]:
    yield from _compare_size((planned.width, planned.height), display_size(found))
    if _normal_format(found.pixel_format) != _normal_format(planned.pixel_format):
        yield Mismatch(sentence=f"The output's pixel format is {found.pixel_format} instead of {planned.pixel_format}.")
    if found.bit_depth is not None and found.bit_depth != planned.bit_depth:
        yield Mismatch(
            sentence=f"The output has {found.bit_depth} bit instead of {planned.bit_depth}.",
            measured={"bit_depth": found.bit_depth, "expected_bit_depth": planned.bit_depth},
        )
    yield from _compare_color(planned.color, found.color)
    if planned.dynamic_range in _HDR | {DynamicRange.SDR} and original.dynamic_range is not DynamicRange.UNKNOWN:
        yield from _compare_range(planned.dynamic_range, found.dynamic_range)
    if planned.hdr_static is not None:
        yield from _compare_hdr_static(planned.hdr_static, found.hdr_static)


def _compare_copied(original: VideoStream, found: VideoStream) -> Iterator[Mismatch]:
    yield from _compare_size(display_size(original), display_size(found))
    if found.pixel_format != original.pixel_format:
        yield Mismatch(sentence=f"The output's pixel format is {found.pixel_format} instead of {original.pixel_format}.")
    yield from _compare_color(original.color, found.color)
    yield from _compare_range(original.dynamic_range, found.dynamic_range)
    if original.hdr_static is not None:
        yield from _compare_hdr_static(original.hdr_static, found.hdr_static)
    if original.hdr10_plus and not found.hdr10_plus:
        yield Mismatch(sentence="The output lost the HDR10+ values of the source.")
    if original.dolby_vision is not None and found.dolby_vision != original.dolby_vision:
        yield Mismatch(sentence="The output lost the Dolby Vision description of the source.")


def _compare_size(wanted: tuple[int, int], found: tuple[int, int]) -> Iterator[Mismatch]:
    if wanted != found:
        yield Mismatch(
            sentence=f"The output's picture is {found[0]}x{found[1]} instead of {wanted[0]}x{wanted[1]}.",
            measured={"width": found[0], "height": found[1], "expected_width": wanted[0], "expected_height": wanted[1]},
        )


def _compare_color(wanted: Color, found: Color) -> Iterator[Mismatch]:
    for name in (item.name for item in fields(Color) if item.name != "chroma_location"):
        promised, given = _normal_color(getattr(wanted, name)), _normal_color(getattr(found, name))
        if promised is not None and given != promised:
            yield Mismatch(sentence=f"The output's colour {name} is {getattr(found, name)} instead of {getattr(wanted, name)}.")


def _compare_range(wanted: DynamicRange, found: DynamicRange) -> Iterator[Mismatch]:
    if wanted is not found and {wanted, found} & _HDR:
        yield Mismatch(
            sentence=f"The output's picture is {found.value} instead of {wanted.value}.",
            measured={"dynamic_range": found.value, "expected_dynamic_range": wanted.value},
        )


def _compare_hdr_static(wanted: HdrStatic, found: HdrStatic | None) -> Iterator[Mismatch]:
    given = found or HdrStatic()
    if wanted.mastering_display is not None and not _is_same_display(wanted.mastering_display, given.mastering_display):
        yield Mismatch(
            sentence="The mastering display of the output is not that of the source.",
            measured={"mastering_display": given.mastering_display, "expected_mastering_display": wanted.mastering_display},
        )
    for name in ("max_cll", "max_fall"):
        promised, measured = getattr(wanted, name), getattr(given, name)
        if promised and measured != promised:
            yield Mismatch(
                sentence=f"{name} of the output is {measured} instead of {promised}.",
                measured={name: measured, f"expected_{name}": promised},
            )


def _is_same_display(wanted: str, found: str | None) -> bool:
    """Whether two mastering displays agree but for rounding; the last two numbers are luminances."""
    promised, given = _numbers(wanted), _numbers(found or "")
    if len(promised) != len(given) or len(promised) < 2:
        return False
    *points, high, low = zip(promised, given, strict=True)
    if any(abs(first - second) > _CHROMATICITY_STEPS for first, second in points):
        return False
    return all(abs(first - second) <= max(_LUMINANCE_STEPS, _LUMINANCE_SHARE * first) for first, second in (high, low))


def _numbers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", text)]


def _normal_format(name: str | None) -> str | None:
    return _FORMAT_SYNONYMS.get(name, name) if name is not None else None


def _normal_color(name: str | None) -> str | None:
    return _COLOR_SYNONYMS.get(name, name) if name is not None else None
