"""Mail as it arrives at a real server."""

import ssl
from datetime import UTC, datetime
from email import message_from_string
from email.policy import default
from typing import Any

import pytest

from alchemist_desktop.domain.errors import InvalidRequestError
from alchemist_desktop.domain.notification import Notice, NotificationEvent
from alchemist_desktop.system.notify.delivery import DeliveryError
from alchemist_desktop.system.notify.mail import MailSender
from tests.support.receivers import MailReceiver, free_port

pytestmark = pytest.mark.anyio

NOTICE = Notice(
    event=NotificationEvent.COMPLETED, headline="Köln.mkv is done.", detail="Job #7.", at=datetime(2026, 5, 1, 8, 30, tzinfo=UTC)
)


def _config(port: int, **more: Any) -> dict[str, Any]:
    return {
        "smtp_host": "localhost",
        "smtp_port": port,
        "security": "none",
        "from_address": "Alchemist <from@example.org>",
        "to_addresses": ["one@example.org", "two@example.org"],
    } | more


async def test_a_mail_arrives_whole() -> None:
    with MailReceiver() as receiver:
        await MailSender().send(_config(receiver.port), NOTICE, allow_local=True)
        (mail,) = receiver.mails
    assert (mail.sender, mail.receivers) == ("from@example.org", ["one@example.org", "two@example.org"])
    message = message_from_string(mail.content, policy=default)
    assert message["Subject"] == "Alchemist Notification"
    assert message["From"] == "Alchemist <from@example.org>"
    assert message["To"] == "one@example.org, two@example.org"
    assert message.get_content_type() == "text/plain"
    assert message.get_content().splitlines() == ["Köln.mkv is done.", "Job #7."]
    assert message["Message-ID"].endswith("@example.org>")
    assert mail.login is None


@pytest.mark.parametrize("security", ["starttls", "tls", "smtps", None])
async def test_encrypted_and_signed_in(security: str | None, tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    server, trust = tls
    with MailReceiver(server, wrapped=security in {"tls", "smtps"}) as receiver:
        config = _config(receiver.port, security=security, username="me", password="geheim")
        await MailSender(trust).send(config, NOTICE, allow_local=True)
        assert [mail.login for mail in receiver.mails] == ["me:geheim"]


async def test_a_certificate_nobody_vouches_for_gets_no_password(tls: tuple[ssl.SSLContext, ssl.SSLContext]) -> None:
    with MailReceiver(tls[0]) as receiver:
        config = _config(receiver.port, security="starttls", username="me", password="geheim")
        with pytest.raises(DeliveryError, match="localhost"):
            await MailSender().send(config, NOTICE, allow_local=True)
        assert receiver.mails == []


@pytest.mark.parametrize(("refusal", "is_final"), [("550 no such thing", True), ("451 later", False)])
async def test_refusals(refusal: str, is_final: bool) -> None:
    with MailReceiver(refuse=refusal) as receiver:
        with pytest.raises(DeliveryError, match=refusal) as caught:
            await MailSender().send(_config(receiver.port), NOTICE, allow_local=True)
        assert caught.value.is_final is is_final


async def test_nobody_there_is_told() -> None:
    with pytest.raises(DeliveryError) as caught:
        await MailSender().send(_config(free_port()), NOTICE, allow_local=True)
    assert not caught.value.is_final


async def test_a_local_server_is_refused_unless_allowed() -> None:
    with pytest.raises(InvalidRequestError, match="local"):
        await MailSender().send(_config(25), NOTICE, allow_local=False)


@pytest.mark.parametrize("change", [{"from_address": "no address"}, {"to_addresses": ["a@b@c"]}, {"to_addresses": ["@"]}])
async def test_addresses_that_are_none(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError):
        await MailSender().send(_config(25, **change), NOTICE, allow_local=True)
