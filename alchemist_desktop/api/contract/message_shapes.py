"""Shapes of replies about messages to people and from other programs."""

from typing import Any

from alchemist_desktop.api.contract.job_shapes import Reply


class NotificationTargetShape(Reply):
    """A place messages are sent to; the members of `config_json` depend on its type."""

    id: int
    name: str
    target_type: str
    config_json: dict[str, Any]
    events: list[str]
    enabled: bool
    created_at: str
    last_sent_at: str | None
    last_error: str | None


class NotificationsShape(Reply):
    """When messages are sent, and where."""

    daily_summary_time_local: str
    quiet_hours_enabled: bool
    quiet_hours_start_local: str
    quiet_hours_end_local: str
    targets: list[NotificationTargetShape]


class ArrReceivedShape(Reply):
    """What became of a call of Sonarr or Radarr; `resolved_path` is the first file's path on this computer."""

    accepted: bool
    enqueued: bool
    message: str
    resolved_path: str | None
