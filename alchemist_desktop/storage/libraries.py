"""Watched folders and the profiles of library folders."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from alchemist_desktop.domain.ids import ProfileId, WatchDirId
from alchemist_desktop.domain.library import WatchDir
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.tables import WatchDirRow


class WatchDirRepository:
    """Folders by path; an id stays with its path for as long as the folder is listed."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def all(self) -> list[WatchDir]:
        """In the order in which they were added."""
        return await self._db.read(_all)

    async def get(self, watch_dir_id: WatchDirId) -> WatchDir | None:
        return await self._db.read(lambda db: next((d for d in _all(db) if d.id == watch_dir_id), None))

    async def add(self, path: str, *, is_recursive: bool = True, profile_id: ProfileId | None = None) -> WatchDir:
        """Add a folder, or change the one of this path."""
        columns = {"is_recursive": is_recursive, "profile_id": profile_id}
        return await self._db.write(_put, path, columns, self._clock.now())

    async def set_profile(self, path: str, profile_id: ProfileId | None) -> WatchDir:
        """Choose the profile of a folder; the folder is added when it is not listed."""
        return await self._db.write(_put, path, {"profile_id": profile_id}, self._clock.now())

    async def remove(self, watch_dir_id: WatchDirId) -> bool:
        return await self._db.write(lambda db: bool(WatchDirRow.delete().where(WatchDirRow.id == watch_dir_id).execute(db)))

    async def sync(self, recursive_by_path: Mapping[str, bool]) -> list[WatchDir]:
        """Make the list hold exactly these folders; ids and profiles of those that stay are kept."""
        return await self._db.write(_sync, recursive_by_path, self._clock.now())


def _all(db: Connection) -> list[WatchDir]:
    return [_to_watch_dir(row) for row in WatchDirRow.select().order_by(WatchDirRow.id).dicts().execute(db)]


def _to_watch_dir(row: Mapping[str, Any]) -> WatchDir:
    profile_id = None if row["profile_id"] is None else ProfileId(row["profile_id"])
    return WatchDir(
        id=WatchDirId(row["id"]),
        path=row["path"],
        is_recursive=row["is_recursive"],
        profile_id=profile_id,
        created_at=row["created_at"],
    )


def _put(db: Connection, path: str, columns: Mapping[str, Any], now: datetime) -> WatchDir:
    if not WatchDirRow.update(columns).where(WatchDirRow.path == path).execute(db):
        WatchDirRow.insert({**columns, "path": path, "created_at": now}).execute(db)
    return next(watch_dir for watch_dir in _all(db) if watch_dir.path == path)


def _sync(db: Connection, recursive_by_path: Mapping[str, bool], now: datetime) -> list[WatchDir]:
    for known in _all(db):
        if known.path not in recursive_by_path:
            WatchDirRow.delete().where(WatchDirRow.id == known.id).execute(db)
    for path, is_recursive in recursive_by_path.items():
        _put(db, path, {"is_recursive": is_recursive}, now)
    return _all(db)
