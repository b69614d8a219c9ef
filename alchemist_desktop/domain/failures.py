"""Reads FFmpeg's last words and names the cause by a code of the catalogue."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from alchemist_desktop.domain.explanation import Explanation, explain

_INPUT, _OUTPUT, _NAME = "<input>", "<output>", "<name>"
_SHORTEST_NAME = 4  # shorter names occur inside ordinary words
_LONGEST_CAUSE = 400

# Lines FFmpeg adds to any failure: they follow the cause and never are it.
_GENERIC = re.compile(
    r"maybe incorrect parameters|Task finished with error code|Terminating thread with return code|Conversion failed"
    r"|Nothing was written into output file|Error opening output files?:|Error opening input files:"
    r"|Could not open encoder before EOF|Error sending frames to consumers|Could not write header"
    r"|Last message repeated"
    r"|Error (?:re)?initializing filters|Error initializing output stream|Error while filtering|Svt\[(?:info|warn)\]",
    re.IGNORECASE,
)
_PREFIX = re.compile(r"^(?:\[[^\]]* @ 0x[0-9a-f]+\]\s*)+", re.IGNORECASE)
_HARDWARE_ENCODER = re.compile(r"_(?:nvenc|qsv|vaapi|amf|vulkan|videotoolbox)$")


@dataclass(frozen=True, slots=True)
class _Rule:
    code: str
    pattern: re.Pattern[str]


def _rule(code: str, *patterns: str) -> _Rule:
    return _Rule(code, re.compile("|".join(patterns), re.IGNORECASE))


# The first rule that fits any line wins, so what lies deepest comes first: a full disk also makes muxers and encoders fail.
_RULES = (
    _rule("disk_full", r"No space left on device", r"Disk quota exceeded", r"There is not enough space on the disk"),
    _rule("source_missing", rf"{_INPUT}.*No such file or directory", r"opening input.*No such file or directory"),
    _rule("permission_denied", r"Permission denied", r"Operation not permitted", r"Read-only file system"),
    _rule("finalize_failed", rf"{_OUTPUT}.*No such file or directory", r"opening output.*No such file or directory"),
    _rule(
        "nvenc_resource_exhausted",
        r"OpenEncodeSessionEx failed: (?:out of memory|incompatible client key)",
        r"nvenc.*(?:out of memory|cannot allocate memory|not enough buffer)",
        r"CUDA_ERROR_OUT_OF_MEMORY",
    ),
    _rule("videotoolbox_session_failure", r"VTCompressionSession", r"kVTVideoEncoder", r"videotoolbox session",
          r"cannot create compression session"),
    _rule(
        "hardware_backend_failure",
        r"Cannot load (?:libcuda|nvcuda|libnvidia|nvEncodeAPI)",
        r"Cannot load .*nvenc", r"No capable devices found", r"No NVENC capable devices",
        r"OpenEncodeSessionEx failed", r"CUDA_ERROR", r"Driver does not support the required nvenc API",
        r"creating a MFX session", r"initializing an internal MFX session", r"DLL \S*amf\S* failed to open",
        r"AMF failed", r"vaInitialize", r"VAAPI (?:connection|device)", r"No VA display", r"initiali[sz]e VAAPI",
        r"No support for codec .* profile", r"Device creation failed", r"Failed to set value .* for option '\w*hw_device",
        r"mediaserverd", r"vulkan.*(?:failed|unable|no .*device)",
        r"VK_KHR_video_encode", r"VK_ERROR_", r"hardware device context \(AMF\)", r"CreateComponent\(AMF",
        r"EncodePicture failed", r"Failed locking bitstream buffer", r"nvenc.*(?:invalid device|device not exist)",
        r"internal encoding error", r"Failed to (?:end picture encode|sync surface)",
        r"(?:Submit|Query)(?:Input|Output)\(\) failed", r"Error during encoding: (?:device (?:failed|lost)|GPU hang)",
        r"cannot encode frame: -\d+",
        r"No usable encoding (?:profile|entrypoint)", r"Hardware device setup failed",
    ),
    _rule("encoder_unavailable", r"Unknown encoder", r"Encoder not found", r"Automatic encoder selection failed"),
    _rule("burn_input_unreadable", r"Parsed_subtitles.*Unable to", rf"Unable to open file:{_INPUT}",
          r"Unable to locate subtitle stream", r"Unable to find subtitle stream"),
    _rule(
        "muxer_failed",
        r"Subtitle codec .* is not supported", r"are supported for (?:Matroska|WebM)", r"Could not find tag for codec",
        r"not currently supported in container", r"non monotonically increasing dts", r"Attachment stream \d+ has no",
        r"Can't write packet with unknown timestamp", r"Unable to choose an output format",
        r"is not supported by (?:this|the) (?:format|muxer)", r"Error muxing a packet", r"Error writing trailer",
    ),
    _rule(
        "encoder_parameter_mismatch",
        r"qscale not available", r"Unable to parse .*option", r"Error setting (?:option|encoder parameter)",
        r"Unrecognized option", r"Option not found", r"Undefined constant or missing", r"out of range \[",
        r"Invalid channel layout", r"channel layout .* (?:is )?not supported", r"hardware device reference is required",
        r"No such filter", r"Error parsing (?:filter|a filter)", r"Error applying option", r"Invalid .*preset",
        r"possible presets", r"Unsupported (?:channel layout|sample rate)",
    ),
    _rule(
        "unsupported_pixel_format",
        r"(?:unsupported|incompatible|invalid) (?:pixel|input) format", r"pixel format .*not supported",
        r"not compatible with pixel format", r"not divisible by 2", r"10 bit encode not supported",
        r"Provided device doesn't support required",
    ),
    _rule("resource_exhausted", r"Cannot allocate memory", r"Out of memory", r"bad_alloc", r"insufficient resources"),
    _rule("source_truncated", r"File ended prematurely", r"Output file is empty, nothing was encoded"),
    _rule(
        "corrupt_or_unreadable_media",
        r"Invalid data found when processing input", r"moov atom not found", r"EBML header parsing failed",
        r"corrupt input packet", r"error while decoding", r"Error submitting packet to decoder", r"Invalid NAL unit",
        r"could not find codec parameters", r"Input/output error",
    ),
)  # fmt: skip


def explain_ffmpeg_failure(
    stderr_tail: str, *, argv: Sequence[str] = (), input_path: str = "", output_path: str = ""
) -> Explanation:
    """Why FFmpeg failed, with the line that says so. Names of files and titles play no part in finding it."""
    lines = [line.strip() for line in _without_names(stderr_tail, argv, input_path, output_path).splitlines() if line.strip()]
    causes = [line for line in lines if not _GENERIC.search(line)]
    for rule in _RULES:
        line = next((line for line in causes if rule.pattern.search(line)), None)
        if line is not None:
            return _explained(rule.code, line)
    encoders = [word for word in argv if _HARDWARE_ENCODER.search(word)]
    if encoders and any("Impossible to convert between the formats" in line for line in causes):
        return _explained("hardware_backend_failure", f"{encoders[0]} has no device that takes the picture.")
    if any("maybe incorrect parameters" in line or "Could not open encoder" in line for line in lines):
        return _explained("encoder_open_failed", (causes or lines)[-1])
    return _explained("unknown_ffmpeg_failure", (causes or lines or ["It ended without a word."])[-1])


def _explained(code: str, line: str) -> Explanation:
    sentence = _PREFIX.sub("", line)[:_LONGEST_CAUSE]
    return explain(code, sentence, error=sentence)


def _without_names(text: str, argv: Sequence[str], input_path: str, output_path: str) -> str:
    """The text with every path replaced by what it stands for."""
    names = [(input_path, _INPUT), (output_path, _OUTPUT)]
    names += [(PurePath(path).name, mark) for path, mark in names]
    names += [(word.removeprefix("file:"), _NAME) for word in argv if word.startswith("file:")]
    for name, mark in sorted(names, key=lambda pair: -len(pair[0])):
        if len(name) >= _SHORTEST_NAME:
            text = text.replace(name, mark)
    return text
