"""The end of a job run: the attempt's record, the final state, or the way back into the queue."""

import logging
from functools import partial

from alchemist_desktop.domain.attempt import AttemptOutcome, Outcome
from alchemist_desktop.domain.events import JobChanged
from alchemist_desktop.domain.explanation import Explanation, ExplanationCategory, explain
from alchemist_desktop.domain.job import ACTIVE_STATES, Job, JobState
from alchemist_desktop.engine.context import JobContext
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.engine.retry import next_attempt_at
from alchemist_desktop.storage.job_rows import JobChanges

logger = logging.getLogger(__name__)

_ATTEMPT_OUTCOMES = {
    JobState.FAILED: AttemptOutcome.FAILED,
    JobState.SKIPPED: AttemptOutcome.SKIPPED,
}


class JobFinisher:
    """Stores what came of a run and tells it."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    def fault(self, error: Exception) -> Outcome:
        """The outcome of a run that the program itself broke."""
        return Outcome(state=JobState.FAILED, explanation=explain("unknown_failure", error=f"{type(error).__name__}: {error}"))

    async def finish(self, ctx: JobContext, outcome: Outcome) -> None:
        """Store the run's end. A completed job and its attempt were stored together with its replacement already."""
        if outcome.state is not JobState.COMPLETED:
            await self._record_attempt(ctx, outcome)
            await self._leave(ctx, outcome)
        stored = await self._parts.stores.jobs.get(ctx.job.id)
        if stored is None:
            return
        self._log(stored, stored.failure if stored.state is JobState.CANCELLED else outcome.explanation)
        if stored.source_changed and stored.state.is_terminal:
            stored = await self._queue_new_version(stored)
        self._parts.bus.publish(JobChanged(job=stored, state_changed=True))

    async def _leave(self, ctx: JobContext, outcome: Outcome) -> None:
        """Only out of an active state: a job that a person cancelled meanwhile stays cancelled."""
        move = partial(self._parts.stores.jobs.transition, ctx.job.id, expected=ACTIVE_STATES)
        explanation = outcome.explanation
        if explanation is None:
            await move(JobState.QUEUED)
            return
        if outcome.state is JobState.QUEUED:  # another encoder is to do it, or the same one later
            count = ctx.job.attempt_count + (ctx.attempt is not None)
            changes = JobChanges(attempt_count=count)
            if outcome.retry_at is not None:
                changes |= JobChanges(not_before=outcome.retry_at, failure=explanation)
            await move(JobState.QUEUED, **changes)
            return
        if outcome.state is JobState.FAILED:
            attempts = ctx.job.attempt_count + 1
            retry_at = next_attempt_at(explanation.code, attempts, ctx.settings.engine.max_attempts, self._parts.clock.now())
            state = JobState.FAILED if retry_at is None else JobState.QUEUED
            await move(state, failure=explanation, not_before=retry_at, attempt_count=attempts)
        elif explanation.category is ExplanationCategory.FAILURE:
            await move(outcome.state, failure=explanation)
        else:
            await move(outcome.state, decision=explanation, vmaf_score=outcome.vmaf_score)

    async def _record_attempt(self, ctx: JobContext, outcome: Outcome) -> None:
        record = ctx.attempt_record(_attempt_outcome(outcome), outcome.explanation)
        if record is not None:
            await self._parts.stores.attempts.add(record)

    async def _queue_new_version(self, job: Job) -> Job:
        """The file changed while the job ran: what ended was the old version's job."""
        requeued = await self._parts.stores.jobs.requeue([job.id], reset_attempts=True)
        return requeued[0] if requeued else job

    def _log(self, job: Job, explanation: Explanation | None) -> None:
        detail = f": {explanation.summary} {explanation.detail}" if explanation else ""
        level = logging.WARNING if job.state is JobState.FAILED else logging.INFO
        logger.log(level, "%s is %s%s", job.input_path, job.state, detail, extra={"job_id": job.id})


def _attempt_outcome(outcome: Outcome) -> AttemptOutcome:
    """A run that is queued again without a failure was stopped on purpose."""
    if outcome.state is JobState.QUEUED and outcome.explanation is not None:
        return AttemptOutcome.FAILED
    return _ATTEMPT_OUTCOMES.get(outcome.state, AttemptOutcome.CANCELLED)
