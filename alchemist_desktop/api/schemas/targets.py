"""Notification targets in the shapes of older clients, brought into the one the program stores."""

from collections.abc import Iterable

from alchemist_desktop.api.schemas.encoding import JsonObject
from alchemist_desktop.domain.settings import NotificationTargetSettings

_TYPES = {"discord": "discord_webhook"}
_EVENTS = {
    "queued": "encode.queued",
    "encoding": "encode.started",
    "remuxing": "encode.started",
    "completed": "encode.completed",
    "failed": "encode.failed",
}
_URL_MEMBERS = {"discord_webhook": "webhook_url", "gotify": "server_url", "ntfy": "server_url", "webhook": "url"}
_SECRET_MEMBERS = {"gotify": "app_token", "webhook": "auth_token"}


def canonical_target(target: NotificationTargetSettings) -> NotificationTargetSettings:
    """The target with its address and secret in `config_json`, and types and events by their full names."""
    kind = _TYPES.get(target.target_type, target.target_type)
    config = dict(target.config_json)
    for members, value in ((_URL_MEMBERS, target.endpoint_url), (_SECRET_MEMBERS, target.auth_token)):
        if kind in members and value and not config.get(members[kind]):
            config[members[kind]] = value
    return target.model_copy(
        update={
            "target_type": kind,
            "config_json": config,
            "events": _canonical_events(target.events),
            "endpoint_url": None,
            "auth_token": None,
        }
    )


def target_json(target: NotificationTargetSettings) -> JsonObject:
    """A target of the bundle; `endpoint_url` is always a text, as some clients insist on one."""
    known = canonical_target(target)
    url = known.config_json.get(_URL_MEMBERS.get(known.target_type, ""))
    return {**known.model_dump(), "endpoint_url": url if isinstance(url, str) else ""}


def _canonical_events(events: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_EVENTS.get(event, event) for event in events))
