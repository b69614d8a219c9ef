"""Reading requests: JSON bodies, query parameters and ids in paths, by the rules of the wire."""

import re
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json
from starlette.requests import Request

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.schemas.bodies import one_line

MAX_JSON_BYTES = 2 * 1024 * 1024

_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_JSON_TYPE = re.compile(r"application/(?:[a-z0-9!#$&^_.-]+\+)?json", re.IGNORECASE)

BodyT = TypeVar("BodyT", bound=BaseModel)


async def _read_text(request: Request, max_bytes: int) -> bytes:
    """The body of a request that says it is JSON, up to the limit; it is not read further than that."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip()
    if not _JSON_TYPE.fullmatch(media_type):
        raise ProblemError(415, "UNSUPPORTED_MEDIA_TYPE", "Send the body with Content-Type: application/json.")
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > max_bytes:
        raise _too_large(max_bytes)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
    return bytes(body)


async def read_json(request: Request) -> Any:
    """What the body of a request says in JSON. Raises ProblemError (MALFORMED_JSON and those of reading)."""
    return _parsed(await _read_text(request, MAX_JSON_BYTES))


def _parsed(body: bytes) -> Any:
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        raise ProblemError(400, "MALFORMED_JSON", f"The body is no JSON: {error}.") from error


async def read_body(request: Request, model: type[BodyT], *, max_bytes: int = MAX_JSON_BYTES) -> BodyT:
    """The body as `model`. Raises ProblemError (INVALID_BODY and those of `read_json`)."""
    body = await _read_text(request, max_bytes)
    _parsed(body)  # models are read by a parser that takes NaN and Infinity, which are no JSON
    try:
        return model.model_validate_json(body)
    except ValidationError as error:
        raise ProblemError(422, "INVALID_BODY", one_line(error)) from error


def _too_large(max_bytes: int) -> ProblemError:
    return ProblemError(413, "BODY_TOO_LARGE", f"The body is larger than {max_bytes} bytes.")


def row_id(request: Request) -> int:
    """The id in the path."""
    number = _integer(request.path_params["id"])
    if number is None:
        raise ProblemError(400, "INVALID_PATH_ID", "The id in the path is not an integer.")
    return number


def int_param(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return default
    number = _integer(text)
    if number is None:
        raise ProblemError(400, "INVALID_QUERY", f"{name} must be an integer.")
    return number


def bool_param(request: Request, name: str) -> bool:
    """`true` or `false` and nothing else; missing means false."""
    text = request.query_params.get(name, "false")
    if text not in {"true", "false"}:
        raise ProblemError(400, "INVALID_QUERY", f"{name} must be true or false.")
    return text == "true"


def _integer(text: str) -> int | None:
    if not _INTEGER.fullmatch(text):
        return None
    number = int(text)
    return number if -(2**63) <= number < 2**63 else None
