"""Scans of the library folders: what is new or changed goes into the queue, everything else costs one `stat`."""

import asyncio
import logging
import queue
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

from alchemist_desktop.domain.engine_state import ScanStatus
from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.domain.events import ScanCompleted, ScanProgressed, ScanStarted
from alchemist_desktop.domain.job import ContentVersion
from alchemist_desktop.domain.library import MediaFile, is_generated_name
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.engine.announce import announce
from alchemist_desktop.engine.intake import Intake
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.media.walk import WalkRules, walk

logger = logging.getLogger(__name__)


class Found(NamedTuple):
    """What a walk met since the last batch."""

    changed: list[MediaFile]  # new or changed
    folder: str  # the one reached
    seen: int  # files
    unreadable: int  # files and folders


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What is stored of a root: the files with jobs, and the results of jobs, which are no sources."""

    versions: dict[str, ContentVersion]
    result_sizes: dict[str, int]

    def is_result(self, media: MediaFile) -> bool:
        return self.result_sizes.get(media.path) == media.stamp.size_bytes


_BATCH = 500
_SEEN_IN_BATCH = 20 * _BATCH  # so that a scan that finds nothing new shows that it moves


class LibraryScanner:
    """One scan at a time, of all roots or of one folder, the walk in a thread of its own; others wait for their turn."""

    def __init__(self, parts: Parts, intake: Intake) -> None:
        self._parts = parts
        self._intake = intake
        self._status = ScanStatus()
        self._turn = asyncio.Lock()
        self._wanted: bool | None = None  # a scan of every root that did not begin yet, and whether it is to be full
        self._task: asyncio.Task[ScanStatus] | None = None
        self._folder_tasks: set[asyncio.Task[ScanStatus]] = set()
        self._cancelled = threading.Event()  # of the scans asked for up to now; later ones get one of their own

    @property
    def status(self) -> ScanStatus:
        return self._status

    def start(self, *, full: bool = False) -> bool:
        """Begin a scan of every root. False when one runs already: that may have passed what is new, so another follows it.

        `full` forgets cached probes first.
        """
        self._wanted = full or self._wanted is True
        if self._is_scanning_roots():
            return False
        self._task = asyncio.create_task(self._scan_roots(), name="scan")
        return True

    async def run(self, *, full: bool = False) -> ScanStatus:
        """Scan, or join the scan that runs, and return its figures."""
        if not self._is_scanning_roots():
            self.start(full=full)
        assert self._task is not None
        return await asyncio.shield(self._task)

    async def scan_folder(self, root: str) -> ScanStatus:
        """Scan one folder as a library root, registered or not."""
        task = asyncio.create_task(self._scan_one(root, self._cancelled), name="scan")
        self._folder_tasks.add(task)
        task.add_done_callback(self._folder_tasks.discard)
        return await asyncio.shield(task)

    async def cancel(self) -> None:
        """End the running scan early, and those that wait for their turn, and wait for that."""
        self._cancelled.set()
        self._cancelled = threading.Event()
        self._wanted = None
        libraries = [] if self._task is None else [self._task]
        await asyncio.gather(*libraries, *self._folder_tasks, return_exceptions=True)

    def _is_scanning_roots(self) -> bool:
        return self._task is not None and not self._task.done()

    async def _scan_roots(self) -> ScanStatus:
        async with self._turn:
            while self._wanted is not None:
                full, self._wanted = self._wanted, None
                await self._scan(library_roots(self._parts.settings()), self._cancelled, full=full)
        return self._status

    async def _scan_one(self, root: str, cancelled: threading.Event) -> ScanStatus:
        async with self._turn:
            return await self._scan({root: True}, cancelled, full=False)

    async def _scan(self, roots: dict[str, bool], cancelled: threading.Event, *, full: bool) -> ScanStatus:
        self._status = ScanStatus(is_running=True)
        self._parts.bus.publish(ScanStarted())
        try:
            for root, is_recursive in roots.items():
                if cancelled.is_set():
                    break
                try:
                    await self._scan_root(root, cancelled, is_recursive=is_recursive, full=full)
                except KnownError as error:
                    logger.warning("%s", error.message)
                    self._status = replace(self._status, unreadable=self._status.unreadable + 1)
        finally:
            self._status = replace(self._status, is_running=False, current_folder=None)
            self._parts.bus.publish(ScanCompleted(status=self._status))
        return self._status

    async def _scan_root(self, root: str, cancelled: threading.Event, *, is_recursive: bool, full: bool) -> None:
        if full:
            await self._parts.stores.probes.drop_under(root)
        jobs = self._parts.stores.jobs
        known = _Known(versions=await jobs.known_versions(root), result_sizes=await jobs.result_sizes(root))
        rules = walk_rules(self._parts.settings(), recursive=is_recursive)
        async for found in self._found(root, rules, known, cancelled):
            added = await self._take(found.changed) if found.changed else 0
            self._status = replace(
                self._status,
                files_found=self._status.files_found + found.seen,
                files_added=self._status.files_added + added,
                unreadable=self._status.unreadable + found.unreadable,
                current_folder=found.folder,
            )
            self._parts.bus.publish(ScanProgressed(status=self._status))

    async def _take(self, batch: list[MediaFile]) -> int:
        result = await self._intake.take(batch)
        announce(self._parts.bus, added=result.added, changed=result.requeued)
        return len(result.added)

    async def _found(self, root: str, rules: WalkRules, known: _Known, cancelled: threading.Event) -> AsyncIterator[Found]:
        """What the walk of a root meets, batch by batch."""
        loop = asyncio.get_running_loop()
        batches: queue.Queue[Found | None] = queue.Queue(maxsize=4)
        given_up = threading.Event()

        def is_over() -> bool:
            return given_up.is_set() or cancelled.is_set()

        walking = loop.run_in_executor(None, _walk_into, batches, root, rules, known, is_over)
        try:
            while (item := await loop.run_in_executor(None, batches.get)) is not None:
                yield item
            await walking
        finally:
            given_up.set()
            await _end_walk(walking, batches)


async def _end_walk(walking: "asyncio.Future[None]", batches: "queue.Queue[Found | None]") -> None:
    """When the reader gave up early, let the walk come to its end: it may be waiting for room in the queue."""
    while not walking.done():
        with suppress(queue.Empty):
            batches.get_nowait()
        await asyncio.sleep(0.01)


def _walk_into(
    batches: "queue.Queue[Found | None]", root: str, rules: WalkRules, known: _Known, is_cancelled: Callable[[], bool]
) -> None:
    report = _WalkReport(batches, root)
    try:
        found = walk(
            root,
            rules,
            is_cancelled=is_cancelled,
            on_folder=report.enter,
            on_error=report.warn,
            known=known.versions,
            on_unchanged=report.pass_over,
        )
        for media in found:
            if known.is_result(media):
                report.pass_over(1)
            else:
                report.add(media)
        report.flush()
    finally:
        batches.put(None)


class _WalkReport:
    """Gathers what a walk meets into batches; lives on the walk's thread."""

    def __init__(self, batches: "queue.Queue[Found | None]", root: str) -> None:
        self._batches = batches
        self._folder = root
        self._changed: list[MediaFile] = []
        self._seen = 0
        self._unreadable = 0

    def enter(self, folder: str) -> None:
        self._folder = folder

    def warn(self, path: str, error: OSError) -> None:
        logger.warning("%s could not be read: %s", path, error.strerror)
        self._unreadable += 1

    def pass_over(self, unchanged: int) -> None:
        self._seen += unchanged
        if self._seen >= _SEEN_IN_BATCH:
            self.flush()

    def add(self, media: MediaFile) -> None:
        self._changed.append(media)
        self._seen += 1
        if len(self._changed) >= _BATCH:
            self.flush()

    def flush(self) -> None:
        self._batches.put(Found(self._changed, self._folder, self._seen, self._unreadable))
        self._changed, self._seen, self._unreadable = [], 0, 0


def library_roots(settings: Settings) -> dict[str, bool]:
    """Every folder to scan, with whether what lies below it counts."""
    roots = dict.fromkeys(settings.scanner.directories, True)
    for extra in settings.scanner.extra_watch_dirs:
        roots.setdefault(extra.path, extra.is_recursive)
    return roots


def walk_rules(settings: Settings, *, recursive: bool = True) -> WalkRules:
    """The scanner's settings as the walk wants them."""
    scanner = settings.scanner
    in_place = settings.files.in_place and settings.files.delete_source
    return WalkRules(
        extensions=frozenset(extension.lower().lstrip(".") for extension in scanner.extensions),
        exclude_globs=scanner.exclude_globs,
        follow_symlinks=scanner.follow_symlinks,
        include_samples=scanner.include_samples,
        is_generated=None if in_place else lambda path: is_generated_name(path, settings.files),
        recursive=recursive,
    )
