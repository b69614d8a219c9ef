"""The records of encode attempts."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
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

    async def add(
        self,
        *,
        job_id: JobId,
        attempt_number: int,
        started_at: datetime | None,
        finished_at: datetime,
        outcome: AttemptOutcome,
        encoder: str | None = None,
        failure_code: str | None = None,
        failure_summary: str | None = None,
        input_size_bytes: int | None = None,
        output_size_bytes: int | None = None,
        encode_time_s: float | None = None,
        command: Sequence[str] = (),
        stderr_tail: str = "",
    ) -> EncodeAttempt:
        """Store what is known of one run."""
        draft = EncodeAttempt(
            id=AttemptId(0),
            job_id=job_id,
            attempt_number=attempt_number,
            started_at=started_at,
            finished_at=finished_at,
            outcome=outcome,
            encoder=encoder,
            failure_code=failure_code,
            failure_summary=failure_summary,
            input_size_bytes=input_size_bytes,
            output_size_bytes=output_size_bytes,
            encode_time_s=encode_time_s,
            command=tuple(command),
            stderr_tail=stderr_tail,
        )
        return await self._db.write(_add, draft)

    async def for_job(self, job_id: JobId) -> list[EncodeAttempt]:
        """Oldest first."""
        return await self._db.read(_for_job, job_id)


def _add(db: Connection, draft: EncodeAttempt) -> EncodeAttempt:
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
