"""The encoders that run on the CPU: libsvtav1, libaom-av1, libx265 and libx264.

Each has its own quality scale; the values of one row were chosen to look about alike. The quality word picks the value,
the preset only how long the encoder may search.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from alchemist_desktop.domain.capability import Encoder
from alchemist_desktop.domain.plan import VideoEncode
from alchemist_desktop.domain.probe import HdrStatic
from alchemist_desktop.domain.profile import CpuPreset, QualityProfile
from alchemist_desktop.media.encoders.base import Options

_PAIR = re.compile(r"(G|B|R|WP|L)\((\d+),(\d+)\)")
_CHROMA_UNIT = 0.00002
_LUMINANCE_UNIT = 0.0001


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scale:
    """An encoder's quality values by word, its speed values by preset, and the names of both options."""

    values: Mapping[QualityProfile, int]
    worst: int
    speed_option: str
    speeds: Mapping[CpuPreset, str]


def _scale(values: tuple[int, int, int], worst: int, speed_option: str, *speeds: str) -> _Scale:
    words = (QualityProfile.QUALITY, QualityProfile.BALANCED, QualityProfile.SPEED)
    presets = (CpuPreset.SLOW, CpuPreset.MEDIUM, CpuPreset.FAST, CpuPreset.FASTER)
    return _Scale(
        values=MappingProxyType(dict(zip(words, values, strict=True))),
        worst=worst,
        speed_option=speed_option,
        speeds=MappingProxyType(dict(zip(presets, speeds, strict=True))),
    )


_SCALES: Mapping[str, _Scale] = MappingProxyType(
    {
        "libsvtav1": _scale((26, 32, 38), 63, "preset", "5", "8", "10", "12"),
        "libaom-av1": _scale((24, 30, 36), 63, "cpu-used", "3", "4", "5", "6"),
        "libx265": _scale((20, 23, 27), 51, "preset", "slow", "medium", "fast", "faster"),
        "libx264": _scale((18, 21, 25), 51, "preset", "slow", "medium", "fast", "faster"),
    }
)


class CpuFamily:
    """Software encoders; they need neither a device nor uploads."""

    def device_options(self, encoder: Encoder) -> tuple[str, ...]:
        return ()

    def decode_options(self, encoder: Encoder) -> tuple[str, ...]:
        return ()

    def upload_filters(self, video: VideoEncode) -> tuple[str, ...]:
        return ()

    def options(self, video: VideoEncode) -> Options:
        name = video.encoder.name
        scale = _SCALES[name]
        speed = (scale.speed_option, scale.speeds[video.quality.preset])
        return (speed, *_rate(video, scale), *_own_options(name, video))


def _rate(video: VideoEncode, scale: _Scale) -> Options:
    quality = video.quality
    if quality.bitrate_kbps:
        return (("b", f"{quality.bitrate_kbps}k"),)
    value = scale.values[quality.word] if quality.value is None else min(max(quality.value, 0), scale.worst)
    # libaom takes its quality as a mere ceiling unless the bit rate is set to zero.
    constant = (("b", "0"),) if video.encoder.name == "libaom-av1" else ()
    return (("crf", str(value)), *constant)


def _own_options(name: str, video: VideoEncode) -> Options:
    threads = (("threads", str(video.threads)),) if video.threads > 0 else ()
    if name == "libx264":
        return (("profile", "high"), *threads)
    if name == "libx265":
        return (("x265-params", ":".join(_x265_parameters(video))),)
    if name == "libaom-av1":
        return (("row-mt", "1"), ("tiles", "2x1"), *threads)
    parameters = _svt_parameters(video.hdr_static)
    return (*((("svtav1-params", ":".join(parameters)),) if parameters else ()), *threads)


def _x265_parameters(video: VideoEncode) -> list[str]:
    parameters = ["log-level=warning"]
    if video.threads > 0:
        parameters.append(f"pools={video.threads}")
    static = video.hdr_static
    if static is None:
        return parameters
    parameters += ["hdr10=1", "hdr10-opt=1", "repeat-headers=1"]
    if static.mastering_display:
        parameters.append(f"master-display={static.mastering_display}")
    if static.max_cll is not None:
        parameters.append(f"max-cll={static.max_cll},{static.max_fall or 0}")
    return parameters


def _svt_parameters(static: HdrStatic | None) -> list[str]:
    if static is None:
        return []
    parameters = []
    if static.mastering_display:
        parameters.append(f"mastering-display={_in_real_units(static.mastering_display)}")
    if static.max_cll is not None:
        parameters.append(f"content-light={static.max_cll},{static.max_fall or 0}")
    return parameters


def _in_real_units(mastering_display: str) -> str:
    """SVT-AV1 writes the same notation with chromaticities and cd/m² instead of integer steps."""

    def convert(match: re.Match[str]) -> str:
        unit = _LUMINANCE_UNIT if match[1] == "L" else _CHROMA_UNIT
        first, second = (f"{int(text) * unit:.5f}" for text in (match[2], match[3]))
        return f"{match[1]}({first},{second})"

    return _PAIR.sub(convert, mastering_display)
