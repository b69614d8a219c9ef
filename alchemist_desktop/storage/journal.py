"""The journal of replacements: written before files move, so that a restart can finish what was begun."""

from datetime import datetime

from alchemist_desktop.domain.attempt import EncodeStats
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.replacement import Replacement
from alchemist_desktop.storage.codec import journal_from_json, journal_to_json
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.tables import ReplacementRow


class JournalRepository:
    """One open entry per job. When `put` has returned, the entry survives a power cut.

    `CompletionStore.complete` closes an entry together with the job; `drop` closes one that was given up.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    async def put(self, replacement: Replacement, stats: EncodeStats) -> None:
        """Open an entry, with the figures the job will complete with."""
        entry = journal_to_json(replacement, stats)
        await self._db.write(_put, replacement.job_id, entry, stats.created_at)

    async def drop(self, job_id: JobId) -> None:
        await self._db.write(lambda db: close_entry(db, job_id))

    async def open_entries(self) -> list[tuple[Replacement, EncodeStats]]:
        """What is under way, or was when the program ended; oldest first."""
        return await self._db.read(_open_entries)


def close_entry(db: Connection, job_id: JobId) -> bool:
    """Whether there was an entry."""
    return bool(ReplacementRow.delete().where(ReplacementRow.job_id == job_id).execute(db))


def _put(db: Connection, job_id: JobId, entry: str, created_at: datetime) -> None:
    ReplacementRow.insert(job_id=job_id, entry=entry, created_at=created_at).on_conflict_replace().execute(db)


def _open_entries(db: Connection) -> list[tuple[Replacement, EncodeStats]]:
    rows = ReplacementRow.select(ReplacementRow.entry).order_by(ReplacementRow.created_at, ReplacementRow.job_id)
    return [journal_from_json(entry) for (entry,) in rows.tuples().execute(db)]
