"""What the inner rooms need of the outside, as protocols; real ones and test ones satisfy them alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from alchemist_desktop.domain.events import Published


class Clock(Protocol):
    """The time. `now` is aware and in UTC; `local_now` is naive local time; `monotonic_s` only ever grows."""

    def now(self) -> datetime: ...

    def local_now(self) -> datetime: ...

    def monotonic_s(self) -> float: ...


class EventSource(Protocol):
    """Where the faces get their events from. All calls and all deliveries happen on the loop's thread."""

    def subscribe(self, receiver: Callable[[Published], None]) -> Callable[[], None]:
        """Deliver every event from now on to `receiver`, which must not block; the returned call ends that."""
        ...

    @property
    def last_number(self) -> int:
        """The number of the newest fact; 0 when there is none yet."""
        ...

    def since(self, number: int) -> Sequence[Published] | None:
        """The facts after `number`, or None when that is too long ago to know them all."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessOutcome:
    """How a child process ended. `exit_code` is None when it crashed, was killed or could not be started.

    `start_error` tells why it did not start. `stopped` is True when `stop` or `kill` was called, whatever the exit code:
    FFmpeg ends with 0 after `q`, although its output is not complete. `stderr_tail` holds the last 32 kB.
    """

    argv: tuple[str, ...]
    exit_code: int | None
    stopped: bool
    stderr_tail: str
    start_error: str | None = None

    @property
    def is_success(self) -> bool:
        return self.exit_code == 0 and not self.stopped and self.start_error is None


class RunningProcess(Protocol):
    """A child process. It is owned by whoever started it, who must await `wait`."""

    @property
    def pid(self) -> int:
        """0 when it could not be started."""
        ...

    async def wait(self) -> ProcessOutcome:
        """The outcome, when the process has ended. When the waiting task is cancelled the process is killed first."""
        ...

    async def stop(self) -> None:
        """Ask it to end (`q` on stdin, then terminate, then kill), and return when it has."""
        ...

    def kill(self) -> None: ...

    def suspend(self) -> None:
        """Freeze it until `resume`; a no-op when it has ended."""
        ...

    def resume(self) -> None: ...


class ProcessRunner(Protocol):
    """Starts child processes from argument lists."""

    def start(
        self,
        argv: Sequence[str],
        *,
        on_stdout_line: Callable[[str], None] | None = None,
        on_stderr_line: Callable[[str], None] | None = None,
        low_priority: bool = False,
    ) -> RunningProcess:
        """Start `argv`. Never raises for a program that cannot be started: `wait` then tells it.

        Lines come without their end, undecodable bytes as surrogates, split at `\\n` and `\\r`.
        """
        ...
