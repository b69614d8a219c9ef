"""Quality words, and exact values on the scale of the CPU encoders, translated to the scales of hardware encoders.

Words are worth about the same on every encoder. An exact value (CRF) was chosen on the scale of its codec's usual encoder:
0..51 for H.264 and HEVC, 0..63 for AV1; it is never handed on as a bare number to a scale of another length.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from alchemist_desktop.domain.plan import Quality, VideoEncode
from alchemist_desktop.domain.profile import OutputCodec, QualityProfile
from alchemist_desktop.media.encoders.base import Options

_PEAK_FACTOR = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """One encoder's quality values by word; `value = offset + factor * crf` for exact ones, kept within `bounds`."""

    values: Mapping[QualityProfile, int]
    bounds: tuple[int, int]
    factor: float = 1.0
    offset: float = 0.0

    def value_for(self, quality: Quality) -> int:
        if quality.value is None:
            return self.values[quality.word]
        least, most = self.bounds
        return min(max(round(self.offset + self.factor * quality.value), least), most)


def scale(values: tuple[int, int, int], bounds: tuple[int, int], *, factor: float = 1.0, offset: float = 0.0) -> Scale:
    """`values` for the words quality, balanced and speed."""
    words = (QualityProfile.QUALITY, QualityProfile.BALANCED, QualityProfile.SPEED)
    by_word = MappingProxyType(dict(zip(words, values, strict=True)))
    return Scale(values=by_word, bounds=bounds, factor=factor, offset=offset)


def surface_format(video: VideoEncode) -> str:
    """The layout in which graphics hardware keeps pictures of this depth."""
    return "p010le" if video.bit_depth == 10 else "nv12"


def profile(video: VideoEncode) -> Options:
    """The profile named for HEVC and H.264, so that no driver falls back to a lesser one; AV1 has but one."""
    if video.encoder.codec is OutputCodec.AV1:
        return ()
    if video.encoder.codec is OutputCodec.H264:
        return (("profile", "high"),)
    return (("profile", "main10" if video.bit_depth == 10 else "main"),)


def bitrate(quality: Quality) -> Options:
    """An average that was asked for, with room for scenes that need more."""
    kbps = quality.bitrate_kbps or 0
    return (("b", f"{kbps}k"), ("maxrate", f"{kbps * _PEAK_FACTOR}k"), ("bufsize", f"{kbps * _PEAK_FACTOR}k"))
