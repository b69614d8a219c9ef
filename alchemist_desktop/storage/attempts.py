"""The records of encode attempts."""

import json
from dataclasses import replace
from typing import Any

from alchemist_desktop.domain.attempt import AttemptOutcome, EncodeAttempt
from alchemist_desktop.domain.ids import AttemptId, JobId
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.tables import AttemptRow

_PLAIN = (
    "job_id", "attempt_number", "started_at", "finished_at", "encoder", "failure_code", "failure_summary",
    "input_size_bytes", "output_size_bytes", "encode_time_s", "stderr_tail",
)  # fmt: skip


class AttemptRepository:
    """Attempts, one record per run of FFmpeg."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def add(self, attempt: EncodeAttempt) -> EncodeAttempt:
        """Store what is known of one run; it comes back with its id."""
        return await self._db.write(insert_attempt, attempt)

    async def for_job(self, job_id: JobId) -> list[EncodeAttempt]:
        """Oldest first."""
        return await self._db.read(_for_job, job_id)


def insert_attempt(db: Connection, draft: EncodeAttempt) -> EncodeAttempt:
    columns: dict[str, Any] = {name: getattr(draft, name) for name in _PLAIN}
    columns |= {"outcome": draft.outcome.value, "command": json.dumps(draft.command)}
    return replace(draft, id=AttemptId(AttemptRow.insert(columns).execute(db)))


def _for_job(db: Connection, job_id: JobId) -> list[EncodeAttempt]:
    rows = AttemptRow.select().where(AttemptRow.job_id == job_id).order_by(AttemptRow.id).dicts().execute(db)
    return [
        EncodeAttempt(
            id=AttemptId(row["id"]),
            outcome=AttemptOutcome(row["outcome"]),
            command=tuple(json.loads(row["command"])),
            **{name: row[name] for name in _PLAIN},
        )
        for row in rows
    ]
