"""Values as JSON bytes, and the forms of times and texts on the wire."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic_core import PydanticSerializationError, to_json
from starlette.responses import Response

JsonObject = dict[str, Any]

_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonResponse(Response):
    """A reply with a JSON body."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        return encode(content)


def ok(*, status_code: int = 200, **members: object) -> JsonResponse:
    """`{"ok": true}`, with more members where a route tells more."""
    return JsonResponse({"ok": True, **members}, status_code=status_code)


def encode(value: object) -> bytes:
    """JSON in UTF-8. Numbers that JSON does not know become null; file names that are no text become readable."""
    try:
        return to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:
        return to_json(_printable(value), inf_nan_mode="null")


def _printable(value: object) -> object:
    if isinstance(value, str):
        return _SURROGATE.sub(_escape, value)
    if isinstance(value, Mapping):
        return {_printable(key): _printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_printable(item) for item in value]
    return value


def _escape(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\x{number - 0xDC00:02x}" if 0xDC80 <= number <= 0xDCFF else f"\\u{number:04x}"


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def rfc3339(moment: datetime) -> str:
    """`2026-04-30T01:00:00Z`."""
    return _utc(moment).isoformat()[:19] + "Z"


def rfc3339_or_none(moment: datetime | None) -> str | None:
    return None if moment is None else rfc3339(moment)


def rfc3339_exact(moment: datetime) -> str:
    """`2026-04-30T01:00:00.123456+00:00`."""
    return _utc(moment).isoformat(timespec="microseconds")


def plain_time(moment: datetime) -> str:
    """`2026-04-30 01:00:00`, in UTC."""
    return _utc(moment).isoformat(sep=" ")[:19]
