"""The program's log, as far as it is shown to people."""

from collections.abc import Sequence
from datetime import datetime

from peewee import chunked

from alchemist_desktop.domain.attempt import LogEntry
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.tables import LogRow

_SHOWN_PER_JOB = 200
_ROWS_PER_STATEMENT = 200


class LogRepository:
    """Lines of the log; secrets must be out of them already."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, entries: Sequence[LogEntry]) -> list[LogEntry]:
        """Store a batch; the given ids are ignored, the stored ones returned."""
        return await self._db.write(_add, entries)

    async def history(self, limit: int = 50, offset: int = 0) -> list[LogEntry]:
        """Newest first."""
        return await self._db.read(_history, limit, offset)

    async def for_job(self, job_id: JobId) -> list[LogEntry]:
        """The first lines about a job, oldest first."""
        return await self._db.read(_for_job, job_id)

    async def clear(self) -> None:
        """Delete every line."""
        await self._db.write(lambda db: LogRow.delete().execute(db))

    async def prune(self, before: datetime) -> int:
        """Delete older lines; returns how many."""
        return await self._db.write(_prune, before)


def _add(db: Connection, entries: Sequence[LogEntry]) -> list[LogEntry]:
    stored: list[LogEntry] = []
    for chunk in chunked(entries, _ROWS_PER_STATEMENT):
        columns = [{"level": e.level, "job_id": e.job_id, "message": e.message, "created_at": e.created_at} for e in chunk]
        rows = LogRow.insert_many(columns).returning(LogRow).dicts().execute(db)
        stored += [LogEntry(**row) for row in rows]
    return stored


def _history(db: Connection, limit: int, offset: int) -> list[LogEntry]:
    query = LogRow.select().order_by(LogRow.id.desc()).limit(limit).offset(offset)
    return [LogEntry(**row) for row in query.dicts().execute(db)]


def _for_job(db: Connection, job_id: JobId) -> list[LogEntry]:
    query = LogRow.select().where(LogRow.job_id == job_id).order_by(LogRow.id).limit(_SHOWN_PER_JOB)
    return [LogEntry(**row) for row in query.dicts().execute(db)]


def _prune(db: Connection, before: datetime) -> int:
    return int(LogRow.delete().where(LogRow.created_at < before).execute(db))
