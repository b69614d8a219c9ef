"""Web requests as they arrive at a real server: exactly the documented ones, and to nobody else."""

import asyncio
import json
import ssl
from datetime import UTC, datetime
from typing import Any

import pytest

from alchemist_desktop.domain.errors import InvalidRequestError
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.explanation_document import explanation_document
from alchemist_desktop.domain.notification import Notice, NotificationEvent
from alchemist_desktop.domain.settings import NotificationTargetSettings
from alchemist_desktop.system.notify.courier import Courier
from alchemist_desktop.system.notify.delivery import DeliveryError
from alchemist_desktop.system.notify.http import HttpSender
from alchemist_desktop.system.notify.requests import HttpRequest, Origins
from tests.support.receivers import HttpReceiver, Received

pytestmark = pytest.mark.anyio

FAILURE = explanation_document(explain("disk_full", error="No space."))
FAILED = Notice(
    event=NotificationEvent.FAILED,
    headline="Köln @everyone.mkv failed.",
    detail="Job #7.",
    at=datetime(2026, 5, 1, 8, 30, tzinfo=UTC),
    data={"type": "JobStateChanged", "data": {"job_id": 7, "status": "failed"}},
    failure=FAILURE,
)
TEXT = "Köln @everyone.mkv failed.\nJob #7."
SUMMARY = Notice(
    event=NotificationEvent.DAILY_SUMMARY,
    headline="Daily summary",
    at=FAILED.at,
    summary={"completed": 1, "failed": 0, "skipped": 0, "bytes_saved": 5, "top_failure_reasons": [], "top_skip_reasons": []},
)


async def _sent(kind: str, config: dict[str, Any], notice: Notice = FAILED) -> Received:
    async with HttpReceiver() as receiver:
        filled = {name: str(value).replace("$URL", receiver.url) for name, value in config.items()}
        target = NotificationTargetSettings(name="x", target_type=kind, config_json=filled, events=("encode.failed",))
        courier = Courier(origins=Origins(discord=receiver.url, telegram=receiver.url))
        await courier.deliver(target, notice, allow_local=True)
        (request,) = receiver.requests
        assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
        return request


async def test_discord_webhook() -> None:
    request = await _sent("discord_webhook", {"webhook_url": "$URL/api/webhooks/1/abc?wait=true"})
    assert request.path == "/api/webhooks/1/abc?wait=true"
    assert request.json == {
        "embeds": [
            {
                "title": "Alchemist Notification",
                "description": TEXT,
                "color": 0xFF0000,
                "timestamp": "2026-05-01T08:30:00Z",
            }
        ]
    }


async def test_discord_bot_calls_nobody_by_a_file_name() -> None:
    request = await _sent("discord_bot", {"bot_token": "geheim", "channel_id": "42"})
    assert request.path == "/api/v10/channels/42/messages"
    assert request.headers["authorization"] == "Bot geheim"
    assert request.json == {"content": TEXT.replace("@", "@\u200b")}


async def test_gotify() -> None:
    request = await _sent("gotify", {"server_url": "$URL/push/", "app_token": "geheim"})
    assert request.path == "/push/message"
    assert request.headers["x-gotify-key"] == "geheim"
    assert request.json == {
        "title": "Alchemist Notification",
        "message": TEXT,
        "priority": 8,
        "extras": {"client::display": {"contentType": "text/plain"}},
    }
    assert (await _sent("gotify", {"server_url": "$URL", "app_token": "geheim"}, SUMMARY)).json["priority"] == 4


async def test_ntfy() -> None:
    request = await _sent("ntfy", {"server_url": "$URL", "topic": "my films/1", "access_token": "geheim"})
    assert request.path == "/my%20films%2F1"
    assert request.body.decode() == TEXT
    assert request.headers["title"] == "Alchemist Notification"
    assert request.headers["priority"] == "5"
    assert request.headers["authorization"] == "Bearer geheim"
    open_topic = await _sent("ntfy", {"server_url": "$URL", "topic": "t"}, SUMMARY)
    assert open_topic.headers["priority"] == "4"
    assert open_topic.headers["title"] == "Alchemist Daily Summary"
    assert "authorization" not in open_topic.headers


