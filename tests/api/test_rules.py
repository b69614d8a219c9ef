"""Rules that hold for every route: paths, methods, ids, headers, bodies, unforeseen errors."""

import asyncio
import json
import logging
import re
from collections.abc import AsyncIterator

import pytest

from alchemist_desktop.api.inputs import MAX_JSON_BYTES
from tests.api.in_memory import make_job
from tests.api.support import World, check_problem

pytestmark = pytest.mark.anyio

_SECURITY_HEADERS = {
    "x-frame-options": "DENY",
    "x-content-type-options": "nosniff",
    "x-xss-protection": "1; mode=block",
    "content-security-policy": "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; font-src 'self'; frame-ancestors 'none'",
    "referrer-policy": "strict-origin-when-cross-origin",
    "permissions-policy": "geolocation=(), microphone=(), camera=()",
}


@pytest.mark.parametrize("path", ["/api/v1/health", "/api/v1/jobs?limit=x", "/api/v1/nothing", "/api/v1/stats", "/"])
@pytest.mark.parametrize("token", ["alc_tok_full_access", None])
async def test_every_reply_has_the_security_headers(world: World, path: str, token: str | None) -> None:
    async with world.client(token) as client:
        reply = await client.get(path)
    for name, value in _SECURITY_HEADERS.items():
        assert reply.headers.get_list(name) == [value]
    assert "strict-transport-security" not in reply.headers
    assert "server" not in reply.headers


@pytest.mark.parametrize("given", ["a", "A" * 128, "job:17_x.y-z"])
async def test_a_sound_request_id_is_echoed(world: World, given: str) -> None:
    async with world.client() as client:
        fine = await client.get("/api/v1/health", headers={"X-Request-Id": given})
        wrong = await client.get("/api/v1/nothing", headers={"X-Request-Id": given})
    assert fine.headers.get_list("x-request-id") == [given]
    assert check_problem(wrong, 404, "API_ROUTE_NOT_FOUND")["request_id"] == given


@pytest.mark.parametrize("given", ["", "A" * 129, "with space", "né", "a\tb"])
async def test_any_other_request_id_is_replaced(world: World, given: str) -> None:
    async with world.client() as client:
        reply = await client.get("/api/v1/health", headers=[(b"X-Request-Id", given.encode())])
    assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", reply.headers["x-request-id"])


@pytest.mark.parametrize("path", ["/api/v1/jobs", "/api/v1/health", "/api/v1/engine/status", "/api/jobs/table"])
async def test_head_is_get_without_a_body(world: World, path: str) -> None:
    world.jobs.add(make_job(1))
    async with world.client() as client:
        get, head = await client.get(path), await client.head(path)
    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == get.headers["content-type"]
    assert head.headers["content-length"] == get.headers["content-length"]


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("DELETE", "/api/v1/jobs", "GET,HEAD"),
        ("PUT", "/api/v1/jobs/1/cancel", "POST"),
        ("GET", "/api/v1/auth/login", "POST"),
        ("HEAD", "/api/v1/scan", "POST"),
        ("PATCH", "/api/v1/engine/mode", "GET,HEAD,POST"),
        ("PATCH", "/api/v1/settings/bundle", "GET,HEAD,PUT"),
        ("POST", "/api/v1/nothing", "GET,HEAD"),
        ("POST", "/nothing", "GET,HEAD"),
        ("POST", "/", "GET,HEAD"),
        ("GET", "/api/v1/jobs/5", "DELETE"),
        ("GET", "/api/v1/jobs/table", "DELETE"),
        ("DELETE", "/api/jobs/5", "GET,HEAD"),
        ("POST", "/api/v1/jobs/5/delete", "GET,HEAD"),
        ("POST", "/api/v1/jobs/", "GET,HEAD"),
    ],
)
async def test_a_wrong_method_is_told_the_right_ones(world: World, method: str, path: str, allow: str) -> None:
    async with world.client() as client:
        reply = await client.request(method, path)
    assert reply.status_code == 405
    assert reply.headers["allow"] == allow
    if method != "HEAD":
        check_problem(reply, 405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    "path", ["/api/jobs/5", "/api/v1/jobs/", "/api/v1/nothing", "/api/v2/jobs", "/api", "/index.html", "/jobs", "/%2Fapi/v1/jobs"]
)
async def test_unknown_paths_are_not_found(world: World, path: str) -> None:
    async with world.client() as client:
        reply = await client.get(path)
    check_problem(reply, 404, "API_ROUTE_NOT_FOUND")


