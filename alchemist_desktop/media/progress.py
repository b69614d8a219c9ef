"""Turns the lines of FFmpeg's `-progress` output into Progress values."""

import math

from alchemist_desktop.domain.attempt import Progress

_KEYS = frozenset({"frame", "fps", "out_time_us", "out_time_ms", "out_time", "total_size", "speed"})


class ProgressParser:
    """Collects `key=value` lines; gives a Progress at the end of each block. Lines that are something else are ignored."""

    def __init__(self) -> None:
        self._values: dict[str, str] = {}

    def feed(self, line: str) -> Progress | None:
        """Take one line without its end; a Progress when it closes a block, else None."""
        key, _, value = line.strip().partition("=")
        value = value.strip()
        if key in _KEYS:
            self._values[key] = value
        if key != "progress" or value not in {"continue", "end"}:
            return None
        block, self._values = self._values, {}
        return Progress(
            frame=_whole(block.get("frame")),
            fps=_number(block.get("fps")),
            out_time_s=_out_time_s(block),
            total_size_bytes=_whole(block.get("total_size")),
            speed=_number(block.get("speed", "").removesuffix("x")),
            is_end=value == "end",
        )


def _out_time_s(block: dict[str, str]) -> float | None:
    # `out_time_ms` holds microseconds too: an old mistake of FFmpeg's that it keeps.
    for key in ("out_time_us", "out_time_ms"):
        microseconds = _number(block.get(key))
        if microseconds is not None:
            return max(microseconds / 1e6, 0.0)
    return _clock(block.get("out_time", ""))


def _clock(text: str) -> float | None:
    """Seconds of `HH:MM:SS.ffffff`; what lies before the start counts as the start."""
    parts = [_number(part) for part in text.removeprefix("-").split(":")]
    if len(parts) != 3 or any(part is None or part < 0 for part in parts):
        return None
    hours, minutes, seconds = (part or 0.0 for part in parts)
    total = hours * 3600 + minutes * 60 + seconds
    if not math.isfinite(total):
        return None
    return 0.0 if text.startswith("-") else total


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _whole(text: str | None) -> int | None:
    number = _number(text)
    return None if number is None or number < 0 else int(number)