async def test_webhook() -> None:
    request = await _sent("webhook", {"url": "$URL/in", "auth_token": "geheim"})
    assert request.headers["authorization"] == "Bearer geheim"
    assert request.headers["content-type"] == "application/json"
    assert request.json == {
        "event": "encode.failed",
        "message": TEXT,
        "data": {"type": "JobStateChanged", "data": {"job_id": 7, "status": "failed"}},
        "decision_explanation": None,
        "failure_explanation": json.loads(json.dumps(FAILURE)),
        "timestamp": "2026-05-01T08:30:00Z",
    }


async def test_webhook_with_the_summary() -> None:
    assert (await _sent("webhook", {"url": "$URL/in"}, SUMMARY)).json == {
        "event": "daily.summary",
        "summary": SUMMARY.summary,
        "message": "Daily summary",
        "timestamp": "2026-05-01T08:30:00Z",
    }


async def test_telegram() -> None:
    request = await _sent("telegram", {"bot_token": "12:geheim", "chat_id": "-100"})
    assert request.path == "/bot12:geheim/sendMessage"
    assert request.json == {"chat_id": "-100", "text": TEXT}


async def test_long_messages_are_cut_to_what_a_service_takes() -> None:
    notice = Notice(event=NotificationEvent.QUEUED, headline="x" * 9000, at=FAILED.at)
    assert len((await _sent("telegram", {"bot_token": "t", "chat_id": "1"}, notice)).json["text"]) == 4096
    assert len((await _sent("discord_bot", {"bot_token": "t", "channel_id": "1"}, notice)).json["content"]) == 2000


async def test_local_receivers_are_refused_before_anything_is_sent() -> None:
    async with HttpReceiver() as receiver:
        target = NotificationTargetSettings(
            name="x", target_type="webhook", config_json={"url": receiver.url}, events=("encode.failed",)
        )
        for call in (Courier().check(target, allow_local=False), Courier().deliver(target, FAILED, allow_local=False)):
            with pytest.raises(InvalidRequestError, match="local"):
                await call
        assert receiver.requests == []


@pytest.mark.parametrize(
    ("reply", "is_final"),
    [
        ("400 Bad Request", True),
        ("404 Not Found", True),
        ("302 Found\r\nLocation: http://127.0.0.1:1/", True),
        ("429 Too Many Requests", False),
        ("500 Oh", False),
        ("503 Busy\r\nRetry-After: 90", False),
    ],
)
async def test_refusals_tell_whether_it_makes_sense_to_try_again(reply: str, is_final: bool) -> None:
    async with HttpReceiver(replies=[reply]) as receiver:
        with pytest.raises(DeliveryError, match=reply[:3]) as caught:
            await HttpSender().send(HttpRequest(url=f"{receiver.url}/geheim", body=b""), allow_local=True)
        assert caught.value.is_final is is_final
        assert caught.value.retry_after_s == (90.0 if "Retry-After" in reply else None)
        assert "geheim" not in caught.value.message
        assert len(receiver.requests) == 1


async def test_nobody_there_is_told_without_the_secret_part_of_the_address() -> None:
    async with HttpReceiver() as receiver:
        url = receiver.url
    with pytest.raises(DeliveryError, match="cannot be reached") as caught:
        await HttpSender().send(HttpRequest(url=f"{url}/geheim", body=b""), allow_local=True)
    assert not caught.value.is_final
    assert "geheim" not in caught.value.message


async def test_the_checked_address_is_used_and_the_certificate_is_that_of_the_name(
    tls: tuple[ssl.SSLContext, ssl.SSLContext],
) -> None:
    server, trust = tls
    async with HttpReceiver(tls=server) as receiver:
        loop = asyncio.get_running_loop()
        asked: list[str] = []

        async def getaddrinfo(host: str, port: int, **_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
            asked.append(host)
            return [(2, 1, 6, "", ("127.0.0.1", port))]

        loop.getaddrinfo = getaddrinfo  # type: ignore[method-assign, assignment]  # the name server of this test
        sender = HttpSender(trust)
        await sender.send(HttpRequest(url=f"https://push.test:{receiver.port}/x", body=b"{}"), allow_local=True)
        assert receiver.requests[0].headers["host"] == f"push.test:{receiver.port}"
        assert asked[0] == "push.test"
        assert set(asked[1:]) <= {"127.0.0.1"}, "the name was looked up a second time"
        with pytest.raises(DeliveryError, match="cannot be reached"):
            await sender.send(HttpRequest(url=f"https://other.test:{receiver.port}/x", body=b"{}"), allow_local=True)
        assert len(receiver.requests) == 1
