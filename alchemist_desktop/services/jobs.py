"""What people and clients do with jobs."""

import asyncio
import os
from collections.abc import Sequence

from alchemist_desktop.domain.errors import ConflictError, InvalidRequestError, KnownError, NotFoundError
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import TERMINAL_STATES, Job, JobState
from alchemist_desktop.domain.queries import EnqueueResult, JobDetails, JobQuery
from alchemist_desktop.engine.engine import Engine
from alchemist_desktop.engine.parts import Stores
from alchemist_desktop.engine.steering import JobSteering
from alchemist_desktop.engine.undo import Undoer
from alchemist_desktop.services.path_intake import PathIntake
from alchemist_desktop.storage.logs import LogRepository

BATCH_ACTIONS = ("cancel", "restart", "delete")


class ActiveJobsError(Exception):
    """A restart or delete met jobs that are running; nothing was changed. `blocked` names them with their states."""

    def __init__(self, message: str, blocked: Sequence[tuple[JobId, JobState]]) -> None:
        super().__init__(message)
        self.message = message
        self.blocked = tuple(blocked)


class JobsService:
    """List, look into, enqueue and steer jobs. Every method is for the loop's thread; unknown ids raise NotFoundError
    with code JOB_NOT_FOUND."""

    def __init__(
        self, stores: Stores, engine: Engine, steering: JobSteering, paths: PathIntake, undoer: Undoer, logs: LogRepository
    ) -> None:
        self._stores = stores
        self._jobs = stores.jobs
        self._engine = engine
        self._steering = steering
        self._paths = paths
        self._undoer = undoer
        self._logs = logs

    async def find(self, query: JobQuery) -> list[Job]:
        """One page of the list."""
        return await self._jobs.find(query)

    async def list_ids(self, query: JobQuery) -> Sequence[JobId]:
        """All ids of the query in its order, `limit` and `offset` ignored: the spine of a long table."""
        return await self._jobs.list_ids(query)

    async def get_many(self, ids: Sequence[JobId]) -> dict[JobId, Job]:
        """The jobs that exist, by id."""
        return await self._jobs.get_many(ids)

    async def details(self, job_id: JobId) -> JobDetails:
        """Archived jobs count as not found."""
        job = (await self._need([job_id]))[job_id]
        stores = self._stores
        return JobDetails(
            job=job,
            probe=await stores.decisions.newest_probe(job_id) or await stores.probes.newest(job.input_path),
            plan=await stores.decisions.newest_plan(job_id),
            stats=await stores.stats.for_job(job_id) if job.state is JobState.COMPLETED else None,
            attempts=tuple(await stores.attempts.for_job(job_id)),
            logs=tuple(await self._logs.for_job(job_id)),
            decision=job.decision,
            failure=job.failure if job.state is JobState.FAILED else None,
            queue_position=await self._jobs.queue_position(job_id) if job.state is JobState.QUEUED else None,
            can_undo=await stores.trash.for_job(job_id) is not None,
            is_original_kept=await asyncio.to_thread(_is_original_kept, job),
        )

    async def enqueue_path(self, path: str) -> EnqueueResult:
        """Take one file of a registered folder into the queue. Raises KnownError with an ENQUEUE_* code otherwise."""
        return await self._paths.take(path)

    async def cancel(self, job_id: JobId) -> bool:
        """Whether there was anything to cancel."""
        if await self._jobs.get(job_id) is None:
            raise _not_found(job_id)
        return await self._steering.cancel([job_id]) > 0

    async def restart(self, job_id: JobId) -> Job:
        """Queue a job again. Raises ActiveJobsError."""
        _refuse_active(await self._need([job_id]), "restarted")
        queued = await self._steering.requeue([job_id])
        if not queued:  # it was started just now
            _refuse_active(await self._need([job_id]), "restarted")
            raise _not_found(job_id)
        return queued[0]

    async def delete(self, job_id: JobId) -> None:
        """Archive a job. Raises ActiveJobsError."""
        _refuse_active(await self._need([job_id]), "deleted")
        await self._steering.archive([job_id])

    async def set_priority(self, job_id: JobId, priority: int) -> Job:
        """Higher ones run first."""
        job = await self._steering.set_priority(job_id, priority)
        if job is None:
            raise _not_found(job_id)
        return job

    async def batch(self, action: str, job_ids: Sequence[JobId]) -> int:
        """`cancel`, `restart` or `delete` for many; how many it met. Nothing is changed when it raises ActiveJobsError,
        ConflictError (BATCH_ACTION_CONFLICT) or InvalidRequestError (INVALID_BATCH_ACTION)."""
        ids = list(dict.fromkeys(job_ids))
        if action not in BATCH_ACTIONS:
            raise InvalidRequestError(f"{action!r} is none of cancel, restart and delete.", code="INVALID_BATCH_ACTION")
        if action == "cancel":
            return await self._steering.cancel(ids)
        jobs = await self._jobs.get_many(ids)
        _refuse_active(jobs, "restarted" if action == "restart" else "deleted")
        if any(job_id not in jobs or jobs[job_id].archived for job_id in ids):
            raise ConflictError("Some of these jobs do not exist any more; nothing was changed.", code="BATCH_ACTION_CONFLICT")
        return len(await self._steering.requeue(ids)) if action == "restart" else await self._steering.archive(ids)

    async def restart_failed(self) -> int:
        """Queue every failed and cancelled job again."""
        states = frozenset({JobState.FAILED, JobState.CANCELLED})
        return len(await self._steering.requeue(await self._jobs.list_ids(JobQuery(states=states))))

    async def clear_completed(self) -> int:
        """Archive every completed job."""
        return await self._steering.archive_states({JobState.COMPLETED})

    async def clear_history(self) -> int:
        """Archive every terminal job."""
        return await self._steering.archive_states(TERMINAL_STATES)

    async def purge_history(self, states: frozenset[JobState], *, archived: bool) -> int:
        """Delete the rows of terminal jobs in these states for good; active and queued jobs are never touched."""
        return await self._steering.purge(states, archived=archived)

    async def suspend(self, job_id: JobId) -> bool:
        """Freeze a running encode; False when there is none."""
        context = self._engine.context(job_id)
        if context is not None:
            context.freeze()
        return context is not None

    async def resume(self, job_id: JobId) -> bool:
        """Go on with a frozen encode; False when there is none."""
        context = self._engine.context(job_id)
        if context is not None:
            context.thaw()
        return context is not None

    async def undo(self, job_id: JobId) -> str:
        """Bring the original of a completed job back from the trash; returns its path. Raises KnownError."""
        return await self._undoer.undo(job_id)

    async def _need(self, ids: Sequence[JobId]) -> dict[JobId, Job]:
        jobs = await self._jobs.get_many(ids)
        for job_id in ids:
            if job_id not in jobs or jobs[job_id].archived:
                raise _not_found(job_id)
        return jobs


def _refuse_active(jobs: dict[JobId, Job], verb: str) -> None:
    blocked = [(job.id, job.state) for job in jobs.values() if job.state.is_active]
    if blocked:
        raise ActiveJobsError(f"Running jobs cannot be {verb}; cancel them first.", blocked)


def _not_found(job_id: JobId) -> KnownError:
    return NotFoundError(f"There is no job {job_id}.", code="JOB_NOT_FOUND")


def _is_original_kept(job: Job) -> bool:
    return job.state is JobState.COMPLETED and job.output_path != job.input_path and os.path.lexists(job.input_path)
