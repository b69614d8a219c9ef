"""The watched folders besides the libraries, the profiles of folders, and looking at their files anew."""

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path

from alchemist_desktop.domain.errors import ConflictError, InvalidRequestError, KnownError, NotFoundError
from alchemist_desktop.domain.events import JobListChanged
from alchemist_desktop.domain.ids import ProfileId, WatchDirId
from alchemist_desktop.domain.library import WatchDir
from alchemist_desktop.domain.settings import Settings, WatchDirSettings
from alchemist_desktop.engine.engine import Engine
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.engine.scan import library_roots
from alchemist_desktop.services.settings import SettingsService
from alchemist_desktop.storage.reanalysis import ReanalysisRepository


class FoldersService:
    """Watched folders by id; an id stays with its path. Unknown ids raise NotFoundError (WATCH_DIR_NOT_FOUND)."""

    def __init__(self, parts: Parts, settings: SettingsService, engine: Engine, reanalysis: ReanalysisRepository) -> None:
        self._parts = parts
        self._settings = settings
        self._engine = engine
        self._reanalysis = reanalysis
        self._lock = asyncio.Lock()

    async def watch_dirs(self) -> list[WatchDir]:
        """The extra watched folders, by path."""
        async with self._lock:
            return await self._listed()

    async def add_watch_dir(self, path: str, *, is_recursive: bool = True) -> WatchDir:
        """Raises InvalidRequestError (INVALID_PATH), ConflictError (WATCH_DIR_EXISTS), or as SettingsService.change."""
        folder = await asyncio.to_thread(_real_folder, path)
        new = WatchDirSettings(path=folder, is_recursive=is_recursive)

        def add(settings: Settings) -> Settings:
            known = settings.scanner.extra_watch_dirs
            if any(watched.path == folder for watched in known):
                raise ConflictError(f"{folder} is watched already.", code="WATCH_DIR_EXISTS", path=folder)
            return _with_watch_dirs(settings, (*known, new))

        async with self._lock:
            await self._settings.change(add)
            return next(known for known in await self._listed() if known.path == folder)

    async def remove_watch_dir(self, watch_dir_id: WatchDirId) -> None:
        """Stop watching; files and jobs stay. Raises as SettingsService.change."""
        async with self._lock:
            gone = await self._need(watch_dir_id)

            def remove(settings: Settings) -> Settings:
                return _with_watch_dirs(settings, [d for d in settings.scanner.extra_watch_dirs if d.path != gone.path])

            await self._settings.change(remove)
            await self._listed()

    async def replace_watch_dirs(self, folders: Mapping[str, bool]) -> list[WatchDir]:
        """Watch exactly these paths, each with whether what lies below it counts; they need not be there yet.

        Raises InvalidRequestError (INVALID_PATH) for a text that can be no path, and as SettingsService.change.
        """
        try:
            wanted = [WatchDirSettings(path=path, is_recursive=is_recursive) for path, is_recursive in folders.items()]
        except ValueError as error:
            raise InvalidRequestError("A path cannot contain a NUL character.", code="INVALID_PATH") from error
        async with self._lock:
            await self._settings.change(lambda settings: _with_watch_dirs(settings, wanted))
            return await self._listed()

    async def assign_profile(self, watch_dir_id: WatchDirId, profile_id: ProfileId | None) -> WatchDir:
        """Encode the files of a watched folder by this profile, or by the settings. Raises NotFoundError."""
        if profile_id is not None and await self._parts.stores.profiles.get(profile_id) is None:
            raise NotFoundError(f"There is no profile {profile_id}.", code="PROFILE_NOT_FOUND")
        async with self._lock:
            watch_dir = await self._need(watch_dir_id)
            return await self._parts.stores.watch_dirs.set_profile(watch_dir.path, profile_id)

    async def reanalyze_watch_dir(self, watch_dir_id: WatchDirId) -> int:
        """Decide anew about every file of a watched folder; returns how many were queued."""
        async with self._lock:
            watch_dir = await self._need(watch_dir_id)
        return await self._reanalyze({watch_dir.path: watch_dir.is_recursive})

    async def reanalyze_all(self) -> tuple[int, list[str]]:
        """Decide anew about every file of every folder; returns how many were queued, and a sentence for each folder that
        could not be looked at."""
        count, errors = 0, []
        for root, is_recursive in library_roots(self._settings.current).items():
            try:
                count += await self._reanalyze({root: is_recursive})
            except KnownError as error:
                errors.append(f"{root}: {error.message}")
        return count, errors

    async def _reanalyze(self, roots: Mapping[str, bool]) -> int:
        count = 0
        for root, is_recursive in roots.items():
            ids = await self._reanalysis.forget_under(root, is_recursive=is_recursive)
            count += len(await self._parts.stores.jobs.requeue(ids, reset_attempts=True))
        if count:
            self._parts.bus.publish(JobListChanged())
            self._engine.wake()
        return count

    async def _need(self, watch_dir_id: WatchDirId) -> WatchDir:
        found = next((known for known in await self._listed() if known.id == watch_dir_id), None)
        if found is None:
            raise NotFoundError(f"There is no watched folder {watch_dir_id}.", code="WATCH_DIR_NOT_FOUND")
        return found

    async def _listed(self) -> list[WatchDir]:
        """Bring the rows to the settings, keeping those of libraries that carry a profile."""
        scanner = self._settings.current.scanner
        extra = {watched.path: watched.is_recursive for watched in scanner.extra_watch_dirs}
        rows = await self._parts.stores.watch_dirs.all()
        wanted = {row.path: row.is_recursive for row in rows if row.path in scanner.directories} | extra
        if wanted != {row.path: row.is_recursive for row in rows}:
            rows = await self._parts.stores.watch_dirs.sync(wanted)
        return sorted((row for row in rows if row.path in extra), key=lambda row: row.path)


def _with_watch_dirs(settings: Settings, folders: Sequence[WatchDirSettings]) -> Settings:
    scanner = settings.scanner.model_copy(update={"extra_watch_dirs": tuple(folders)})
    return settings.model_copy(update={"scanner": scanner})


def _real_folder(path: str) -> str:
    try:
        folder = Path(path.strip()).resolve(strict=True)
        is_folder = Path(path.strip()).is_absolute() and folder.is_dir()
    except (OSError, ValueError, RuntimeError):
        is_folder = False
    if not is_folder:
        raise InvalidRequestError(f"{path} is not a folder.", code="INVALID_PATH", path=path)
    return str(folder)
