"""Lines that would become headers of their own, in replies, in messages, in mails."""

import asyncio
from collections.abc import Iterator, Mapping
from email import message_from_string
from pathlib import Path

import pytest

from tests.support.media import make_clip
from tests.support.receivers import HttpReceiver, MailReceiver
from tests.support.target import Target, json_of

pytestmark = [pytest.mark.slow, pytest.mark.anyio]

_BREAKS = ("\r\n", "\n", "\r", "\0", "\u2028", "\x85", "\x0b", "\r\n\r\n", "%0d%0a", "\\r\\n")
_INJECTED = "X-Injected: yes"


@pytest.fixture(scope="module")
def open_target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A program that may send messages to this computer."""
    with Target(tmp_path_factory.mktemp("open"), {"notifications": {"allow_local_notifications": True}}) as running:
        yield running
        assert "Traceback" not in running.program.output + running.log


@pytest.mark.parametrize("name", ["X-Request-Id", "Last-Event-ID", "Origin", "Cookie", "Authorization", "Accept-Language"])
def test_nothing_a_request_carries_becomes_a_header_of_the_reply(target: Target, name: str) -> None:
    for value in (
        "a\rX-Injected: yes",
        "a\tX-Injected: yes",
        "a\x0bX-Injected: yes",
        "a%0d%0aX-Injected: yes",
        "é\x85X-Injected: yes",
        "x" * 9000,
    ):
        head = f"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n{name}: {value}\r\nConnection: close\r\n\r\n"
        reply = target.send(head.encode("latin-1"))
        assert reply.status in {200, 400}
        assert "x-injected" not in "\n".join(line.split(":")[0] for line in reply.head.lower().splitlines())
    split = target.send(
        f"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n{name}: a\r\n {_INJECTED}\r\nConnection: close\r\n\r\n".encode()
    )
    assert "x-injected" not in "\n".join(line.split(":")[0] for line in split.head.lower().splitlines())


@pytest.mark.parametrize(
    "path", ["/%0d%0aX-Injected:%20yes", "/api/v1/jobs%0d%0aX-Injected:%20yes", "/api/v1/jobs?sort_by=%0d%0aX-Injected:%20yes"]
)
def test_nothing_in_a_path_becomes_a_header(target: Target, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {target.token}\r\nConnection: close\r\n\r\n"
        assert "x-injected" not in target.send(head.encode()).head.lower()


def test_names_of_downloads_stay_in_their_header(target: Target, tmp_path: Path) -> None:
    content = make_clip(tmp_path / "a.mkv", duration_s=0.4).read_bytes()
    names = (
        'a"; filename=evil.sh; x=".mkv',
        "a%0D%0AX-Injected: yes.mkv",
        "a\u2028b\u202egnp.mkv",
        "a;b=c.mkv",
        "ä😀.mkv",
        "a\\\\b.mkv",
        "a\tb.mkv",
    )
    owner = target.client()
    json_of(owner.post("/engine/resume"))
    for name in names:
        client = target.client()
        quoted = name.replace("\\", "\\\\").replace('"', '\\"').encode()
        body = (
            b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + quoted + b'"\r\n\r\n' + content + b"\r\n--b--\r\n"
        )
        made = json_of(
            client.post("/conversion/uploads", content=body, headers={"Content-Type": "multipart/form-data; boundary=b"})
        )
        number = made["conversion_job_id"]
        settings = {**made["normalized_settings"], "remux_only": True, "output_container": "mkv"}
        json_of(client.post("/conversion/preview", json={"conversion_job_id": number, "settings": settings}))
        json_of(client.post(f"/conversion/jobs/{number}/start"))
        target.program.wait_until(lambda: json_of(owner.get(f"/conversion/jobs/{number}"))["download_ready"], 60)  # noqa: B023  # asked at once
        reply = client.get(f"/conversion/jobs/{number}/download")
        disposition = reply.headers["content-disposition"]
        assert disposition.isascii()
        assert disposition.isprintable()
        plain = disposition.removeprefix('attachment; filename="').partition('"')[0]
        rest = disposition.removeprefix(f'attachment; filename="{plain}"')
        assert rest == "" or (rest.startswith("; filename*=UTF-8''") and not set(rest[12:]) & set('"; \\'))
        assert "x-injected" not in reply.headers
        json_of(client.delete(f"/conversion/jobs/{number}"))
    json_of(owner.post("/engine/pause"))


def _target(kind: str, config: Mapping[str, object]) -> dict[str, object]:
    return {"name": "x", "target_type": kind, "config_json": dict(config), "events": ["completed"], "enabled": True}


async def test_no_member_of_a_target_becomes_a_header_of_its_message(open_target: Target) -> None:
    async with HttpReceiver() as receiver:
        kinds = {
            "webhook": ({"url": f"{receiver.url}/hook"}, ("auth_token", "url")),
            "ntfy": ({"server_url": receiver.url, "topic": "t"}, ("access_token", "topic", "server_url")),
            "gotify": ({"server_url": receiver.url, "app_token": "t"}, ("app_token", "server_url")),
            "discord_webhook": ({"webhook_url": f"{receiver.url}/d"}, ("webhook_url",)),
        }
        for kind, (config, members) in kinds.items():
            for member in members:
                for line_break in _BREAKS:
                    wrong = {**config, member: f"{config.get(member, 'secret')}{line_break}{_INJECTED}"}
                    client = open_target.client()
                    reply = await asyncio.to_thread(client.post, "/settings/notifications/test", json=_target(kind, wrong))
                    assert reply.status_code in {200, 400, 500}, reply.text
                    assert reply.status_code != 500 or reply.json()["code"] == "NOTIFICATION_TEST_FAILED"
            for token in ("tökén", "日本", "\u202e", "a b", "x" * 8000):
                wrong = {**config, members[0]: token} if "token" in members[0] else config
                reply = await asyncio.to_thread(
                    open_target.client().post, "/settings/notifications/test", json=_target(kind, wrong)
                )
                assert reply.status_code in {200, 400} or reply.json()["code"] == "NOTIFICATION_TEST_FAILED", reply.text
        assert receiver.requests, "no message came at all"
        assert not [got for got in receiver.requests if "x-injected" in got.headers]


async def test_no_member_of_a_mail_target_becomes_a_header_or_a_command(open_target: Target) -> None:
    with MailReceiver() as receiver:
        good: dict[str, object] = {
            "smtp_host": "127.0.0.1", "smtp_port": receiver.port, "security": "none",
            "from_address": "a@example.org", "to_addresses": ["b@example.org"],
        }  # fmt: skip
        injections = ("\r\nBcc: evil@example.org", "\nX-Injected: yes", "\r\nRCPT TO:<evil@example.org>", "> RCPT TO:<evil@example.org",
                      ", evil@example.org", "\u2028Bcc: evil@example.org", "<evil@example.org>", " (x\r\n)", '"\r\n"@x')  # fmt: skip
        for injected in injections:
            for member, value in (("from_address", f"a@example.org{injected}"), ("to_addresses", [f"b@example.org{injected}"]),
                                  ("from_address", f"Name{injected} <a@example.org>"), ("username", f"u{injected}"),
                                  ("smtp_host", f"127.0.0.1{injected}")):  # fmt: skip
                client = open_target.client()
                body = _target("email", {**good, member: value, **({"password": "p"} if member == "username" else {})})
                reply = await asyncio.to_thread(client.post, "/settings/notifications/test", json=body)
                assert reply.status_code in {200, 400} or reply.json()["code"] == "NOTIFICATION_TEST_FAILED", reply.text
        assert (
            await asyncio.to_thread(open_target.client().post, "/settings/notifications/test", json=_target("email", good))
        ).status_code == 200
        umlauts = _target("email", {**good, "username": "bjørn", "password": "pässword"})
        refused = await asyncio.to_thread(open_target.client().post, "/settings/notifications/test", json=umlauts)
        assert refused.json()["code"] == "NOTIFICATION_TEST_FAILED"
        for mail in receiver.mails:
            assert mail.receivers == ["b@example.org"]
            assert not {"bcc", "x-injected"} & {name.lower() for name in message_from_string(mail.content)}
        assert receiver.mails
