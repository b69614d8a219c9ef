"""Event streams: how many there may be, and when they end."""

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from socket import socket

import psutil
import pytest

from tests.support.target import OWNER, PASSWORD, TIMEOUT_S, Target, json_of

pytestmark = pytest.mark.slow

_MOST = 50
_MB = 2**20


def open_stream(target: Target, credential: str) -> tuple[int, socket]:
    """The status of a new stream, and its connection."""
    connection = target.connect()
    connection.sendall(f"GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n{credential}\r\n\r\n".encode())
    head = b""
    while b"\r\n\r\n" not in head:
        head += connection.recv(4096)
    return int(head.split(b" ", 2)[1]), connection


def ends(connection: socket) -> bytes:
    """What else comes, until the program ends the stream."""
    received = b""
    while piece := connection.recv(65536):
        received += piece
    return received


def bearer(token: str) -> str:
    return f"Authorization: Bearer {token}"


def until_free(target: Target, timeout_s: float = 90) -> None:
    """Returns when a stream can be had."""
    ends_s = time.monotonic() + timeout_s
    while (opened := open_stream(target, bearer(target.token)))[0] != 200:
        opened[1].close()
        assert time.monotonic() < ends_s, "no stream became free"
        time.sleep(0.1)
    opened[1].close()


def test_a_stream_ends_when_its_token_is_revoked(target: Target) -> None:
    client = target.client()
    for level in ("read_only", "full_access", "jellyfin"):
        made = json_of(client.post("/settings/api-tokens", json={"name": level, "access_level": level}))
        with open_stream(target, bearer(target.token))[1] as other:
            status, connection = open_stream(target, bearer(made["plaintext_token"]))
            assert status == 200
            with connection:
                json_of(client.delete(f"/settings/api-tokens/{made['token']['id']}"))
                assert ends(connection).endswith(b"0\r\n\r\n")  # a whole end, not a broken connection
            json_of(client.post("/engine/pause"))
            json_of(client.post("/engine/drain"))
            assert _hears(other, b"engine_status_changed"), "streams of others stay open"
            json_of(client.post("/engine/stop-drain"))
        refused, connection = open_stream(target, bearer(made["plaintext_token"]))
        connection.close()
        assert refused == 401


def _hears(connection: socket, words: bytes) -> bool:
    """Read the stream until the words come, or it ends."""
    heard = b""
    while words not in heard and (piece := connection.recv(65536)):
        heard += piece
    return words in heard


@pytest.mark.parametrize("carrier", ["Cookie: {cookie}", "Authorization: Bearer {token}"])
def test_a_stream_ends_when_its_session_is_signed_out(target: Target, carrier: str) -> None:
    cookie = target.session()
    status, connection = open_stream(target, carrier.format(cookie=cookie, token=cookie.partition("=")[2]))
    assert status == 200
    with connection:
        json_of(target.client(token=None, headers={"Cookie": cookie}).post("/auth/logout"))
        assert ends(connection).endswith(b"0\r\n\r\n")


def test_the_fifty_first_stream_is_refused_and_room_comes_back(target: Target) -> None:
    until_free(target)
    with ExitStack() as stack:
        opened = [open_stream(target, bearer(target.token)) for _ in range(200)]
        for _, connection in opened:
            stack.callback(connection.close)
        statuses = [status for status, _ in opened]
        assert (statuses.count(200), statuses.count(429)) == (_MOST, 150)
        refused = target.client().get("/events")
        assert refused.json()["code"] == "SSE_CONNECTION_LIMIT_REACHED"
    until_free(target)


def _close(connection: socket) -> None:
    connection.close()


def _reset(connection: socket) -> None:
    connection.setsockopt(1, 13, b"\x01\0\0\0\0\0\0\0")  # SOL_SOCKET, SO_LINGER: an end without a farewell
    connection.close()


def _half_close(connection: socket) -> None:
    connection.shutdown(1)


@pytest.mark.parametrize("leave", [_close, _reset, _half_close])
def test_however_a_client_leaves_its_stream_becomes_free(target: Target, leave: Callable[[socket], None]) -> None:
    until_free(target)
    statuses, opened = zip(*(open_stream(target, bearer(target.token)) for _ in range(_MOST + 1)), strict=True)
    assert statuses[-1] == 429
    for connection in opened:
        leave(connection)
    until_free(target)
    for connection in opened:
        connection.close()


@pytest.mark.timeout(400)
def test_clients_that_never_read_cost_little_and_lose_their_streams(target: Target) -> None:
    until_free(target)
    process = psutil.Process(target.program.pid)
    before_mb = process.memory_info().rss / _MB
    session = target.session()
    client = target.client(token=None, headers={"Cookie": session})
    with ExitStack() as stack:
        for _ in range(40):
            status, connection = open_stream(target, bearer(target.token))
            assert status == 200
            stack.callback(connection.close)
        settings = json_of(client.get("/settings/bundle"))["settings"]
        # Every change tells the whole settings to all of them: 40 times some 100 kB for each.
        settings["scanner"]["extra_watch_dirs"] = [
            {"path": f"/nowhere/{n:05}" + "x" * 80, "is_recursive": True} for n in range(800)
        ]
        sender = target.client()
        for number in range(120):
            settings["appearance"]["active_theme_id"] = f"theme {number}"
            json_of(sender.put("/settings/bundle", json=settings))
        assert process.memory_info().rss / _MB - before_mb < 300
        settings["scanner"]["extra_watch_dirs"] = []
        json_of(sender.put("/settings/bundle", json=settings))
        # Nobody waits longer than a minute for a client that takes nothing.
        opened = [open_stream(target, bearer(target.token)) for _ in range(10)]
        for _, one in opened:
            stack.callback(one.close)
        assert [status for status, _ in opened] == [200] * 10
        until_free(target, 150)


def test_streams_of_a_signed_in_owner_go_on_while_others_sign_in_and_out(target: Target) -> None:
    until_free(target)
    status, connection = open_stream(target, bearer(target.token))
    assert status == 200
    with connection:
        for _ in range(5):
            cookie = target.session()
            target.client(token=None, headers={"Cookie": cookie}).post("/auth/logout")
        json_of(target.client().post("/settings/preferences", json={"key": "x", "value": "y"}))
        json_of(target.client().post("/ui/preferences", json={"active_theme_id": json.dumps([OWNER, PASSWORD][:1])}))
        connection.settimeout(TIMEOUT_S)
        received = b""
        while b"config_updated" not in received:
            piece = connection.recv(65536)
            assert piece, "the stream ended"
            received += piece
