"""The job list: jobs are added, and changed under the guard of their state machine."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Unpack

from peewee import chunked

from alchemist_desktop.domain.errors import BugError
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import ACTIVE_STATES, TERMINAL_STATES, Job, JobState, Phase, states_before
from alchemist_desktop.domain.library import FoundFile, UpsertResult
from alchemist_desktop.domain.plan import Action
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.decisions import record_decision, record_failure
from alchemist_desktop.storage.found_files import add_conversion, upsert_files
from alchemist_desktop.storage.job_reader import JobReader, active_jobs
from alchemist_desktop.storage.job_rows import FRESH, JobChanges, changed_columns, load_job, load_jobs, update_job
from alchemist_desktop.storage.tables import JobRow

__all__ = ["JobChanges", "JobRepository"]

_FILES_PER_TRANSACTION = 300  # other writes get their turn in between
_IDS_PER_STATEMENT = 500
_IDLE_STATES = frozenset(JobState) - ACTIVE_STATES
_ALL_STATES = frozenset(JobState)
_IS_LIVE = JobRow.archived == False  # noqa: E712


class JobRepository(JobReader):
    """Jobs, stored. A change that the state machine or the job's present state forbids is refused with None, not raised.

    Everything returns the job as it is after the change, ready to be published.
    """

    def __init__(self, db: Database, clock: Clock) -> None:
        super().__init__(db)
        self._clock = clock

    async def upsert_found(self, found: Sequence[FoundFile]) -> UpsertResult:
        """One job per source: new files are added, changed ones queued again, unchanged ones left alone (archived too).

        An active job whose file changed goes on, with `source_changed` set.
        """
        chunks = [list(chunk) for chunk in chunked(found, _FILES_PER_TRANSACTION)]
        results = [await self._db.write(upsert_files, chunk, self._clock.now()) for chunk in chunks]
        return UpsertResult(
            added=tuple(job for result in results for job in result.added),
            requeued=tuple(job for result in results for job in result.requeued),
            unchanged=sum(result.unchanged for result in results),
        )

    async def add_conversion(self, file: FoundFile) -> Job:
        """A job for one file outside the libraries."""
        return await self._db.write(_add_conversion, file, self._clock.now())

    async def transition(
        self,
        job_id: JobId,
        new: JobState,
        *,
        phase: Phase | None = None,
        expected: frozenset[JobState] | None = None,
        **changes: Unpack[JobChanges],
    ) -> Job | None:
        """Move a live job to `new` if the state machine allows it from where the job is, and `expected` does too.

        Raises ConflictError (OUTPUT_PATH_TAKEN) when the new output path belongs to another job.
        """
        allowed = states_before(new) & (expected if expected is not None else _ALL_STATES)
        return await self._db.write(_move, job_id, new, phase, allowed, changes, self._clock.now())

    async def amend(self, job_id: JobId, **changes: Unpack[JobChanges]) -> Job | None:
        """Change a live job without moving it; None when there is none."""
        columns = changed_columns(changes) | {"updated_at": self._clock.now()}
        return await self._db.write(update_job, job_id, _ALL_STATES, columns)

    async def set_progress(self, job_id: JobId, percent: float, phase: Phase | None) -> Job | None:
        """What an active job does and how far it is; None when it is not active any more. Leaves `updated_at` alone."""
        columns = {"progress": percent, "phase": phase.value if phase else None}
        return await self._db.write(update_job, job_id, ACTIVE_STATES, columns)

    async def set_priority(self, job_id: JobId, priority: int) -> Job | None:
        """Archived jobs are accepted too; None for an unknown id."""
        return await self._db.write(_set_priority, job_id, priority, self._clock.now())

    async def requeue(self, ids: Sequence[JobId], *, reset_attempts: bool = True) -> list[Job]:
        """Queue these jobs afresh, those that are live and not active; the others are left out."""
        columns = {**FRESH, "updated_at": self._clock.now()} | ({"attempt_count": 0} if reset_attempts else {})
        return await self._db.write(_update_many, ids, _IDLE_STATES, columns)

    async def requeue_interrupted(self) -> list[Job]:
        """Queue what was active when the program ended; for the start, before anything is claimed."""
        return await self._db.write(_requeue_interrupted, self._clock.now())

    async def archive(self, ids: Sequence[JobId]) -> list[JobId]:
        """Take jobs off the list, those that are not active; returns the ids that were live. Output paths get free, but
        for those of completed jobs."""
        columns = {"archived": True, "updated_at": self._clock.now()}
        return [job.id for job in await self._db.write(_update_many, ids, _IDLE_STATES, columns)]

    async def archive_states(self, states: Collection[JobState]) -> list[JobId]:
        """Archive every terminal job in one of `states`."""
        return await self._db.write(_archive_states, TERMINAL_STATES & frozenset(states), self._clock.now())

    async def purge(self, states: Collection[JobState], *, archived: bool) -> int:
        """Delete terminal jobs in these states for good, with their history; figures stay. Returns how many."""
        return await self._db.write(_purge, TERMINAL_STATES & frozenset(states), archived)


def _add_conversion(db: Connection, file: FoundFile, now: datetime) -> Job:
    job = load_job(db, add_conversion(db, file, now))
    if job is None:
        raise BugError("A job that was just stored is not there.")
    return job


def _move(
    db: Connection,
    job_id: JobId,
    new: JobState,
    phase: Phase | None,
    allowed: frozenset[JobState],
    changes: JobChanges,
    now: datetime,
) -> Job | None:
    entered: dict[str, Any] = {"state": new.value, "phase": phase.value if phase else None, "updated_at": now}
    if new is JobState.COMPLETED:
        entered["progress"] = 100.0
    elif new in {JobState.QUEUED, JobState.ANALYZING}:
        entered |= {"progress": 0.0, "not_before": None}
    job = update_job(db, job_id, allowed, entered | changed_columns(changes))
    if job is not None:
        _record(db, job, changes, now)
    return job


def _record(db: Connection, job: Job, changes: JobChanges, now: datetime) -> None:
    """Keep what the change says about the job in its history as well."""
    if decision := changes.get("decision"):
        action = Action.SKIP if job.state is JobState.SKIPPED else Action.TRANSCODE
        record_decision(db, job.id, action, decision, now)
    if failure := changes.get("failure"):
        record_failure(db, job.id, failure, now)


def _set_priority(db: Connection, job_id: JobId, priority: int, now: datetime) -> Job | None:
    JobRow.update(priority=priority, updated_at=now).where(JobRow.id == job_id).execute(db)
    return load_job(db, job_id)


def _update_many(db: Connection, ids: Sequence[int], allowed: frozenset[JobState], columns: Mapping[str, Any]) -> list[Job]:
    touched: list[int] = []
    states = [state.value for state in allowed]
    for chunk in chunked(ids, _IDS_PER_STATEMENT):
        is_meant = JobRow.id.in_(chunk) & _IS_LIVE & JobRow.state.in_(states)
        touched += [job_id for (job_id,) in JobRow.select(JobRow.id).where(is_meant).tuples().execute(db)]
        JobRow.update(columns).where(is_meant).execute(db)
    return list(load_jobs(db, sorted(touched)).values())


def _requeue_interrupted(db: Connection, now: datetime) -> list[Job]:
    ids = [job.id for job in active_jobs(db)]
    columns = {"state": JobState.QUEUED.value, "phase": None, "progress": 0.0, "source_changed": False, "updated_at": now}
    return _update_many(db, ids, ACTIVE_STATES, columns)


def _archive_states(db: Connection, states: frozenset[JobState], now: datetime) -> list[JobId]:
    is_meant = _IS_LIVE & JobRow.state.in_([state.value for state in states])
    ids = [JobId(job_id) for (job_id,) in JobRow.select(JobRow.id).where(is_meant).tuples().execute(db)]
    JobRow.update(archived=True, updated_at=now).where(is_meant).execute(db)
    return ids


def _purge(db: Connection, states: frozenset[JobState], archived: bool) -> int:
    is_meant = (JobRow.archived == archived) & JobRow.state.in_([state.value for state in states])
    return int(JobRow.delete().where(is_meant).execute(db))
