"""The program's log, as far as faces show it."""

import asyncio
from pathlib import Path

from alchemist_desktop.domain.attempt import LogEntry
from alchemist_desktop.domain.errors import NotFoundError
from alchemist_desktop.storage.logs import LogRepository

_FILES = "alchemist.log*"


class LogsService:
    """Stored lines and the file they come from; secrets are out of both."""

    def __init__(self, logs: LogRepository, folder: Path) -> None:
        self._logs = logs
        self._folder = folder

    async def history(self, *, limit: int, offset: int) -> list[LogEntry]:
        """Newest first."""
        return await self._logs.history(limit, offset)

    async def clear(self) -> None:
        """Delete every stored line; the files stay until their time is over."""
        await self._logs.clear()

    async def newest_file(self) -> Path:
        """Raises NotFoundError (LOG_FILE_UNAVAILABLE)."""
        newest = await asyncio.to_thread(_newest, self._folder)
        if newest is None:
            raise NotFoundError("There is no log file yet.", code="LOG_FILE_UNAVAILABLE")
        return newest


def _newest(folder: Path) -> Path | None:
    files = [path for path in folder.glob(_FILES) if path.is_file()]
    return max(files, key=lambda path: (path.stat().st_mtime_ns, path.name), default=None)
