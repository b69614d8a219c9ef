"""Notification targets on the wire."""

from alchemist_desktop.api.schemas.encoding import JsonObject
from alchemist_desktop.domain.notification_target import URL_MEMBERS, canonical_target
from alchemist_desktop.domain.settings import NotificationTargetSettings


def target_json(target: NotificationTargetSettings) -> JsonObject:
    """A target of the bundle; `endpoint_url` is always a text, as some clients insist on one."""
    known = canonical_target(target)
    url = known.config_json.get(URL_MEMBERS.get(known.target_type, ""))
    return {**known.model_dump(), "endpoint_url": url if isinstance(url, str) else ""}
