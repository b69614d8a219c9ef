"""What people and clients do with jobs."""

from collections.abc import Sequence

from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.domain.queries import EnqueueResult, JobDetails, JobQuery


class ActiveJobsError(Exception):
    """A restart or delete met jobs that are running; nothing was changed. `blocked` names them with their states."""

    def __init__(self, message: str, blocked: Sequence[tuple[JobId, JobState]]) -> None:
        super().__init__(message)
        self.message = message
        self.blocked = tuple(blocked)


class JobsService:
    """List, look into, enqueue and steer jobs. Every method is for the loop's thread; unknown ids raise NotFoundError
    with code JOB_NOT_FOUND."""

    async def find(self, query: JobQuery) -> list[Job]:
        raise NotImplementedError

    async def list_ids(self, query: JobQuery) -> list[JobId]:
        """All ids of the query in its order, `limit` and `offset` ignored: the spine of a long table."""
        raise NotImplementedError

    async def get_many(self, ids: Sequence[JobId]) -> dict[JobId, Job]:
        raise NotImplementedError

    async def details(self, job_id: JobId) -> JobDetails:
        """Archived jobs count as not found."""
        raise NotImplementedError

    async def enqueue_path(self, path: str) -> EnqueueResult:
        """Take one file of a registered folder into the queue. Raises KnownError with an ENQUEUE_* code otherwise."""
        raise NotImplementedError

    async def cancel(self, job_id: JobId) -> bool:
        """Whether there was anything to cancel."""
        raise NotImplementedError

    async def restart(self, job_id: JobId) -> Job:
        """Queue a job again. Raises ActiveJobsError."""
        raise NotImplementedError

    async def delete(self, job_id: JobId) -> None:
        """Archive a job. Raises ActiveJobsError."""
        raise NotImplementedError

    async def set_priority(self, job_id: JobId, priority: int) -> Job:
        raise NotImplementedError

    async def batch(self, action: str, job_ids: Sequence[JobId]) -> int:
        """`cancel`, `restart` or `delete` for many. Raises ActiveJobsError, ConflictError (BATCH_ACTION_CONFLICT) or
        InvalidRequestError (INVALID_BATCH_ACTION)."""
        raise NotImplementedError

    async def restart_failed(self) -> int:
        """Queue every failed and cancelled job again."""
        raise NotImplementedError

    async def clear_completed(self) -> int:
        """Archive every completed job."""
        raise NotImplementedError

    async def clear_history(self) -> int:
        """Archive every terminal job."""
        raise NotImplementedError

    async def purge_history(self, states: frozenset[JobState], *, archived: bool) -> int:
        """Delete the rows of terminal jobs in these states for good; active and queued jobs are never touched."""
        raise NotImplementedError

    async def suspend(self, job_id: JobId) -> bool:
        """Freeze a running encode; False when there is none."""
        raise NotImplementedError

    async def resume(self, job_id: JobId) -> bool:
        raise NotImplementedError

    async def undo(self, job_id: JobId) -> str:
        """Bring the original of a completed job back from the trash; returns its path. Raises KnownError."""
        raise NotImplementedError
