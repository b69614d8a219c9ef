"""Notification targets: their kinds, what each needs, which of it is secret, and the forms of older clients."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from urllib.parse import urlsplit

from alchemist_desktop.domain.errors import InvalidRequestError
from alchemist_desktop.domain.notification import NotificationEvent
from alchemist_desktop.domain.settings import Notifications, NotificationTargetSettings, Settings

INVALID = "NOTIFICATION_TARGET_INVALID"
HIDDEN = "***"
_SEALED = "secret:"


class TargetType(StrEnum):
    """Where messages can be sent; the values are stored and sent."""

    DISCORD_WEBHOOK = "discord_webhook"
    DISCORD_BOT = "discord_bot"
    GOTIFY = "gotify"
    NTFY = "ntfy"
    WEBHOOK = "webhook"
    TELEGRAM = "telegram"
    EMAIL = "email"


URL_MEMBERS: Mapping[str, str] = {
    TargetType.DISCORD_WEBHOOK: "webhook_url",
    TargetType.GOTIFY: "server_url",
    TargetType.NTFY: "server_url",
    TargetType.WEBHOOK: "url",
}
# Whoever knows these can post in the owner's name; the address of a webhook is often its own password.
SECRET_MEMBERS: Mapping[str, tuple[str, ...]] = {
    TargetType.DISCORD_WEBHOOK: ("webhook_url",),
    TargetType.DISCORD_BOT: ("bot_token",),
    TargetType.GOTIFY: ("app_token",),
    TargetType.NTFY: ("access_token",),
    TargetType.WEBHOOK: ("url", "auth_token"),
    TargetType.TELEGRAM: ("bot_token",),
    TargetType.EMAIL: ("password",),
}
_IN_HEADERS = frozenset({"bot_token", "app_token", "access_token", "auth_token"})
MAIL_SECURITY = frozenset({"starttls", "tls", "smtps", "none"})

_REQUIRED: Mapping[str, tuple[str, ...]] = {
    TargetType.DISCORD_WEBHOOK: ("webhook_url",),
    TargetType.DISCORD_BOT: ("bot_token", "channel_id"),
    TargetType.GOTIFY: ("server_url", "app_token"),
    TargetType.NTFY: ("server_url", "topic"),
    TargetType.WEBHOOK: ("url",),
    TargetType.TELEGRAM: ("bot_token", "chat_id"),
    TargetType.EMAIL: ("smtp_host", "from_address"),
}
_OLD_TYPES = {"discord": TargetType.DISCORD_WEBHOOK.value}
_OLD_EVENTS = {
    "queued": NotificationEvent.QUEUED.value,
    "encoding": NotificationEvent.STARTED.value,
    "remuxing": NotificationEvent.STARTED.value,
    "completed": NotificationEvent.COMPLETED.value,
    "failed": NotificationEvent.FAILED.value,
}
_OLD_SECRETS = {"gotify": "app_token", "webhook": "auth_token"}
SUBSCRIBABLE = tuple(event for event in NotificationEvent if event is not NotificationEvent.DIGEST)
TARGET_TYPES = (*TargetType, *_OLD_TYPES)


def sealed(name: str) -> str:
    """What the settings file has in place of the secret of this name."""
    return f"{_SEALED}{name}"


def sealed_name(value: str) -> str | None:
    """The name of the secret that `value` stands for; None for anything else."""
    return value.removeprefix(_SEALED) if value.startswith(_SEALED) else None


def canonical_target(target: NotificationTargetSettings) -> NotificationTargetSettings:
    """The target with its address and secret in `config_json`, and types and events by their full names."""
    kind = _OLD_TYPES.get(target.target_type, target.target_type)
    config = dict(target.config_json)
    for members, value in ((URL_MEMBERS, target.endpoint_url), (_OLD_SECRETS, target.auth_token)):
        if kind in members and value and not config.get(members[kind]):
            config[members[kind]] = value
    return target.model_copy(
        update={
            "target_type": kind,
            "config_json": config,
            "events": canonical_events(target.events),
            "endpoint_url": None,
            "auth_token": None,
        }
    )


def canonical_events(events: Iterable[str]) -> tuple[str, ...]:
    """Full names, each once; names nobody knows stay, for a newer version may know them."""
    return tuple(dict.fromkeys(_OLD_EVENTS.get(event, event) for event in events))


def up_to_date(settings: Notifications) -> Notifications:
    """The settings with every target in its full form.

    Where none is listed, the two addresses that older configuration files had become targets, and are gone themselves.
    """
    targets = tuple(canonical_target(target) for target in settings.targets) or _old_addresses(settings)
    gone = {"webhook_url": None, "discord_webhook": None} if targets else {}
    return settings.model_copy(update={"targets": targets, **gone})


def _old_addresses(settings: Notifications) -> tuple[NotificationTargetSettings, ...]:
    wanted = ((settings.notify_on_complete, NotificationEvent.COMPLETED), (settings.notify_on_failure, NotificationEvent.FAILED))
    events = tuple(event.value for is_wanted, event in wanted if is_wanted)
    old = ((TargetType.DISCORD_WEBHOOK, settings.discord_webhook), (TargetType.WEBHOOK, settings.webhook_url))
    return tuple(
        NotificationTargetSettings(
            name=f"{kind.value} of an older version", target_type=kind, config_json={URL_MEMBERS[kind]: url}, events=events
        )
        for kind, url in old
        if url and events and settings.enabled
    )


def checked_target(target: NotificationTargetSettings) -> NotificationTargetSettings:
    """The target in its full form. Raises InvalidRequestError (NOTIFICATION_TARGET_INVALID) naming what is wrong."""
    known = canonical_target(target)
    if not known.name.strip():
        raise invalid("The target needs a name.")
    if known.target_type not in set(TargetType):
        raise invalid(f"There is no kind of target called {known.target_type!r}.")
    events = tuple(event for event in known.events if event in SUBSCRIBABLE)
    if not events:
        raise invalid("Choose at least one event.")
    config = _checked_config(TargetType(known.target_type), known.config_json)
    return known.model_copy(update={"name": known.name.strip(), "events": events, "config_json": config})


def _checked_config(kind: TargetType, given: Mapping[str, object]) -> dict[str, object]:
    config = {name: str(value) if _is_plain_number(name, value) else value for name, value in given.items()}
    for member in _REQUIRED[kind]:
        value = config.get(member)
        if not isinstance(value, str) or not value.strip():
            raise invalid(f"{kind.value} needs {member}.")
    for member, value in config.items():
        if isinstance(value, str) and not value.isprintable():
            raise invalid(f"{member} holds a character that cannot be sent.")
        if isinstance(value, str) and member in _IN_HEADERS and not value.isascii():
            raise invalid(f"{member} holds a character that cannot be sent.")
    url_member = URL_MEMBERS.get(kind, "")
    if url_member and not _is_sealed(kind, url_member, config[url_member]):
        check_url(str(config[url_member]))
    if kind is TargetType.EMAIL:
        _check_mail(config)
    return config


def _is_sealed(kind: TargetType, member: str, value: object) -> bool:
    return member in SECRET_MEMBERS[kind] and sealed_name(str(value)) is not None


def _is_plain_number(name: str, value: object) -> bool:
    """Chat and channel ids are numbers to people, texts to the services."""
    return name in {"chat_id", "channel_id"} and isinstance(value, int) and not isinstance(value, bool)


def _check_mail(config: Mapping[str, object]) -> None:
    receivers = config.get("to_addresses")
    if not isinstance(receivers, list) or not receivers or not all(isinstance(to, str) and "@" in to for to in receivers):
        raise invalid("email needs to_addresses, a list with at least one address.")
    if any(not to.isprintable() for to in receivers):
        raise invalid("to_addresses holds a character that cannot be sent.")
    if "@" not in str(config["from_address"]):
        raise invalid("from_address is not a mail address.")
    port = config.get("smtp_port")
    if port is not None and (not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65536):
        raise invalid("smtp_port is a number from 1 to 65535.")
    security = config.get("security")
    if security is not None and security not in MAIL_SECURITY:
        raise invalid("security is starttls, tls, smtps or none.")


def check_url(url: str) -> None:
    """Whether messages may go to this address, as far as its text tells."""
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        is_good = False
    if not is_good or " " in url:
        raise invalid("The address must begin with http:// or https:// and name a host.")
    if parts.username is not None or parts.password is not None or "#" in url:
        raise invalid("The address must hold neither a user name nor a fragment.")


def invalid(message: str) -> InvalidRequestError:
    return InvalidRequestError(message, code=INVALID)


def without_secrets(target: NotificationTargetSettings) -> NotificationTargetSettings:
    """The target as it may be shown to anybody."""
    secret = SECRET_MEMBERS.get(target.target_type, ())
    config = {name: HIDDEN if name in secret and value else value for name, value in target.config_json.items()}
    return target.model_copy(update={"config_json": config, "auth_token": None, "endpoint_url": None})


def settings_without_secrets(settings: Settings) -> Settings:
    """The settings as everybody who watches may see them."""
    known = settings.notifications
    hidden: dict[str, object] = {"targets": tuple(without_secrets(canonical_target(target)) for target in known.targets)}
    hidden |= {name: HIDDEN for name in ("webhook_url", "discord_webhook") if getattr(known, name)}
    return settings.model_copy(update={"notifications": known.model_copy(update=hidden)})
