"""Looks at waiting jobs ahead of their turn, so that skips, sizes and the time left are known before anything is encoded."""

import asyncio
import logging

from alchemist_desktop.domain.attempt import Outcome
from alchemist_desktop.domain.events import JobAdded, JobChanged, JobListChanged, Published, ScanCompleted
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Job, JobState, Phase
from alchemist_desktop.engine.context import JobContext
from alchemist_desktop.engine.engine import Engine
from alchemist_desktop.engine.finish import JobFinisher
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.engine.steps.plan import plan_job
from alchemist_desktop.engine.steps.probe import probe_source

logger = logging.getLogger(__name__)

_AT_ONCE = 2  # the engine's own jobs want the probe workers too
_BATCH = 50
_WANT_OF_ENCODERS = frozenset({"no_available_encoders", "no_suitable_encoder", "preferred_codec_unavailable_fallback_disabled"})


class AnalysisPass:
    """One standing task, `keep`, until it is cancelled. It works while the engine is paused, and beside running encodes.

    A job under analysis is `analyzing`; it goes back into the queue with its decision stored, or ends as skipped or failed.
    Whoever moves it meanwhile wins: every step is a compare-and-set.
    """

    def __init__(self, parts: Parts, engine: Engine) -> None:
        self._parts = parts
        self._engine = engine
        self._finisher = JobFinisher(parts)
        self._looking_at: set[JobId] = set()
        self._wake = asyncio.Event()

    def is_looking_at(self, job_id: JobId) -> bool:
        return job_id in self._looking_at

    async def keep(self) -> None:
        unsubscribe = self._parts.bus.subscribe(self._on_event)
        try:
            while True:
                self._wake.clear()
                while batch := await self._parts.stores.jobs.undecided(_BATCH):
                    await self._analyse_all(batch)
                    self._engine.wake()
                await self._wake.wait()
        finally:
            unsubscribe()

    def _on_event(self, published: Published) -> None:
        match published.event:
            case JobAdded() | JobListChanged() | ScanCompleted():
                self._wake.set()
            case JobChanged(job=job) if job.state is JobState.QUEUED and job.decision is None:
                self._wake.set()

    async def _analyse_all(self, jobs: list[Job]) -> None:
        slots = asyncio.Semaphore(_AT_ONCE)

        async def analyse(job: Job) -> None:
            async with slots:
                await self._analyse(job)

        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(analyse(job))

    async def _analyse(self, waiting: Job) -> None:
        jobs = self._parts.stores.jobs
        job = await jobs.transition(waiting.id, JobState.ANALYZING, phase=Phase.PROBING, expected=frozenset({JobState.QUEUED}))
        if job is None:
            return
        self._looking_at.add(job.id)
        self._parts.bus.publish(JobChanged(job=job, state_changed=True))
        try:
            await self._conclude(job)
        except Exception:  # the same border as below: the database refused the end, and the job stays active until it is given up
            logger.exception("What the analysis of job %d found could not be stored", job.id)
        finally:
            self._looking_at.discard(job.id)

    async def _conclude(self, job: Job) -> None:
        context = JobContext(self._parts, job, self._parts.settings())
        try:
            outcome = await _look(context)
        except Exception as error:  # the border of one job: a file that breaks the program must not stop the others
            logger.exception("Job %d could not be analysed by a fault of the program", job.id)
            outcome = self._finisher.fault(error)
        finally:
            self._parts.encoders.leave(job.id)
        if outcome is not None:
            await self._finisher.finish(context, outcome)
        elif returned := await self._parts.stores.jobs.transition(
            job.id, JobState.QUEUED, expected=frozenset({JobState.ANALYZING})
        ):
            self._parts.bus.publish(JobChanged(job=returned, state_changed=True))


async def _look(context: JobContext) -> Outcome | None:
    """The job's end, or None when there is something to do for the engine."""
    probe = await probe_source(context)
    if isinstance(probe, Outcome):
        return probe
    plan = await plan_job(context, probe)
    if not isinstance(plan, Outcome):
        return None
    # Encoders come and go with their devices: only the run itself, in its turn, may end a job for want of one.
    is_early = plan.explanation is not None and plan.explanation.code in _WANT_OF_ENCODERS
    return None if is_early else plan
