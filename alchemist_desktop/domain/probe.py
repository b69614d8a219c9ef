"""What the demuxer told us about a file, stream by stream."""

from dataclasses import dataclass, field
from enum import StrEnum

from alchemist_desktop.domain.job import FileStamp

HEAVY_AUDIO_CODECS = frozenset({"truehd", "mlp", "flac", "alac", "wavpack", "tta", "ape"})
LOSSY_DTS_PROFILES = frozenset({"", "DTS", "DTS-ES", "DTS 96/24", "DTS Express", "unknown"})
TEXT_SUBTITLE_CODECS = frozenset({"subrip", "srt", "ass", "ssa", "webvtt", "text", "mov_text", "tx3g", "ttml"})
IMAGE_SUBTITLE_CODECS = frozenset({"hdmv_pgs_subtitle", "pgs", "dvd_subtitle", "dvb_subtitle", "xsub"})


class DynamicRange(StrEnum):
    """The brightness system of a picture; the values are stored and sent."""

    SDR = "sdr"
    HDR10 = "hdr10"
    HLG = "hlg"
    DOLBY_VISION = "dolby_vision"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Color:
    """Colour description in FFmpeg's names (`bt709`, `smpte2084`, `tv`); None where the file does not say."""

    primaries: str | None = None
    transfer: str | None = None
    space: str | None = None
    range: str | None = None
    chroma_location: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HdrStatic:
    """HDR10 static metadata (SMPTE ST 2086 and CTA-861.3).

    `mastering_display` is in x265's notation `G(x,y)B(x,y)R(x,y)WP(x,y)L(max,min)`: chromaticities in units of 0.00002,
    luminance in units of 0.0001 cd/m². `max_cll` and `max_fall` are in cd/m².
    """

    mastering_display: str | None = None
    max_cll: int | None = None
    max_fall: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DolbyVision:
    """The Dolby Vision configuration record; `compatibility_id` 0 means no base picture others can show."""

    profile: int
    level: int = 0
    compatibility_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamBase:
    """What every stream has. `index` is its number in the file, as FFmpeg's `-map 0:index` wants it.

    `codec` is FFmpeg's name, or "" when the codec has none. `dispositions` holds FFmpeg's names (`default`, `forced`, ...).
    `duration_s` is what the header announces; `last_time_s` is the time of the last packet that was seen of it,
    None where none was.
    """

    index: int
    codec: str
    language: str | None = None
    title: str | None = None
    dispositions: frozenset[str] = frozenset()
    tags: dict[str, str] = field(default_factory=dict)
    duration_s: float | None = None
    last_time_s: float | None = None
    bitrate_bps: int | None = None

    @property
    def is_default(self) -> bool:
        return "default" in self.dispositions

    @property
    def is_forced(self) -> bool:
        return "forced" in self.dispositions


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoStream(StreamBase):
    """A moving picture, or a cover picture (`is_attached_picture`). Sizes are coded sizes before rotation, in pixels."""

    width: int = 0
    height: int = 0
    pixel_format: str | None = None
    bit_depth: int | None = None
    fps: float = 0.0  # average; 0 when unknown
    fps_ratio: tuple[int, int] = (0, 1)  # the same as an exact fraction
    real_fps: float = 0.0  # the base rate; far from `fps` means variable frame rate
    sample_aspect: tuple[int, int] = (1, 1)
    rotation: int = 0  # degrees clockwise the player must turn the picture: 0, 90, 180, 270
    field_order: str = "progressive"  # FFmpeg's names: progressive, tt, bb, tb, bt, unknown
    color: Color = field(default_factory=Color)
    dynamic_range: DynamicRange = DynamicRange.SDR
    hdr_static: HdrStatic | None = None
    hdr10_plus: bool = False
    dolby_vision: DolbyVision | None = None
    profile: str | None = None
    frame_count: int | None = None
    is_attached_picture: bool = False

    @property
    def is_interlaced(self) -> bool:
        return self.field_order in {"tt", "bb", "tb", "bt"}

    @property
    def is_variable_frame_rate(self) -> bool:
        return self.fps > 0 and self.real_fps > 0 and abs(self.real_fps - self.fps) / self.fps > 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioStream(StreamBase):
    """A sound track; `channel_layout` is FFmpeg's name (`5.1(side)`) or None."""

    channels: int = 0
    channel_layout: str | None = None
    sample_rate_hz: int = 0
    profile: str | None = None

    @property
    def is_lossless(self) -> bool:
        if self.codec == "dts":
            return (self.profile or "") not in LOSSY_DTS_PROFILES and "MA" in (self.profile or "")
        return self.codec in HEAVY_AUDIO_CODECS or self.codec.startswith("pcm_")


