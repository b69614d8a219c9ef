"""Answers what an assistant sends that is no message of the protocol: the library would leave it without an answer."""

from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import anyio
from mcp.shared.message import SessionMessage
from mcp_types import (
    INVALID_REQUEST,
    PARSE_ERROR,
    ErrorData,
    JSONRPCError,
    JSONRPCNotification,
    jsonrpc_message_adapter,
)
from pydantic import ValidationError

if TYPE_CHECKING:
    from mcp.shared._stream_protocols import ReadStream, WriteStream

_VERSION = {"jsonrpc": "2.0"}


class CheckedMessages:
    """The messages of `inner`, an open stream, without the faulty ones, which are answered over `replies`."""

    def __init__(self, inner: "ReadStream[SessionMessage | Exception]", replies: "WriteStream[SessionMessage]") -> None:
        self._inner = inner
        self._replies = replies

    async def receive(self) -> SessionMessage | Exception:
        while True:
            checked = _checked(await self._inner.receive())
            if isinstance(checked, SessionMessage):
                return checked
            if checked is not None:
                await self._replies.send(SessionMessage(checked))

    async def aclose(self) -> None:
        await self._inner.aclose()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> SessionMessage | Exception:
        try:
            return await self.receive()
        except anyio.EndOfStream:
            raise StopAsyncIteration from None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.aclose()


def _checked(item: SessionMessage | Exception) -> SessionMessage | JSONRPCError | None:
    """The message, the answer to a faulty one, or None for a line with nothing in it."""
    if isinstance(item, SessionMessage):
        is_request = isinstance(item.message, JSONRPCNotification) and not item.message.method.startswith("notifications/")
        return _refusal(INVALID_REQUEST, "A request needs an id.") if is_request else item
    if not isinstance(item, ValidationError):
        raise item
    faults = item.errors(include_url=False)
    if faults[0]["type"] == "json_invalid":
        return _refusal(PARSE_ERROR, "This is no JSON.") if str(faults[0]["input"]).strip() else None
    # Whatever a message may be, something is missing in it; there the whole of it is named.
    document = next((fault["input"] for fault in faults if fault["type"] == "missing"), None)
    if isinstance(document, dict) and "jsonrpc" not in document:
        return _checked(_message({**document, **_VERSION}))
    return _refusal(INVALID_REQUEST, "This is no JSON-RPC 2.0 message.", document)


def _message(document: dict[str, Any]) -> SessionMessage | Exception:
    try:
        return SessionMessage(jsonrpc_message_adapter.validate_python(document, by_name=False))
    except ValidationError as error:
        return error


def _refusal(code: int, message: str, document: object = None) -> JSONRPCError:
    given = document.get("id") if isinstance(document, dict) else None
    is_known = isinstance(given, int | str) and not isinstance(given, bool)
    return JSONRPCError(jsonrpc="2.0", id=given if is_known else None, error=ErrorData(code=code, message=message))
