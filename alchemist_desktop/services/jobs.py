"""What people and clients do with jobs."""

import asyncio
import os
import stat
from collections.abc import Sequence
from pathlib import Path

from alchemist_desktop.domain.errors import ConflictError, ForbiddenError, InvalidRequestError, KnownError, NotFoundError
from alchemist_desktop.domain.events import JobAdded, JobChanged, JobListChanged, JobRemoved
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import TERMINAL_STATES, Job, JobState
from alchemist_desktop.domain.library import MediaFile, is_generated_name, root_of
from alchemist_desktop.domain.queries import EnqueueResult, JobDetails, JobQuery
from alchemist_desktop.engine.children import StopReason
from alchemist_desktop.engine.engine import Engine
from alchemist_desktop.engine.intake import Intake
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.engine.scan import library_roots, walk_rules
from alchemist_desktop.engine.undo import Undoer
from alchemist_desktop.media.disk import stamp_of
from alchemist_desktop.media.walk import is_media_path
from alchemist_desktop.storage.logs import LogRepository


class ActiveJobsError(Exception):
    """A restart or delete met jobs that are running; nothing was changed. `blocked` names them with their states."""

    def __init__(self, message: str, blocked: Sequence[tuple[JobId, JobState]]) -> None:
        super().__init__(message)
        self.message = message
        self.blocked = tuple(blocked)


