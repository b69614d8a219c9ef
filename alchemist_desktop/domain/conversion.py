"""Converting one file a person hands in: what can be chosen, and the record of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field

from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.probe import Probe

_DROP_WORDS = frozenset({"remove", "drop", "none"})


class ConversionState(StrEnum):
    """How far a conversion is before its job tells; the values are stored and sent."""

    UPLOADED = "uploaded"
    DRAFT_TRANSCODE = "draft_transcode"
    DRAFT_REMUX = "draft_remux"
    QUEUED = "queued"
    DOWNLOADED = "downloaded"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, allow_inf_nan=False)


class ConversionResolution(_Part):
    """The size of the picture: `original`, `custom` (one side may be left to the other) or `scale_factor`."""

    mode: str
    width: int | None = None
    height: int | None = None
    scale_factor: float | None = None


class ConversionVideo(_Part):
    """The picture. `value` is in kbit/s with the mode `bitrate`, else on the encoder's own scale of quality."""

    codec: str
    mode: str
    value: int | None = None
    preset: str | None = None
    resolution: ConversionResolution
    hdr_mode: str


class ConversionAudio(_Part):
    """The sound; `channels` is auto, stereo, 5.1 or a number."""

    codec: str
    bitrate_kbps: Annotated[int, Field(ge=0, le=65535)] | None = None
    channels: str | None = None


class ConversionSubtitles(_Part):
    """The subtitles: copy, burn or remove."""

    mode: str


class ConversionSettings(_Part):
    """Everything that can be chosen for a conversion."""

    output_container: str
    remux_only: bool
    video: ConversionVideo
    audio: ConversionAudio
    subtitles: ConversionSubtitles

    def normalised(self) -> Self:
        """The same choices, spelled in one way; a mere remux leaves no choice but the container."""
        video, audio = self.video, self.audio
        resolution = video.resolution.model_copy(update={"mode": _word(video.resolution.mode)})
        video = video.model_copy(
            update={
                "codec": _word(video.codec), "mode": _word(video.mode), "hdr_mode": _word(video.hdr_mode),
                "preset": None if video.preset is None else _word(video.preset), "resolution": resolution,
            }
        )  # fmt: skip
        audio = audio.model_copy(update={"codec": _drop_word(audio.codec), "channels": _word(audio.channels or "") or "auto"})
        subtitles = self.subtitles.model_copy(update={"mode": _drop_word(self.subtitles.mode)})
        if self.remux_only:
            resolution = ConversionResolution(mode="original")
            copy = {"codec": "copy", "mode": "crf", "value": None, "resolution": resolution, "hdr_mode": "preserve"}
            video, audio = video.model_copy(update=copy), audio.model_copy(update={"codec": "copy"})
            subtitles = subtitles.model_copy(update={"mode": "copy"})
        container = _word(self.output_container) or "mkv"
        return self.model_copy(update={"output_container": container, "video": video, "audio": audio, "subtitles": subtitles})


DEFAULT_CONVERSION = ConversionSettings(
    output_container="mkv",
    remux_only=False,
    video=ConversionVideo(
        codec="hevc",
        mode="crf",
        value=24,
        preset="medium",
        resolution=ConversionResolution(mode="original"),
        hdr_mode="preserve",
    ),
    audio=ConversionAudio(codec="copy", bitrate_kbps=160, channels="auto"),
    subtitles=ConversionSubtitles(mode="copy"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """One file that was handed in. `settings` are those last previewed, `job_id` that of the job it became."""

    id: int
    upload_path: str
    output_path: str | None
    state: ConversionState
    settings: ConversionSettings | None
    probe: Probe
    job_id: JobId | None
    created_at: datetime
    updated_at: datetime
    downloaded_at: datetime | None


def _word(text: str) -> str:
    return text.strip().lower()


def _drop_word(text: str) -> str:
    word = _word(text)
    return "remove" if word in _DROP_WORDS else word
