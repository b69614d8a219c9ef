"""Finds jobs that are active in the database while nobody works on them, because their end could not be stored."""

import logging
from collections.abc import Callable
from datetime import datetime

from alchemist_desktop.domain.events import JobChanged
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import ACTIVE_STATES, Job, JobState
from alchemist_desktop.engine.parts import Parts

logger = logging.getLogger(__name__)


class StrandedJobs:
    """Queues such jobs again when two looks in a row find them as they were: a job that was just claimed has no run yet."""

    def __init__(self, parts: Parts, is_worked_on: Callable[[JobId], bool]) -> None:
        self._parts = parts
        self._is_worked_on = is_worked_on
        self._suspects: set[tuple[JobId, datetime]] = set()

    async def queue_again(self) -> int:
        """One look; returns how many jobs were queued again."""
        idle = [job for job in await self._parts.stores.jobs.active() if not self._is_worked_on(job.id)]
        known, self._suspects = self._suspects, {(job.id, job.updated_at) for job in idle}
        return sum([await self._queue(job) for job in idle if (job.id, job.updated_at) in known])

    async def _queue(self, job: Job) -> bool:
        queued = await self._parts.stores.jobs.transition(job.id, JobState.QUEUED, expected=ACTIVE_STATES)
        if queued is None:
            return False
        logger.warning("%s was %s, but nothing worked on it; it is queued again", job.input_path, job.state)
        self._parts.bus.publish(JobChanged(job=queued, state_changed=True))
        return True
