"""Looks after the health of every library file: one pass at a time, which can be interrupted and taken up again."""

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from contextlib import aclosing
from dataclasses import replace
from typing import Any, Protocol

from alchemist_desktop.domain.errors import ConflictError, KnownError, NotFoundError
from alchemist_desktop.domain.events import HealthChecked, HealthScanCompleted, HealthScanProgressed, HealthScanStarted
from alchemist_desktop.domain.health import Depth, HealthCategory, HealthCheck, HealthIssue, HealthRun, HealthStatus
from alchemist_desktop.domain.job import FileStamp
from alchemist_desktop.domain.library import MediaFile
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.engine.bus import EventBus
from alchemist_desktop.engine.scan import library_roots, walk_rules
from alchemist_desktop.media.disk import stamp_or_none
from alchemist_desktop.media.walk import WalkRules, walk
from alchemist_desktop.storage.health import HealthRepository

logger = logging.getLogger(__name__)

AT_ONCE = 2  # files looked at at the same time
_STORE_EVERY_S = 1.0
_STORE_AT = 100  # checks
_LOOK_AGAIN_S = 0.5  # whether the engine is done


class Examiner(Protocol):
    """Looks at one file. Raises KnownError when nothing can be said at present."""

    async def examine(self, path: str, depth: Depth) -> HealthIssue | None: ...


class LibraryDoctor:
    """Owns the running pass. All methods are for the loop's thread; results are stored as they come, so that a pass that is
    cancelled, or ends with the program, goes on where it was."""

    def __init__(
        self,
        *,
        checks: HealthRepository,
        examiner: Examiner,
        bus: EventBus,
        clock: Clock,
        settings: Callable[[], Settings],
        is_engine_busy: Callable[[], bool],
    ) -> None:
        self._checks = checks
        self._examiner = examiner
        self._bus = bus
        self._clock = clock
        self._settings = settings
        self._is_engine_busy = is_engine_busy
        self._status = HealthStatus()
        self._task: asyncio.Task[None] | None = None

    @property
    def status(self) -> HealthStatus:
        return self._status

    def start(self, depth: Depth, *, fresh: bool = False, yields_to_jobs: bool = False) -> None:
        """Begin a pass, or go on with the interrupted one of this depth unless `fresh`. With `yields_to_jobs` no file is
        begun while jobs run. Raises ConflictError (HEALTH_SCAN_IN_PROGRESS)."""
        if self._task is not None and not self._task.done():
            raise ConflictError("A health check of the library is running already.", code="HEALTH_SCAN_IN_PROGRESS")
        self._status = HealthStatus(is_running=True, depth=depth)
        self._task = asyncio.create_task(self._guard(depth, fresh, yields_to_jobs), name="library doctor")
        self._task.add_done_callback(_log_fault)
        self._bus.publish(HealthScanStarted(status=self._status))

    async def cancel(self) -> None:
        """Interrupt the pass and wait until nothing of it runs any more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def join(self) -> HealthStatus:
        """Wait for the pass to end; its figures."""
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)
        return self._status

    async def check_file(self, path: str, depth: Depth) -> HealthCheck:
        """Look at one file now and keep the result, good or bad. A file that is gone is forgotten.

        Raises NotFoundError (HEALTH_FILE_MISSING), ConflictError (HEALTH_FILE_CHANGED) and KnownError (HEALTH_CHECK_FAILED).
        """
        if await asyncio.to_thread(stamp_or_none, path) is None:
            await self._checks.forget(path)
            self._bus.publish(HealthChecked(path=path))
        check = await self._examine(path, depth)
        await self._checks.store([check])
        self._bus.publish(HealthChecked(path=path))
        return check

    async def record_loss(self, path: str, depth: Depth) -> HealthCheck:
        """Keep that a file that should be there is not. The next pass of its folder forgets it; one that is back is new."""
        issue = HealthIssue(category=HealthCategory.UNKNOWN, summary="The file is not there any more.")
        stamp = FileStamp(size_bytes=0, mtime_ns=0)
        check = HealthCheck(path=path, stamp=stamp, depth=depth, checked_at=self._clock.now(), issue=issue)
        await self._checks.store([check])
        self._bus.publish(HealthChecked(path=path))
        return check

    async def examine_folder(self, folder: str, depth: Depth) -> AsyncGenerator[HealthCheck | KnownError, None]:
        """Look at every file of a folder, a library or not; nothing is stored. Ends early when it is closed."""
        files = await self._list({folder: True})
        async with aclosing(_several((self._try(media.path, depth) for media in files), AT_ONCE)) as results:
            async for result in results:
                yield result

    async def _guard(self, depth: Depth, fresh: bool, yields_to_jobs: bool) -> None:
        try:
            await self._pass(depth, fresh, yields_to_jobs)
        except KnownError as error:
            logger.warning("The health check ended early: %s", error.message)
        finally:
            self._status = replace(self._status, is_running=False, is_waiting=False, current_path=None)
            self._bus.publish(HealthScanCompleted(status=self._status))

    async def _pass(self, depth: Depth, fresh: bool, yields_to_jobs: bool) -> None:
        run = await self._checks.open_run(depth, fresh=fresh)
        roots = library_roots(self._settings())
        files = await self._list(roots)
        done = await self._checks.checked_in(run)
        left = [media for media in files if not _is_same(done.get(media.path), media.stamp)]
        self._tell(total=len(files), checked=len(files) - len(left))
        work = (self._look_at(media, depth, yields_to_jobs) for media in left)
        await self._store_as_they_come(run, work)
        reached = {media.root for media in files}
        await self._checks.finish(run, [root for root in roots if root in reached])

    async def _store_as_they_come(self, run: HealthRun, work: "Iterable[Coroutine[Any, Any, HealthCheck | KnownError]]") -> None:
        """Store every second, or after each file where one takes longer; on being cancelled what is there as well."""
        pending: list[HealthCheck] = []
        stored_s = self._clock.monotonic_s()
        try:
            async with aclosing(_several(work, AT_ONCE)) as results:
                async for result in results:
                    if isinstance(result, KnownError):
                        self._tell(checked=self._status.checked + 1, unread=self._status.unread + 1)
                        continue
                    pending.append(result)
                    found = result.issue is not None
                    if len(pending) >= _STORE_AT or self._clock.monotonic_s() - stored_s >= _STORE_EVERY_S:
                        ready, pending = pending, []
                        await self._checks.store(ready, run)
                        stored_s = self._clock.monotonic_s()
                    self._tell(checked=self._status.checked + 1, issues=self._status.issues + found)
        finally:
            await self._checks.store(pending, run)

    async def _look_at(self, media: MediaFile, depth: Depth, yields_to_jobs: bool) -> HealthCheck | KnownError:
        while yields_to_jobs and self._is_engine_busy():
            if not self._status.is_waiting:
                self._tell(is_waiting=True)
            await asyncio.sleep(_LOOK_AGAIN_S)
        self._tell(current_path=media.path, is_waiting=False)
        return await self._try(media.path, depth)

    async def _try(self, path: str, depth: Depth) -> HealthCheck | KnownError:
        try:
            return await self._examine(path, depth)
        except KnownError as error:
            logger.info("The health of %s could not be told: %s", path, error.message)
            return error

    async def _examine(self, path: str, depth: Depth) -> HealthCheck:
        before = await asyncio.to_thread(_stamp, path)
        issue = await self._examiner.examine(path, depth)
        if await asyncio.to_thread(_stamp, path) != before:
            raise ConflictError("The file changed while it was looked at.", code="HEALTH_FILE_CHANGED", path=path)
        return HealthCheck(path=path, stamp=before, depth=depth, checked_at=self._clock.now(), issue=issue)

    async def _list(self, roots: dict[str, bool]) -> list[MediaFile]:
        """Every media file of these folders; the walk ends when the call is cancelled."""
        stop = threading.Event()
        try:
            return await asyncio.to_thread(_files, roots, self._rules, stop.is_set)
        finally:
            stop.set()

    def _rules(self, is_recursive: bool) -> WalkRules:
        """Sources and results alike: a library's files are whatever a player would show."""
        return replace(walk_rules(self._settings(), recursive=is_recursive), is_generated=None)

    def _tell(self, **changes: Any) -> None:
        self._status = replace(self._status, **changes)
        self._bus.publish(HealthScanProgressed(status=self._status))


