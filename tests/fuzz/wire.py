"""Bytes on a socket, and the reply to them: for what no HTTP client would send."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.fuzz.peers import next_address

# Longer than the server waits for anything.
_PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. Status 0 means that the server closed the connection without a word, -1 that it went silent."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    elapsed_s: float = 0.0

    @property
    def code(self) -> str:
        """The code of a problem document; empty for any other reply."""
        return str(self.json.get("code", "")) if isinstance(self.json, dict) else ""

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class Wire:
    """Sends raw requests to one server, each over a connection and from an address of its own."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (str(parts.hostname), int(parts.port or 80))
        self.host = f"{parts.hostname}:{parts.port}"

    def send(self, *pieces: bytes) -> Reply:
        """The reply to these bytes. After them nothing more is sent, but the connection stays open."""
        began_s = time.monotonic()
        with socket.create_connection(self._server, timeout=_PATIENCE_S, source_address=(next_address(), 0)) as connection:
            # A server that refuses early may close while we still send; what it said before counts.
            with contextlib.suppress(ConnectionError):
                for piece in pieces:
                    connection.sendall(piece)
            try:
                status, headers, body = _read(connection)
            except TimeoutError:
                status, headers, body = -1, {}, b""
            except ConnectionError:
                status, headers, body = 0, {}, b""
        return Reply(status, headers, body, time.monotonic() - began_s)

    def request(self, method: str, target: bytes, headers: dict[str, str], body: bytes = b"") -> Reply:
        """The reply to a request whose target goes out as it is."""
        return self.send(self.head(method, target, headers, len(body) if body or method not in {"GET", "HEAD"} else None), body)

    def head(self, method: str, target: bytes, headers: dict[str, str], length: int | None = None) -> bytes:
        """A request up to its body."""
        lines = {"Host": self.host, "Connection": "close", **headers}
        if length is not None:
            lines["Content-Length"] = str(length)
        text = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        return method.encode() + b" " + target + b" HTTP/1.1\r\n" + text.encode() + b"\r\n"


def _read(connection: socket.socket, data: bytes = b"") -> tuple[int, dict[str, str], bytes]:
    pieces = _pieces(connection)
    while b"\r\n\r\n" not in data:
        piece = next(pieces, b"")
        if not piece:
            return 0, {}, data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 100"):  # an invitation to go on; the reply comes after it
        return _read(connection, body)
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    status = int(first.split()[1])
    length = int(headers.get("content-length", -1))
    is_stream = headers.get("content-type", "").startswith("text/event-stream")
    while not is_stream and (length < 0 or len(body) < length):
        piece = next(pieces, b"")
        if not piece:
            break
        body += piece
        if length < 0 and body.endswith(b"0\r\n\r\n"):
            break
    return status, headers, body


def _pieces(connection: socket.socket) -> Iterator[bytes]:
    while piece := connection.recv(65536):
        yield piece
