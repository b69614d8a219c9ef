"""Start, pause and tune the engine."""

from collections.abc import Callable
from dataclasses import replace

from alchemist_desktop.domain.engine_state import EngineMode, EngineStatus
from alchemist_desktop.domain.errors import InvalidRequestError, UnavailableError
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.engine.engine import Engine
from alchemist_desktop.engine.remembered import RememberedSwitches
from alchemist_desktop.engine.switches import Switches
from alchemist_desktop.services.settings import SettingsService


class EngineService:
    """The engine's switches; each call returns the status it led to."""

    def __init__(self, engine: Engine, settings: SettingsService, remembered: RememberedSwitches) -> None:
        self._engine = engine
        self._settings = settings
        self._remembered = remembered

    def status(self) -> EngineStatus:
        return self._engine.status

    async def pause(self) -> EngineStatus:
        """No new job starts from the moment this is called; running ones go on. Also ends draining."""
        return await self._switch(Switches.paused)

    async def resume(self) -> EngineStatus:
        """Raises UnavailableError (HARDWARE_DETECTION_PENDING) before the first hardware detection."""
        self._need_hardware()
        for context in self._engine.contexts():
            context.thaw()
        return await self._switch(Switches.resumed)

    async def drain(self) -> EngineStatus:
        """Let running jobs end, then pause."""
        return await self._switch(lambda switches: replace(switches, draining=True))

    async def stop_drain(self) -> EngineStatus:
        return await self._switch(lambda switches: replace(switches, draining=False))

    async def restart(self) -> EngineStatus:
        """Stop running jobs (they are queued again), then go on."""
        self._need_hardware()
        self._engine.switch(Switches.paused)
        await self._engine.release_all()
        return await self._switch(Switches.resumed)

    async def set_mode(
        self, mode: EngineMode, *, jobs_override: int | None = None, threads_override: int | None = None
    ) -> EngineStatus:
        """Mode and threads are kept in the settings, the override of the number of jobs until the next mode.

        Raises InvalidRequestError (ENGINE_JOBS_OVERRIDE_INVALID).
        """
        if jobs_override is not None and jobs_override < 1:
            raise InvalidRequestError("At least one job must be able to run.", code="ENGINE_JOBS_OVERRIDE_INVALID")

        def edit(settings: Settings) -> Settings:
            system = settings.system.model_copy(update={"engine_mode": mode.value})
            threads = settings.transcode.threads if threads_override is None else threads_override
            transcode = settings.transcode.model_copy(update={"threads": threads})
            return settings.model_copy(update={"system": system, "transcode": transcode})

        if edit(self._settings.current) != self._settings.current:
            await self._settings.change(edit)
        return await self._switch(lambda switches: replace(switches, mode=mode, jobs_override=jobs_override))

    async def suspend_all(self) -> EngineStatus:
        """Freeze every running encode and start nothing new."""
        for context in self._engine.contexts():
            context.freeze()
        return await self._switch(Switches.paused)

    async def resume_all(self) -> EngineStatus:
        """Thaw what is frozen and go on."""
        return await self.resume()

    async def _switch(self, change: Callable[[Switches], Switches]) -> EngineStatus:
        status = self._engine.switch(change)
        await self._remembered.store(self._engine.switches)
        return status

    def _need_hardware(self) -> None:
        if self._engine.switches.hardware_pending:
            raise UnavailableError("The hardware is still being examined.", code="HARDWARE_DETECTION_PENDING")
