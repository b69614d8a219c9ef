"""The windows of the week in which the engine may work."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from alchemist_desktop.domain.errors import NotFoundError
from alchemist_desktop.domain.schedule import ScheduleWindow
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.services.settings import SettingsService
from alchemist_desktop.storage.schedule import ScheduleIdRepository


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberedWindow:
    """A window with the id it is known by."""

    id: int
    window: ScheduleWindow


class ScheduleService:
    """Lists, adds and removes windows; one change at a time. An id stays with its window until that is removed."""

    def __init__(self, settings: SettingsService, ids: ScheduleIdRepository) -> None:
        self._settings = settings
        self._ids = ids
        self._lock = asyncio.Lock()

    async def windows(self) -> list[NumberedWindow]:
        """In the order of the settings."""
        async with self._lock:
            return await self._numbered()

    async def add_window(self, window: ScheduleWindow) -> NumberedWindow:
        """Raises as SettingsService.change."""
        async with self._lock:
            await self._settings.change(lambda old: _with_windows(old, (*old.schedule.windows, window)))
            return (await self._numbered())[-1]

    async def remove_window(self, window_id: int) -> None:
        """Raises NotFoundError (SCHEDULE_WINDOW_NOT_FOUND), or as SettingsService.change."""
        async with self._lock:
            numbered = await self._numbered()
            gone = next((place for place, known in enumerate(numbered) if known.id == window_id), None)
            if gone is None:
                raise NotFoundError(f"There is no schedule window {window_id}.", code="SCHEDULE_WINDOW_NOT_FOUND")
            left = [known.window for place, known in enumerate(numbered) if place != gone]
            await self._settings.change(lambda old: _with_windows(old, left))
            await self._ids.forget(window_id)

    async def _numbered(self) -> list[NumberedWindow]:
        windows = self._settings.current.schedule.windows
        ids = await self._ids.assign([_span(window) for window in windows])
        return [NumberedWindow(id=number, window=window) for number, window in zip(ids, windows, strict=True)]


def _span(window: ScheduleWindow) -> str:
    days = "".join(str(day) for day in sorted(set(window.days_of_week)))
    return f"{window.start_time}-{window.end_time} {days}"


def _with_windows(settings: Settings, windows: Sequence[ScheduleWindow]) -> Settings:
    schedule = settings.schedule.model_copy(update={"windows": tuple(windows)})
    return settings.model_copy(update={"schedule": schedule})
