"""What all request bodies have in common."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

NOT_BLANK = r"\S"
_HOUR_AND_MINUTE = r"([01]?\d|2[0-3]):[0-5]?\d"
CLOCK_TIME = rf"^\s*{_HOUR_AND_MINUTE}\s*$"
CLOCK_TIME_OR_BLANK = rf"^\s*({_HOUR_AND_MINUTE})?\s*$"


class Body(BaseModel):
    """A request body: exact JSON types, members nobody knows are ignored."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, allow_inf_nan=False)


def told(default: Any = ..., **schema: Any) -> Any:
    """A member whose values and bounds are in the document, while a service judges them: it has its own code for what is
    beyond. What the member means says `contract.details`, and for the sections of the settings their own models."""
    return Field(default, json_schema_extra=schema)


def one_line(error: ValidationError) -> str:
    """What is wrong, member by member; the values stay out, as they may be secrets."""
    details = error.errors(include_input=False, include_url=False)
    return "; ".join(f"{'.'.join(map(str, item['loc'])) or 'body'}: {item['msg']}" for item in details)
