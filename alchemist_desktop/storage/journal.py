"""The journal of replacements: written before files move, so that a restart can finish what was begun."""

from datetime import datetime
from pathlib import PurePath

from alchemist_desktop.domain.attempt import EncodeStats
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import ACTIVE_STATES
from alchemist_desktop.domain.replacement import Replacement
from alchemist_desktop.storage.codec import journal_from_json, journal_to_json
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.tables import ReplacementRow

_ACTIVE = ", ".join(f"'{state}'" for state in sorted(ACTIVE_STATES))
_LATELY_COMPLETED = 100  # more than ever run at once: one of them may have been stopped before it had tidied up


class JournalRepository:
    """One open entry per job. When `put` has returned, the entry survives a power cut.

    `CompletionStore` closes an entry: `complete` together with the job, `give_up` without a result.
    """

    def __init__(self, db: Database) -> None:
        self._db = db

    async def put(self, replacement: Replacement, stats: EncodeStats) -> None:
        """Open an entry, with the figures the job will complete with."""
        entry = journal_to_json(replacement, stats)
        await self._db.write(_put, replacement.job_id, entry, stats.created_at)

    async def waiting_entries(self) -> list[tuple[Replacement, EncodeStats]]:
        """What could not be carried out and waits for its folders to be back: entries of jobs that do not run."""
        return await self._db.read(_waiting_entries)

    async def work_places(self) -> set[str]:
        """Every folder whose work folder may hold leftovers of jobs that ended lately, or did not come to their end."""
        return await self._db.read(_work_places)

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


def _waiting_entries(db: Connection) -> list[tuple[Replacement, EncodeStats]]:
    rows = db.sql(
        "SELECT entry FROM replacements AS r WHERE NOT EXISTS"
        f" (SELECT 1 FROM jobs WHERE id = r.job_id AND state IN ({_ACTIVE})) ORDER BY created_at, job_id"
    )
    return [journal_from_json(entry) for (entry,) in rows]


def _work_places(db: Connection) -> set[str]:
    roots = db.sql("SELECT DISTINCT library_root FROM jobs WHERE library_root IS NOT NULL")
    outputs = db.sql(
        f"SELECT output_path FROM jobs WHERE archived = 0 AND state IN ({_ACTIVE})"
        " UNION SELECT output_path FROM jobs WHERE id IN (SELECT job_id FROM stats ORDER BY id DESC LIMIT ?)",
        (_LATELY_COMPLETED,),
    )
    return {*(root for (root,) in roots), *(str(PurePath(path).parent) for (path,) in outputs)}
