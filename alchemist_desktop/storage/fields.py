"""Column types: any text whatever its bytes, aware times, wide integers and explanations."""

import json
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from peewee import Cast, Field, Value

from alchemist_desktop.domain.explanation import Explanation, ExplanationCategory

# A path comes from `os.fsdecode`; this is the same rule, spelled out, so that a path keeps its raw bytes in the file.
_ERRORS = sys.getfilesystemencodeerrors()
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

decode_text = partial(str, encoding="utf-8", errors=_ERRORS)


def encode_text(text: str) -> bytes:
    """The bytes a text is stored as; `CAST(? AS TEXT)` turns them into a text of SQL."""
    return text.encode("utf-8", _ERRORS)


def to_micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    return _EPOCH + micros * _MICROSECOND


def explanation_to_json(explanation: Explanation) -> str:
    """A list without member names, so that a search over this text meets only what people would look for."""
    e = explanation
    values = [e.category.value, e.code, e.summary, e.detail, e.operator_guidance, dict(e.measured)]
    return json.dumps(values, ensure_ascii=False)


def explanation_from_json(text: str) -> Explanation:
    category, code, summary, detail, guidance, measured = json.loads(text)
    return Explanation(
        category=ExplanationCategory(category),
        code=code,
        summary=summary,
        detail=detail,
        operator_guidance=guidance,
        measured=measured,
    )


class AnyTextField(Field):
    """Text that may hold surrogates for undecodable bytes: paths, and messages that quote them."""

    field_type = "TEXT"

    def db_value(self, value: str | None) -> Any:
        if value is None:
            return None
        text = str(value)
        try:
            text.encode()
        except UnicodeEncodeError:
            return Cast(Value(encode_text(text)), "TEXT")
        return text


class UtcField(Field):
    """An aware UTC datetime, as microseconds since 1970."""

    field_type = "BIGINT"

    def db_value(self, value: datetime | int | None) -> int | None:
        return to_micros(value) if isinstance(value, datetime) else value

    def python_value(self, value: int | None) -> datetime | None:
        return None if value is None else from_micros(value)


class WideIntField(Field):
    """An integer of any size: inodes, devices and file times can exceed the 63 bits of an SQL integer."""

    field_type = "TEXT"

    def db_value(self, value: int | None) -> str | None:
        return None if value is None else str(value)


class ExplanationField(AnyTextField):
    """An `Explanation` as JSON."""

    def db_value(self, value: Explanation | str | None) -> Any:
        return super().db_value(explanation_to_json(value) if isinstance(value, Explanation) else value)

    def python_value(self, value: str | None) -> Explanation | None:
        return None if value is None else explanation_from_json(value)