async def test_a_browser_finds_a_page_without_scripts(world: World) -> None:
    async with world.client(None) as client:
        reply = await client.get("/")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert "/api/v1/openapi.json" in reply.text
    assert re.search(r"<script|\son\w+=|javascript:", reply.text) is None


@pytest.mark.parametrize(
    ("line", "status", "code"),
    [
        (b"GARBAGE", 400, "MALFORMED_REQUEST"),
        (b"GET /api/v1/\xff HTTP/1.1", 400, "MALFORMED_REQUEST"),
        (b"OPTIONS * HTTP/1.1", 400, "MALFORMED_REQUEST"),
        (b"GET http://elsewhere/api/v1/jobs HTTP/1.1", 400, "MALFORMED_REQUEST"),
    ],
)
async def test_what_no_client_sends_is_answered_like_all_else(world: World, line: bytes, status: int, code: str) -> None:
    async with world.client() as client:
        reader, writer = await asyncio.open_connection("127.0.0.1", client.base_url.port)
        writer.write(line + b"\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        checked = (await client.get("/api/v1/nothing")).headers
    first, *lines = head.split("\r\n")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    problem = json.loads(body)
    assert (int(first.split()[1]), problem["status"], problem["code"]) == (status, status, code)
    assert problem["request_id"] == headers["x-request-id"]
    assert headers.items() >= {name: checked[name] for name in (*_SECURITY_HEADERS, "content-type")}.items()


async def test_a_problem_names_the_path_as_it_was_sent(world: World) -> None:
    async with world.client() as client:
        reply = await client.get("/api/v1/jobs/%41%20b%2Fc?q=1")
    assert check_problem(reply, 404, "API_ROUTE_NOT_FOUND")["instance"] == "/api/v1/jobs/%41%20b%2Fc"


@pytest.mark.parametrize(
    ("content", "content_type", "status", "code"),
    [
        (b"", "application/json", 400, "MALFORMED_JSON"),
        (b"{", "application/json", 400, "MALFORMED_JSON"),
        (b'{"path":"/a"} x', "application/json", 400, "MALFORMED_JSON"),
        (b'{"path":"\xff"}', "application/json", 400, "MALFORMED_JSON"),
        (b'{"path":"\\ud800"}', "application/json", 400, "MALFORMED_JSON"),
        (b"[" * 100_000, "application/json", 400, "MALFORMED_JSON"),
        (b"[]", "application/json", 422, "INVALID_BODY"),
        (b"{}", "application/json", 422, "INVALID_BODY"),
        (b'{"path":5}', "application/json", 422, "INVALID_BODY"),
        (b'{"path":"/a"}', "text/plain", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"path":"/a"}', "application/jsonp", 415, "UNSUPPORTED_MEDIA_TYPE"),
        (b'{"path":"/a"}', "", 415, "UNSUPPORTED_MEDIA_TYPE"),
    ],
)
async def test_wrong_bodies(world: World, content: bytes, content_type: str, status: int, code: str) -> None:
    async with world.client() as client:
        reply = await client.post("/api/v1/jobs/enqueue", content=content, headers={"Content-Type": content_type})
    check_problem(reply, status, code)


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON", "application/merge-patch+json"])
async def test_json_by_any_of_its_names(world: World, content_type: str) -> None:
    async with world.client() as client:
        reply = await client.post("/api/v1/jobs/enqueue", content=b'{"path":"/a"}', headers={"Content-Type": content_type})
    assert reply.status_code == 200


async def test_a_malformed_body_without_credential_is_unauthorized(world: World) -> None:
    async with world.client(None) as client:
        check_problem(await client.post("/api/v1/jobs/enqueue", content=b"{"), 401, "AUTH_REQUIRED")


async def test_body_members_are_named_but_never_repeated(world: World) -> None:
    async with world.client() as client:
        reply = await client.post("/api/v1/auth/login", json={"username": "admin", "password": ["hunter2hunter2"]})
    problem = check_problem(reply, 422, "INVALID_BODY")
    assert "password" in problem["detail"]
    assert "hunter2" not in reply.text
    assert "\n" not in problem["detail"]


async def test_too_large_a_body_is_refused_by_its_announced_size(world: World) -> None:
    body = json.dumps({"path": "x" * MAX_JSON_BYTES}).encode()
    async with world.client() as client:
        reply = await client.post("/api/v1/jobs/enqueue", content=body, headers={"Content-Type": "application/json"})
    assert check_problem(reply, 413, "BODY_TOO_LARGE")["title"] == "Payload Too Large"


async def test_too_large_a_body_is_refused_while_it_arrives(world: World) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"path":"'
        for _ in range(MAX_JSON_BYTES // 65536 + 1):
            yield b"x" * 65536
        yield b'"}'

    async with world.client() as client:
        reply = await client.post("/api/v1/jobs/enqueue", content=chunks(), headers={"Content-Type": "application/json"})
    check_problem(reply, 413, "BODY_TOO_LARGE")


async def test_the_largest_body_is_taken(world: World) -> None:
    frame = len(b'{"path":""}')
    body = b'{"path":"' + b"x" * (MAX_JSON_BYTES - frame) + b'"}'
    assert len(body) == MAX_JSON_BYTES
    async with world.client() as client:
        reply = await client.post("/api/v1/jobs/enqueue", content=body, headers={"Content-Type": "application/json"})
    assert reply.status_code == 200


_FAILURES = [
    ("jobs", "GET", "/jobs", "GET_JOBS_FAILED"),
    ("jobs", "GET", "/jobs/1/details", "GET_JOB_FAILED"),
    ("jobs", "POST", "/jobs/enqueue", "ENQUEUE_FAILED"),
    ("jobs", "POST", "/jobs/1/cancel", "CANCEL_JOB_FAILED"),
    ("jobs", "POST", "/jobs/1/restart", "RESTART_JOB_FAILED"),
    ("jobs", "POST", "/jobs/1/priority", "SET_PRIORITY_FAILED"),
    ("jobs", "DELETE", "/jobs/1", "DELETE_JOB_FAILED"),
    ("jobs", "POST", "/jobs/batch", "BATCH_ACTION_FAILED"),
    ("jobs", "POST", "/jobs/restart-failed", "RESTART_FAILED_JOBS_FAILED"),
    ("jobs", "POST", "/jobs/clear-completed", "CLEAR_COMPLETED_FAILED"),
    ("jobs", "POST", "/jobs/clear-history", "PURGE_JOBS_FAILED"),
    ("stats", "GET", "/stats", "CONFIG_READ_FAILED"),
    ("stats", "GET", "/stats/aggregated", "CONFIG_READ_FAILED"),
    ("stats", "GET", "/stats/queue-eta", "CONFIG_READ_FAILED"),
    ("stats", "GET", "/stats/daily", "CONFIG_READ_FAILED"),
    ("stats", "GET", "/stats/detailed", "CONFIG_READ_FAILED"),
    ("stats", "GET", "/stats/savings", "CONFIG_READ_FAILED"),
    ("stats", "GET", "/stats/skip-reasons", "CONFIG_READ_FAILED"),
    ("stats", "GET", "/stats/top-reason-codes", "CONFIG_READ_FAILED"),
    ("engine", "GET", "/processor/status", "CONFIG_READ_FAILED"),
    ("engine", "GET", "/system/resources", "CONFIG_READ_FAILED"),
    ("engine", "POST", "/engine/pause", "INTERNAL_ERROR"),
    ("scans", "POST", "/scan", "SCAN_FAILED"),
    ("scans", "POST", "/scan/start", "START_SCAN_FAILED"),
    ("system", "GET", "/ready", "DATABASE_UNAVAILABLE"),
]
_BODY = {"path": "/a", "priority": 1, "action": "cancel", "ids": [1]}


async def test_unforeseen_errors_have_the_codes_of_their_routes(world: World, caplog: pytest.LogCaptureFixture) -> None:
    world.broken = frozenset({"jobs", "stats", "engine", "scans", "system"})
    async with world.client() as client:
        for _service, method, path, code in _FAILURES:
            reply = await client.request(method, f"/api/v1{path}", json=_BODY if method == "POST" else None)
            body = check_problem(reply, 500, code)
            assert "secret detail" not in reply.text
            assert body["request_id"] in body["detail"]
    incidents = [record for record in caplog.records if record.name.startswith("alchemist_desktop.api")]
    assert len(incidents) == len(_FAILURES)
    assert all(record.levelno == logging.ERROR and record.exc_info for record in incidents)


async def test_a_broken_account_store_is_told_apart(world: World) -> None:
    world.broken = frozenset({"access"})
    world.settings.file_exists = False  # so that only the credential asks for accounts
    async with world.client() as client:
        check_problem(await client.get("/api/v1/jobs"), 500, "AUTH_BACKEND_UNAVAILABLE")
