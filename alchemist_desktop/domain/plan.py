"""What will be done to each stream of one file, and what comes of it. `planner` makes it, `media.command` spells it."""

from dataclasses import dataclass, field
from enum import StrEnum

from alchemist_desktop.domain.capability import Encoder
from alchemist_desktop.domain.explanation import Explanation
from alchemist_desktop.domain.probe import Color, DynamicRange, HdrStatic
from alchemist_desktop.domain.profile import CpuPreset, QualityProfile


class Action(StrEnum):
    """The three things that can be decided for a file."""

    SKIP = "skip"
    REMUX = "remux"
    TRANSCODE = "transcode"


class StreamAction(StrEnum):
    """What happens to one stream."""

    COPY = "copy"
    ENCODE = "encode"  # decoded and encoded, sound and picture
    CONVERT = "convert"  # text subtitles into another text format
    BURN = "burn"  # drawn into the picture
    EXTRACT = "extract"  # into a file of its own beside the output
    DROP = "drop"


class StreamKind(StrEnum):
    """Kinds of streams, in the order in which an output lists them."""

    VIDEO = "video"
    AUDIO = "audio"
    SUBTITLE = "subtitle"
    ATTACHMENT = "attachment"
    DATA = "data"
    PICTURE = "picture"  # cover art


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """The wanted quality: a word, or an exact value on the encoder's own scale, or a bit rate."""

    word: QualityProfile
    preset: CpuPreset
    value: int | None = None
    bitrate_kbps: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoEncode:
    """How the main picture is encoded. `filters` are FFmpeg filters in order, without hardware upload, which the encoder's
    family adds. `pixel_format` is a software format (`yuv420p`, `yuv420p10le`). `color` is what the output is tagged with.
    """

    encoder: Encoder
    quality: Quality
    pixel_format: str
    bit_depth: int
    width: int
    height: int
    filters: tuple[str, ...] = ()
    color: Color = field(default_factory=Color)
    dynamic_range: DynamicRange = DynamicRange.SDR
    hdr_static: HdrStatic | None = None
    keyframe_interval_s: float = 10.0
    threads: int = 0
    hardware_decode: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioEncode:
    """How one sound track is encoded; `channels` and `channel_layout` are those of the output.

    `bitrate_kbps` is 0 for a lossless codec.
    """

    encoder: str  # aac, libopus, libmp3lame, flac, alac
    codec: str  # aac, opus, mp3, flac, alac: what a probe of the output will say
    bitrate_kbps: int
    channels: int
    channel_layout: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamPlan:
    """One source stream and what happens to it.

    `codec` is what a probe of the output will call it (None when the stream leaves the output: DROP, BURN, EXTRACT).
    `note` is a sentence for people wherever the action is not a plain copy or the wanted encode.
    `sidecar` is the file name suffix of an extracted subtitle, e.g. ".eng.srt".
    """

    index: int
    kind: StreamKind
    action: StreamAction
    codec: str | None
    language: str | None = None
    title: str | None = None
    dispositions: frozenset[str] = frozenset()
    audio: AudioEncode | None = None
    sidecar: str | None = None
    note: str | None = None

    @property
    def is_in_output(self) -> bool:
        return self.action in {StreamAction.COPY, StreamAction.ENCODE, StreamAction.CONVERT}


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The expected result. `confidence` is high, medium or low."""

    output_bytes: int
    encode_time_s: float | None
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One file's plan: the decision with its explanation, and, unless it is a skip, everything needed to carry it out.

    `streams` has one entry per source stream, in the order of the *output* for those that are in it.
    `muxer` is FFmpeg's name; `extension` is without the dot. `abort_above_bytes` ends an encode that grows past any gain.
    """

    action: Action
    explanation: Explanation
    muxer: str = ""
    extension: str = ""
    streams: tuple[StreamPlan, ...] = ()
    video: VideoEncode | None = None
    keep_chapters: bool = True
    estimate: Estimate | None = None
    abort_above_bytes: int | None = None
    fallback: str | None = None  # why the encoder is not the first choice, for people

    @property
    def output_streams(self) -> tuple[StreamPlan, ...]:
        return tuple(s for s in self.streams if s.is_in_output)

    @property
    def notes(self) -> tuple[str, ...]:
        return tuple(s.note for s in self.streams if s.note)
