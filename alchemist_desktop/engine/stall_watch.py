"""Ends a job whose FFmpeg stands still, as on a network share that is gone."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from alchemist_desktop.domain.ports import ProcessRunner, RunningProcess
from alchemist_desktop.engine.children import StopReason
from alchemist_desktop.engine.context import JobContext
from alchemist_desktop.engine.movement import Movement
from alchemist_desktop.media.progress import ProgressParser

_WATCH_EVERY_S = 1.0


class _ListeningRunner:
    """The job's own runner, which hears along what its processes say on stdout."""

    def __init__(self, runner: ProcessRunner, movement: Movement) -> None:
        self._runner = runner
        self._movement = movement

    def start(
        self,
        argv: Sequence[str],
        *,
        on_stdout_line: Callable[[str], None] | None = None,
        on_stderr_line: Callable[[str], None] | None = None,
        low_priority: bool = False,
    ) -> RunningProcess:
        parser = ProgressParser()

        def listen(line: str) -> None:
            progress = parser.feed(line)
            if progress is not None:
                self._movement.note(progress)
            if on_stdout_line is not None:
                on_stdout_line(line)

        self._movement.begin_run()
        return self._runner.start(argv, on_stdout_line=listen, on_stderr_line=on_stderr_line, low_priority=low_priority)


@asynccontextmanager
async def stall_watched(ctx: JobContext) -> AsyncIterator[ProcessRunner]:
    """A runner for processes that take turns; the job is stopped as stalled when the present one stands still for too long."""
    movement = Movement(ctx.parts.clock.monotonic_s)
    watching = asyncio.create_task(_watch(ctx, movement))
    try:
        yield _ListeningRunner(ctx.children, movement)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


def watch_interval_s(ctx: JobContext) -> float:
    """How often to look whether a run still moves."""
    return min(_WATCH_EVERY_S, ctx.settings.engine.stall_timeout_s / 4)


async def stop_if_stalled(ctx: JobContext, movement: Movement) -> None:
    """Time in which the job is suspended does not count."""
    if ctx.children.is_suspended:
        movement.forgive_idleness()
    elif movement.idle_s() > ctx.settings.engine.stall_timeout_s:
        await ctx.stop(StopReason.STALLED)


async def _watch(ctx: JobContext, movement: Movement) -> None:
    while True:
        await asyncio.sleep(watch_interval_s(ctx))
        await stop_if_stalled(ctx, movement)
