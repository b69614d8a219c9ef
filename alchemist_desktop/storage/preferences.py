"""Small things to remember: choices of the windows, the engine's state."""

from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.tables import PreferenceRow


class PreferenceRepository:
    """Texts by key."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def get(self, key: str) -> str | None:
        return await self._db.read(_get, key)

    async def all(self) -> dict[str, str]:
        return await self._db.read(lambda db: dict(PreferenceRow.select().tuples().execute(db)))

    async def set(self, key: str, value: str) -> None:
        await self._db.write(lambda db: PreferenceRow.insert(key=key, value=value).on_conflict_replace().execute(db))

    async def delete(self, key: str) -> None:
        await self._db.write(lambda db: PreferenceRow.delete().where(PreferenceRow.key == key).execute(db))


def _get(db: Connection, key: str) -> str | None:
    rows = list(PreferenceRow.select(PreferenceRow.value).where(PreferenceRow.key == key).tuples().execute(db))
    return rows[0][0] if rows else None
