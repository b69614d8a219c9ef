"""How much patience the server has: small limits here, so that nobody has to wait for the real ones."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from alchemist_desktop.api.app import create_app
from alchemist_desktop.api.connections import ConnectionLimits
from alchemist_desktop.api.options import ApiOptions
from alchemist_desktop.api.server import EmbeddedServer
from tests.api.support import FULL, World

pytestmark = pytest.mark.anyio

_HEALTH = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
_LOGIN = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n"
_EVENTS = f"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {FULL}\r\n\r\n".encode()

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Serving:
    """A server with these limits, and connections to it that are cut off at the end."""

    def __init__(self, world: World, limits: ConnectionLimits) -> None:
        self._options: ApiOptions = world.options
        app = create_app(world.services(), world.bus, world.options)
        self.server = EmbeddedServer(app, stop_event=world.options.stop, port=0, limits=limits)
        self._writers: list[asyncio.StreamWriter] = []

    async def connect(self, first: bytes = b"") -> Connection:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.server.port)
        self._writers.append(writer)
        writer.write(first)
        await writer.drain()
        return reader, writer

    async def close(self) -> None:
        for writer in self._writers:
            writer.transport.abort()
        await self.server.stop()


@asynccontextmanager
async def serving(world: World, limits: ConnectionLimits) -> AsyncIterator[Serving]:
    made = Serving(world, limits)
    await made.server.start()
    try:
        async with asyncio.timeout(30):
            yield made
    finally:
        await made.close()


async def _rest(connection: Connection) -> bytes:
    """What comes until the server ends the connection."""
    try:
        return await connection[0].read()
    except ConnectionResetError:
        return b""


_IMPATIENT = ConnectionLimits(head_s=0.2, stalled_s=0.2, look_every_s=0.05)


@pytest.mark.parametrize("first", [b"", b"GET /api/v1/hea", _HEALTH, _LOGIN, _LOGIN + b'{"username"'])
async def test_who_keeps_the_server_waiting_is_cut_off(world: World, first: bytes) -> None:
    async with serving(world, _IMPATIENT) as server:
        received = await _rest(await server.connect(first))
        assert received.startswith(b"HTTP/1.1 200") is (first == _HEALTH)


async def test_a_body_nobody_wanted_is_not_waited_for_either(world: World) -> None:
    async with serving(world, _IMPATIENT) as server:
        unwanted = _LOGIN.replace(b"/auth/login", b"/jobs/batch")
        assert (await _rest(await server.connect(unwanted))).startswith(b"HTTP/1.1 401")


async def test_a_byte_now_and_then_is_not_enough(world: World) -> None:
    async with serving(world, _IMPATIENT) as server:
        reader, writer = await server.connect(_LOGIN)
        ended = asyncio.create_task(_rest((reader, writer)))
        while not ended.done():
            writer.write(b" ")
            await asyncio.wait({ended}, timeout=0.02)


async def test_whoever_waits_for_the_program_is_waited_for(world: World) -> None:
    async with serving(world, _IMPATIENT) as server:
        reader, _ = await server.connect(_EVENTS)
        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")
        others = [await server.connect() for _ in range(3)]  # each is cut off when more than its time is over
        for other in others:
            await _rest(other)
            assert not reader.at_eof()


async def test_the_silent_one_makes_room_for_the_next(world: World) -> None:
    async with serving(world, ConnectionLimits(most=3)) as server:
        stream = await server.connect(_EVENTS)
        await stream[0].readuntil(b"\r\n\r\n")
        silent = await server.connect()
        talking = await server.connect(_HEALTH)
        assert b" 200 " in await talking[0].readuntil(b"\r\n\r\n")
        for _ in range(5):
            newest = await server.connect(_HEALTH)
            assert b" 200 " in await newest[0].readuntil(b"\r\n\r\n")
        assert await _rest(silent) == b""
        assert not stream[0].at_eof()


async def test_a_reader_that_takes_nothing_loses_its_reply(world: World) -> None:
    limits = ConnectionLimits(stalled_s=0.3, look_every_s=0.05)
    async with serving(world, limits) as server:
        reader, writer = await server.connect()
        transport = writer.transport
        transport.pause_reading()  # type: ignore[attr-defined]  # that of a socket has it
        try:
            while True:  # replies pile up until the server cannot send any more
                writer.write(_HEALTH * 200)
                await writer.drain()
        except ConnectionError:
            pass
        assert reader is not None


@pytest.mark.parametrize("count", [2000, 20_000])
async def test_too_many_headers_are_not_looked_into(world: World, count: int) -> None:
    async with serving(world, ConnectionLimits()) as server:
        crowd = _HEALTH[:-2] + b"".join(b"X-%d: y\r\n" % number for number in range(count)) + b"\r\n"
        reply = await _rest(await server.connect(crowd))
        assert reply == b"" or b"MALFORMED_REQUEST" in reply
        second = await server.connect(_HEALTH + crowd)
        assert (await _rest(second)).count(b"HTTP/1.1 200") <= 1
