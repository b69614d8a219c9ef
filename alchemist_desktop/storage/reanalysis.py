"""Forgets what was decided about the files of a folder, so that it is decided anew."""

import os
from pathlib import PurePath

from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import ACTIVE_STATES
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.found_files import below

_PER_STATEMENT = 500
_ACTIVE = ", ".join(f"'{state.value}'" for state in sorted(ACTIVE_STATES))


class ReanalysisRepository:
    """Decisions and failures by folder. Figures of finished encodes stay: what was saved was saved."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def forget_under(self, root: str, *, is_recursive: bool) -> list[JobId]:
        """Delete decisions and failures of the live jobs in a folder that are not running; returns the ids of these jobs."""
        return await self._db.write(_forget_under, root, is_recursive)


def _forget_under(db: Connection, root: str, is_recursive: bool) -> list[JobId]:
    start, end = below(root)
    rows = db.sql(
        "SELECT id, input_path FROM jobs WHERE kind = 'library' AND archived = 0"
        f" AND input_path >= CAST(? AS TEXT) AND input_path < CAST(? AS TEXT) AND state NOT IN ({_ACTIVE})",
        (start, end),
    ).fetchall()
    folder = str(PurePath(root.rstrip(os.sep) or os.sep))
    ids = [JobId(job_id) for job_id, path in rows if is_recursive or str(PurePath(path).parent) == folder]
    for first in range(0, len(ids), _PER_STATEMENT):
        chunk = ids[first : first + _PER_STATEMENT]
        marks = ", ".join("?" * len(chunk))
        for table in ("decisions", "failures"):
            db.sql(f"DELETE FROM {table} WHERE job_id IN ({marks})", chunk)
    return ids
