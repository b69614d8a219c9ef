"""Opens and closes the engine by the windows of the schedule."""

import asyncio
from collections.abc import Callable

from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.domain.schedule import is_open
from alchemist_desktop.domain.settings import Settings

_CHECK_EVERY_S = 20.0


class ScheduleKeeper:
    """Tells `on_change(closed)` whenever the schedule closes or opens the engine; no enabled window means open."""

    def __init__(self, clock: Clock, settings: Callable[[], Settings], on_change: Callable[[bool], None]) -> None:
        self._clock = clock
        self._settings = settings
        self._on_change = on_change
        self._is_closed = False

    def check(self) -> None:
        """Judge the present moment; also called when the settings change, so that deleting the last window opens at once."""
        closed = not is_open(self._settings().schedule.windows, self._clock.local_now())
        if closed != self._is_closed:
            self._is_closed = closed
            self._on_change(closed)

    async def keep(self) -> None:
        """Check for ever; cancel the task to end it."""
        while True:
            self.check()
            await asyncio.sleep(_CHECK_EVERY_S)
