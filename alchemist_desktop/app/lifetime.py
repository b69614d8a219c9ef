"""The order in which the running program starts, and stops again."""

import asyncio
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress

from alchemist_desktop.app.core import Core
from alchemist_desktop.domain.events import Published, SettingsChanged
from alchemist_desktop.engine.recovery import recover
from alchemist_desktop.engine.schedule_keeper import ScheduleKeeper
from alchemist_desktop.engine.watch import LibraryWatch

logger = logging.getLogger(__name__)

_TRASH_EVERY_S = 6 * 3600.0


@asynccontextmanager
async def stop_on_signals() -> AsyncIterator[asyncio.Event]:
    """An event that Ctrl+C or a polite kill sets; a second one ends the program at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def on_signal() -> None:
        if stop.is_set():
            logger.warning("Ended at once, as asked twice")
            sys.exit(130)
        stop.set()

    handled = (signal.SIGINT, signal.SIGTERM)
    installed: list[signal.Signals] = []
    for number in handled:
        with suppress(NotImplementedError):  # Windows: Ctrl+C raises KeyboardInterrupt there
            loop.add_signal_handler(number, on_signal)
            installed.append(number)
    try:
        yield stop
    finally:
        for number in installed:
            loop.remove_signal_handler(number)


@asynccontextmanager
async def running_engine(core: Core, *, watch: bool) -> AsyncIterator[None]:
    """Recover what the last end left, then work; at the end nothing runs any more and interrupted jobs are queued.

    `watch` also keeps the libraries under watch, scans them and follows the schedule.
    """
    await recover(core.parts)
    async with AsyncExitStack() as stack:
        core.engine.start()
        stack.push_async_callback(core.engine.stop)
        if watch:
            stack.push_async_callback(core.scanner.cancel)
            await stack.enter_async_context(_tasks(core))
        yield


@asynccontextmanager
async def _tasks(core: Core) -> AsyncIterator[None]:
    """The program's standing tasks: schedule, folder watch, periodic scans, emptying the trash."""
    keeper = ScheduleKeeper(core.parts.clock, core.parts.settings, core.engine.set_schedule_closed)
    watch = LibraryWatch(core.parts, core.intake, core.scanner, wake_engine=core.engine.wake)
    unsubscribe = core.bus.subscribe(_on_settings(core, keeper.check))
    tasks = [
        asyncio.create_task(keeper.keep(), name="schedule"),
        asyncio.create_task(watch.keep(), name="folder watch"),
        asyncio.create_task(_empty_trash(core), name="trash"),
        asyncio.create_task(core.notifier.keep(), name="notifications"),
    ]
    try:
        yield
    finally:
        unsubscribe()
        for task in tasks:
            task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                logger.error("A standing task had failed", exc_info=outcome)


def _on_settings(core: Core, check_schedule: Callable[[], None]) -> Callable[[Published], None]:
    def on_event(published: Published) -> None:
        if isinstance(published.event, SettingsChanged):
            check_schedule()
            core.engine.wake()

    return on_event


async def _empty_trash(core: Core) -> None:
    while True:
        freed = await core.undoer.empty_trash()
        if freed:
            logger.info("Originals past their time left the trash: %.1f MB became free", freed / 1e6)
        await asyncio.sleep(_TRASH_EVERY_S)
