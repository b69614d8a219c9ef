"""Names that are not this computer's, and pages of other sites."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.target import RawReply, Target

pytestmark = pytest.mark.slow

_OPERATIONS: dict[str, dict[str, Any]] = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text())["paths"]
_PATHS = ("/api/v1/health", "/api/v1/jobs", "/api/jobs", "/api/v1/openapi.json", "/metrics", "/", "/api/v1/nothing")
_FOREIGN = (
    "evil.example",
    "EVIL.example:{port}",
    "evil.example.",
    "localhost.evil.example",
    "127.0.0.1.evil.example",
    "notlocalhost",
    "8.8.8.8",
    "8.8.8.8:{port}",
    "[2001:db8::1]:{port}",
    "[::ffff:8.8.8.8]",
    "2130706433",
    "0x7f000001",
    "127.1",
    "0177.0.0.1",
    "",
    "[::1",
    "localhost@evil.example",
    "evil.example@localhost",
    "localhost/evil.example",
    "localhost evil.example",
    "localhost,evil.example",
    "localhost:port",
    "evil.example#localhost",
    "%6cocalhost",
    "ｌocalhost",
)
_OWN = (
    "localhost",
    "LOCALHOST:{port}",
    "localhost.",
    "127.0.0.1:{port}",
    "127.9.9.9",
    "[::1]:{port}",
    "[::ffff:127.0.0.1]",
    "192.168.7.7:{port}",
    "app.localhost",
)


def mutating() -> Iterator[tuple[str, str]]:
    for path, methods in _OPERATIONS.items():
        for method in methods:
            if method in {"post", "put", "patch", "delete"}:
                yield method.upper(), path.replace("{id}", "987654").replace("{key}", "some_key")


def head(target: Target, path: str, *lines: str, method: str = "GET") -> bytes:
    credential = f"Authorization: Bearer {target.token}"
    return "\r\n".join((f"{method} {path} HTTP/1.1", *lines, credential, "Connection: close", "", "")).encode()


@pytest.mark.parametrize("encrypted", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("host", _FOREIGN)
def test_a_foreign_host_gets_nothing(request: pytest.FixtureRequest, host: str, encrypted: bool) -> None:
    target: Target = request.getfixturevalue("tls_target" if encrypted else "target")
    for path in _PATHS:
        reply = target.send(head(target, path, f"Host: {host.format(port=target.port)}"))
        assert (reply.status, reply.code) in {(403, "HOST_FORBIDDEN"), (400, "MALFORMED_REQUEST")}, (path, reply)
        assert "x-frame-options: DENY" in reply.head


@pytest.mark.parametrize("encrypted", [False, True], ids=["http", "https"])
@pytest.mark.parametrize("host", _OWN)
def test_own_hosts_are_answered(request: pytest.FixtureRequest, host: str, encrypted: bool) -> None:
    target: Target = request.getfixturevalue("tls_target" if encrypted else "target")
    for path in ("/api/v1/health", "/api/v1/jobs", "/metrics"):
        assert target.send(head(target, path, f"Host: {host.format(port=target.port)}")).status == 200, path


@pytest.mark.parametrize(
    "lines",
    [
        ("Host: localhost", "Host: evil.example"),
        ("Host: evil.example", "Host: localhost"),
        ("Host: localhost", "Host: localhost"),
        (),
        ("Host : localhost",),
        ("Host: localhost", " evil.example"),
        ("X-Forwarded-Host: localhost",),
        ("Host: evil.example", "X-Forwarded-Host: localhost", "X-Original-Host: localhost", "Forwarded: host=localhost"),
    ],
)
def test_there_is_one_host_and_it_is_the_host_header(target: Target, lines: tuple[str, ...]) -> None:
    reply = target.send(head(target, "/api/v1/jobs", *lines))
    assert (reply.status, reply.code) in {(403, "HOST_FORBIDDEN"), (400, "MALFORMED_REQUEST")}
    old = target.send(head(target, "/api/v1/jobs", *lines[:1]).replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert old.status in {200, 400, 403}
    assert (old.status == 200) is (lines[:1] == ("Host: localhost",))


@pytest.mark.parametrize(
    "aim",
    ["http://evil.example/api/v1/jobs", "http://localhost/api/v1/jobs", "//evil.example/api/v1/jobs", "*", "evil.example:80",
     "/../api/v1/jobs", "/api/v1/../../metrics/../api/v1/jobs", "/metrics/../api/v1/jobs", "/API/v1/jobs", "/api\\v1\\jobs",
     "/%2e%2e/api/v1/jobs", "/./api/v1/jobs"],
)  # fmt: skip
def test_other_ways_to_write_a_path_lead_past_no_check(target: Target, aim: str) -> None:
    with_credential = target.send(head(target, aim, "Host: localhost"))
    assert with_credential.status in {400, 404}
    assert b"job" not in with_credential.body or with_credential.code


@pytest.mark.parametrize(
    "aim", ["/%61pi/v1/jobs", "/api%2Fv1%2Fjobs", "/api/v1/jobs?x=/metrics", "/api/v1/jobs#/metrics", "/api//v1/jobs"]
)
def test_no_spelling_of_a_path_needs_no_credential(target: Target, aim: str) -> None:
    reply = target.send(f"GET {aim} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    assert (reply.status, reply.code) in {(401, "AUTH_REQUIRED"), (400, "MALFORMED_REQUEST")}


_FOREIGN_PAGES: tuple[dict[str, str], ...] = (
    {"Origin": "https://evil.example"},
    {"Origin": "null"},
    {"Origin": "http://127.0.0.1:1"},
    {"Origin": "http://localhost.evil.example"},
    {"Origin": "http://evil.example", "Referer": "{own}"},
    {"Referer": "https://evil.example/page"},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Referer": "{own}"},
)


@pytest.mark.parametrize("page", _FOREIGN_PAGES, ids=lambda page: " ".join(page.values()))
def test_a_page_of_another_site_can_change_nothing_with_the_owners_cookie(target: Target, page: dict[str, str]) -> None:
    headers = {name: value.format(own=f"{target.url}/page") for name, value in page.items()}
    client = target.client(token=None, headers={"Cookie": target.session(), **headers})
    before = target.client().get("/settings/bundle").json()
    refused = [client.request(method, path.removeprefix("/api/v1"), json={}) for method, path in mutating()]
    assert len(refused) > 50
    assert {(reply.status_code, reply.json()["code"]) for reply in refused} == {(403, "ORIGIN_FORBIDDEN")}
    assert not any("access-control-allow-origin" in reply.headers for reply in refused)
    after = target.client().get("/settings/bundle").json()
    assert after == before


@pytest.mark.parametrize("page", _FOREIGN_PAGES, ids=lambda page: " ".join(page.values()))
def test_a_bearer_token_is_sent_by_no_browser_and_may_come_from_anywhere(target: Target, page: dict[str, str]) -> None:
    headers = {name: value.format(own=f"{target.url}/page") for name, value in page.items()}
    client = target.client(headers=headers)
    assert client.post("/engine/pause").status_code == 200
    assert client.delete("/settings/api-tokens/987654").json()["code"] == "API_TOKEN_NOT_FOUND"


def test_pages_of_the_program_itself_may(target: Target) -> None:
    cookie = target.session()
    for page in (
        {},
        {"Origin": target.url},
        {"Referer": f"{target.url}/x"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
    ):
        client = target.client(token=None, headers={"Cookie": cookie, **page})
        assert client.post("/engine/pause").status_code == 200, page


def test_a_preflight_is_granted_nothing(target: Target) -> None:
    for path in ("/api/v1/engine/pause", "/api/v1/jobs", "/api/v1/auth/login"):
        reply: RawReply = target.send(
            head(target, path, "Host: localhost", "Origin: https://evil.example", "Access-Control-Request-Method: POST",
                 "Access-Control-Request-Headers: authorization", method="OPTIONS")
        )  # fmt: skip
        assert reply.status == 405
        assert "access-control" not in reply.head.lower()
