"""Events on the wire."""

from dataclasses import dataclass

from alchemist_desktop.api.schemas.encoding import JsonObject
from alchemist_desktop.api.schemas.explanations import explanation_json
from alchemist_desktop.api.schemas.settings import config_json
from alchemist_desktop.domain import events
from alchemist_desktop.domain.attempt import JobProgress
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.notification_target import settings_without_secrets
from alchemist_desktop.domain.plan import Action

_LIST_CHANGED: JsonObject = {"job_id": 0, "status": JobState.QUEUED}
_ACTIONS = {Action.TRANSCODE: "encode", Action.REMUX: "remux", Action.SKIP: "skip"}
_EMPTY_EVENTS: dict[type[events.Event], str] = {
    events.EngineStatusChanged: "engine_status_changed",
    events.EngineIdle: "engine_idle",
    events.ScanStarted: "scan_started",
    events.ScanCompleted: "scan_completed",
    events.HardwareChanged: "hardware_state_changed",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class WireEvent:
    """A named event with its payload; receivers without full access get a confidential one empty."""

    name: str
    data: JsonObject
    is_confidential: bool = False


def fact_json(event: events.Event) -> WireEvent | None:
    """The wire's form of a fact, or None for one the wire has no name for."""
    return _job_fact(event) or _program_fact(event)


def _job_fact(event: events.Event) -> WireEvent | None:
    match event:
        case events.JobAdded(job=job) | events.JobChanged(job=job, state_changed=True):
            return WireEvent(name="status", data={"job_id": job.id, "status": job.state})
        case events.JobRemoved() | events.JobListChanged():
            return WireEvent(name="status", data=_LIST_CHANGED)
        case events.DecisionMade(job_id=job_id, action=action, explanation=explanation):
            data = {
                "job_id": job_id,
                "action": _ACTIONS[action],
                "reason": explanation.reason,
                "explanation": explanation_json(explanation),
            }
            return WireEvent(name="decision", data=data)
        case events.LogWritten(entry=entry):
            return WireEvent(name="log", data={"level": entry.level, "job_id": entry.job_id, "message": entry.message})
        case _:
            return None


def _program_fact(event: events.Event) -> WireEvent | None:
    match event:
        case events.SettingsChanged(settings=settings):
            return WireEvent(name="config_updated", data=config_json(settings_without_secrets(settings)), is_confidential=True)
        case events.WatchFolderAdded(path=path):
            return WireEvent(name="watch_folder_added", data={"path": path})
        case events.WatchFolderRemoved(path=path):
            return WireEvent(name="watch_folder_removed", data={"path": path})
        case events.DiskSpaceLow(reason=reason):
            return WireEvent(name="disk_space_low", data={"reason": reason})
        case _ if type(event) in _EMPTY_EVENTS:
            return WireEvent(name=_EMPTY_EVENTS[type(event)], data={})
        case _:
            return None


def progress_json(progress: JobProgress) -> WireEvent:
    data = {
        "job_id": progress.job_id,
        "percentage": progress.percent,
        "time": progress.time_s,
        "time_text": _clock_text(progress.time_s),
        "phase": progress.phase,
        "fps": progress.fps,
        "speed": progress.speed,
        "eta_seconds": progress.eta_s,
    }
    return WireEvent(name="progress", data=data)


def lagged_json(skipped: int) -> WireEvent:
    return WireEvent(name="lagged", data={"skipped": skipped})


def _clock_text(time_s: float) -> str:
    """`00:00:12.340000`, as FFmpeg writes positions."""
    minutes, seconds = divmod(max(time_s, 0.0), 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:09.6f}"
