"""Reason codes and the sentences, numbers and advice that go with them: one catalogue for every face.

Codes and the keys of `measured` are those of the wire contract; the catalogue is the only place that knows the sentences.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from alchemist_desktop.domain.wording import codec_name, container_name, saving, share, size

Measured = str | float | int | bool | None


class ExplanationCategory(StrEnum):
    """Whether something was decided or something failed."""

    DECISION = "decision"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a job is where it is: a stable code, sentences for people, the measured numbers and the next step."""

    category: ExplanationCategory
    code: str
    summary: str
    detail: str
    operator_guidance: str | None = None
    measured: Mapping[str, Measured] = field(default_factory=dict)

    @property
    def reason(self) -> str:
        """`code|k=v,k=v`, the compact form some clients read; separators inside a value are replaced."""
        if not self.measured:
            return self.code
        pairs = ",".join(f"{key}={_compact(value)}" for key, value in self.measured.items())
        return f"{self.code}|{pairs}"


def _compact(value: Measured) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value).replace(",", ";").replace("|", "/")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    category: ExplanationCategory
    summary: str
    detail: str  # a `str.format_map` template over the measured values
    guidance: str | None = None
    retryable: bool = False


class _Shown:
    """A measured value inside a template; the word behind its colon tells how it reads: `{reduction:share}`."""

    def __init__(self, value: Measured) -> None:
        self._value = value

    def __format__(self, kind: str) -> str:
        value = self._value
        if value is None:
            return "unknown"
        if isinstance(value, str):
            return _WORDS[kind](value) if kind in _WORDS else value
        if kind in _NUMBERS:
            return _NUMBERS[kind](value)
        return f"{value:.4g}" if isinstance(value, float) else str(value)


class _Missing(dict[str, _Shown]):
    """Values that were not measured read as "unknown" instead of failing."""

    def __missing__(self, key: str) -> _Shown:
        return _Shown(None)


_WORDS: Mapping[str, Callable[[str], str]] = MappingProxyType({"codec": codec_name, "container": container_name})
_NUMBERS: Mapping[str, Callable[[float], str]] = MappingProxyType({"size": size, "share": share, "saving": saving})


def explain(code: str, /, detail: str | None = None, **measured: Measured) -> Explanation:
    """The explanation for `code` with the given measured values; `detail` replaces the catalogue's second sentence.

    Raises KeyError for a code that is not in the catalogue.
    """
    entry = CATALOGUE[code]
    shown = {key: _Shown(value) for key, value in measured.items()}
    return Explanation(
        category=entry.category,
        code=code,
        summary=entry.summary,
        detail=detail if detail is not None else entry.detail.format_map(_Missing(shown)),
        operator_guidance=entry.guidance,
        measured=MappingProxyType(dict(measured)),
    )


def is_retryable(code: str) -> bool:
    """Whether a failure with this code may heal by itself, so that trying again makes sense."""
    entry = CATALOGUE.get(code)
    return entry is not None and entry.retryable


def _decision(summary: str, detail: str, guidance: str | None = None) -> _Entry:
    return _Entry(category=ExplanationCategory.DECISION, summary=summary, detail=detail, guidance=guidance)


def _failure(summary: str, detail: str, guidance: str, *, retryable: bool = False) -> _Entry:
    return _Entry(category=ExplanationCategory.FAILURE, summary=summary, detail=detail, guidance=guidance, retryable=retryable)


