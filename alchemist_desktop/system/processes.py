"""Finds and ends child processes that an earlier run of the program left behind."""

import contextlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from alchemist_desktop.domain.ports import ProcessOutcome, ProcessRunner, RunningProcess

_SAME_START_S = 2.0  # the boot time, from which start times are counted, is known to the second only


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRecord:
    """What tells a process from a later one with the same pid: when it started, and with which arguments.

    The program itself is left out: a launcher in between, or a script, is known to the system by another name.
    """

    pid: int
    started_s: float
    arguments: tuple[str, ...]


class ChildRegistry:
    """The children that run now, kept in a file so that the next run finds those which outlive a crash.

    One object a file, for one thread. Call `end_leftovers` once, before the first `note`.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._records = {record.pid: record for record in _read(file)}

    def leftovers(self) -> tuple[ChildRecord, ...]:
        """Listed children that still run."""
        return tuple(record for record in self._records.values() if _find(record) is not None)

    def end_leftovers(self, *, patience_s: float = 1.0) -> tuple[ChildRecord, ...]:
        """End what an earlier run left behind, and return it; whatever withstands stays listed. Blocks for a moment."""
        leftovers = self.leftovers()
        ended = kill_orphans(leftovers, patience_s=patience_s)
        self._records = {record.pid: record for record in leftovers if record not in ended}
        self._write()
        return ended

    def note(self, pid: int, arguments: Sequence[str]) -> None:
        """List a child that was just started; one that has ended already is not listed."""
        try:
            started_s = psutil.Process(pid).create_time()
        except psutil.Error:
            return
        self._records[pid] = ChildRecord(pid=pid, started_s=started_s, arguments=tuple(arguments))
        self._write()

    def forget(self, pid: int) -> None:
        if self._records.pop(pid, None) is not None:
            self._write()

    def _write(self) -> None:
        draft = self._file.with_name(f"{self._file.name}.new")
        with contextlib.suppress(OSError):  # a full disk: better a child that is not listed than one that cannot start
            draft.write_text(json.dumps([asdict(record) for record in self._records.values()]), encoding="utf-8")
            draft.replace(self._file)


class RecordingRunner:
    """A `ProcessRunner` that has another one start the processes and lists them in a registry as long as they run."""

    def __init__(self, runner: ProcessRunner, registry: ChildRegistry) -> None:
        self._runner = runner
        self._registry = registry

    def start(
        self,
        argv: Sequence[str],
        *,
        on_stdout_line: Callable[[str], None] | None = None,
        on_stderr_line: Callable[[str], None] | None = None,
        low_priority: bool = False,
    ) -> RunningProcess:
        process = self._runner.start(
            argv, on_stdout_line=on_stdout_line, on_stderr_line=on_stderr_line, low_priority=low_priority
        )
        if process.pid:
            self._registry.note(process.pid, argv[1:])
        pid = process.pid
        return TellingProcess(process, lambda: self._registry.forget(pid))


class TellingProcess:
    """A `RunningProcess` that calls `on_end` when whoever waits for it has learnt of its end. Its pid stays what it was."""

    def __init__(self, process: RunningProcess, on_end: Callable[[], None]) -> None:
        self._process = process
        self._pid = process.pid
        self._on_end = on_end

    @property
    def pid(self) -> int:
        return self._pid

    async def wait(self) -> ProcessOutcome:
        try:
            return await self._process.wait()
        finally:
            self._on_end()

    async def stop(self) -> None:
        await self._process.stop()

    def kill(self) -> None:
        self._process.kill()

    def suspend(self) -> None:
        self._process.suspend()

    def resume(self) -> None:
        self._process.resume()


def _read(file: Path) -> list[ChildRecord]:
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        return [ChildRecord(pid=int(e["pid"]), started_s=float(e["started_s"]), arguments=tuple(e["arguments"])) for e in entries]
    except (OSError, ValueError, TypeError, KeyError):  # none yet, or damaged by the crash: then nothing can be told
        return []


def _find(record: ChildRecord) -> psutil.Process | None:
    try:
        process = psutil.Process(record.pid)
        if abs(process.create_time() - record.started_s) >= _SAME_START_S or process.status() == psutil.STATUS_ZOMBIE:
            return None
        return process if _has_arguments(process, record.arguments) else None
    except psutil.Error:
        return None


def _has_arguments(process: psutil.Process, arguments: Sequence[str]) -> bool:
    found = [os.fsencode(part) for part in process.cmdline()]
    wanted = [os.fsencode(part) for part in arguments]
    return found[len(found) - len(wanted) :] == wanted


def kill_orphans(records: Sequence[ChildRecord], *, patience_s: float = 3.0) -> tuple[ChildRecord, ...]:
    """End those of `records` that still run: politely first, then by force. Returns the ones that were ended.

    A process that got the pid of a dead child later is never touched. Blocks for up to twice `patience_s`.
    """
    found = [(record, process) for record in records if (process := _find(record)) is not None]
    alive = [process for _, process in found]
    for is_forced in (False, True):
        for process in alive:
            _end(process, is_forced=is_forced)
        _, alive = psutil.wait_procs(alive, timeout=patience_s)
    survivors = {process.pid for process in alive}
    return tuple(record for record, _ in found if record.pid not in survivors)


def _end(process: psutil.Process, *, is_forced: bool) -> None:
    try:
        if is_forced:
            process.kill()
        else:
            process.resume()  # a suspended one would not hear the request
            process.terminate()
    except psutil.Error:
        return  # it ended by itself, or belongs to somebody else
