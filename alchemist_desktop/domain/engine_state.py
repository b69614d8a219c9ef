"""The engine as seen from outside: its modes, limits and what holds it back."""

from dataclasses import dataclass
from enum import StrEnum


class EngineMode(StrEnum):
    """How busy the engine may make the machine."""

    BACKGROUND = "background"
    BALANCED = "balanced"
    THROUGHPUT = "throughput"


def mode_limits(cpu_count: int) -> dict[EngineMode, int]:
    """How many jobs each mode runs at once on a machine with so many logical CPUs."""
    half = cpu_count // 2
    return {
        EngineMode.BACKGROUND: 1,
        EngineMode.BALANCED: min(max(half, 1), 4),
        EngineMode.THROUGHPUT: max(half, 1),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineStatus:
    """A snapshot of the engine. `disk_block_reason` is a sentence naming the volume that is full."""

    mode: EngineMode
    concurrent_limit: int
    is_manual_override: bool
    manual_paused: bool
    scheduler_paused: bool
    draining: bool
    disk_blocked: bool
    disk_block_reason: str | None
    hardware_pending: bool
    active_jobs: int
    cpu_count: int

    @property
    def status(self) -> str:
        if self.draining:
            return "draining"
        return "paused" if self.manual_paused or self.scheduler_paused else "running"

    @property
    def blocked_reason(self) -> str | None:
        """The first thing that keeps a new job from starting, in the words of the wire contract."""
        checks = (
            (self.manual_paused, "manual_paused"),
            (self.scheduler_paused, "scheduled_pause"),
            (self.draining, "draining"),
            (self.disk_blocked, "disk_guardrail"),
            (self.active_jobs >= self.concurrent_limit, "workers_busy"),
        )
        return next((reason for is_blocked, reason in checks if is_blocked), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanStatus:
    """The running scan, or the figures of the last one.

    `unreadable` counts the files and folders that could not be looked into; `current_folder` is None when none runs.
    """

    is_running: bool = False
    files_found: int = 0
    files_added: int = 0
    unreadable: int = 0
    current_folder: str | None = None
