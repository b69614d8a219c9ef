"""Sends one mail through the owner's server, by the address that was checked."""

import asyncio
import smtplib
import ssl
from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from typing import Any

from alchemist_desktop.domain.notification import Notice
from alchemist_desktop.domain.notification_target import invalid
from alchemist_desktop.system.notify.addresses import resolve
from alchemist_desktop.system.notify.delivery import DeliveryError
from alchemist_desktop.system.notify.requests import title_of

_TIMEOUT_S = 10.0
_PORTS = {"starttls": 587, "tls": 465, "smtps": 465, "none": 25}


class MailSender:
    """Sends mail; a connection for each, in a thread. `tls` replaces the system's trust."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls

    async def check(self, config: Mapping[str, Any], *, allow_local: bool) -> None:
        """Raises InvalidRequestError when no mail may go through that server."""
        await self._address(config, allow_local=allow_local)

    async def send(self, config: Mapping[str, Any], notice: Notice, *, allow_local: bool) -> None:
        """Returns when the server has taken the mail. Raises DeliveryError or InvalidRequestError."""
        address = await self._address(config, allow_local=allow_local)
        message = mail_of(config, notice)
        try:
            await asyncio.to_thread(self._send, config, address, message)
        except smtplib.SMTPResponseException as error:
            text = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else str(error.smtp_error)
            is_final = error.smtp_code >= 500
            raise DeliveryError(f"{config['smtp_host']} refused the mail: {error.smtp_code} {text}.", is_final=is_final) from None
        except smtplib.SMTPRecipientsRefused:
            raise DeliveryError(f"{config['smtp_host']} refuses the receivers.", is_final=True) from None
        except UnicodeError:
            raise DeliveryError(f"{config['smtp_host']} takes names and passwords in ASCII only.", is_final=True) from None
        except (OSError, smtplib.SMTPException) as error:
            raise DeliveryError(f"{config['smtp_host']} did not take the mail: {error}.") from None

    async def _address(self, config: Mapping[str, Any], *, allow_local: bool) -> str:
        return await resolve(str(config["smtp_host"]), _port(config), allow_local=allow_local)

    def _send(self, config: Mapping[str, Any], address: str, message: EmailMessage) -> None:
        security = config.get("security") or "starttls"
        tls = self._tls or ssl.create_default_context()
        # A name of its own, so that smtplib does not look up this computer's, which can take many seconds.
        common: dict[str, Any] = {"timeout": _TIMEOUT_S, "local_hostname": "localhost"}
        client = smtplib.SMTP_SSL(context=tls, **common) if security in {"tls", "smtps"} else smtplib.SMTP(**common)
        # Given to the constructor the name would be looked up once more; here it is for the certificate alone.
        vars(client)["_host"] = str(config["smtp_host"])
        with client:
            client.connect(address, _port(config))
            if security == "starttls":
                client.starttls(context=tls)
            if config.get("username"):
                client.login(str(config["username"]), str(config.get("password") or ""))
            client.send_message(message)


def mail_of(config: Mapping[str, Any], notice: Notice) -> EmailMessage:
    message = EmailMessage()
    try:
        sender = _address_of(str(config["from_address"]))
        message["From"] = sender
        message["To"] = [_address_of(str(to)) for to in config["to_addresses"]]
    except (ValueError, IndexError, TypeError) as error:
        raise invalid("A mail address is not one.") from error
    message["Subject"] = title_of(notice)
    message["Date"] = format_datetime(notice.at)
    message["Message-ID"] = make_msgid(domain=sender.domain or None)
    message.set_content(notice.text.encode("utf-8", "replace").decode() + "\n", cte="quoted-printable")
    return message


def _address_of(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(display_name=name, addr_spec=address)


def _port(config: Mapping[str, Any]) -> int:
    return int(config.get("smtp_port") or _PORTS[config.get("security") or "starttls"])
