"""The options of an encoder as `ffmpeg -h encoder=NAME` lists them, and whether a name and a value fit them."""

import re
import subprocess
from dataclasses import dataclass, field
from functools import cache

from tests.support.media import ffmpeg_path

_OPTION = re.compile(r"^  -(?P<name>\S+)\s+<(?P<type>\w+)>\s+E\S*(?P<text>.*)$")
_VALUE = re.compile(r"^     (?P<name>\S+)\s+(?:(?P<number>-?\d+)\s+)?E\S*")
_RANGE = re.compile(r"\(from (?P<least>\S+) to (?P<most>\S+)\)")
_LIMITS: dict[str, float] = {"INT_MIN": -(2**31), "INT_MAX": 2**31 - 1, "I64_MAX": 2**63 - 1, "UINT32_MAX": 2**32 - 1}
_BIT_RATE = re.compile(r"\d+k")


@dataclass
class Option:
    type: str
    least: float = float("-inf")
    most: float = float("inf")
    names: set[str] = field(default_factory=set)

    def refuses(self, value: str) -> str | None:
        """Why it cannot be this value, or None."""
        if value in self.names or self.type in {"string", "dictionary", "image_size"}:
            return None
        if self.type == "flags":
            unknown = [part for part in value.split("+") if part and part not in self.names]
            return f"unknown flags {unknown}" if unknown else None
        number = value.replace("k", "000") if _BIT_RATE.fullmatch(value) else value
        try:
            is_inside = self.least <= float(number) <= self.most
        except ValueError:
            return f"{value!r} is none of {sorted(self.names)}"
        return None if is_inside else f"{value} lies outside {self.least:g}..{self.most:g}"


@cache
def options_of(encoder: str) -> dict[str, Option]:
    """The encoder's own options, and behind them the general ones of every encoder."""
    general = _parse(_general_part(_help("full")))
    return {**general, **_parse(_help(f"encoder={encoder}"))}


def parse_recorded(text: str) -> dict[str, Option]:
    """From a listing that was recorded elsewhere."""
    return {**_parse(_general_part(_help("full"))), **_parse(text)}


def _help(topic: str) -> str:
    done = subprocess.run([ffmpeg_path(), "-hide_banner", "-h", topic], capture_output=True, stdin=subprocess.DEVNULL, check=True)
    return done.stdout.decode(errors="replace")


def _general_part(text: str) -> str:
    start = text.index("AVCodecContext AVOptions:")
    return text[start : text.index("AVOptions:", start + 30)]


def _parse(text: str) -> dict[str, Option]:
    options: dict[str, Option] = {}
    current: Option | None = None
    for line in text.splitlines():
        if match := _OPTION.match(line):
            current = options.setdefault(match["name"], Option(type=match["type"]))
            if limits := _RANGE.search(match["text"]):
                current.least, current.most = _limit(limits["least"]), _limit(limits["most"])
        elif current is not None and (value := _VALUE.match(line)):
            current.names.add(value["name"])
    return options


def _limit(text: str) -> float:
    if text in _LIMITS:
        return _LIMITS[text]
    if text.endswith("_MAX"):  # of floating point: as good as no limit
        return float(f"{text.partition('FLT')[0].partition('DBL')[0]}inf")
    return float(text)
