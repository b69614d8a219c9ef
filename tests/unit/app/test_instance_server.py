"""A second start of the program can hand its request to the first."""

import asyncio
import json
import os
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from typing import Any

import pytest

from alchemist_desktop.app.instance_server import InstanceServer, ask_instance
from alchemist_desktop.app.single_instance import InstanceLock
from alchemist_desktop.domain.errors import ConflictError, KnownError, UnavailableError

pytestmark = pytest.mark.anyio


@pytest.fixture
def database(tmp_path: Path) -> Path:
    return tmp_path / "alchemist.db"


@pytest.fixture
def lock(database: Path) -> Iterator[InstanceLock]:
    lock = InstanceLock(database)
    assert lock.acquire()
    yield lock
    lock.release()


async def echo(request: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    for path in request["paths"]:
        yield {"path": path}


async def refuse(request: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
    yield {"got": request["command"]}
    raise ConflictError("Not now.", code="NOT_NOW", path="/a")


async def ask(database: Path, request: dict[str, Any]) -> list[dict[str, Any]]:
    async with asyncio.timeout(20):
        return [line async for line in ask_instance(database, request)]


async def test_lines_come_back_in_order_and_any_file_name_survives(database: Path, lock: InstanceLock) -> None:
    paths = ["/media/a.mkv", os.fsdecode(b"/media/\xff\xfe.mkv"), "/media/new\nline.mkv"]
    async with InstanceServer(lock, database, echo):
        assert await ask(database, {"command": "run", "paths": paths}) == [{"path": path} for path in paths]
        assert await ask(database, {"command": "run", "paths": []}) == []


async def test_a_known_error_reaches_the_asker_after_the_lines_before_it(database: Path, lock: InstanceLock) -> None:
    async with InstanceServer(lock, database, refuse):
        answer = ask_instance(database, {"command": "show"})
        assert await anext(answer) == {"got": "show"}
        with pytest.raises(KnownError, match=r"Not now\.") as caught:
            await anext(answer)
    assert (caught.value.code, caught.value.path) == ("NOT_NOW", "/a")


async def test_nobody_to_ask(database: Path) -> None:
    with pytest.raises(UnavailableError) as caught:
        await ask(database, {"command": "show"})
    assert caught.value.code == "INSTANCE_UNREACHABLE"


async def test_a_program_that_ends_in_the_middle_is_told_from_one_that_is_done(database: Path, lock: InstanceLock) -> None:
    async def never(_: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        yield {"started": True}
        await asyncio.Event().wait()

    server = InstanceServer(lock, database, never)
    await server.__aenter__()
    answer = ask_instance(database, {})
    assert await anext(answer) == {"started": True}
    await server.__aexit__()
    with pytest.raises(UnavailableError, match="ended before"):
        await anext(answer)


async def test_the_handler_ends_when_the_asker_goes_away(database: Path, lock: InstanceLock) -> None:
    ended = asyncio.Event()

    async def wait(_: dict[str, Any]) -> AsyncGenerator[dict[str, Any], None]:
        try:
            yield {"started": True}
            await asyncio.Event().wait()
        finally:
            ended.set()

    async with InstanceServer(lock, database, wait):
        answer = ask_instance(database, {})
        await anext(answer)
        await answer.aclose()
        async with asyncio.timeout(20):
            await ended.wait()


@pytest.mark.parametrize(
    "envelope", [b'{"secret": "guess", "request": {"paths": ["x"]}}\n', b"GET / HTTP/1.1\r\n\r\n", b"[]\n", b""]
)
async def test_whoever_does_not_know_the_secret_gets_nothing(database: Path, lock: InstanceLock, envelope: bytes) -> None:
    async with InstanceServer(lock, database, echo):
        reader, writer = await asyncio.open_unix_connection(database.with_name("alchemist.db.sock"))
        writer.write(envelope)
        writer.write_eof()
        assert await reader.read() == b""
        writer.close()


async def test_a_socket_left_by_a_killed_program_is_replaced_and_removed_at_the_end(database: Path, lock: InstanceLock) -> None:
    socket_path = database.with_name("alchemist.db.sock")
    socket_path.write_text("left over")
    async with InstanceServer(lock, database, echo):
        assert await ask(database, {"paths": ["a"]}) == [{"path": "a"}]
        assert socket_path.stat().st_mode & 0o077 == 0
    assert not socket_path.exists()


async def test_a_folder_with_a_long_name_gets_its_socket_elsewhere(tmp_path: Path) -> None:
    database = tmp_path / ("x" * 120) / "alchemist.db"
    lock = InstanceLock(database)
    assert lock.acquire()
    async with InstanceServer(lock, database, echo):
        assert await ask(database, {"paths": ["a"]}) == [{"path": "a"}]
        address = json.loads(database.with_name("alchemist.db.instance").read_text())["address"]
        assert Path(address).parent.stat().st_mode & 0o077 == 0
    assert not Path(address).parent.exists()
    lock.release()
