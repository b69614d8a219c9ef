"""Keeps the log in the database too, in batches, and tells the faces each line."""

import asyncio
import logging
from contextlib import suppress
from types import TracebackType
from typing import Self

from alchemist_desktop.app.logging_setup import LogLine, add_sink
from alchemist_desktop.domain.attempt import LogEntry
from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.domain.events import LogWritten
from alchemist_desktop.engine.bus import EventBus
from alchemist_desktop.storage.logs import LogRepository

logger = logging.getLogger(__name__)

_MOST_WAITING = 2000  # a flood must not grow memory; the file has every line


class LogRows:
    """Async context manager: while it is entered every log line of INFO and above becomes a row and a LogWritten event."""

    def __init__(self, logs: LogRepository, bus: EventBus) -> None:
        self._logs = logs
        self._bus = bus
        self._waiting: list[LogLine] = []
        self._arrived = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()

        def sink(line: LogLine) -> None:
            with suppress(RuntimeError):  # the loop is closed: the file has the line
                loop.call_soon_threadsafe(self._take, line)

        self._remove_sink = add_sink(sink)
        self._task = asyncio.create_task(self._store_batches(), name="log rows")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._remove_sink()
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._store()

    def _take(self, line: LogLine) -> None:
        if len(self._waiting) < _MOST_WAITING:
            self._waiting.append(line)
            self._arrived.set()

    async def _store_batches(self) -> None:
        while True:
            await self._arrived.wait()
            await asyncio.sleep(0.25)  # one transaction for a burst of lines
            self._arrived.clear()
            await self._store()

    async def _store(self) -> None:
        lines, self._waiting = self._waiting, []
        if not lines:
            return
        rows = [
            LogEntry(id=0, level=line.level, job_id=line.job_id, message=line.message, created_at=line.created_at)
            for line in lines
        ]
        with suppress(KnownError):  # a full disk: the lines are lost here, and logging that would only add to them
            for entry in await self._logs.add(rows):
                self._bus.publish(LogWritten(entry=entry))
