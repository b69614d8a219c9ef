"""What lies in the trash, and why."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from alchemist_desktop.domain.ids import JobId, TrashId
from alchemist_desktop.domain.job import FileStamp
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.domain.replacement import TrashEntry
from alchemist_desktop.storage.codec import stamp_from_json, stamp_to_json
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.tables import TrashRow

_IN_TRASH = TrashRow.restored_at.is_null() & TrashRow.purged_at.is_null()
NOT_REPLACED = ""  # the `output_path` of a file that nothing replaced: it can be purged, there is nothing to undo


class TrashRepository:
    """Entries of the trash; the files themselves are not touched here."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def add(
        self,
        *,
        job_id: JobId,
        original_path: str,
        trash_path: str,
        size_bytes: int,
        output_path: str = NOT_REPLACED,
        output_stamp: FileStamp | None = None,
    ) -> TrashEntry:
        """Record a file in the trash that no completed replacement put there."""
        entry = TrashEntry(
            id=TrashId(0),
            job_id=job_id,
            original_path=original_path,
            trash_path=trash_path,
            output_path=output_path,
            size_bytes=size_bytes,
            created_at=self._clock.now(),
            output_stamp=output_stamp,
        )
        return await self._db.write(insert_entry, entry)

    async def for_job(self, job_id: JobId) -> TrashEntry | None:
        """The original that undoing this job would bring back."""
        return await self._db.read(_for_job, job_id)

    async def present(self) -> list[TrashEntry]:
        """Everything that is in the trash, oldest first."""
        return await self._db.read(_present)

    async def mark_purged(self, entry_id: TrashId) -> None:
        await self._db.write(mark, entry_id, "purged_at", self._clock.now())


def insert_entry(db: Connection, entry: TrashEntry) -> TrashEntry:
    """Store an entry; its `id` is ignored."""
    columns = {
        "job_id": entry.job_id,
        "original_path": entry.original_path,
        "trash_path": entry.trash_path,
        "output_path": entry.output_path,
        "size_bytes": entry.size_bytes,
        "created_at": entry.created_at,
        "output_stamp": stamp_to_json(entry.output_stamp) if entry.output_stamp else None,
    }
    entry_id = TrashRow.insert(columns).execute(db)
    return _to_entry({**columns, "id": entry_id, "restored_at": None, "purged_at": None})


def mark(db: Connection, entry_id: TrashId, column: str, now: datetime) -> None:
    TrashRow.update({column: now}).where(TrashRow.id == entry_id, _IN_TRASH).execute(db)


def _for_job(db: Connection, job_id: JobId) -> TrashEntry | None:
    is_meant = (TrashRow.job_id == job_id) & _IN_TRASH & (TrashRow.output_path != NOT_REPLACED)
    rows = list(TrashRow.select().where(is_meant).order_by(TrashRow.id.desc()).limit(1).dicts().execute(db))
    return _to_entry(rows[0]) if rows else None


def _present(db: Connection) -> list[TrashEntry]:
    return [_to_entry(row) for row in TrashRow.select().where(_IN_TRASH).order_by(TrashRow.id).dicts().execute(db)]


def _to_entry(row: Mapping[str, Any]) -> TrashEntry:
    return TrashEntry(
        id=TrashId(row["id"]),
        job_id=JobId(row["job_id"]),
        original_path=row["original_path"],
        trash_path=row["trash_path"],
        output_path=row["output_path"],
        size_bytes=row["size_bytes"],
        created_at=row["created_at"],
        restored_at=row["restored_at"],
        purged_at=row["purged_at"],
        output_stamp=stamp_from_json(row["output_stamp"]) if row["output_stamp"] else None,
    )
