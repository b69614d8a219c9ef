"""The MCP server as an assistant uses it: a real client over pipes, beside the running program and without it."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from mcp.client.session import ClientSession
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.shared.exceptions import MCPError

from alchemist_desktop import __version__
from tests.support.program import Program

pytestmark = pytest.mark.anyio

TOOLS = [
    "alchemist_engine_status",
    "alchemist_job_summary",
    "alchemist_recent_jobs",
    "alchemist_savings_summary",
    "alchemist_scan_status",
    "alchemist_system_health",
]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@asynccontextmanager
async def _assistant(program: Program, errors: Path) -> AsyncIterator[ClientSession]:
    server = StdioServerParameters(command=sys.executable, args=["-m", "alchemist_desktop", "mcp"], env=program.environment())
    with errors.open("w") as errlog:
        async with stdio_client(server, errlog=errlog) as (reading, writing), ClientSession(reading, writing) as session:
            yield session


async def _ask(session: ClientSession, tool: str, **arguments: Any) -> dict[str, Any]:
    reply = await session.call_tool(f"alchemist_{tool}", arguments)
    assert not reply.is_error, reply.content
    (content,) = reply.content
    assert json.loads(content.text) == reply.structured_content  # type: ignore[union-attr]  # text is all we send
    assert isinstance(reply.structured_content, dict)
    return reply.structured_content


async def test_an_assistant_beside_the_running_program(tmp_path: Path) -> None:
    with Program(tmp_path, {"scanner": {"scan_on_start": False}, "system": {"engine_mode": "background"}}) as program:
        program.start("serve", "--port", "0")
        program.wait_ready()
        async with _assistant(program, tmp_path / "errors.txt") as session:
            hello = await session.initialize()
            assert (hello.server_info.name, hello.server_info.title) == ("alchemist", "Alchemist MCP Server")
            assert hello.server_info.version == __version__
            assert hello.instructions
            assert hello.capabilities.tools is not None
            assert hello.capabilities.tools.list_changed is False
            tools = (await session.list_tools()).tools
            assert [tool.name for tool in tools] == TOOLS
            assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
            assert all(tool.input_schema["additionalProperties"] is False for tool in tools)
            engine = await _ask(session, "engine_status")
            assert engine == {
                "engine_mode": "background",
                "is_paused": engine["is_manual_paused"],
                "is_manual_paused": engine["is_manual_paused"],
                "is_scheduler_paused": False,
                "is_draining": False,
                "concurrent_jobs_limit": 1,
            }
            scan = await _ask(session, "scan_status")
            figures = {"files_found": 0, "files_added": 0, "unreadable": 0}
            assert scan == {"available": True, "is_running": False, **figures, "current_folder": None}
            assert await _ask(session, "job_summary") == {"active": 0, "queued": 0, "completed": 0, "failed": 0}
            assert (await _ask(session, "savings_summary"))["total_bytes_saved"] == 0
            assert await _ask(session, "system_health") == {
                "version": __version__,
                "database_ready": True,
                "mcp_mode": "read_only",
                "protocol_version": "2025-06-18",
                "tools": TOOLS,
            }
            await session.send_ping()
        assert program.is_running


async def test_an_assistant_without_the_program_sees_what_is_stored(tmp_path: Path) -> None:
    with Program(tmp_path, {"scanner": {"scan_on_start": False}}) as program:
        program.start("serve", "--port", "0")
        program.wait_ready()
        program.terminate()
        _add_jobs(program.database)
        before = program.database.read_bytes()
        async with _assistant(program, tmp_path / "errors.txt") as session:
            await session.initialize()
            assert (await _ask(session, "scan_status"))["available"] is False
            assert (await _ask(session, "engine_status"))["engine_mode"] == "balanced"
            assert await _ask(session, "job_summary") == {"active": 1, "queued": 1, "completed": 1, "failed": 2}
            found = await _ask(session, "recent_jobs", limit=2)
            assert found["limit"] == 2
            assert [job["input_path"] for job in found["jobs"]] == ["/m/5.mkv", "/m/4.mkv"]
            assert found["jobs"][0] == {
                "id": 5,
                "input_path": "/m/5.mkv",
                "output_path": "/o/5.mkv",
                "status": "cancelled",
                "priority": 0,
                "progress": 0.0,
                "attempt_count": 0,
                "decision_reason": None,
                "updated_at": "1970-01-01T00:00:05Z",
            }
            assert len((await _ask(session, "recent_jobs"))["jobs"]) == 5
            for wrong in ({"limit": 0}, {"limit": 51}, {"limit": "5"}, {"limit": True}, {"other": 1}):
                refused = await session.call_tool("alchemist_recent_jobs", wrong)
                assert refused.is_error
            with pytest.raises(MCPError) as caught:
                await session.call_tool("alchemist_delete_everything", {})
            assert caught.value.error.code == -32602
        assert program.database.read_bytes() == before


def _add_jobs(path: Path) -> None:
    with sqlite3.connect(path) as db:
        for number, state in enumerate(("queued", "encoding", "completed", "failed", "cancelled"), start=1):
            db.execute(
                "INSERT INTO jobs(kind, input_path, output_path, state, priority, progress, attempt_count, size_bytes, mtime_ns,"
                " device, inode, archived, source_changed, created_at, updated_at)"
                " VALUES ('library', ?, ?, ?, 0, 0, 0, 1, '1', '1', '1', 0, 0, 1, ?)",
                (f"/m/{number}.mkv", f"/o/{number}.mkv", state, number * 1_000_000),
            )
    db.close()


_HELLO: list[dict[str, Any]] = [
    {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
    },
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
]


def _answers(program: Program, lines: list[str], count: int) -> list[dict[str, Any]]:
    """What comes back for these lines: so many answers, and nothing else."""
    with subprocess.Popen(
        [sys.executable, "-m", "alchemist_desktop", "mcp"],
        env=program.environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        server.stdin.write("".join(f"{line}\n" for line in lines))
        server.stdin.flush()
        answers = [json.loads(server.stdout.readline()) for _ in range(count)]
        server.stdin.close()
        assert server.stdout.read() == ""
        assert server.wait(20) == 0
    return answers


def test_standard_output_carries_the_protocol_alone(tmp_path: Path) -> None:
    with Program(tmp_path, {"scanner": {"scan_on_start": False}}) as program:
        program.start("serve", "--port", "0")
        program.wait_ready()
        lines = [
            *_HELLO,
            {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "alchemist_job_summary"}},
            {"jsonrpc": "2.0", "id": 3, "method": "no/such/method"},
            {"jsonrpc": "2.0", "id": 4, "method": "ping"},
        ]  # fmt: skip
        replies = {reply["id"]: reply for reply in _answers(program, [json.dumps(line) for line in lines], 4)}
        assert replies[1]["result"]["protocolVersion"] == "2025-06-18"
        assert replies[1]["result"]["capabilities"]["tools"] == {"listChanged": False}
        assert replies[2]["result"]["isError"] is False
        assert replies[2]["result"]["structuredContent"]["queued"] == 0
        assert replies[3]["error"]["code"] == -32601
        assert replies[4]["result"] == {}


def test_what_is_no_message_is_answered_by_its_fault(tmp_path: Path) -> None:
    faulty = [
        "{this is no JSON",
        '{"jsonrpc": "1.0", "id": 7, "method": "ping"}',
        '{"jsonrpc": "2.0", "id": "eight"}',
        '{"jsonrpc": "2.0", "method": "ping"}',
        "[1]",
        "  ",
        '{"jsonrpc": "2.0", "method": "notifications/of.tomorrow"}',
        '{"id": 9, "method": "ping"}',
    ]
    with Program(tmp_path, {"scanner": {"scan_on_start": False}}) as program:
        program.start("serve", "--port", "0")
        program.wait_ready()
        answers = _answers(program, [*map(json.dumps, _HELLO), *faulty], 7)
    assert [(answer["id"], answer.get("error", {}).get("code")) for answer in answers if answer["id"] != 1] == [
        (None, -32700), (7, -32600), ("eight", -32600), (None, -32600), (None, -32600), (9, None),
    ]  # fmt: skip
    assert answers[-1]["result"] == {}


def test_without_a_database_it_says_so_and_makes_none(tmp_path: Path) -> None:
    program = Program(tmp_path)
    program.start("mcp")
    assert program.wait(30) == 1
    assert "start the program once" in program.output
    assert not program.database.exists()