def _log_fault(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and task.exception() is not None:
        logger.error("The health check ended by a fault of the program", exc_info=task.exception())


async def _several(
    work: "Iterable[Coroutine[Any, Any, HealthCheck | KnownError]]", limit: int
) -> AsyncGenerator[HealthCheck | KnownError, None]:
    """The results of coroutines of which `limit` run at a time, as they come; closing ends those that run."""
    running: set[asyncio.Task[HealthCheck | KnownError]] = set()
    left = iter(work)
    try:
        while True:
            while len(running) < limit and (each := next(left, None)) is not None:
                running.add(asyncio.create_task(each))
            if not running:
                return
            done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                yield task.result()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def _files(roots: dict[str, bool], rules: Callable[[bool], WalkRules], is_cancelled: Callable[[], bool]) -> list[MediaFile]:
    """Every media file of every root that can be read, each once."""
    found: dict[str, MediaFile] = {}
    for root, is_recursive in roots.items():
        try:
            for media in walk(root, rules(is_recursive), is_cancelled=is_cancelled, on_folder=_ignore, on_error=_warn):
                found.setdefault(media.path, media)
        except KnownError as error:
            logger.warning("%s", error.message)
    return list(found.values())


def _ignore(_path: str) -> None: ...


def _warn(path: str, error: OSError) -> None:
    logger.warning("%s could not be read: %s", path, error.strerror)


def _stamp(path: str) -> FileStamp:
    try:
        stamp = stamp_or_none(path)
    except OSError as error:
        raise KnownError(f"The file cannot be reached: {error.strerror}.", code="HEALTH_CHECK_FAILED", path=path) from error
    if stamp is None:
        raise NotFoundError("The file is not there any more.", code="HEALTH_FILE_MISSING", path=path)
    return stamp


def _is_same(known: FileStamp | None, now: FileStamp) -> bool:
    return known is not None and (known.size_bytes, known.mtime_ns) == (now.size_bytes, now.mtime_ns)
