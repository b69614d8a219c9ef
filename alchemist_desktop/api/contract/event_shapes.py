"""Shapes of the events: what the `data` of each holds."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal

from alchemist_desktop.api.contract.job_shapes import ExplanationShape, Reply
from alchemist_desktop.domain.job import JobState, Phase
from alchemist_desktop.domain.settings import Settings


class StatusEvent(Reply):
    """A job came into this state; the job 0 tells that many have changed and the list is to be read anew."""

    job_id: int
    status: JobState


class ProgressEvent(Reply):
    """How far a job is; it comes without an id, a few times a second, and only the newest of each job."""

    job_id: int
    percentage: float
    time: float
    time_text: str
    phase: Phase
    fps: float | None
    speed: float | None
    eta_seconds: float | None


class DecisionEvent(Reply):
    """What is done with a file, and why."""

    job_id: int
    action: Literal["encode", "remux", "skip"]
    reason: str
    explanation: ExplanationShape


class LogEvent(Reply):
    """A new line of the log."""

    level: str
    job_id: int | None
    message: str


class NothingEvent(Reply):
    """The name of the event says it all."""


class WatchFolderEvent(Reply):
    """A folder is watched from now on, or no longer."""

    path: str


class DiskSpaceEvent(Reply):
    """A volume has too little free space for the next job."""

    reason: str


class LaggedEvent(Reply):
    """So many events were dropped because the client read too slowly, or came back too late."""

    skipped: int


EVENTS: Mapping[str, Any] = MappingProxyType(
    {
        "status": StatusEvent,
        "progress": ProgressEvent,
        "decision": DecisionEvent,
        "log": LogEvent,
        "config_updated": Settings | NothingEvent,
        "watch_folder_added": WatchFolderEvent,
        "watch_folder_removed": WatchFolderEvent,
        "disk_space_low": DiskSpaceEvent,
        "scan_started": NothingEvent,
        "scan_completed": NothingEvent,
        "engine_status_changed": NothingEvent,
        "engine_idle": NothingEvent,
        "hardware_state_changed": NothingEvent,
        "lagged": LaggedEvent,
    }
)
"""What `data` holds, by the name of the event."""