CATALOGUE: Mapping[str, _Entry] = MappingProxyType(
    {
        # Decisions before the encode
        "already_target_codec": _decision(
            "The file already has the wanted codec.",
            "Its video is {codec:codec} at {bit_depth} bit, which is what the profile asks for.",
            "Choose another codec in the profile if it should be encoded all the same.",
        ),
        "already_target_codec_wrong_container": _decision(
            "The video is right, only the container is not.",
            "The streams are copied from {container:container} into {target_extension} without encoding.",
        ),
        "bpp_below_threshold": _decision(
            "The file is already compact.",
            "It uses {bpp} bits per pixel; encoding pays off from {threshold}.",
            "Lower the bits-per-pixel threshold to encode it all the same.",
        ),
        "below_min_file_size": _decision(
            "The file is too small to be worth the work.",
            "It has {size_mb} MB; the smallest file that is encoded has {threshold_mb} MB.",
            "Lower the minimum file size to include it.",
        ),
        "predicted_reduction_insufficient": _decision(
            "Encoding would not save enough.",
            "The expected size is {expected_size:size}, {reduction:saving}; {threshold:share} less is asked for.",
            "Lower the size-reduction threshold, or choose a lower quality.",
        ),
        "size_reduction_insufficient": _decision(
            "The result did not save enough, so the original stays.",
            "The result would be {reduction:saving}; {threshold:share} less is asked for.",
            "Lower the size-reduction threshold, or choose a lower quality.",
        ),
        "quality_below_threshold": _decision(
            "The result did not look good enough, so the original stays.",
            "{metric} was {score}; at least {threshold} is asked for.",
            "Choose a higher quality, or lower the quality gate.",
        ),
        "incomplete_metadata": _decision(
            "The file does not say enough about its picture.",
            "Missing: {missing}.",
            "Check whether a player can show the file; it may be damaged.",
        ),
        "no_video_stream": _decision(
            "The file has no video.",
            "Only files with a moving picture are encoded; this one has {streams}.",
        ),
        "no_available_encoders": _decision(
            "No encoder is available.",
            "Neither the GPU nor the CPU may be used for {requested_codec:codec}.",
            "Allow CPU encoding in the hardware settings, or check the hardware page.",
        ),
        "preferred_codec_unavailable_fallback_disabled": _decision(
            "The wanted codec cannot be encoded here.",
            "No working encoder for {codec:codec} was found and another codec is not allowed.",
            "Allow fallback in the settings, or choose another codec.",
        ),
        "no_suitable_encoder": _decision(
            "No suitable encoder was found.",
            "Nothing on this machine encodes {requested_codec:codec}.",
            "Check the hardware page and which FFmpeg is in use.",
        ),
        "output_path_matches_input": _decision(
            "The output would overwrite its own source.",
            "Source and output have the same path.",
            "Set an output suffix, or let results take the source's place.",
        ),
        "output_already_exists": _decision(
            "There is already a file where the output would go.",
            "The replace strategy is to keep what is there.",
            "Remove that file, or set the replace strategy to replace.",
        ),
        "dolby_vision_unsupported": _decision(
            "The Dolby Vision picture cannot be kept.",
            "Profile {profile} has no base picture that other players understand, so encoding would spoil the colours.",
            "Leave the file as it is: it plays on devices with Dolby Vision.",
        ),
        "transcode_h264_source": _decision(
            "The file is encoded: H.264 leaves much to gain.",
            "The source is {current_codec:codec} with {bpp} bits per pixel; it becomes {target_codec:codec}.",
        ),
        "transcode_recommended": _decision(
            "The file is encoded: it can become clearly smaller.",
            "The source is {current_codec:codec} with {bpp} bits per pixel; it becomes {target_codec:codec}.",
        ),
        "replacement_undone": _decision(
            "The replacement was taken back.",
            "The original is in its place again and is left alone.",
            "Restart the job to encode it anew.",
        ),
        "transcode_conversion_requested": _decision("The conversion was asked for.", "The video is encoded to {codec:codec}."),
        "remux_conversion_remux_only": _decision(
            "The conversion was asked for.", "The streams are copied into {container:container} without encoding."
        ),
        # Failures
        "cancelled": _failure(
            "The job was cancelled.", "The source was not touched.", "Restart the job when it should run again."
        ),
        "source_missing": _failure(
            "The source file is not there.",
            "{path} was not found.",
            "Mount the volume or restore the file, then restart the job.",
            retryable=True,
        ),
        "source_changed": _failure(
            "The source changed while the job ran.",
            "Size or time of {path} differ from when the job began; the result was thrown away and the source kept.",
            "Nothing to do: the new version is queued by the next scan.",
        ),
        "source_truncated": _failure(
            "The source file is cut off.",
            "It announces {expected_s} seconds but ends after {actual_s} seconds.",
            "Get the file again; its original stays in place.",
        ),
        "corrupt_or_unreadable_media": _failure(
            "The source file is damaged or not a media file.",
            "{error}",
            "Check whether a player can show it, and get it again if not.",
        ),
        "analysis_failed": _failure(
            "The file could not be analysed.", "{error}", "Restart the job; if it fails again, look at the log."
        ),
        "probe_timeout": _failure(
            "Reading the file took too long.",
            "The analysis did not end within {limit_s} seconds.",
            "Check the disk or the network mount it lies on.",
            retryable=True,
        ),
        "planning_failed": _failure("The plan could not be made.", "{error}", "Report this: it is a fault of the program."),
        "disk_full": _failure("The volume is full.", "{error}", "Free some space, or empty the trash.", retryable=True),
        "permission_denied": _failure(
            "Access was denied.", "{error}", "Give the program the right to read and write in this folder."
        ),
        "unsupported_pixel_format": _failure(
            "The encoder cannot take this picture format.", "{error}", "Choose another encoder or codec."
        ),
        "encoder_parameter_mismatch": _failure(
            "The encoder refused an option.", "{error}", "Report this: it is a fault of the program."
        ),
        "encoder_open_failed": _failure(
            "The encoder could not be opened.", "{error}", "Look at the hardware page and probe again.", retryable=True
        ),
        "encoder_unavailable": _failure(
            "This FFmpeg does not have the encoder.", "{error}", "Choose another FFmpeg or another codec."
        ),
        "hardware_backend_failure": _failure(
            "The GPU failed.", "{error}", "Look at the hardware page and probe again.", retryable=True
        ),
        "nvenc_resource_exhausted": _failure(
            "The GPU has no room for another encode.", "{error}", "Use fewer slots at once.", retryable=True
        ),
        "videotoolbox_session_failure": _failure(
            "VideoToolbox lost its session.", "{error}", "Use fewer slots at once.", retryable=True
        ),
        "fallback_blocked": _failure(
            "The wanted encoder is not available and fallback is not allowed.", "{error}", "Allow fallback, or wait."
        ),
        "resource_exhausted": _failure("Memory ran out.", "{error}", "Use fewer slots at once.", retryable=True),
        "muxer_failed": _failure(
            "A stream does not fit the container.", "{error}", "Report this with the log; the source was not touched."
        ),
        "burn_input_unreadable": _failure(
            "The subtitle could not be drawn into the picture.",
            "{error}",
            "Choose another way to treat subtitles in the profile.",
        ),
        "stalled": _failure(
            "FFmpeg stopped making progress.",
            "Nothing moved for {limit_s} seconds, so it was ended.",
            "Check the disk or the network mount; the job is tried again.",
            retryable=True,
        ),
        "verification_failed": _failure(
            "The result did not pass verification, so the original stays.",
            "{error}",
            "Look at the attempt's log; the source was not touched.",
        ),
        "quality_check_failed": _failure(
            "The quality could not be confirmed, so the original stays.",
            "{error}",
            "Turn the quality gate off, or use an FFmpeg with libvmaf.",
        ),
        "finalize_failed": _failure(
            "The result could not be put in place.", "{error}", "Check the rights and the free space of the folder."
        ),
        "interrupted": _failure(
            "The program was ended again and again while this job ran.",
            "That happened {attempts} times in a row, so the job is not started again by itself.",
            "Check whether this file makes the program or the machine fail, then restart the job.",
        ),
        "unknown_ffmpeg_failure": _failure("FFmpeg failed.", "{error}", "Look at the attempt's log.", retryable=True),
        "unknown_failure": _failure("Something went wrong.", "{error}", "Look at the log.", retryable=True),
    }
)
