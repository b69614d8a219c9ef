"""The engine's switches and limits: pure state, no tasks."""

from dataclasses import dataclass, replace

from alchemist_desktop.domain.engine_state import EngineMode, EngineStatus, mode_limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """Everything that decides whether one more job may start, and how many run at once.

    `jobs_override` is a number a person chose; it holds until the mode is changed.
    """

    cpu_count: int
    mode: EngineMode = EngineMode.BALANCED
    jobs_override: int | None = None
    manual_paused: bool = False
    scheduler_paused: bool = False
    draining: bool = False
    disk_block_reason: str | None = None
    hardware_pending: bool = False
    closing: bool = False

    @property
    def concurrent_limit(self) -> int:
        return self.jobs_override or mode_limits(self.cpu_count)[self.mode]

    @property
    def is_one_per_device(self) -> bool:
        """Whether jobs whose sources lie on one disk wait for each other, as the balanced mode has it; a number of jobs that
        a person chose counts whatever the disks."""
        return self.mode is EngineMode.BALANCED and self.jobs_override is None

    def may_start(self, active_jobs: int) -> bool:
        """Whether a job may start now, the disk left aside: that is judged per job."""
        held = self.manual_paused or self.scheduler_paused or self.draining or self.hardware_pending or self.closing
        return not held and active_jobs < self.concurrent_limit

    def paused(self) -> "Switches":
        return replace(self, manual_paused=True, draining=False)

    def resumed(self) -> "Switches":
        return replace(self, manual_paused=False, draining=False)

    def drained(self) -> "Switches":
        """What draining leads to once nothing runs any more."""
        return replace(self, draining=False, manual_paused=True)

    def status(self, active_jobs: int) -> EngineStatus:
        return EngineStatus(
            mode=self.mode,
            concurrent_limit=self.concurrent_limit,
            is_manual_override=self.jobs_override is not None,
            manual_paused=self.manual_paused,
            scheduler_paused=self.scheduler_paused,
            draining=self.draining,
            disk_blocked=self.disk_block_reason is not None,
            disk_block_reason=self.disk_block_reason,
            hardware_pending=self.hardware_pending,
            active_jobs=active_jobs,
            cpu_count=self.cpu_count,
        )
