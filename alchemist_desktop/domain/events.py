"""Every event of the program. Facts arrive always and are numbered; progress is "latest wins" and may be dropped.

Events carry snapshots: a receiver never has to ask back. They are published after the change is stored.
"""

from dataclasses import dataclass

from alchemist_desktop.domain.attempt import JobProgress, LogEntry
from alchemist_desktop.domain.engine_state import EngineStatus, ScanStatus
from alchemist_desktop.domain.explanation import Explanation
from alchemist_desktop.domain.health import HealthStatus
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Job
from alchemist_desktop.domain.network import NetworkStatus
from alchemist_desktop.domain.plan import Action
from alchemist_desktop.domain.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Root of all facts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobAdded(Event):
    """A job is new in the queue."""

    job: Job


@dataclass(frozen=True, slots=True, kw_only=True)
class JobChanged(Event):
    """Something of a job changed; `state_changed` tells whether its state did."""

    job: Job
    state_changed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRemoved(Event):
    """A job left the list (archived or purged)."""

    job_id: JobId


@dataclass(frozen=True, slots=True, kw_only=True)
class JobListChanged(Event):
    """Many jobs changed at once; a list is to be read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMade(Event):
    """The planner decided what to do with a job."""

    job_id: JobId
    action: Action
    explanation: Explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class LogWritten(Event):
    """A line was added to the program's log."""

    entry: LogEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessChanged(Event):
    """A session ended, a token was revoked, or accounts were deleted: whoever serves somebody for long asks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatusChanged(Event):
    """The engine was paused, resumed, drained, held by a full disk, or its limit changed."""

    status: EngineStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineIdle(Event):
    """The engine runs and has nothing left to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanStarted(Event):
    """A scan of the libraries began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanCompleted(Event):
    """A scan of the libraries ended; `status` holds its figures."""

    status: ScanStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingsChanged(Event):
    """The settings changed, from whichever side."""

    settings: Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchFolderAdded(Event):
    """A folder is now watched."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchFolderRemoved(Event):
    """A folder is no longer watched."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareChanged(Event):
    """What the machine can encode was found out anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthScanStarted(Event):
    """A pass over the health of the library began."""

    status: HealthStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthScanCompleted(Event):
    """A pass over the health of the library ended or was interrupted; `status` holds its figures."""

    status: HealthStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthChecked(Event):
    """One file was checked again by itself."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkChanged(Event):
    """The server began or ended to listen, or does so elsewhere."""

    status: NetworkStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskSpaceLow(Event):
    """A volume has too little room for the next job; `reason` is a sentence naming it."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressEvent:
    """Root of all passing values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgressed(ProgressEvent):
    """A running job moved on."""

    progress: JobProgress


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanProgressed(ProgressEvent):
    """A running scan moved on."""

    status: ScanStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthScanProgressed(ProgressEvent):
    """A running pass over the health of the library moved on."""

    status: HealthStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """An event as a receiver gets it; `number` counts facts from 1, and is 0 for progress."""

    number: int
    event: Event | ProgressEvent
