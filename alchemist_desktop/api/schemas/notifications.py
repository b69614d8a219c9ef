"""Notification targets and times on the wire."""

from alchemist_desktop.api.schemas.bodies import CLOCK_TIME_OR_BLANK, NOT_BLANK, Body, told
from alchemist_desktop.api.schemas.encoding import JsonObject, rfc3339, rfc3339_or_none
from alchemist_desktop.domain.notification_target import TARGET_TYPES
from alchemist_desktop.domain.settings import Notifications, NotificationTargetSettings
from alchemist_desktop.services.notifications import NotificationTarget

TIMES = ("daily_summary_time_local", "quiet_hours_enabled", "quiet_hours_start_local", "quiet_hours_end_local")


class TargetBody(Body):
    """A target to add or to try; older clients put address and secret beside `config_json`."""

    name: str = told(pattern=NOT_BLANK)
    target_type: str = told(enum=TARGET_TYPES)
    events: list[str] = told(minItems=1)
    enabled: bool
    config_json: dict[str, object] | None = None
    endpoint_url: str | None = None
    auth_token: str | None = None

    def settings(self) -> NotificationTargetSettings:
        return NotificationTargetSettings(
            name=self.name,
            target_type=self.target_type,
            config_json=self.config_json or {},
            events=tuple(self.events),
            enabled=self.enabled,
            endpoint_url=self.endpoint_url,
            auth_token=self.auth_token,
        )


class TimesBody(Body):
    """Those times that are to change."""

    daily_summary_time_local: str | None = told(None, pattern=CLOCK_TIME_OR_BLANK)
    quiet_hours_enabled: bool | None = None
    quiet_hours_start_local: str | None = told(None, pattern=CLOCK_TIME_OR_BLANK)
    quiet_hours_end_local: str | None = told(None, pattern=CLOCK_TIME_OR_BLANK)


def notification_target_json(target: NotificationTarget) -> JsonObject:
    settings, record = target.settings, target.record
    return {
        "id": record.id,
        "name": settings.name,
        "target_type": settings.target_type,
        "config_json": dict(settings.config_json),
        "events": list(settings.events),
        "enabled": settings.enabled,
        "created_at": rfc3339(record.created_at),
        "last_sent_at": rfc3339_or_none(record.last_sent_at),
        "last_error": record.last_error,
    }


def notifications_json(times: Notifications, targets: list[NotificationTarget]) -> JsonObject:
    members = {name: getattr(times, name) for name in TIMES}
    return {**members, "targets": [notification_target_json(target) for target in targets]}
