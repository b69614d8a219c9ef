"""Whoever comes in crowds, sends slowly, or sends too much: others are answered all the while, and memory stays bounded."""

from collections.abc import Set

import psutil
import pytest

from tests.support.attacks import ATTACKS, attack
from tests.support.target import OWNER, PASSWORD, TIMEOUT_S, Bystander, Target

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

_MB = 2**20
# What every attack is answered with; what is not listed must not come.
_ANSWERS: dict[str, Set[str]] = {
    "sign_ins": {"401 AUTH_INVALID_CREDENTIALS", "429 AUTH_RATE_LIMITED", "429 RATE_LIMIT_EXCEEDED"},
    "sign_ins_from_many_addresses": {"401 AUTH_INVALID_CREDENTIALS", "429 AUTH_RATE_LIMITED", "429 RATE_LIMIT_EXCEEDED"},
    "slow_heads": {"closed", "still open"},
    "idle_connections": {"closed", "still open"},
    "slow_bodies": {"closed", "still open"},
    "big_json": {"413 BODY_TOO_LARGE", "closed"},
    "deep_json": {"400 MALFORMED_JSON", "400 RAW_CONFIG_INVALID", "422 INVALID_BODY"},
    "header_crowds": {"400 MALFORMED_REQUEST", "closed"},
    "gzip_bombs": {"400 RESTORE_BACKUP_INVALID", "400 RESTORE_BACKUP_DECOMPRESS_FAILED"},
    "gzipped_requests": {"400 MALFORMED_JSON"},
    "endless_uploads": {"413 RESTORE_BACKUP_UPLOAD_TOO_LARGE", "closed"},
    "dropped_streams": {"200", "429"},
}


def test_every_attack_is_known() -> None:
    assert _ANSWERS.keys() == ATTACKS.keys()


@pytest.mark.parametrize("name", ATTACKS)
def test_others_are_answered_meanwhile(target: Target, name: str) -> None:
    process = psutil.Process(target.program.pid)
    before_mb = process.memory_info().rss / _MB
    session = target.session()
    with Bystander(target.url) as bystander:
        answers = attack(name, target)
    assert set(answers) <= _ANSWERS[name]
    assert bystander.failures == []
    assert len(bystander.latencies_s) > 5
    assert process.memory_info().rss / _MB - before_mb < 200
    target.program.wait_until(lambda: process.num_fds() < 100, TIMEOUT_S)
    assert not list((target.program.home / "temp").rglob("upload*")), "something of an upload stayed behind"
    # Nobody is locked out, and whoever was signed in still is.
    assert target.client(token=None, headers={"Cookie": session}).get("/jobs").status_code == 200
    login = target.client(token=None).post("/auth/login", json={"username": OWNER, "password": PASSWORD})
    assert login.status_code == 200


def test_an_idle_connection_makes_room_for_one_that_asks(target: Target) -> None:
    idle = [target.connect() for _ in range(700)]
    try:
        for _ in range(20):
            reply = target.send(b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert reply.status == 200
        assert psutil.Process(target.program.pid).num_fds() < 700
    finally:
        for connection in idle:
            connection.close()


def test_a_head_is_not_waited_for_endlessly(target: Target, tls_target: Target) -> None:
    for running in (target, tls_target):
        silent, slow, after_a_reply = (running.connect() for _ in range(3))
        slow.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: ")
        after_a_reply.sendall(b"POST /api/v1/jobs/batch HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999\r\n\r\n")
        assert b" 401 " in after_a_reply.recv(100)  # and the body never comes
        for connection in (silent, slow, after_a_reply):
            with connection:
                try:
                    while connection.recv(65536):
                        pass
                except ConnectionResetError:
                    continue


def test_a_body_is_not_waited_for_endlessly(target: Target) -> None:
    with target.connect() as connection:
        head = b"POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 999\r\n\r\n"
        connection.sendall(head)
        connection.settimeout(120)
        try:
            assert connection.recv(65536) == b""
        except ConnectionResetError:
            return


def test_handshakes_that_are_not_made_hold_nobody_up(tls_target: Target) -> None:
    import socket

    silent = [socket.create_connection(("127.0.0.1", tls_target.port), TIMEOUT_S) for _ in range(300)]
    try:
        for _ in range(5):
            assert tls_target.client(token=None).get("/health").status_code == 200
        for connection in silent:
            connection.settimeout(60)
            try:
                assert connection.recv(1) == b""
            except ConnectionResetError:
                continue
    finally:
        for connection in silent:
            connection.close()


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        b"GET /api/v1/health\r\n\r\n",
        b"\r\n" * 100_000,
        b"\x00" * 100_000,
        b"GET /\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: gzip\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
)
def test_what_is_no_http_is_told_so_in_a_document(target: Target, request_: bytes) -> None:
    reply = target.send(request_)
    assert (reply.status, reply.code) in {(400, "MALFORMED_REQUEST"), (0, "")}
    assert reply.status == 0 or "x-request-id" in reply.head


def test_chunks_that_are_none_end_their_request_alone(target: Target) -> None:
    head = (
        b"POST /api/v1/auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    wrong = (b"zz\r\nabc\r\n", b"-5\r\nabc\r\n", b"F" * 21 + b"\r\n", b"3\r\nabcdef\r\n0\r\n\r\n", b"5;" + b"x" * 100_000)
    for rest in wrong:
        assert target.send(head + rest).status in {0, 400}
    assert target.client().get("/health").status_code == 200
    assert "Traceback" not in target.log


def test_requests_in_a_row_are_no_way_around_the_limits(target: Target) -> None:
    one = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with target.connect() as connection:
        connection.sendall(one * 400)
        connection.shutdown(1)  # nothing more will come
        received = b""
        while piece := connection.recv(65536):
            received += piece
    assert received.count(b"HTTP/1.1 200") < 400 or b"HTTP/1.1 429" in received
    long_one = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(9000)) + b"\r\n"
    with target.connect() as connection:
        connection.sendall(one + long_one)
        received = b""
        try:
            while piece := connection.recv(65536):
                received += piece
        except ConnectionResetError:
            pass
    assert received.count(b"HTTP/1.1 200") <= 1
