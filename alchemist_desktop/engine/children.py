"""The child processes of one job, so that they can be frozen, thawed and ended together."""

from collections.abc import Callable, Sequence
from enum import StrEnum

from alchemist_desktop.domain.ports import ProcessRunner, RunningProcess
from alchemist_desktop.system.processes import TellingProcess


class StopReason(StrEnum):
    """Why a running job is asked to end early."""

    CANCELLED = "cancelled"  # a person wants it gone: the job ends as cancelled
    RELEASED = "released"  # the engine restarts or the program ends: the job is queued again
    STALLED = "stalled"  # nothing moved for too long
    TOO_LARGE = "too_large"  # the output outgrew what would be kept


class JobChildren:
    """A `ProcessRunner` that remembers what it started. One per job run. After `stop` or `kill` nothing it starts lives on."""

    def __init__(self, runner: ProcessRunner, *, low_priority: bool) -> None:
        self._runner = runner
        self._low_priority = low_priority
        self._live: list[RunningProcess] = []
        self._is_suspended = False
        self._is_ended = False

    @property
    def is_suspended(self) -> bool:
        return self._is_suspended

    def start(
        self,
        argv: Sequence[str],
        *,
        on_stdout_line: Callable[[str], None] | None = None,
        on_stderr_line: Callable[[str], None] | None = None,
        low_priority: bool = False,
    ) -> RunningProcess:
        process = self._runner.start(
            argv,
            on_stdout_line=on_stdout_line,
            on_stderr_line=on_stderr_line,
            low_priority=low_priority or self._low_priority,
        )
        if self._is_ended:  # the step that starts it had not yet heard of the stop
            process.kill()
        elif self._is_suspended:
            process.suspend()
        self._live.append(process)
        return TellingProcess(process, lambda: self._leave(process))

    def suspend(self) -> None:
        self._is_suspended = True
        for process in self._live:
            process.suspend()

    def resume(self) -> None:
        self._is_suspended = False
        for process in self._live:
            process.resume()

    async def stop(self) -> None:
        self._is_ended = True
        for process in tuple(self._live):
            await process.stop()

    def kill(self) -> None:
        self._is_ended = True
        for process in self._live:
            process.kill()

    def _leave(self, process: RunningProcess) -> None:
        if process in self._live:
            self._live.remove(process)
