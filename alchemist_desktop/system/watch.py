"""Watches folders for files that arrive, and tells each one when it has come to rest."""

import asyncio
import os
import stat
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import anyio.to_thread
import psutil
from watchfiles import Change, awatch

from alchemist_desktop.domain.job import FileStamp
from alchemist_desktop.domain.library import WORK_FOLDER
from alchemist_desktop.system.settling import Settled, SettleTracker

# File systems whose changes made elsewhere never reach this machine as events.
_NETWORK_TYPES = frozenset(
    {"9p", "afpfs", "afs", "ceph", "cifs", "davfs", "fuse.rclone", "fuse.sshfs", "glusterfs"}
    | {"nfs", "nfs4", "smb3", "smbfs", "webdav"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedRoot:
    """A folder to watch, with or without what lies below it."""

    path: str
    is_recursive: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RootLost:
    """A folder is not watched at the moment; it is tried again and again. `reason` is a sentence."""

    root: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RootFound:
    """A folder that was lost is watched again. What arrived meanwhile went unnoticed: it needs a scan."""

    root: str


WatchEvent = Settled | RootLost | RootFound
Report = Callable[[WatchEvent], None]
_Changes = AsyncIterator[set[tuple[Change, str]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchPace:
    """How often things are looked at."""

    settle_poll_s: float = 1.0
    quiet_s: float = 2.0  # a file that did not change for so long is complete
    check_s: float = 10.0  # between two looks whether the folder is still the same one
    retry_s: float = 30.0
    network_poll_s: float = 30.0


class FolderWatcher:
    """Watches `roots` until `run` is cancelled. `report` is called on the loop's thread and must not block.

    `accepts` tells by its path whether a file counts; it is called on worker threads. Each root has a task of its own,
    so one that is missing, unmounted or refused harms only itself.
    """

    def __init__(
        self, roots: Sequence[WatchedRoot], *, accepts: Callable[[str], bool], report: Report, pace: WatchPace | None = None
    ) -> None:
        self._watches = [_RootWatch(root, accepts, report, pace or WatchPace()) for root in roots]

    async def run(self) -> None:
        limiter = anyio.to_thread.current_default_thread_limiter()
        limiter.total_tokens += len(self._watches)  # each watch occupies a thread all the time
        try:
            async with asyncio.TaskGroup() as group:
                for watch in self._watches:
                    group.create_task(watch.follow())
                    group.create_task(watch.settle())
        finally:
            limiter.total_tokens -= len(self._watches)


class _RootWatch:
    """One root: follows its events, and looks at the files they name until these have settled."""

    def __init__(self, root: WatchedRoot, accepts: Callable[[str], bool], report: Report, pace: WatchPace) -> None:
        self._root = root
        self._accepts = accepts
        self._report = report
        self._pace = pace
        self._tracker = SettleTracker(quiet_s=pace.quiet_s)
        self._is_lost = False
        self._must_poll = False

    async def follow(self) -> None:
        while True:
            reason = await self._follow_while_there()
            if not self._is_lost:
                self._is_lost = True
                self._report(RootLost(root=self._root.path, reason=reason))
            await asyncio.sleep(self._pace.retry_s)

    async def _follow_while_there(self) -> str:
        """Returns why watching ended."""
        identity = await asyncio.to_thread(_identity, self._root.path)
        if identity is None:
            return "The folder is not there. Check that its drive or share is connected."
        try:
            async for changes in await self._open():
                if self._is_lost:
                    self._is_lost = False
                    self._report(RootFound(root=self._root.path))
                await self._take(changes)
                if not changes and await asyncio.to_thread(_identity, self._root.path) != identity:
                    return "The folder was removed, replaced or unmounted."
        except (OSError, RuntimeError, ExceptionGroup) as error:
            cause = _first_cause(error)
            # a name that is not UTF-8 breaks the watch as well; that passes, and polling would not help
            self._must_poll = self._must_poll or "decode" not in str(cause)
            return f"The folder could not be watched: {cause}"
        return "Watching the folder ended."

    async def _open(self) -> _Changes:
        is_polled = self._must_poll or await asyncio.to_thread(is_on_network, self._root.path)
        # when it was lost, an early first time-out tells that it is watched again
        wait_s = min(self._pace.check_s, 1.0) if self._is_lost else self._pace.check_s
        return awatch(
            self._root.path,
            watch_filter=lambda _, path: WORK_FOLDER not in PurePath(path).parts,
            rust_timeout=int(wait_s * 1000),
            yield_on_timeout=True,
            force_polling=is_polled,
            poll_delay_ms=int(self._pace.network_poll_s * 1000),
            recursive=self._root.is_recursive,
            ignore_permission_denied=True,
            debounce=400,
        )

    async def _take(self, changes: set[tuple[Change, str]]) -> None:
        for change, path in changes:
            if change is Change.deleted:
                self._tracker.forget(path)
        alive = [(path, change is Change.added) for change, path in changes if change is not Change.deleted]
        if alive:
            for path in await asyncio.to_thread(self._files_of, alive):
                self._tracker.note(path, self._root.path)

    def _files_of(self, paths: Iterable[tuple[str, bool]]) -> list[str]:
        """The files that count among `paths`, and in those folders among them that are new."""
        found = []
        for path, is_new in paths:
            if os.path.isdir(path):  # noqa: PTH112  # paths are text everywhere; see domain.job
                if is_new and self._root.is_recursive:
                    found += _files_below(path)
            else:
                found.append(path)
        return [path for path in found if self._accepts(path)]

    async def settle(self) -> None:
        while True:
            await asyncio.sleep(self._pace.settle_poll_s)
            pending = self._tracker.pending
            if pending:
                stamps = await asyncio.to_thread(_look_at, pending)
                for settled in self._tracker.observe(stamps, time.monotonic()):
                    self._report(settled)


def is_on_network(path: str) -> bool:
    """Whether `path` lies on a mounted share, as far as the system tells."""
    parents = {str(parent) for parent in (PurePath(os.path.realpath(path)), *PurePath(os.path.realpath(path)).parents)}
    mounts = [mount for mount in psutil.disk_partitions(all=True) if mount.mountpoint in parents]
    nearest = max(mounts, key=lambda mount: len(mount.mountpoint), default=None)
    return nearest is not None and nearest.fstype.lower() in _NETWORK_TYPES


def _identity(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116  # as above
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISDIR(found.st_mode) else None


def _files_below(folder: str) -> list[str]:
    found = []
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != WORK_FOLDER]
        found += [os.path.join(parent, name) for name in names]  # noqa: PTH118  # as above
    return found


def _look_at(paths: Iterable[str]) -> dict[str, FileStamp | None]:
    """How each file looks now; None when it is gone. Files that could not be looked at are left out."""
    stamps: dict[str, FileStamp | None] = {}
    for path in paths:
        try:
            found = os.stat(path)  # noqa: PTH116  # as above
        except (FileNotFoundError, NotADirectoryError):
            stamps[path] = None
        except OSError:
            continue
        else:
            stamps[path] = _stamp(found) if stat.S_ISREG(found.st_mode) else None
    return stamps


def _stamp(found: os.stat_result) -> FileStamp:
    return FileStamp(size_bytes=found.st_size, mtime_ns=found.st_mtime_ns, device=found.st_dev, inode=found.st_ino)


def _first_cause(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