class JobsService:
    """List, look into, enqueue and steer jobs. Every method is for the loop's thread; unknown ids raise NotFoundError
    with code JOB_NOT_FOUND."""

    def __init__(self, parts: Parts, engine: Engine, intake: Intake, undoer: Undoer, logs: LogRepository) -> None:
        self._parts = parts
        self._jobs = parts.stores.jobs
        self._engine = engine
        self._intake = intake
        self._undoer = undoer
        self._logs = logs

    # Looking

    async def find(self, query: JobQuery) -> list[Job]:
        """One page of the list."""
        return await self._jobs.find(query)

    async def list_ids(self, query: JobQuery) -> list[JobId]:
        """All ids of the query in its order, `limit` and `offset` ignored: the spine of a long table."""
        return await self._jobs.list_ids(query)

    async def get_many(self, ids: Sequence[JobId]) -> dict[JobId, Job]:
        """The jobs that exist, by id."""
        return await self._jobs.get_many(ids)

    async def details(self, job_id: JobId) -> JobDetails:
        """Archived jobs count as not found."""
        job = await self._need(job_id)
        if job.archived:
            raise _not_found(job_id)
        stores = self._parts.stores
        is_failed = job.state is JobState.FAILED
        return JobDetails(
            job=job,
            probe=await stores.probes.newest(job.input_path),
            plan=await stores.decisions.newest_plan(job_id),
            stats=await stores.stats.for_job(job_id) if job.state is JobState.COMPLETED else None,
            attempts=tuple(await stores.attempts.for_job(job_id)),
            logs=tuple(await self._logs.for_job(job_id)),
            decision=job.decision,
            failure=job.failure if is_failed else None,
            queue_position=await self._jobs.queue_position(job_id) if job.state is JobState.QUEUED else None,
            can_undo=await stores.trash.for_job(job_id) is not None,
        )

    # Taking in

    async def enqueue_path(self, path: str) -> EnqueueResult:
        """Take one file of a registered folder into the queue. Raises KnownError with an ENQUEUE_* code otherwise."""
        media = await asyncio.to_thread(self._media_file, path.strip())
        files = self._parts.settings().files
        if is_generated_name(media.path, files) and not files.in_place:
            return EnqueueResult(enqueued=False, message="This is a result of an earlier job.")
        if await self._jobs.output_owner(media.path) is not None and await self._jobs.get_by_path(media.path) is None:
            return EnqueueResult(enqueued=False, message="This is the output of another job.")
        result = await self._intake.take([media])
        for job in result.added:
            self._parts.bus.publish(JobAdded(job=job))
        for job in result.requeued:
            self._parts.bus.publish(JobChanged(job=job, state_changed=True))
        taken = [*result.added, *result.requeued]
        if not taken:
            return EnqueueResult(enqueued=False, message="This file is known and has not changed.")
        self._engine.wake()
        return EnqueueResult(enqueued=True, message=f"Queued {Path(media.path).name}.", job=taken[0])

    # Steering

    async def cancel(self, job_id: JobId) -> bool:
        """Whether there was anything to cancel."""
        await self._need(job_id)
        return await self._cancel(job_id)

    async def restart(self, job_id: JobId) -> Job:
        """Queue a job again. Raises ActiveJobsError."""
        await self._need_inactive([job_id], "restarted")
        return (await self._requeue([job_id]))[0]

    async def delete(self, job_id: JobId) -> None:
        """Archive a job. Raises ActiveJobsError."""
        await self._need_inactive([job_id], "deleted")
        await self._archive([job_id])

    async def set_priority(self, job_id: JobId, priority: int) -> Job:
        job = await self._jobs.set_priority(job_id, priority)
        if job is None:
            raise _not_found(job_id)
        self._parts.bus.publish(JobChanged(job=job, state_changed=False))
        return job

    async def batch(self, action: str, job_ids: Sequence[JobId]) -> int:
        """`cancel`, `restart` or `delete` for many. Raises ActiveJobsError, ConflictError (BATCH_ACTION_CONFLICT) or
        InvalidRequestError (INVALID_BATCH_ACTION)."""
        ids = list(dict.fromkeys(job_ids))
        match action:
            case "cancel":
                cancelled = await asyncio.gather(*(self._cancel(job_id) for job_id in ids))
                return sum(cancelled)
            case "restart" | "delete":
                await self._need_batch(ids, f"{action}ed" if action == "restart" else "deleted")
                if action == "delete":
                    return await self._archive(ids)
                return len(await self._requeue(ids))
        raise InvalidRequestError(f"{action!r} is none of cancel, restart and delete.", code="INVALID_BATCH_ACTION")

    async def restart_failed(self) -> int:
        """Queue every failed and cancelled job again."""
        states = frozenset({JobState.FAILED, JobState.CANCELLED})
        return len(await self._requeue(await self._jobs.list_ids(JobQuery(states=states, limit=None))))

    async def clear_completed(self) -> int:
        """Archive every completed job."""
        return await self._archive_states(frozenset({JobState.COMPLETED}))

    async def clear_history(self) -> int:
        """Archive every terminal job."""
        return await self._archive_states(TERMINAL_STATES)

    async def purge_history(self, states: frozenset[JobState], *, archived: bool) -> int:
        """Delete the rows of terminal jobs in these states for good; active and queued jobs are never touched."""
        count = await self._jobs.purge(states & TERMINAL_STATES, archived=archived)
        self._parts.bus.publish(JobListChanged())
        return count

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
        await self._need(job_id)
        return await self._undoer.undo(job_id)

    # Within

    async def _cancel(self, job_id: JobId) -> bool:
        cancelled = await self._jobs.transition(
            job_id,
            JobState.CANCELLED,
            expected=frozenset({JobState.QUEUED}),
            failure=explain("cancelled"),
        )
        if cancelled is not None:
            self._parts.bus.publish(JobChanged(job=cancelled, state_changed=True))
            return True
        return await self._engine.cancel(job_id, StopReason.CANCELLED)

    async def _requeue(self, ids: Sequence[JobId]) -> list[Job]:
        jobs = await self._jobs.requeue(ids, reset_attempts=True)
        for job in jobs[:200]:
            self._parts.bus.publish(JobChanged(job=job, state_changed=True))
        if len(jobs) > 200:
            self._parts.bus.publish(JobListChanged())
        self._engine.wake()
        return jobs

    async def _archive(self, ids: Sequence[JobId]) -> int:
        archived = await self._jobs.archive(ids)
        for job_id in archived:
            self._parts.bus.publish(JobRemoved(job_id=job_id))
        return len(archived)

    async def _archive_states(self, states: frozenset[JobState]) -> int:
        archived = await self._jobs.archive_states(states)
        self._parts.bus.publish(JobListChanged())
        return len(archived)

    async def _need(self, job_id: JobId) -> Job:
        job = await self._jobs.get(job_id)
        if job is None:
            raise _not_found(job_id)
        return job

    async def _need_inactive(self, ids: Sequence[JobId], verb: str) -> dict[JobId, Job]:
        jobs = await self._jobs.get_many(ids)
        if len(ids) == 1 and (ids[0] not in jobs or jobs[ids[0]].archived):
            raise _not_found(ids[0])
        blocked = [(job.id, job.state) for job in jobs.values() if job.state.is_active]
        if blocked:
            raise ActiveJobsError(f"Running jobs cannot be {verb}; cancel them first.", blocked)
        return jobs

    async def _need_batch(self, ids: Sequence[JobId], verb: str) -> None:
        jobs = await self._jobs.get_many(ids)
        blocked = [(job.id, job.state) for job in jobs.values() if job.state.is_active]
        if blocked:
            raise ActiveJobsError(f"Running jobs cannot be {verb}; cancel them first.", blocked)
        if any(job_id not in jobs or jobs[job_id].archived for job_id in ids):
            raise ConflictError("Some of these jobs do not exist any more; nothing was changed.", code="BATCH_ACTION_CONFLICT")

    def _media_file(self, path: str) -> MediaFile:
        settings = self._parts.settings()
        real = _resolve(path)
        root = root_of(real, library_roots(settings))
        if root is None:
            raise ForbiddenError("The file is in none of the library folders.", code="ENQUEUE_PATH_FORBIDDEN", path=path)
        if not is_media_path(real, walk_rules(settings)):
            raise InvalidRequestError("Files of this kind are not handled.", code="ENQUEUE_UNSUPPORTED_TYPE", path=path)
        return MediaFile(path=real, stamp=stamp_of(real), root=root)


def _resolve(path: str) -> str:
    """The real path of a regular file. Raises InvalidRequestError in the documented order of checks."""
    if not path:
        raise InvalidRequestError("The path is empty.", code="ENQUEUE_PATH_EMPTY")
    if not os.path.isabs(path):  # noqa: PTH117  # the text is a client's; it is not a path of ours yet
        raise InvalidRequestError("The path must be absolute.", code="ENQUEUE_PATH_NOT_ABSOLUTE", path=path)
    try:
        real = Path(path).resolve(strict=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise InvalidRequestError("The path does not lead to a file.", code="ENQUEUE_PATH_UNRESOLVED", path=path) from error
    try:
        mode = real.stat().st_mode
    except OSError as error:
        raise InvalidRequestError("The file cannot be read.", code="ENQUEUE_METADATA_READ_FAILED", path=path) from error
    if not stat.S_ISREG(mode):
        raise InvalidRequestError("The path is not a file.", code="ENQUEUE_PATH_NOT_FILE", path=path)
    return str(real)


def _not_found(job_id: JobId) -> KnownError:
    return NotFoundError(f"There is no job {job_id}.", code="JOB_NOT_FOUND")
