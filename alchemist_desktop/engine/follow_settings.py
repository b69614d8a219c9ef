"""Lets the engine follow the settings that concern it: mode, number of jobs, and the schedule with its last window gone."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

from alchemist_desktop.domain.engine_state import EngineMode
from alchemist_desktop.domain.events import Published, SettingsChanged
from alchemist_desktop.domain.settings import Settings, Transcode
from alchemist_desktop.engine.engine import Engine
from alchemist_desktop.engine.remembered import RememberedSwitches
from alchemist_desktop.engine.switches import Switches


def first_switches(settings: Settings, cpu_count: int) -> Switches:
    """The switches of an engine that remembers nothing: a number of jobs in the file counts when somebody chose it."""
    jobs = settings.transcode.concurrent_jobs
    chosen = None if jobs == Transcode().concurrent_jobs else jobs
    return Switches(cpu_count=cpu_count, mode=EngineMode(settings.system.engine_mode), jobs_override=chosen)


class SettingsFollower:
    """A receiver for the bus. A changed number of jobs overrules the mode until the mode is changed."""

    def __init__(
        self, settings: Settings, engine: Engine, remembered: RememberedSwitches, *, check_schedule: Callable[[], None]
    ) -> None:
        self._known = settings
        self._engine = engine
        self._remembered = remembered
        self._check_schedule = check_schedule
        self._storing: set[asyncio.Task[None]] = set()

    def on_event(self, published: Published) -> None:
        if not isinstance(published.event, SettingsChanged):
            return
        old, new = self._known, published.event.settings
        self._known = new
        self._check_schedule()
        if new.system.engine_mode != old.system.engine_mode:
            mode = EngineMode(new.system.engine_mode)
            self._change(lambda switches: replace(switches, mode=mode, jobs_override=None))
        if new.transcode.concurrent_jobs != old.transcode.concurrent_jobs:
            jobs = new.transcode.concurrent_jobs
            self._change(lambda switches: replace(switches, jobs_override=jobs))
        self._engine.wake()

    def _change(self, change: Callable[[Switches], Switches]) -> None:
        self._engine.switch(change)
        task = asyncio.create_task(self._remembered.store(self._engine.switches))
        self._storing.add(task)
        task.add_done_callback(self._storing.discard)
