"""What can be done to jobs from outside: cancel, queue again, archive; each change is told."""

import asyncio
from collections.abc import Collection, Sequence

from alchemist_desktop.domain.events import JobListChanged, JobRemoved
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import TERMINAL_STATES, Job, JobState
from alchemist_desktop.engine.announce import MOST_ONE_BY_ONE, announce
from alchemist_desktop.engine.children import StopReason
from alchemist_desktop.engine.engine import Engine
from alchemist_desktop.engine.parts import Parts


class JobSteering:
    """Changes jobs under the guard of their states. Loop thread only."""

    def __init__(self, parts: Parts, engine: Engine) -> None:
        self._jobs = parts.stores.jobs
        self._bus = parts.bus
        self._engine = engine

    async def cancel(self, ids: Sequence[JobId]) -> int:
        """Cancel those that wait or run; returns how many there were."""
        return sum(await asyncio.gather(*(self._cancel(job_id) for job_id in ids)))

    async def requeue(self, ids: Sequence[JobId]) -> list[Job]:
        """Queue those that do not run afresh, and look for work."""
        jobs = await self._jobs.requeue(ids, reset_attempts=True)
        self._tell_changed(jobs)
        self._engine.wake()
        return jobs

    async def archive(self, ids: Sequence[JobId]) -> int:
        """Take those that do not run off the list."""
        archived = await self._jobs.archive(ids)
        if len(archived) > MOST_ONE_BY_ONE:
            self._bus.publish(JobListChanged())
        else:
            for job_id in archived:
                self._bus.publish(JobRemoved(job_id=job_id))
        return len(archived)

    async def archive_states(self, states: Collection[JobState]) -> int:
        """Take all terminal jobs in these states off the list."""
        archived = await self._jobs.archive_states(states)
        self._bus.publish(JobListChanged())
        return len(archived)

    async def purge(self, states: frozenset[JobState], *, archived: bool) -> int:
        """Delete the rows of terminal jobs in these states for good."""
        count = await self._jobs.purge(states & TERMINAL_STATES, archived=archived)
        self._bus.publish(JobListChanged())
        return count

    async def set_priority(self, job_id: JobId, priority: int) -> Job | None:
        job = await self._jobs.set_priority(job_id, priority)
        if job is not None:
            self._tell_changed([job], state_changed=False)
        return job

    async def _cancel(self, job_id: JobId) -> bool:
        waiting = frozenset({JobState.QUEUED})
        job = await self._jobs.transition(job_id, JobState.CANCELLED, expected=waiting, failure=explain("cancelled"))
        if job is None and self._engine.context(job_id) is not None:
            return await self._engine.cancel(job_id, StopReason.CANCELLED)
        if job is None:  # it is being looked at ahead of its turn or was only just claimed, may be back by now, or has ended
            unstarted = frozenset({JobState.QUEUED, JobState.ANALYZING})
            job = await self._jobs.transition(job_id, JobState.CANCELLED, expected=unstarted, failure=explain("cancelled"))
        if job is None:  # it may have begun to run meanwhile
            return await self._engine.cancel(job_id, StopReason.CANCELLED)
        self._tell_changed([job])
        return True

    def _tell_changed(self, jobs: Sequence[Job], *, state_changed: bool = True) -> None:
        announce(self._bus, changed=jobs, state_changed=state_changed)
