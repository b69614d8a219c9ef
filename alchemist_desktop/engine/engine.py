"""The engine: starts jobs while its switches allow, and takes each to a terminal state or back into the queue."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from alchemist_desktop.domain.engine_state import EngineStatus
from alchemist_desktop.domain.events import DiskSpaceLow, EngineIdle, EngineStatusChanged
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Job
from alchemist_desktop.engine.children import StopReason
from alchemist_desktop.engine.claims import ClaimDesk
from alchemist_desktop.engine.context import JobContext
from alchemist_desktop.engine.device_run import run_on_device
from alchemist_desktop.engine.finish import JobFinisher
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.engine.switches import Switches

logger = logging.getLogger(__name__)

_LOOK_AGAIN_S = 15.0  # for retries that fall due and volumes that get room again


class Engine:
    """Owns the running jobs. All methods are for the loop's thread.

    `start` once, then the switches; `stop` once, after which nothing runs any more.
    """

    def __init__(self, parts: Parts, switches: Switches) -> None:
        self._parts = parts
        self._switches = switches
        self._desk = ClaimDesk(parts)
        self._finisher = JobFinisher(parts)
        self._running: dict[JobId, tuple[JobContext, asyncio.Task[None]]] = {}
        self._wake = asyncio.Event()
        self._loop_task: asyncio.Task[None] | None = None
        self._told_idle = False

    # State

    @property
    def status(self) -> EngineStatus:
        return self._switches.status(len(self._running))

    @property
    def switches(self) -> Switches:
        return self._switches

    def context(self, job_id: JobId) -> JobContext | None:
        """The run of an active job, or None."""
        running = self._running.get(job_id)
        return running[0] if running else None

    def contexts(self) -> list[JobContext]:
        return [context for context, _task in self._running.values()]

    # Steering

    def start(self) -> None:
        self._loop_task = asyncio.create_task(self._work(), name="engine")

    def wake(self) -> None:
        """Look for work now: something was queued, or a switch changed."""
        self._wake.set()

    def switch(self, change: Callable[[Switches], Switches]) -> EngineStatus:
        """Change the switches at once; no await happens between the decision and its effect."""
        new = change(self._switches)
        if new != self._switches:
            self._switches = new
            self._told_idle = False
            self._tell()
        self.wake()
        return self.status

    def set_schedule_closed(self, closed: bool) -> None:
        """The schedule closes or opens the engine; running jobs go on either way."""
        self.switch(lambda switches: replace(switches, scheduler_paused=closed))

    async def cancel(self, job_id: JobId, reason: StopReason) -> bool:
        """Stop a running job and return when its FFmpeg has ended; False when it does not run or it is too late."""
        running = self._running.get(job_id)
        return running is not None and await running[0].stop(reason)

    async def release_all(self) -> None:
        """Stop every running job so that it is queued again, and wait until all have ended."""
        await asyncio.gather(*(context.stop(StopReason.RELEASED) for context in self.contexts()))
        await asyncio.gather(*(task for _context, task in self._running.values()), return_exceptions=True)

    async def stop(self) -> None:
        """Start nothing more, end what runs (it is queued again) and wait for it."""
        self.switch(lambda switches: replace(switches, closing=True))
        if self._loop_task is not None:
            self._loop_task.cancel()
            await asyncio.gather(self._loop_task, return_exceptions=True)
        await self.release_all()

    # The loop

    async def _work(self) -> None:
        while True:
            self._wake.clear()
            try:
                await self._fill_slots()
                await self._settle()
            except Exception:  # the border of the engine's loop: it must outlive any fault
                logger.exception("The engine could not look for work")
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_AGAIN_S):  # `wait_for` would lose a cancellation that meets the wake-up
                    await self._wake.wait()

    async def _fill_slots(self) -> None:
        while self._switches.may_start(len(self._running)):
            running = [context.job for context in self.contexts()]
            claim = await self._desk.claim(running, is_one_per_device=self._switches.is_one_per_device)
            self._note_disk(claim.disk_block_reason)
            if claim.job is None:
                return
            if not self._switches.may_start(len(self._running)):
                await self._desk.give_back(claim.job)  # paused while the claim was under way
                return
            self._start(claim.job)

    def _start(self, job: Job) -> None:
        context = JobContext(self._parts, job, self._parts.settings())
        task = asyncio.create_task(self._run(context), name=f"job-{job.id}")
        self._running[job.id] = (context, task)
        self._told_idle = False

    async def _run(self, context: JobContext) -> None:
        try:
            try:
                outcome = await run_on_device(context)
            except Exception as error:  # the border of a job run: one bad file must not stop the others
                logger.exception("Job %d failed by a fault of the program", context.job.id)
                outcome = self._finisher.fault(error)
            await self._finisher.finish(context, outcome)
        except Exception:  # the same border: the database refused the end, and the job stays active until it is given up
            logger.exception("The end of job %d could not be stored", context.job.id)
        finally:
            context.children.kill()
            del self._running[context.job.id]
            self.wake()

    async def _settle(self) -> None:
        """What follows from having nothing to do: draining is over, or the engine is idle (told once)."""
        if self._running:
            return
        if self._switches.draining:
            self.switch(Switches.drained)
        elif not self._told_idle and self._switches.may_start(0) and not await self._desk.has_waiting():
            self._told_idle = True
            self._parts.bus.publish(EngineIdle())

    def _note_disk(self, reason: str | None) -> None:
        if (reason is None) == (self._switches.disk_block_reason is None):
            return
        self._switches = replace(self._switches, disk_block_reason=reason)
        if reason is not None:
            self._parts.bus.publish(DiskSpaceLow(reason=reason))
        self._tell()

    def _tell(self) -> None:
        self._parts.bus.publish(EngineStatusChanged(status=self.status))
