"""The choices a person makes about encoding; enum values are stored and sent."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from alchemist_desktop.domain.ids import ProfileId


class OutputCodec(StrEnum):
    """Video formats the program encodes to."""

    AV1 = "av1"
    HEVC = "hevc"
    H264 = "h264"


class QualityProfile(StrEnum):
    """The quality goal in words; each encoder translates it to its own scale."""

    QUALITY = "quality"
    BALANCED = "balanced"
    SPEED = "speed"


class CpuPreset(StrEnum):
    """How much time CPU encoders may take."""

    SLOW = "slow"
    MEDIUM = "medium"
    FAST = "fast"
    FASTER = "faster"


class HdrMode(StrEnum):
    """What happens to HDR pictures."""

    PRESERVE = "preserve"
    TONEMAP = "tonemap"


class TonemapAlgorithm(StrEnum):
    """Curves of FFmpeg's `tonemap` filter."""

    HABLE = "hable"
    MOBIUS = "mobius"
    REINHARD = "reinhard"
    CLIP = "clip"


class SubtitleMode(StrEnum):
    """What happens to subtitles."""

    COPY = "copy"
    BURN = "burn"
    EXTRACT = "extract"
    NONE = "none"


class AudioMode(StrEnum):
    """What happens to sound."""

    COPY = "copy"
    AAC = "aac"
    AAC_STEREO = "aac_stereo"
    OPUS = "opus"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamRules:
    """Which sound tracks and subtitles are kept. Empty tuples keep everything; untagged languages are always kept."""

    strip_audio_by_title: tuple[str, ...] = ()
    keep_audio_languages: tuple[str, ...] = ()
    keep_only_default_audio: bool = False
    keep_subtitle_languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A named set of encoding choices, as stored. `None` in a threshold or rule means "the global setting"."""

    id: ProfileId
    name: str
    preset: str
    codec: OutputCodec
    quality_profile: QualityProfile
    hdr_mode: HdrMode
    audio_mode: AudioMode
    crf_override: int | None = None
    notes: str | None = None
    builtin: bool = False
    size_reduction_threshold: float | None = None
    min_bpp_threshold: float | None = None
    min_file_size_mb: int | None = None
    subtitle_mode: SubtitleMode | None = None
    stream_rules: StreamRules | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodingRules:
    """Everything the planner wants to know of a person's choices: the settings with a profile laid over them.

    `size_reduction_threshold` is the least share of the source that must be saved (0..1); `min_file_size_mb` is in MiB;
    `deinterlace` turns interlaced pictures into progressive ones. `tonemap_peak_nits` is the brightness of the HDR source.
    `predict_size` lets the planner skip what would save too little. A conversion was asked for by a person: it is carried
    out whatever it saves, by encoding or, with `remux_only`, by copying; `video_bitrate_kbps` then replaces the quality.
    """

    codec: OutputCodec = OutputCodec.AV1
    quality: QualityProfile = QualityProfile.BALANCED
    crf_override: int | None = None
    cpu_preset: CpuPreset = CpuPreset.MEDIUM
    hdr_mode: HdrMode = HdrMode.PRESERVE
    tonemap_algorithm: TonemapAlgorithm = TonemapAlgorithm.HABLE
    tonemap_peak_nits: float = 1000.0
    tonemap_desat: float = 0.2
    audio_mode: AudioMode = AudioMode.COPY
    subtitle_mode: SubtitleMode = SubtitleMode.COPY
    stream_rules: StreamRules = field(default_factory=StreamRules)
    output_extension: str = "mkv"
    size_reduction_threshold: float = 0.3
    min_bpp_threshold: float = 0.1
    min_file_size_mb: int = 50
    allow_fallback: bool = True
    allow_cpu_encoding: bool = True
    allow_cpu_fallback: bool = True
    deinterlace: bool = True
    threads: int = 0
    predict_size: bool = True
    is_conversion: bool = False
    remux_only: bool = False
    video_bitrate_kbps: int | None = None
    hardware_decode: bool = False
