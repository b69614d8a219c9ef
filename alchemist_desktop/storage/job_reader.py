"""Looks things up in the job list."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import cast

from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import ContentVersion, Job, JobState
from alchemist_desktop.domain.queries import JobQuery
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.fields import encode_text, to_micros
from alchemist_desktop.storage.found_files import known_versions, output_owners, result_sizes
from alchemist_desktop.storage.job_pages import JobPages, count_by_state, find_all_ids
from alchemist_desktop.storage.job_rows import load_job, load_jobs
from alchemist_desktop.storage.tables import JobRow

_IS_WAITING = "state = 'queued' AND archived = 0"  # written out: only so may SQLite use the index made for it


class JobReader:
    """Read-only questions; none of them waits for a change that is under way."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._pages = JobPages()

    async def get(self, job_id: JobId) -> Job | None:
        """The job, archived or not."""
        return await self._db.read(load_job, job_id)

    async def get_many(self, ids: Sequence[JobId]) -> dict[JobId, Job]:
        """The jobs with these ids, in their order; unknown ids are left out."""
        return await self._db.read(load_jobs, ids)

    async def get_by_path(self, path: str) -> Job | None:
        """The library job of this source, archived or not."""
        return await self._db.read(_by_path, path)

    async def find(self, query: JobQuery) -> list[Job]:
        """One page of the list."""
        return await self._db.read(lambda db: list(load_jobs(db, self._pages.find(db, query)).values()))

    async def list_ids(self, query: JobQuery) -> Sequence[JobId]:
        """Every id of the query in its order, `limit` and `offset` ignored; compact, for there may be a million."""
        return cast("Sequence[JobId]", await self._db.read(find_all_ids, query))

    async def count_by_state(self) -> dict[JobState, int]:
        """How many live jobs are in each state; states without jobs are there with 0."""
        return await self._db.read(count_by_state, archived=False)

    async def queue_position(self, job_id: JobId) -> int | None:
        """The place in the queue, from 1; None for a job that is not waiting."""
        return await self._db.read(_queue_position, job_id)

    async def output_owner(self, path: str) -> JobId | None:
        """The library job that has this output path: a live one, or a completed one that is archived."""
        owners = await self._db.read(output_owners, [path])
        return JobId(owners[path][0]) if path in owners else None

    async def is_output_taken(self, path: str, except_input: str) -> bool:
        """Whether this path is the output of another source's job, live or completed, or any other job is made from it."""
        return await self._db.read(_is_output_taken, path, except_input)

    async def known_versions(self, root: str) -> dict[str, ContentVersion]:
        """What is stored of every file below `root`, archived jobs included."""
        return await self._db.read(known_versions, root)

    async def result_sizes(self, root: str) -> dict[str, int]:
        """The sizes of the results below `root` that completed jobs, archived or not, made of other files, by path."""
        return await self._db.read(result_sizes, root)

    async def active(self) -> list[Job]:
        """Jobs that run, or ran when the program ended."""
        return await self._db.read(active_jobs)

    async def peek_claimable(self, limit: int, *, now: datetime, without_devices: Collection[str] = frozenset()) -> list[Job]:
        """The next jobs that may start, in the order in which they should; "" stands for an unknown device."""
        return await self._db.read(lambda db: list(load_jobs(db, claimable_ids(db, limit, now, without_devices)).values()))

    async def undecided(self, limit: int) -> list[Job]:
        """Waiting jobs for which nothing was decided yet, in the order in which they will run."""
        return await self._db.read(_undecided, limit)


def active_jobs(db: Connection) -> list[Job]:
    states = [state.value for state in JobState if state.is_active]
    rows = JobRow.select(JobRow.id).where(JobRow.archived == False, JobRow.state.in_(states))  # noqa: E712
    return list(load_jobs(db, [job_id for (job_id,) in rows.tuples().execute(db)]).values())


def claimable_ids(db: Connection, limit: int, now: datetime, without_devices: Collection[str]) -> list[int]:
    devices = sorted(without_devices)
    rows = db.sql(
        f"SELECT id FROM jobs INDEXED BY jobs_to_claim WHERE {_IS_WAITING} AND (not_before IS NULL OR not_before <= ?)"
        f" AND coalesce(source_device, '') NOT IN ({', '.join('?' * len(devices))})"
        " AND id NOT IN (SELECT job_id FROM replacements)"  # an earlier result still waits to be put in place
        " ORDER BY priority DESC, created_at, id LIMIT ?",
        (to_micros(now), *devices, limit),
    )
    return [job_id for (job_id,) in rows]


def _by_path(db: Connection, path: str) -> Job | None:
    sql = "SELECT id FROM jobs WHERE kind = 'library' AND input_path = CAST(? AS TEXT)"
    row = db.sql(sql, (encode_text(path),)).fetchone()
    return load_job(db, row[0]) if row else None


def _queue_position(db: Connection, job_id: int) -> int | None:
    job = db.sql(f"SELECT priority, created_at FROM jobs WHERE id = ? AND {_IS_WAITING}", (job_id,)).fetchone()
    if job is None:
        return None
    priority, created_at = job
    (ahead,) = db.sql(
        f"SELECT count(*) FROM jobs WHERE {_IS_WAITING} AND (priority > ? OR (priority = ? AND (created_at, id) < (?, ?)))",
        (priority, priority, created_at, job_id),
    ).fetchone()
    return int(ahead) + 1


def _is_output_taken(db: Connection, path: str, except_input: str) -> bool:
    owner = output_owners(db, [path]).get(path)
    if owner is not None and owner[1] != except_input:
        return True
    return path != except_input and _by_path(db, path) is not None  # an archived job's file is still there


def _undecided(db: Connection, limit: int) -> list[Job]:
    rows = db.sql(
        f"SELECT id FROM jobs INDEXED BY jobs_undecided WHERE {_IS_WAITING} AND decision IS NULL"
        " AND not_before IS NULL ORDER BY priority DESC, created_at, id LIMIT ?",
        (limit,),
    )
    return list(load_jobs(db, [job_id for (job_id,) in rows]).values())
