"""The server in the program's loop: ports, start, stop."""

import asyncio
import signal
import socket

import httpx
import pytest

from alchemist_desktop.api.app import create_app
from alchemist_desktop.api.server import EmbeddedServer
from alchemist_desktop.domain.errors import UnavailableError
from tests.api.support import World

pytestmark = pytest.mark.anyio


async def _health(port: int) -> int:
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await client.get(f"http://127.0.0.1:{port}/api/v1/health")).status_code


def _taken_port() -> socket.socket:
    sock = socket.create_server(("127.0.0.1", 0))
    sock.listen()
    return sock


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return int(sock.getsockname()[1])


async def test_it_serves_until_it_is_stopped_and_can_begin_anew(world: World) -> None:
    server = world.server()
    for _ in range(2):
        server.bind()
        port = server.port
        assert port > 0
        await server.start()
        assert await _health(port) == 200
        states = [server.is_running]
        await server.stop()
        assert [*states, server.is_running] == [True, False]
        with pytest.raises(httpx.ConnectError):
            await _health(port)


async def test_stopping_twice_or_before_the_start_is_fine(world: World) -> None:
    server = world.server()
    await server.stop()
    server.bind()
    await server.stop()
    await server.start()
    await server.stop()
    await server.stop()
    assert not server.is_running


async def test_the_next_port_is_taken_when_the_first_is_in_use(world: World) -> None:
    free = _free_port()
    with _taken_port() as taken:
        used = taken.getsockname()[1]
        app = create_app(world.services(), world.bus, world.options)
        server = EmbeddedServer(app, stop_event=world.options.stop, port=used, fallback_ports=(used, free))
        await server.start()
        assert server.port == free
        assert await _health(free) == 200
        await server.stop()


async def test_an_exact_port_has_no_fallback(world: World) -> None:
    with _taken_port() as taken:
        port = taken.getsockname()[1]
        server = world.server(port=port)
        with pytest.raises(UnavailableError) as caught:
            await server.start()
    assert caught.value.code == "PORT_UNAVAILABLE"
    assert str(port) in caught.value.message
    assert server.port == port
    await server.stop()


async def test_a_port_that_cannot_exist_is_told(world: World) -> None:
    server = world.server(port=65536)
    with pytest.raises(UnavailableError, match="65536"):
        server.bind()


async def test_signals_stay_the_programs_own(world: World) -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    server = world.server()
    await server.start()
    during = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    await server.stop()
    assert during == before
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


async def test_a_request_that_hangs_does_not_hold_up_the_stop(world: World, caplog: pytest.LogCaptureFixture) -> None:
    forever = asyncio.Event()

    async def hang() -> bool:
        await forever.wait()
        return True

    world.system.is_database_ready = hang  # type: ignore[method-assign] # this very service hangs
    server = world.server()
    await server.start()
    request = asyncio.create_task(_ready(server.port))
    await asyncio.sleep(0.2)
    async with asyncio.timeout(5):
        await server.stop()
    assert not server.is_running
    assert await request == 503
    assert not [record for record in caplog.records if record.exc_info]


async def _ready(port: int) -> int:
    async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
        return (await client.get(f"http://127.0.0.1:{port}/api/v1/ready")).status_code
