"""Judges what FFmpeg complained of while it read a file: what is harmless, and what kind of damage the rest tells of.

Pure. FFmpeg logs as errors many things that say nothing against a file; those are known here by their words.
"""

import re
from collections.abc import Sequence

from alchemist_desktop.domain.health import HealthCategory, HealthIssue
from alchemist_desktop.domain.probe import Probe

_LONGEST_SUMMARY = 200

_HARMLESS = (
    # The check's own output, which is thrown away, wants times that rise.
    r"^\[null @", r"non monotonically increasing dts", r"Timestamps are unset in a packet", r"Last message repeated",
    # References that streams leave out on purpose: open groups of pictures, cuts between programmes, intra refresh.
    r"mmco: unref short failure", r"number of reference frames .* exceeds max", r"reference picture missing during reorder",
    r"Missing reference picture", r"co located POCs unavailable", r"Could not find ref with POC", r"Increasing reorder buffer",
    # The bit reservoir of MP3, which a cut track begins without.
    r"invalid new backstep", r"overread, skip",
    # Additions to the stream that the decoder does not know or need.
    r"\bSEI\b", r"Overread (?:SPS|VUI|PPS)", r"is not implemented", r"sample of this file", r"Update your FFmpeg",
    r"deprecated pixel format", r"Dolby Vision RPU", r"unknown extension", r"Guessed Channel Layout",
    r"max_analyze_duration", r"Estimating duration", r"Skipping (?:unhandled|invalid) metadata",
    r"Could not find codec parameters",
    # This FFmpeg cannot decode it, which is not the file's fault.
    r"[Nn]o decoder found", r"Decoder .*not found", r"Unsupported codec",
)  # fmt: skip
_GENERIC = r"Error opening input file|Error opening input files|Conversion failed|Error sending frames to consumers"
_IS_HARMLESS = re.compile("|".join(_HARMLESS))
_IS_GENERIC = re.compile(_GENERIC)
_NO_DECODER = re.compile(r"[Nn]o decoder found|Decoder .*not found|Unsupported codec")

_KEYFRAME = re.compile(r"non-existing [SP]PS|no frame!|decode_slice_header error|channel element .* is not allocated|[Kk]eyframe")
_RULES = (
    (HealthCategory.PERMISSION_ERROR, re.compile(r"Permission denied|Operation not permitted|Access is denied")),
    (HealthCategory.TRUNCATED_FILE, re.compile(r"File ended prematurely|partial file|[Tt]runcated file")),
    (HealthCategory.CORRUPT_FILE, re.compile(r"moov atom not found|EBML|Invalid data found when opening|header parsing failed")),
)
_SENTENCES = {
    HealthCategory.CORRUPT_FILE: "The structure of the file is damaged.",
    HealthCategory.TRUNCATED_FILE: "The file ends before it should.",
    HealthCategory.MISSING_KEYFRAME: "Pictures are there without the key frame they need.",
    HealthCategory.CORRUPT_AUDIO: "Some of the sound cannot be decoded.",
    HealthCategory.CORRUPT_VIDEO: "Some of the picture cannot be decoded.",
    HealthCategory.PERMISSION_ERROR: "The file must not be read.",
    HealthCategory.UNKNOWN: "FFmpeg complained about the file.",
}
# Broadcasts begin and are cut anywhere, so that the first pictures lack their key frame.
_BROADCAST = frozenset({"mpegts", "mpeg"})
_ADDRESS = re.compile(r" @ 0x[0-9a-fA-F]+")
_SPEAKER = re.compile(r"^\[([^\]@ ]+)(?: @ [^\]]*)?\]")


def is_complaint(line: str, container: str = "") -> bool:
    """Whether a line FFmpeg logged as an error speaks against the file."""
    if _IS_HARMLESS.search(line) or _IS_GENERIC.search(line):
        return False
    return not (container in _BROADCAST and _KEYFRAME.search(line))


def lacks_decoder(words: str) -> bool:
    """Whether FFmpeg gave up because it cannot decode this codec at all."""
    return _NO_DECODER.search(words) is not None


def judge(lines: Sequence[str], probe: Probe) -> HealthIssue:
    """What some complaints about a file amount to; the first one that names a kind of damage counts."""
    kinds = [category_of(line, probe) for line in lines]
    category = next((kind for kind in kinds if kind is not HealthCategory.UNKNOWN), HealthCategory.UNKNOWN)
    words = [_ADDRESS.sub("", line) for line in lines]
    first = words[kinds.index(category)] if words else ""
    summary = f"{_SENTENCES[category]} FFmpeg: {_SPEAKER.sub('', first).strip()}" if first else _SENTENCES[category]
    return HealthIssue(category=category, summary=summary[:_LONGEST_SUMMARY], raw_output="\n".join(words))


def category_of(line: str, probe: Probe) -> HealthCategory:
    """The kind of damage one complaint tells of."""
    for category, pattern in _RULES:
        if pattern.search(line):
            return category
    if _KEYFRAME.search(line):
        return HealthCategory.MISSING_KEYFRAME
    speaker = _SPEAKER.match(line)
    return _category_of_speaker(speaker[1], probe) if speaker else HealthCategory.UNKNOWN


def _category_of_speaker(name: str, probe: Probe) -> HealthCategory:
    """FFmpeg begins each line with who speaks: `h264`, `vist#0:0/h264`, `aist#0:1/aac`, `in#0/matroska,webm`."""
    if name.startswith("vist#"):
        return HealthCategory.CORRUPT_VIDEO
    if name.startswith("aist#"):
        return HealthCategory.CORRUPT_AUDIO
    if name.startswith("in#"):
        return HealthCategory.CORRUPT_FILE
    if any(_is_decoder(name, audio.codec) for audio in probe.audios):
        return HealthCategory.CORRUPT_AUDIO
    if any(_is_decoder(name, video.codec) for video in probe.videos):
        return HealthCategory.CORRUPT_VIDEO
    return HealthCategory.UNKNOWN


def _is_decoder(name: str, codec: str) -> bool:
    """Decoders are mostly named like their codec: `mp3float` decodes mp3, `dca` dts, `libdav1d` av1."""
    synonyms = {"dts": ("dca",), "av1": ("libdav1d", "libaom"), "vp9": ("libvpx",), "vp8": ("libvpx",), "opus": ("libopus",)}
    return bool(codec) and name.startswith((codec, *synonyms.get(codec, ())))
