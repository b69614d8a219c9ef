"""Keeps the libraries under watch: settled files become jobs, and folders are scanned when they come back and now and then."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from alchemist_desktop.domain.events import Published, ScanProgressed, SettingsChanged
from alchemist_desktop.domain.library import MediaFile, root_of
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.engine.announce import announce
from alchemist_desktop.engine.intake import Intake
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.engine.scan import LibraryScanner, walk_rules
from alchemist_desktop.media.walk import is_media_path
from alchemist_desktop.system.settling import Settled
from alchemist_desktop.system.watch import FolderWatcher, RootFound, RootLost, WatchedRoot, WatchEvent

logger = logging.getLogger(__name__)

_FIRST_SCAN_AFTER_S = 2.0
_HOUR_S = 3600.0


class LibraryWatch:
    """One standing task, `keep`, until it is cancelled. It follows the settings."""

    def __init__(self, parts: Parts, intake: Intake, scanner: LibraryScanner, *, wake_engine: Callable[[], None]) -> None:
        self._parts = parts
        self._intake = intake
        self._scanner = scanner
        self._wake_engine = wake_engine
        self._settled: asyncio.Queue[Settled] = asyncio.Queue()
        self._settings_changed = asyncio.Event()
        self._restarted = asyncio.Event()

    async def keep(self) -> None:
        """Watch, take in what settles, and scan at the start and periodically."""
        unsubscribe = self._parts.bus.subscribe(self._on_event)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch_as_set())
                group.create_task(self._take_settled())
                group.create_task(self._scan_now_and_then())
                group.create_task(self._scan_after_restarts())
        finally:
            unsubscribe()

    def _on_event(self, published: Published) -> None:
        match published.event:
            case SettingsChanged():
                self._settings_changed.set()
            case ScanProgressed():
                self._wake_engine()  # what a long scan has found so far need not wait for its end

    async def _watch_as_set(self) -> None:
        """Run a watcher for the folders of the settings, and another one whenever those change."""
        while True:
            self._settings_changed.clear()
            settings = self._parts.settings()
            roots = watched_roots(settings)
            watcher = FolderWatcher(roots, accepts=_acceptor(settings), report=self._on_watch_event)
            task = asyncio.create_task(watcher.run())
            try:
                while _acceptance(self._parts.settings()) == _acceptance(settings):
                    await self._settings_changed.wait()
                    self._settings_changed.clear()
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
            self._restarted.set()

    def _on_watch_event(self, event: WatchEvent) -> None:
        match event:
            case Settled():
                self._settled.put_nowait(event)
            case RootLost():
                logger.warning("%s is not watched: %s", event.root, event.reason)
            case RootFound():
                logger.info("%s is watched again", event.root)
                self._scanner.start()

    async def _take_settled(self) -> None:
        while True:
            first = await self._settled.get()
            batch = [first]
            while not self._settled.empty():
                batch.append(self._settled.get_nowait())
            result = await self._intake.take([MediaFile(path=f.path, stamp=f.stamp, root=f.root) for f in batch])
            announce(self._parts.bus, added=result.added, changed=result.requeued)
            self._wake_engine()

    async def _scan_now_and_then(self) -> None:
        await asyncio.sleep(_FIRST_SCAN_AFTER_S)
        if self._parts.settings().scanner.scan_on_start:
            await self._scan()
        while True:
            hours = self._parts.settings().scanner.rescan_interval_hours
            await asyncio.sleep((hours or 1) * _HOUR_S)
            if hours:
                await self._scan()

    async def _scan_after_restarts(self) -> None:
        """A scan finds what is in new folders, and what was still settling when the watcher before was ended."""
        while True:
            await self._restarted.wait()
            self._restarted.clear()
            await asyncio.sleep(_FIRST_SCAN_AFTER_S)  # the new watcher is there first: nothing falls between the two
            self._scanner.start()

    async def _scan(self) -> None:
        await self._scanner.run()
        self._wake_engine()


def watched_roots(settings: Settings) -> list[WatchedRoot]:
    """The libraries, when these are to be watched, and the extra folders, which always are."""
    scanner = settings.scanner
    roots = dict.fromkeys(scanner.directories, True) if scanner.watch_enabled else {}
    for extra in scanner.extra_watch_dirs:
        roots.setdefault(extra.path, extra.is_recursive)
    return [WatchedRoot(path=path, is_recursive=is_recursive) for path, is_recursive in roots.items()]


def _acceptance(settings: Settings) -> object:
    """All that decides which files of which folders become jobs."""
    return settings.scanner.model_dump(exclude={"rescan_interval_hours", "scan_on_start"}), settings.files


def _acceptor(settings: Settings) -> Callable[[str], bool]:
    """The same files that a scan of their folder takes."""
    rules, roots = walk_rules(settings), [root.path for root in watched_roots(settings)]

    def accepts(path: str) -> bool:
        if not is_media_path(path, rules, root=root_of(path, roots)):
            return False
        return rules.follow_symlinks or not Path(path).is_symlink()

    return accepts
