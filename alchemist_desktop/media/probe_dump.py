"""Reads FFmpeg's printed description of a file, for the few facts that PyAV's objects do not carry."""

import re
from dataclasses import dataclass

from alchemist_desktop.domain.probe import DolbyVision

# Stream lines are indented by two blanks and metadata by more, so that no title can pass for a stream.
_STREAM = re.compile(r"^  Stream #0:(?P<index>\d+)(?:\[0x[0-9a-f]+\])?(?:\(.*?\))?: \w+: (?P<codec>[^\s,]+)")
_CODEC_TAG = re.compile(r" / 0x(?P<tag>[0-9A-Fa-f]{8})\)")
_CHROMA = re.compile(r"\([^()]*\b(left|center|topleft|top|bottomleft|bottom)\b[^()]*\), \d+x\d+")
_ROTATION = re.compile(r"^ {6}Display Matrix: rotation of (?P<degrees>-?[\d.]+) degrees", re.IGNORECASE)
_DOLBY_VISION = re.compile(
    r"^ {6}DOVI configuration record: .*?profile: (?P<profile>\d+), level: (?P<level>\d+)"
    r"(?:.*?compatibility id: (?P<compatibility>\d+))?"
)


@dataclass(slots=True, kw_only=True)
class DumpedStream:
    """What one stream's lines say. `codec` is FFmpeg's name, "" for none; `rotation` is clockwise, in degrees."""

    codec: str = ""
    codec_tag: str = ""
    chroma_location: str | None = None
    rotation: int = 0
    dolby_vision: DolbyVision | None = None


def read_dump(text: str) -> dict[int, DumpedStream]:
    """The streams of an `av_dump_format` text by their index."""
    streams: dict[int, DumpedStream] = {}
    current = DumpedStream()
    for line in text.splitlines():
        if match := _STREAM.match(line):
            current = streams.setdefault(int(match["index"]), DumpedStream())
            _read_stream_line(line, match["codec"], current)
        else:
            _read_side_data_line(line, current)
    return streams


def _read_stream_line(line: str, codec: str, stream: DumpedStream) -> None:
    stream.codec = "" if codec in {"none", "unknown"} else codec
    if tag := _CODEC_TAG.search(line):
        stream.codec_tag = bytes.fromhex(tag["tag"])[::-1].rstrip(b"\0").decode("latin-1")
    if chroma := _CHROMA.search(line):
        stream.chroma_location = chroma[1]


def _read_side_data_line(line: str, stream: DumpedStream) -> None:
    if match := _ROTATION.match(line):
        stream.rotation = clockwise(float(match["degrees"]))
    elif match := _DOLBY_VISION.match(line):
        stream.dolby_vision = DolbyVision(
            profile=int(match["profile"]), level=int(match["level"]), compatibility_id=int(match["compatibility"] or 0)
        )


def clockwise(counter_clockwise_degrees: float) -> int:
    """FFmpeg's angle as the clockwise turn a player must make; the four right angles only."""
    return round(-counter_clockwise_degrees / 90) * 90 % 360
