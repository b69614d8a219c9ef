"""Start, pause and tune the engine."""

from alchemist_desktop.domain.engine_state import EngineMode, EngineStatus


class EngineService:
    """The engine's switches; each call returns the status it led to."""

    def status(self) -> EngineStatus:
        raise NotImplementedError

    async def pause(self) -> EngineStatus:
        """No new job starts from the moment this is called; running ones go on. Also ends draining."""
        raise NotImplementedError

    async def resume(self) -> EngineStatus:
        """Raises UnavailableError (HARDWARE_DETECTION_PENDING) before the first hardware detection."""
        raise NotImplementedError

    async def drain(self) -> EngineStatus:
        """Let running jobs end, then pause."""
        raise NotImplementedError

    async def stop_drain(self) -> EngineStatus:
        raise NotImplementedError

    async def restart(self) -> EngineStatus:
        """Stop running jobs (they are queued again), then go on."""
        raise NotImplementedError

    async def set_mode(
        self, mode: EngineMode, *, jobs_override: int | None = None, threads_override: int | None = None
    ) -> EngineStatus:
        """Raises InvalidRequestError (ENGINE_JOBS_OVERRIDE_INVALID)."""
        raise NotImplementedError

    async def suspend_all(self) -> EngineStatus:
        """Freeze every running encode and start nothing new."""
        raise NotImplementedError

    async def resume_all(self) -> EngineStatus:
        raise NotImplementedError
