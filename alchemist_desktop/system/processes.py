"""Finds and ends child processes that an earlier run of the program left behind."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

_SAME_START_S = 2.0  # the boot time, from which start times are counted, is known to the second only


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildRecord:
    """What tells a process from a later one with the same pid: when it started, and its name."""

    pid: int
    started_s: float
    name: str


class ChildRegistry:
    """The children that run now, kept in a file so that the next run finds those which outlive a crash.

    One object a file, for one thread; the children of an earlier run stay listed until `forget` is called for them.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._records = {record.pid: record for record in _read(file)}

    def leftovers(self) -> tuple[ChildRecord, ...]:
        """Listed children that still run."""
        return tuple(record for record in self._records.values() if _find(record) is not None)

    def note(self, pid: int) -> None:
        """List a child that was just started; one that has ended already is not listed."""
        try:
            process = psutil.Process(pid)
            self._records[pid] = ChildRecord(pid=pid, started_s=process.create_time(), name=process.name())
        except psutil.Error:
            return
        self._write()

    def forget(self, pid: int) -> None:
        if self._records.pop(pid, None) is not None:
            self._write()

    def _write(self) -> None:
        draft = self._file.with_name(f"{self._file.name}.new")
        draft.write_text(json.dumps([asdict(record) for record in self._records.values()]), encoding="utf-8")
        draft.replace(self._file)


def _read(file: Path) -> list[ChildRecord]:
    try:
        return [ChildRecord(**entry) for entry in json.loads(file.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):  # none yet, or damaged by the crash: then nothing can be told
        return []


def _find(record: ChildRecord) -> psutil.Process | None:
    try:
        process = psutil.Process(record.pid)
        is_same = abs(process.create_time() - record.started_s) < _SAME_START_S and process.name() == record.name
        return process if is_same and process.status() != psutil.STATUS_ZOMBIE else None
    except psutil.Error:
        return None


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
