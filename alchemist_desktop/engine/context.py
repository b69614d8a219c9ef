"""One running job: its snapshot, its children, how it is stopped and what it reports."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar, Unpack

from alchemist_desktop.domain.attempt import AttemptOutcome, EncodeAttempt, JobProgress, Outcome
from alchemist_desktop.domain.events import JobChanged, JobProgressed
from alchemist_desktop.domain.explanation import Explanation, explain
from alchemist_desktop.domain.ids import AttemptId
from alchemist_desktop.domain.job import Job, JobState, Phase
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.engine.children import JobChildren, StopReason
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.storage.job_rows import JobChanges

T = TypeVar("T")


@dataclass(slots=True, kw_only=True)
class AttemptDraft:
    """What is known of the present run of FFmpeg; it becomes a record when the job ends."""

    started_at: datetime
    encoder: str
    command: tuple[str, ...]
    stderr_tail: str = ""
    encode_time_s: float = 0.0
    output_size_bytes: int | None = None


class JobContext:
    """State of one job run; lives from the claim to the end of the job. Loop thread only."""

    def __init__(self, parts: Parts, job: Job, settings: Settings) -> None:
        self.parts = parts
        self.job = job
        self.settings = settings
        self.children = JobChildren(parts.runner, low_priority=settings.engine.low_priority)
        self.attempt: AttemptDraft | None = None
        self.progress: JobProgress | None = None
        self.keeps_work_files = False  # set while the journal knows of files in the work folder
        self._stop_reason: StopReason | None = None
        self._stopped = asyncio.Event()
        self._can_stop = True
        self._stored_percent = 0.0

    @property
    def stop_reason(self) -> StopReason | None:
        return self._stop_reason

    async def stop(self, reason: StopReason) -> bool:
        """Ask the run to end early. False when it is too late: the result is being put in place.

        The first reason counts, except that a person's cancel overrules the program's own.
        """
        if not self._can_stop:
            return False
        if self._stop_reason is None or reason is StopReason.CANCELLED:
            self._stop_reason = reason
        self._stopped.set()
        await self.children.stop()
        return True

    def freeze(self) -> None:
        """Suspend the job's FFmpeg where it stands, until `thaw`."""
        self.children.suspend()
        self._report_freeze()

    def thaw(self) -> None:
        self.children.resume()
        self._report_freeze()

    def close_for_stops(self) -> bool:
        """From here on the job runs to its end; False when a stop came first."""
        if self._stop_reason is None:
            self._can_stop = False
        return self._stop_reason is None

    def stopped_outcome(self) -> Outcome:
        """The end of a run that was stopped by a person or by the engine, or that stood still for too long."""
        if self._stop_reason is StopReason.CANCELLED:
            return Outcome(state=JobState.CANCELLED, explanation=explain("cancelled"))
        if self._stop_reason is StopReason.STALLED:
            stalled = explain("stalled", limit_s=self.settings.engine.stall_timeout_s)
            return Outcome(state=JobState.FAILED, explanation=stalled)
        return Outcome(state=JobState.QUEUED)

    async def unless_stopped(self, work: Coroutine[Any, Any, T]) -> T | None:
        """The result of `work`, or None when the job is stopped meanwhile; `work` is cancelled then."""
        task = asyncio.ensure_future(work)
        stopped = asyncio.ensure_future(self._stopped.wait())
        try:
            await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
            return task.result() if task.done() else None
        finally:
            stopped.cancel()
            if not task.done():
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    async def move(self, state: JobState, phase: Phase | None, **changes: Unpack[JobChanges]) -> bool:
        """Take the job to `state` and tell; False when it was moved by somebody else meanwhile."""
        moved = await self.parts.stores.jobs.transition(self.job.id, state, phase=phase, **changes)
        if moved is None:
            return False
        self.job = moved
        self.parts.bus.publish(JobChanged(job=moved, state_changed=True))
        return True

    async def enter_phase(self, phase: Phase) -> None:
        """Say what the job does now, its state staying what it is."""
        job = await self.parts.stores.jobs.set_progress(self.job.id, self.job.progress, phase)
        if job is not None:
            self.job = job
            self.parts.bus.publish(JobChanged(job=job, state_changed=False))

    def attempt_record(self, outcome: AttemptOutcome, failure: Explanation | None = None) -> EncodeAttempt | None:
        """The record of the run that just ended; None where FFmpeg never ran."""
        draft = self.attempt
        if draft is None:
            return None
        return EncodeAttempt(
            id=AttemptId(0),
            job_id=self.job.id,
            attempt_number=self.job.attempt_count + 1,
            started_at=draft.started_at,
            finished_at=self.parts.clock.now(),
            outcome=outcome,
            encoder=draft.encoder,
            failure_code=failure.code if failure else None,
            failure_summary=failure.summary if failure else None,
            input_size_bytes=self.job.stamp.size_bytes,
            output_size_bytes=draft.output_size_bytes,
            encode_time_s=draft.encode_time_s,
            command=draft.command,
            stderr_tail=draft.stderr_tail,
        )

    def report(self, progress: JobProgress) -> None:
        """Publish a passing value; loop thread only."""
        self.progress = progress
        self.parts.bus.publish(JobProgressed(progress=progress))

    async def store_progress(self) -> None:
        """Keep the encode's percentage for those who ask the list instead of listening."""
        percent = self.progress.percent if self.progress else 0.0
        if percent - self._stored_percent >= 0.5:
            self._stored_percent = percent
            await self.parts.stores.jobs.set_progress(self.job.id, percent, Phase.ENCODING)

    def _report_freeze(self) -> None:
        if self.progress is not None:
            self.report(replace(self.progress, is_suspended=self.children.is_suspended))

    def report_percent(self, phase: Phase, percent: float) -> None:
        self.report(JobProgress(job_id=self.job.id, phase=phase, percent=percent))
