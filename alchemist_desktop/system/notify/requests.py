"""The web request that carries a message, for each kind of target: exactly what its service documents."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from alchemist_desktop.domain.notification import Notice, NotificationEvent
from alchemist_desktop.domain.notification_target import TargetType
from alchemist_desktop.domain.settings import NotificationTargetSettings

TITLE = "Alchemist Notification"
SUMMARY_TITLE = "Alchemist Daily Summary"

_COLORS = {
    NotificationEvent.COMPLETED: 0x00FF00,
    NotificationEvent.FAILED: 0xFF0000,
    NotificationEvent.QUEUED: 0xF1C40F,
    NotificationEvent.STARTED: 0x3498DB,
    NotificationEvent.DAILY_SUMMARY: 0x9B59B6,
}
_OTHER_COLOR = 0x95A5A6
_GOTIFY_PRIORITIES = {NotificationEvent.FAILED: 8, NotificationEvent.COMPLETED: 5, NotificationEvent.DAILY_SUMMARY: 4}
_NTFY_PRIORITIES = {NotificationEvent.FAILED: 5, NotificationEvent.DAILY_SUMMARY: 4}
# What the services take at most, in characters.
_LIMITS = {TargetType.DISCORD_WEBHOOK: 4096, TargetType.DISCORD_BOT: 2000, TargetType.TELEGRAM: 4096, TargetType.NTFY: 3000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Origins:
    """Where the services with one address for everybody are."""

    discord: str = "https://discord.com"
    telegram: str = "https://api.telegram.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One POST."""

    url: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def title_of(notice: Notice) -> str:
    return SUMMARY_TITLE if notice.event is NotificationEvent.DAILY_SUMMARY else TITLE


def http_request(target: NotificationTargetSettings, notice: Notice, origins: Origins) -> HttpRequest:
    """The request for any kind of target but mail."""
    kind = TargetType(target.target_type)
    text = clipped(notice.text, _LIMITS.get(kind))
    config = {name: str(value) for name, value in target.config_json.items() if value is not None}
    match kind:
        case TargetType.DISCORD_WEBHOOK:
            return _json(config["webhook_url"], {"embeds": [_embed(notice, text)]})
        case TargetType.DISCORD_BOT:
            url = f"{origins.discord}/api/v10/channels/{quote(config['channel_id'], safe='')}/messages"
            # A file name must not call everybody to the channel.
            content = text.replace("@", "@\u200b")[: _LIMITS[kind]]
            return _json(url, {"content": content}, Authorization=f"Bot {config['bot_token']}")
        case TargetType.GOTIFY:
            body = {
                "title": title_of(notice),
                "message": text,
                "priority": _GOTIFY_PRIORITIES.get(notice.event, 2),
                "extras": {"client::display": {"contentType": "text/plain"}},
            }
            return _json(_below(config["server_url"], "message"), body, **{"X-Gotify-Key": config["app_token"]})
        case TargetType.NTFY:
            return _ntfy(config, notice, text)
        case TargetType.WEBHOOK:
            return _json(config["url"], webhook_document(notice), **_bearer(config.get("auth_token")))
        case TargetType.TELEGRAM:
            url = f"{origins.telegram}/bot{quote(config['bot_token'], safe=':')}/sendMessage"
            return _json(url, {"chat_id": config["chat_id"], "text": text})
        case TargetType.EMAIL:
            raise ValueError("mail is no web request")


def webhook_document(notice: Notice) -> dict[str, Any]:
    """The documented JSON of the general webhook."""
    timestamp = notice.at.isoformat(timespec="seconds").replace("+00:00", "Z")
    if notice.summary is not None:
        return {"event": notice.event, "summary": dict(notice.summary), "message": notice.text, "timestamp": timestamp}
    return {
        "event": notice.event,
        "message": notice.text,
        "data": dict(notice.data),
        "decision_explanation": notice.decision,
        "failure_explanation": notice.failure,
        "timestamp": timestamp,
    }


def clipped(text: str, limit: int | None) -> str:
    return text if limit is None or len(text) <= limit else text[: limit - 1] + "…"


def _embed(notice: Notice, text: str) -> dict[str, Any]:
    return {
        "title": title_of(notice),
        "description": text,
        "color": _COLORS.get(notice.event, _OTHER_COLOR),
        "timestamp": notice.at.isoformat(timespec="seconds").replace("+00:00", "Z"),
    }


def _ntfy(config: Mapping[str, str], notice: Notice, text: str) -> HttpRequest:
    headers = {"Title": title_of(notice), "Priority": str(_NTFY_PRIORITIES.get(notice.event, 3))}
    return HttpRequest(
        url=_below(config["server_url"], quote(config["topic"], safe="")),
        body=text.encode(),
        headers={"Content-Type": "text/plain; charset=utf-8", **headers, **_bearer(config.get("access_token"))},
    )


def _below(server_url: str, path: str) -> str:
    return f"{server_url.rstrip('/')}/{path}"


def _bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def _json(url: str, body: Mapping[str, Any], **headers: str) -> HttpRequest:
    content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
    return HttpRequest(url=url, body=content, headers={"Content-Type": "application/json", **headers})
