"""Requests from a second start of the program to the one that runs: a line of JSON there, lines of JSON back."""

import asyncio
import hmac
import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Any, Self

from alchemist_desktop.app.single_instance import InstanceLock
from alchemist_desktop.domain.errors import KnownError, UnavailableError

Message = dict[str, Any]
Handler = Callable[[Message], AsyncGenerator[Mapping[str, Any], None]]

_LONGEST_SOCKET_PATH = 100  # bytes; the systems allow 104 to 108
_LONGEST_LINE = 1 << 20
_REQUEST_TIMEOUT_S = 10


class InstanceServer:
    """Answers requests to the holder of `lock`. An async context manager: it listens as long as it is entered.

    `handler` gives the lines of the answer. A KnownError it raises reaches the asker as such; it is closed when the
    asker goes away.
    """

    def __init__(self, lock: InstanceLock, database: Path, handler: Handler) -> None:
        self._lock = lock
        self._socket_path = database.with_name(database.name + ".sock")
        self._handler = handler
        self._secret = secrets.token_urlsafe(32)
        self._server: asyncio.Server | None = None
        self._own_folder: Path | None = None
        self._answers: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        if sys.platform == "win32":
            self._server = await asyncio.start_server(self._on_connected, "127.0.0.1", 0, limit=_LONGEST_LINE)
            self._lock.announce(self._server.sockets[0].getsockname()[1], self._secret)
        else:
            self._server = await self._listen_on_socket()
            self._lock.announce(str(self._socket_path), self._secret)
        return self

    async def _listen_on_socket(self) -> asyncio.Server:
        if len(os.fsencode(self._socket_path)) > _LONGEST_SOCKET_PATH:
            self._move_to_own_folder()
        try:
            return await self._bind()
        except OSError:  # a file system without sockets, say
            if self._own_folder is not None:
                raise
            self._move_to_own_folder()
            return await self._bind()

    def _move_to_own_folder(self) -> None:
        self._own_folder = Path(tempfile.mkdtemp(prefix="alchemist-desktop-"))  # readable by this user alone
        if len(os.fsencode(self._own_folder)) > _LONGEST_SOCKET_PATH - len("/ask"):
            self._own_folder.rmdir()
            self._own_folder = Path(tempfile.mkdtemp(prefix="alchemist-desktop-", dir="/tmp"))
        self._socket_path = self._own_folder / "ask"

    async def _bind(self) -> asyncio.Server:
        self._socket_path.unlink(missing_ok=True)  # left by a killed program: we hold the lock, so nobody uses it
        server = await asyncio.start_unix_server(self._on_connected, self._socket_path, limit=_LONGEST_LINE)
        self._socket_path.chmod(0o600)
        return server

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        for answer in self._answers:
            answer.cancel()
        await asyncio.gather(*self._answers, return_exceptions=True)
        await self._server.wait_closed()
        if sys.platform != "win32":
            self._socket_path.unlink(missing_ok=True)
        if self._own_folder is not None:
            shutil.rmtree(self._own_folder, ignore_errors=True)

    async def join(self) -> None:
        """Return when every request that was made has been answered."""
        while self._answers:
            await asyncio.wait(self._answers)

    def _on_connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answer = asyncio.create_task(self._answer(reader, writer))
        self._answers.add(answer)
        answer.add_done_callback(self._answers.discard)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            request = await self._read_request(reader)
            if request is not None:
                await self._answer_while_heard(request, reader, writer)
        except ConnectionError:
            return  # the asker is gone
        finally:
            writer.close()

    async def _read_request(self, reader: asyncio.StreamReader) -> Message | None:
        """None for whoever does not know the secret or does not speak as this program does."""
        try:
            async with asyncio.timeout(_REQUEST_TIMEOUT_S):
                envelope = json.loads(await reader.readline())
            is_ours = hmac.compare_digest(str(envelope["secret"]).encode(), self._secret.encode())
            return dict(envelope["request"]) if is_ours else None
        except (ValueError, KeyError, TypeError, TimeoutError):
            return None

    async def _answer_while_heard(self, request: Message, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        sending = asyncio.create_task(self._send_lines(request, writer))
        leaving = asyncio.create_task(reader.read(1))  # ends only when the asker goes away
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            outcome, _ = await asyncio.gather(sending, leaving, return_exceptions=True)
        if isinstance(outcome, Exception):
            raise outcome

    async def _send_lines(self, request: Message, writer: asyncio.StreamWriter) -> None:
        try:
            async with aclosing(self._handler(request)) as lines:
                async for line in lines:
                    await _send(writer, {"line": line})
            await _send(writer, {"end": True})
        except KnownError as error:
            await _send(writer, {"error": {"message": error.message, "code": error.code, "path": error.path}})


async def _send(writer: asyncio.StreamWriter, message: Mapping[str, Any]) -> None:
    writer.write(json.dumps(message).encode() + b"\n")
    await writer.drain()


async def ask_instance(database: Path, request: Mapping[str, Any]) -> AsyncGenerator[Message, None]:
    """The lines with which the program that has `database` open answers `request`.

    Raises UnavailableError (INSTANCE_UNREACHABLE) when none runs or it ends meanwhile, and the KnownError it answers with.
    """
    holder = InstanceLock(database).holder()
    if holder is None or holder.address is None:
        raise UnavailableError("No running program could be reached.", code="INSTANCE_UNREACHABLE")
    try:
        reader, writer = await _connect(holder.address)
        try:
            await _send(writer, {"secret": holder.secret, "request": request})
            while line := await reader.readline():
                message = json.loads(line)
                if "end" in message:
                    return
                if "error" in message:
                    raise KnownError(**message["error"])
                yield message["line"]
        finally:
            writer.close()
    except OSError as error:
        raise UnavailableError(f"{holder.description} does not answer: {error}", code="INSTANCE_UNREACHABLE") from error
    raise UnavailableError(f"{holder.description} ended before it had answered.", code="INSTANCE_UNREACHABLE")


async def _connect(address: str | int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(address, int):
        return await asyncio.open_connection("127.0.0.1", address, limit=_LONGEST_LINE)
    return await asyncio.open_unix_connection(address, limit=_LONGEST_LINE)
