"""Ids of schedule windows: the settings file has none, and clients name windows by them."""

from collections import Counter
from collections.abc import Iterable, Sequence

from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database


class ScheduleIdRepository:
    """One id for each window, which stays for as long as the window does; windows are told apart by their span of the week."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def assign(self, spans: Sequence[str]) -> list[int]:
        """The ids of all windows there are, in the order of `spans`; ids of windows that are gone are forgotten."""
        return await self._db.write(_assign, spans)

    async def forget(self, window_id: int) -> None:
        await self._db.write(lambda db: db.sql("DELETE FROM schedule_ids WHERE id = ?", (window_id,)))


def _assign(db: Connection, spans: Sequence[str]) -> list[int]:
    known: dict[str, list[int]] = {}
    for window_id, span in db.sql("SELECT id, span FROM schedule_ids ORDER BY id").fetchall():
        known.setdefault(span, []).append(window_id)
    _delete(db, _superfluous(known, Counter(spans)))
    return [known[span].pop(0) if known.get(span) else _insert(db, span) for span in spans]


def _superfluous(known: dict[str, list[int]], wanted: Counter[str]) -> list[int]:
    return [window_id for span, ids in known.items() for window_id in ids[wanted[span] :]]


def _delete(db: Connection, ids: Iterable[int]) -> None:
    for window_id in ids:
        db.sql("DELETE FROM schedule_ids WHERE id = ?", (window_id,))


def _insert(db: Connection, span: str) -> int:
    return int(db.sql("INSERT INTO schedule_ids(span) VALUES (?)", (span,)).lastrowid or 0)
