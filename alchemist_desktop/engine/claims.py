"""Chooses the next job: by priority and age, leaving out those whose volume has no room or whose disk is busy."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from alchemist_desktop.domain.events import JobChanged
from alchemist_desktop.domain.job import Job, JobState, Phase
from alchemist_desktop.engine.disk_guard import DiskGuard
from alchemist_desktop.engine.parts import Parts

logger = logging.getLogger(__name__)

_CANDIDATES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A job that was claimed, or none; and why some job had to be left waiting for disk space."""

    job: Job | None = None
    disk_block_reason: str | None = None


class ClaimDesk:
    """Takes jobs out of the queue, one at a time, by compare-and-set."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._guard = DiskGuard()

    async def claim(self, running: list[Job], *, is_one_per_device: bool) -> Claim:
        """The first waiting job that may run. One full volume does not hold up the jobs of another; with `is_one_per_device`
        the disk of a running job's source does hold up its other jobs."""
        passed_over = {job.source_device for job in running if job.source_device} if is_one_per_device else set[str]()
        reason: str | None = None
        while candidates := await self._candidates(passed_over):
            blocked = len(passed_over)
            for candidate in candidates:
                if candidate.source_device in passed_over:
                    continue
                refusal = await self._guard.refuse(candidate, running, self._parts.settings().system.min_free_space_gb)
                if refusal is not None:
                    reason = refusal
                    passed_over.add(candidate.source_device or "")
                elif claimed := await self._take(candidate):
                    return Claim(job=claimed, disk_block_reason=reason)
            if len(passed_over) == blocked:
                break
        return Claim(disk_block_reason=reason)

    async def give_back(self, job: Job) -> None:
        """Return a claimed job to the queue as if nothing had happened."""
        returned = await self._parts.stores.jobs.transition(job.id, JobState.QUEUED, expected=frozenset({JobState.ANALYZING}))
        if returned is not None:
            self._parts.bus.publish(JobChanged(job=returned, state_changed=True))

    async def has_waiting(self) -> bool:
        """Whether any job is queued, due or not, or is being looked at and may come back into the queue."""
        counts = await self._parts.stores.jobs.count_by_state()
        return counts.get(JobState.QUEUED, 0) + counts.get(JobState.ANALYZING, 0) > 0

    async def _candidates(self, passed_over: set[str]) -> Sequence[Job]:
        now = self._parts.clock.now()
        return await self._parts.stores.jobs.peek_claimable(_CANDIDATES, now=now, without_devices=frozenset(passed_over))

    async def _take(self, candidate: Job) -> Job | None:
        job = await self._parts.stores.jobs.transition(
            candidate.id, JobState.ANALYZING, phase=Phase.PROBING, expected=frozenset({JobState.QUEUED})
        )
        if job is not None:
            self._parts.bus.publish(JobChanged(job=job, state_changed=True))
        return job
