"""One running program for each database: the lock, and who holds it."""

import json
import os
import sys
import weakref
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import psutil

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_SAME_START_S = 2.0  # the boot time, from which start times are counted, is known to the second only


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The program that has the database open. `address` is a socket's path or a local port, once it takes requests."""

    pid: int
    started_s: float
    command: str
    address: str | int | None = None
    secret: str = ""

    @property
    def description(self) -> str:
        return f"process {self.pid} ({self.command})"


class InstanceLock:
    """At most one process holds the lock of a database; the system frees it when that process ends, however it ends.

    Calls: `acquire` once, then `release`. The files lie beside the database: `<name>.lock` and, readable by this user
    alone, `<name>.instance`, which tells who holds it.
    """

    def __init__(self, database: Path) -> None:
        self._lock_path = database.with_name(database.name + ".lock")
        self._info_path = database.with_name(database.name + ".instance")
        self._file: IO[bytes] | None = None

    def acquire(self) -> bool:
        """Whether this process holds the lock now. Raises OSError when the folder cannot be written."""
        if self._file is not None:
            return True
        self._lock_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self._lock_path.open("ab")
        if not _try_lock(file):
            file.close()
            return False
        self._file = file
        _close_in_forked_children(file)
        self._write(_this_process())
        return True

    def release(self) -> None:
        if self._file is not None:
            self._info_path.unlink(missing_ok=True)
            self._file.close()  # closing frees the lock; the file itself stays, or two could lock two of that name
            self._file = None

    def announce(self, address: str | int, secret: str) -> None:
        """Tell others, who may read the information file, where this process takes requests."""
        me = _this_process()
        self._write(Holder(pid=me.pid, started_s=me.started_s, command=me.command, address=address, secret=secret))

    def holder(self) -> Holder | None:
        """Who holds the lock, as far as that is known; None when that process is no more."""
        try:
            holder = Holder(**json.loads(self._info_path.read_text(encoding="utf-8")))
            is_alive = abs(psutil.Process(holder.pid).create_time() - holder.started_s) < _SAME_START_S
        except (OSError, ValueError, TypeError, psutil.Error):
            return None
        return holder if is_alive else None

    def _write(self, holder: Holder) -> None:
        draft = self._info_path.with_name(f"{self._info_path.name}.{os.getpid()}")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(holder), file)
        draft.replace(self._info_path)


def _this_process() -> Holder:
    me = psutil.Process()
    return Holder(pid=me.pid, started_s=me.create_time(), command=me.name())


def _try_lock(file: IO[bytes]) -> bool:
    try:
        if sys.platform == "win32":
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def _close_in_forked_children(file: IO[bytes]) -> None:
    """A forked worker shares the lock; left behind by a killed program, it would hold the database for ever."""
    if sys.platform == "win32":
        return
    reference = weakref.ref(file)

    def close() -> None:
        inherited = reference()
        if inherited is not None:
            inherited.close()

    os.register_at_fork(after_in_child=close)
