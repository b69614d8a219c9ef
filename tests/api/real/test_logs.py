"""The log, shown, fetched and cleared."""

import os
import sys

import pytest

from alchemist_desktop.storage.logs import LogRepository
from tests.api.in_memory import make_log
from tests.api.real.support import Face
from tests.api.shapes import LogShape
from tests.api.support import check_problem

pytestmark = pytest.mark.anyio


async def test_lines_come_newest_first_in_pages(face: Face) -> None:
    logs = LogRepository(face.core.database)
    await face.send("DELETE", "/logs")
    await logs.add([make_log(0, "warn" if number % 2 else "info", f"line {number}") for number in range(5)])
    first = await face.get("/logs/history", limit=2)
    assert [LogShape.model_validate(line).message for line in first] == ["line 4", "line 3"]
    assert first[0]["created_at"] == "2026-04-30 12:00:00"
    assert [line["message"] for line in await face.get("/logs/history", limit=2, page=3)] == ["line 0"]
    assert len(await face.get("/logs/history", limit=0)) == 1
    assert len(await face.get("/logs/history", limit=10**6, page=-3)) == 5
    check_problem(await face.client.get("/api/v1/logs/history", params={"limit": "many"}), 400, "INVALID_QUERY")
    assert await face.send("DELETE", "/logs") == {"ok": True}
    assert await face.get("/logs/history") == []


async def test_the_newest_file_is_sent_as_long_as_it_is(face: Face) -> None:
    check_problem(await face.client.get("/api/v1/logs/download"), 404, "LOG_FILE_UNAVAILABLE")
    folder = face.core.paths.logs
    folder.mkdir(parents=True)
    (folder / "alchemist.log.2026-01-01").write_text("old\n")
    (folder / "other.txt").write_text("no log\n")
    newest = folder / "alchemist.log.2026-01-02"
    newest.write_bytes(b"line\n" * 100_000)
    async with face.client.stream("GET", "/api/v1/logs/download") as reply:
        with newest.open("ab") as file:  # a log grows while it is sent
            file.write(b"more\n" * 100_000)
        content = await reply.aread()
    assert content == b"line\n" * 100_000
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.headers["content-disposition"] == 'attachment; filename="alchemist.log"'
    head = await face.client.head("/api/v1/logs/download")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "1000000")


@pytest.mark.skipif(sys.platform == "win32", reason="a file of a terabyte takes no room only where files can have holes")
async def test_head_tells_of_a_file_without_reading_it(face: Face) -> None:
    folder = face.core.paths.logs
    folder.mkdir(parents=True)
    newest = folder / "alchemist.log.2026-01-02"
    newest.touch()
    os.truncate(newest, 10**12)
    head = await face.client.head("/api/v1/logs/download")
    assert (head.status_code, head.headers["content-length"], head.content) == (200, str(10**12), b"")
