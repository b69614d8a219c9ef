"""Shapes of replies about messages to people and from other programs."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from alchemist_desktop.api.contract.job_shapes import Reply


class StreamEventShape(BaseModel):
    """An event of the stream; events with an id can be asked for again by `Last-Event-ID`."""

    model_config = ConfigDict(extra="forbid")

    event: str = Field(description="What has happened; names that are not known are to be passed over.")
    data: str = Field(description="A JSON object whose members depend on the name.")
    id: str = Field("", description="The number of the event; progress has none.")


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
