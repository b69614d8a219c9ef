"""The engine and scans on the wire."""

from pydantic import Field

from alchemist_desktop.api.schemas.bodies import Body
from alchemist_desktop.api.schemas.encoding import JsonObject
from alchemist_desktop.domain.engine_state import EngineMode, EngineStatus, ScanStatus, mode_limits
from alchemist_desktop.domain.settings import MOST_THREADS

_MESSAGES = {
    "manual_paused": "The engine is paused. Resume it to start queued jobs.",
    "scheduled_pause": "The schedule keeps the engine paused for now.",
    "draining": "The engine finishes running jobs and starts no new ones.",
    "disk_guardrail": "A volume has too little free space for the next job.",
    "workers_busy": "All worker slots are in use.",
}


class EngineModeBody(Body):
    """The wanted mode, and limits that replace the computed ones."""

    mode: EngineMode
    concurrent_jobs_override: int | None = Field(None, ge=0, le=2**31, json_schema_extra={"minimum": 1})
    threads_override: int | None = Field(None, ge=0, le=MOST_THREADS)


def engine_status_json(status: EngineStatus) -> JsonObject:
    return {
        "status": status.status,
        "manual_paused": status.manual_paused,
        "scheduler_paused": status.scheduler_paused,
        "draining": status.draining,
        "disk_blocked": status.disk_blocked,
        "disk_block_reason": status.disk_block_reason,
        "blocked_reason": status.blocked_reason,
        "mode": status.mode,
        "concurrent_limit": status.concurrent_limit,
        "is_manual_override": status.is_manual_override,
        "hardware_pending": status.hardware_pending,
    }


def engine_mode_json(status: EngineStatus) -> JsonObject:
    return {
        "mode": status.mode,
        "is_manual_override": status.is_manual_override,
        "concurrent_limit": status.concurrent_limit,
        "cpu_count": status.cpu_count,
        "computed_limits": {mode.value: limit for mode, limit in mode_limits(status.cpu_count).items()},
    }


def processor_status_json(status: EngineStatus) -> JsonObject:
    reason = status.blocked_reason
    free = "The hardware is still being examined." if status.hardware_pending else "The engine takes the next job."
    message = free if reason is None else _MESSAGES[reason]
    if reason == "disk_guardrail" and status.disk_block_reason:
        message = status.disk_block_reason
    return {
        "blocked_reason": reason,
        "message": message,
        "manual_paused": status.manual_paused,
        "scheduler_paused": status.scheduler_paused,
        "draining": status.draining,
        "disk_blocked": status.disk_blocked,
        "disk_block_reason": status.disk_block_reason,
        "active_jobs": status.active_jobs,
        "concurrent_limit": status.concurrent_limit,
    }


def scan_status_json(status: ScanStatus) -> JsonObject:
    return {
        "is_running": status.is_running,
        "files_found": status.files_found,
        "files_added": status.files_added,
        "unreadable": status.unreadable,
        "current_folder": status.current_folder,
    }