@dataclass(frozen=True, slots=True, kw_only=True)
class SubtitleStream(StreamBase):
    """Subtitles, as text or as pictures."""

    @property
    def is_text(self) -> bool:
        return self.codec in TEXT_SUBTITLE_CODECS

    @property
    def is_image(self) -> bool:
        return self.codec in IMAGE_SUBTITLE_CODECS


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentStream(StreamBase):
    """A file inside the file, usually a font."""

    filename: str | None = None
    mimetype: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DataStream(StreamBase):
    """Anything else: timecode (`tmcd`), camera telemetry (`gpmd`), ...; `codec_tag` is its four-character code."""

    codec_tag: str = ""


Stream = VideoStream | AudioStream | SubtitleStream | AttachmentStream | DataStream


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One chapter; times in seconds from the start of the file."""

    start_s: float
    end_s: float
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One file as the demuxer sees it.

    `duration_s` is how long the container says that picture and sound last, or where the last packet ends when it announces
    nothing; `last_packet_s` is the end of the last packet of picture or sound found near the end of the file, or None when
    that was not looked for. All streams are in index order. A stream's `bitrate_bps` is what the file
    records or what its packets add up to, never a share of the container's.
    """

    path: str
    stamp: FileStamp
    container: str  # FFmpeg's demuxer name, e.g. "matroska,webm"
    duration_s: float | None
    start_s: float = 0.0
    bitrate_bps: int | None = None
    last_packet_s: float | None = None
    streams: tuple[Stream, ...] = ()
    chapters: tuple[Chapter, ...] = ()
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def videos(self) -> tuple[VideoStream, ...]:
        """Moving pictures only, cover art left out."""
        return tuple(s for s in self.streams if isinstance(s, VideoStream) and not s.is_attached_picture)

    @property
    def pictures(self) -> tuple[VideoStream, ...]:
        return tuple(s for s in self.streams if isinstance(s, VideoStream) and s.is_attached_picture)

    @property
    def audios(self) -> tuple[AudioStream, ...]:
        return tuple(s for s in self.streams if isinstance(s, AudioStream))

    @property
    def subtitles(self) -> tuple[SubtitleStream, ...]:
        return tuple(s for s in self.streams if isinstance(s, SubtitleStream))

    @property
    def attachments(self) -> tuple[AttachmentStream, ...]:
        return tuple(s for s in self.streams if isinstance(s, AttachmentStream))

    @property
    def data(self) -> tuple[DataStream, ...]:
        return tuple(s for s in self.streams if isinstance(s, DataStream))

    @property
    def main_video(self) -> VideoStream | None:
        """The picture a player would show: the default one, else the largest; the first among equals."""
        return max(self.videos, key=lambda v: (v.is_default, v.width * v.height, -v.index), default=None)

    @property
    def is_truncated(self) -> bool:
        """Whether the file ends well before its announced end (more than 2 s and more than 1 %)."""
        if self.duration_s is None or self.last_packet_s is None:
            return False
        missing_s = self.duration_s - self.last_packet_s
        return missing_s > max(2.0, 0.01 * self.duration_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeFailure:
    """A file that could not be probed: a reason code of the catalogue and the demuxer's own words."""

    path: str
    code: str  # corrupt_or_unreadable_media, source_missing, permission_denied, probe_timeout, analysis_failed
    error: str
