"""Messages to places inside: none may go to this computer or its network, in whatever form the place is written."""

import asyncio
import socket
import threading

import pytest

from tests.support.receivers import HttpReceiver
from tests.support.target import Target, json_of

pytestmark = [pytest.mark.slow, pytest.mark.anyio]

_PRIVATE = (
    "127.0.0.1", "127.0.0.2", "127.1", "127.255.255.254", "0.0.0.0", "0", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255",
    "192.168.0.1", "169.254.169.254", "100.64.0.1", "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1",
    "2130706433", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1", "017700000001", "127.0.1", "3232235521", "0xa9fea9fe",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:10.0.0.1]", "[::127.0.0.1]", "[0:0:0:0:0:ffff:a9fe:a9fe]",
    "[64:ff9b::7f00:1]", "[64:ff9b:1::1]", "[2002:7f00:1::]", "[fe80::1]", "[fc00::1]", "[fd00:ec2::254]", "[ff02::1]", "[2001::1]",
    "[100::1]", "[fec0::1]",
    "localhost", "LOCALHOST", "localhost.", "localhost.localdomain", "ip6-localhost", "app.localhost", "①②⑦.⓪.⓪.①", "１２７.0.0.1",
    "127。0。0。1",
)  # fmt: skip


def _target(url: str) -> dict[str, object]:
    return {"name": "x", "target_type": "webhook", "config_json": {"url": url}, "events": ["completed"], "enabled": True}


@pytest.mark.parametrize("host", [*_PRIVATE, socket.gethostname()])
def test_no_target_may_be_inside(target: Target, host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as lure:
        lure.settimeout(0)
        port = int(lure.getsockname()[1])
        for url in (f"http://{host}:{port}/hook", f"https://{host}:{port}/hook"):
            for path in ("", "/test"):
                reply = target.client().post(f"/settings/notifications{path}", json=_target(url))
                assert (reply.status_code, reply.json()["code"]) == (400, "NOTIFICATION_TARGET_INVALID"), (url, reply.text)
        mail = {
            "smtp_host": host.strip("[]"),
            "smtp_port": port,
            "security": "none",
            "from_address": "a@b.c",
            "to_addresses": ["a@b.c"],
        }
        body = {**_target(""), "target_type": "email", "config_json": mail}
        assert target.client().post("/settings/notifications/test", json=body).json()["code"] == "NOTIFICATION_TARGET_INVALID"
        with pytest.raises(BlockingIOError):
            lure.accept()
    assert json_of(target.client().get("/settings/notifications"))["targets"] == []


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org@127.0.0.1/",
        "http://127.0.0.1#example.org/",
        "http://127.0.0.1\\@example.org/",
        "http://example.org\\@127.0.0.1/",
        "http://user:pass@example.org/",
        "http://127.0.0.1:80\t/",
        "http:///127.0.0.1/",
        "http://127.0.0.1 .example.org/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "ftp://example.org/",
        "unix:///run/docker.sock",
        "//127.0.0.1/",
        "http://",
        "http://[::1",
        "http://127.0.0.1:99999/",
        "javascript:alert(1)",
        "http://%31%32%37.0.0.1/",
        "http://127.0.0.1%2f@example.org/",
        "http://exa mple.org/",
    ],
)
def test_no_trick_with_an_address_leads_inside(target: Target, url: str) -> None:
    for path in ("", "/test"):
        reply = target.client().post(f"/settings/notifications{path}", json=_target(url))
        assert (reply.status_code, reply.json()["code"]) == (400, "NOTIFICATION_TARGET_INVALID"), reply.text


def test_targets_that_came_in_with_the_settings_get_no_message_either(target: Target) -> None:
    """A bundle is not judged target by target, but whatever is sent is judged anew."""
    client = target.client()
    settings = json_of(client.get("/settings/bundle"))["settings"]
    before = settings["notifications"]["targets"]
    with socket.create_server(("127.0.0.1", 0)) as lure:
        lure.settimeout(0)
        settings["notifications"]["targets"] = [_target(f"http://127.0.0.1:{lure.getsockname()[1]}/hook")]
        client.put("/settings/bundle", json=settings)
        assert client.post("/settings/notifications/test", json=settings["notifications"]["targets"][0]).status_code == 400
        with pytest.raises(BlockingIOError):
            lure.accept()
    settings["notifications"]["targets"] = before
    json_of(client.put("/settings/bundle", json=settings))


async def test_a_redirect_is_not_followed(tmp_path_factory: pytest.TempPathFactory) -> None:
    overrides = {"notifications": {"allow_local_notifications": True}}

    def started() -> Target:
        return Target(tmp_path_factory.mktemp("redirect"), overrides).__enter__()

    target = await asyncio.to_thread(started)
    try:
        async with HttpReceiver() as inside, HttpReceiver() as outside:
            for status in (301, 302, 303, 307, 308):
                outside.replies.append(f"{status} Moved\r\nLocation: {inside.url}/metadata")
                reply = await asyncio.to_thread(target.client().post, "/settings/notifications/test", json=_target(outside.url))
                assert (reply.status_code, reply.json()["code"]) == (500, "NOTIFICATION_TEST_FAILED")
            assert len(outside.requests) == 5
            assert inside.requests == []
    finally:
        await asyncio.to_thread(target.__exit__, None, None, None)


def test_a_receiver_that_answers_without_end_costs_nothing(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Target(tmp_path_factory.mktemp("endless"), {"notifications": {"allow_local_notifications": True}}) as target:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            stop = threading.Event()

            def answer() -> None:
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 200 OK\r\n")
                    try:
                        while not stop.is_set():
                            connection.sendall(b"X-Endless: " + b"y" * 60_000 + b"\r\n")
                    except OSError:
                        return

            answering = threading.Thread(target=answer, daemon=True)
            answering.start()
            reply = target.client().post(
                "/settings/notifications/test", json=_target(f"http://127.0.0.1:{listener.getsockname()[1]}/")
            )
            stop.set()
            answering.join(10)
        assert reply.json()["code"] == "NOTIFICATION_TEST_FAILED"
