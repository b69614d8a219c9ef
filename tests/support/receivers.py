"""Servers on this computer that messages are sent to: a web server and a mail server that keep what they get."""

import asyncio
import json
import socket
import ssl
from dataclasses import dataclass, field
from typing import Any, Self

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """One request; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class HttpReceiver:
    """Takes requests on some port of 127.0.0.1. It answers with the next of `replies`, then always with 200; `body` is what
    it sends with them."""

    tls: ssl.SSLContext | None = None
    requests: list[Received] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    body: bytes = b""
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    @property
    def port(self) -> int:
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}"

    async def until(self, number: int) -> list[Received]:
        """The requests, as soon as there are so many; fails after ten seconds."""
        async with asyncio.timeout(10):
            while len(self.requests) < number:
                self.arrived.clear()
                await self.arrived.wait()
        return self.requests

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in asked[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        self.requests.append(Received(path=asked[0].split(" ")[1], headers=headers, body=body))
        reply = self.replies.pop(0) if self.replies else "200 OK"
        head = f"HTTP/1.1 {reply}\r\nContent-Length: {len(self.body)}\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + self.body)
        await writer.drain()
        writer.close()
        self.arrived.set()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail as it came in, and who had signed in."""

    sender: str
    receivers: list[str]
    content: str
    login: str | None


class MailReceiver:
    """Takes mail on some port of 127.0.0.1, with STARTTLS where `tls` is given, and with any password."""

    def __init__(self, tls: ssl.SSLContext | None = None, *, wrapped: bool = False, refuse: str = "") -> None:
        self.mails: list[Mail] = []
        self._refuse = refuse
        options: dict[str, Any] = {"authenticator": self._sign_in, "auth_require_tls": False}
        if wrapped:
            options["ssl_context"] = tls
        elif tls is not None:
            options |= {"tls_context": tls, "require_starttls": True}
        self._controller = Controller(self, hostname="127.0.0.1", port=0, **options)
        self._login: str | None = None

    def __enter__(self) -> Self:
        # The library waits for its own greeting on the port it was given, which is not known before.
        self._controller.port = free_port()
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    @property
    def port(self) -> int:
        return int(self._controller.port)

    async def handle_DATA(self, _server: object, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self._refuse:
            return self._refuse
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.append(
            Mail(
                sender=envelope.mail_from or "",
                receivers=list(envelope.rcpt_tos),
                content=content.decode(),
                login=self._login,
            )
        )
        return "250 OK"

    def _sign_in(self, _server: object, _session: Session, _envelope: Envelope, _mechanism: str, data: Any) -> AuthResult:
        self._login = f"{data.login.decode()}:{data.password.decode()}"
        return AuthResult(success=True)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
