"""Stable ids of schedule windows, and files that were handed in to be converted."""

from typing import Any

_STATEMENTS = (
    "CREATE TABLE schedule_ids (id INTEGER PRIMARY KEY AUTOINCREMENT, span TEXT NOT NULL)",
    """CREATE TABLE conversions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        upload_path TEXT NOT NULL, output_path TEXT, state TEXT NOT NULL, settings TEXT, probe TEXT NOT NULL,
        job_id INTEGER, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, downloaded_at INTEGER
    )""",
    "CREATE INDEX conversions_by_job ON conversions(job_id) WHERE job_id IS NOT NULL",
)


def up(_migrator: Any, db: Any) -> None:
    for statement in _STATEMENTS:
        db.execute_sql(statement)
