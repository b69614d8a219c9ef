"""The order in which the running program starts, and how it is asked to stop."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import psutil
from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication

from alchemist_desktop.app.core import Core
from alchemist_desktop.app.standing_tasks import standing_tasks
from alchemist_desktop.engine.recovery import recover

logger = logging.getLogger(__name__)

_STOPPED_BY_HAND = 130
# Ctrl+C, a polite kill, the terminal that went away; on Windows its console that was closed.
_STOP_SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
_WAKE_EVERY_S = 0.2


@asynccontextmanager
async def stop_requests() -> AsyncIterator[asyncio.Event]:
    """An event that is set by a signal, or by the end of the desktop session; a second signal ends the program at once."""
    stop = asyncio.Event()

    def on_signal() -> None:
        if stop.is_set():
            _end_at_once()
        stop.set()

    with _signals_to(on_signal), _session_end_to(stop.set):
        waking = asyncio.create_task(_wake_up()) if sys.platform == "win32" else None
        try:
            yield stop
        finally:
            if waking is not None:
                waking.cancel()


async def until_stopped(work: Coroutine[Any, Any, int], stop: asyncio.Event, *, code: int = _STOPPED_BY_HAND) -> int:
    """The exit code of `work`. When `stop` is set first, `work` is cancelled, tidies up, and `code` is returned."""
    task, stopped = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        was_stopped = not task.done()
        if was_stopped:
            task.cancel()
            await asyncio.wait({task})
    if was_stopped and not task.cancelled() and (error := task.exception()) is not None:
        logger.error("Stopping went wrong", exc_info=error)  # a terminal that is gone cannot be written to, say
    return code if was_stopped else task.result()


async def for_ever() -> int:
    """Waits until it is cancelled."""
    await asyncio.get_running_loop().create_future()
    return 0


def keep_what_stands() -> None:
    """Spare the search for garbage what is there to stay: modules and classes by the hundred thousand, through which it would
    go again and again, and each time nothing else moves for a good part of a tenth of a second, the window neither."""
    gc.collect()
    gc.freeze()


@asynccontextmanager
async def running_engine(core: Core, *, watch: bool) -> AsyncIterator[None]:
    """Recover what the last end left, then work; at the end nothing runs any more and interrupted jobs are queued.

    `watch` also keeps the libraries under watch, scans them and follows the schedule.
    """
    await recover(core.parts)
    async with AsyncExitStack() as stack:
        if watch:
            await stack.enter_async_context(standing_tasks(core))
        core.engine.start()
        stack.push_async_callback(core.engine.stop)
        yield


@contextmanager
def _signals_to(receiver: Callable[[], None]) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    known = [number for name in _STOP_SIGNALS if (number := getattr(signal, name, None)) is not None]
    numbers = [number for number in known if signal.getsignal(number) is not signal.SIG_IGN]  # `nohup` means what it says
    if sys.platform == "win32":  # its loops have no signal handlers; Python's own run when it gets a turn
        before = {number: signal.signal(number, lambda *_: loop.call_soon_threadsafe(receiver)) for number in numbers}
    else:
        for number in numbers:
            loop.add_signal_handler(number, receiver)
    try:
        yield
    finally:
        for number in numbers:
            if sys.platform == "win32":
                signal.signal(number, before[number])
            else:
                loop.remove_signal_handler(number)


async def _wake_up() -> None:
    """Gives Python a turn now and then: while Qt waits for events no Python code runs, signal handlers included."""
    while True:  # noqa: ASYNC110  # there is no event to wait for: being called is the point
        await asyncio.sleep(_WAKE_EVERY_S)


@contextmanager
def _session_end_to(receiver: Callable[[], None]) -> Iterator[None]:
    """The desktop tells its programs before it ends; where it just ends them, Qt is about to quit."""
    application = QCoreApplication.instance()
    if not isinstance(application, QGuiApplication):
        yield
        return
    connections = (
        application.commitDataRequest.connect(lambda _session: receiver()),
        application.aboutToQuit.connect(receiver),
    )
    try:
        yield
    finally:
        for connection in connections:
            QCoreApplication.disconnect(connection)


def _end_at_once() -> None:
    """As if killed, but for the children: the next start recovers what was under way."""
    logger.warning("Ended at once, as asked twice")
    for child in psutil.Process().children(recursive=True):
        with contextlib.suppress(psutil.Error):
            child.kill()
    os._exit(_STOPPED_BY_HAND)
