"""Ends a replacement in the database: job, attempt, figures, trash and journal change together or not at all."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from alchemist_desktop.domain.attempt import EncodeAttempt, EncodeStats
from alchemist_desktop.domain.errors import BugError
from alchemist_desktop.domain.explanation import Explanation
from alchemist_desktop.domain.ids import JobId, TrashId
from alchemist_desktop.domain.job import FileStamp, Job, JobState
from alchemist_desktop.domain.plan import Action
from alchemist_desktop.domain.replacement import Replacement, TrashEntry
from alchemist_desktop.storage.attempts import insert_attempt
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.decisions import record_decision
from alchemist_desktop.storage.job_rows import load_job, stamp_columns
from alchemist_desktop.storage.journal import close_entry
from alchemist_desktop.storage.stats import insert_stats
from alchemist_desktop.storage.tables import JobRow, StatsRow
from alchemist_desktop.storage.trash import NOT_REPLACED, insert_entry, mark

_QUALITY = "SELECT json_extract(plan, '$.video.quality.word') FROM decisions WHERE job_id = ? AND plan NOT NULL ORDER BY id DESC"


class CompletionStore:
    """Completes and undoes. Files have moved when these are called, so no state of the job can refuse them."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def complete(self, replacement: Replacement, stats: EncodeStats, attempt: EncodeAttempt | None = None) -> Job | None:
        """Close the journal's entry: the job is completed, its figures count, originals in the trash and the attempt, where
        it is known, are on record.

        None when the job was deleted meanwhile. Raises BugError when the journal has no such entry.
        """
        return await self._db.write(_complete, replacement, stats, attempt)

    async def give_up(self, replacement: Replacement, left_in_trash: Collection[str], now: datetime) -> None:
        """Close the journal's entry without a result; originals that had to stay in the trash are on record there."""
        await self._db.write(_give_up, replacement, frozenset(left_in_trash), now)

    async def undo(
        self, entry: TrashEntry, undone_path: str | None, stamp: FileStamp, explanation: Explanation, now: datetime
    ) -> Job | None:
        """The original is back with `stamp`: the job ends as skipped, and what it had saved does not count any more.

        `undone_path` is where the output lies in the trash now.
        """
        return await self._db.write(_undo, entry, undone_path, stamp, explanation, now)


def _complete(db: Connection, replacement: Replacement, stats: EncodeStats, attempt: EncodeAttempt | None) -> Job | None:
    if not close_entry(db, replacement.job_id):
        raise BugError(f"The replacement of job {replacement.job_id} is not in the journal.")
    job = load_job(db, replacement.job_id)
    source_codec = (job.video_codec if job else None) or "unknown"
    row = db.sql(_QUALITY, (replacement.job_id,)).fetchone()
    insert_stats(db, stats, source_codec, (row[0] if row else None) or "unknown")
    for entry in _trash_entries(replacement, stats.created_at):
        insert_entry(db, entry)
    if job is None:
        return None
    if attempt is not None:
        insert_attempt(db, attempt)
    columns: dict[str, Any] = {
        "state": JobState.COMPLETED.value, "phase": None, "progress": 100.0, "attempt_count": job.attempt_count + 1,
        "output_size_bytes": stats.output_size_bytes, "vmaf_score": stats.vmaf_score, "not_before": None,
        "failure": None, "failure_code": None, "updated_at": stats.created_at,
    }  # fmt: skip
    if replacement.is_in_place:
        # The result is the source now; a scan must not take it for a new one, nor one that met it before this was stored.
        columns |= {**stamp_columns(replacement.work_stamp), "source_changed": False}
    return _write(db, job.id, columns)


def _give_up(db: Connection, replacement: Replacement, left_in_trash: frozenset[str], now: datetime) -> None:
    if close_entry(db, replacement.job_id):
        for entry in _trash_entries(replacement, now):
            if entry.trash_path in left_in_trash:
                insert_entry(db, entry)


def _trash_entries(replacement: Replacement, now: datetime) -> list[TrashEntry]:
    entries = []
    if replacement.trash_path is not None:
        entries.append(
            TrashEntry(
                id=TrashId(0),
                job_id=replacement.job_id,
                original_path=replacement.source_path,
                trash_path=replacement.trash_path,
                output_path=replacement.output_path,
                size_bytes=replacement.source_stamp.size_bytes,
                created_at=now,
                output_stamp=replacement.work_stamp,
            )
        )
    if replacement.replaced_trash_path is not None:
        replaced = replacement.replaced_stamp
        entries.append(
            TrashEntry(
                id=TrashId(0),
                job_id=replacement.job_id,
                original_path=replacement.output_path,
                trash_path=replacement.replaced_trash_path,
                output_path=NOT_REPLACED,
                size_bytes=replaced.size_bytes if replaced else 0,
                created_at=now,
            )
        )
    return entries


def _undo(
    db: Connection, entry: TrashEntry, undone_path: str | None, stamp: FileStamp, explanation: Explanation, now: datetime
) -> Job | None:
    mark(db, entry.id, "restored_at", now)
    if undone_path is not None:
        size_bytes = entry.output_stamp.size_bytes if entry.output_stamp else 0
        undone = TrashEntry(
            id=TrashId(0),
            job_id=entry.job_id,
            original_path=entry.output_path,
            trash_path=undone_path,
            output_path=NOT_REPLACED,
            size_bytes=size_bytes,
            created_at=now,
        )
        insert_entry(db, undone)
    is_undone = (StatsRow.job_id == entry.job_id) & (StatsRow.input_size_bytes == entry.size_bytes)
    StatsRow.delete().where(is_undone).execute(db)
    columns = {
        "state": JobState.SKIPPED.value, "phase": None, "progress": 0.0, "decision": explanation, "output_size_bytes": None,
        "vmaf_score": None, "updated_at": now, **stamp_columns(stamp),
    }  # fmt: skip
    job = _write(db, entry.job_id, columns)
    if job is not None:
        record_decision(db, job.id, Action.SKIP, explanation, now)
    return job


def _write(db: Connection, job_id: JobId, columns: dict[str, Any]) -> Job | None:
    JobRow.update(columns).where(JobRow.id == job_id).execute(db)
    return load_job(db, job_id)
