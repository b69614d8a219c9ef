"""The engine's switches."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.inputs import read_body
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse, ok
from alchemist_desktop.api.schemas.engine import (
    EngineModeBody,
    engine_mode_json,
    engine_status_json,
    processor_status_json,
)
from alchemist_desktop.services.engine_control import EngineService


class EngineRoutes:
    """Start, pause and tune the engine. The replies name what was asked for, not what the schedule makes of it."""

    def __init__(self, engine: EngineService) -> None:
        self._engine = engine

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/engine/status", self.status),
            Endpoint("GET", "/engine/mode", self.mode),
            Endpoint("POST", "/engine/mode", self.set_mode, "CONFIG_SAVE_FAILED"),
            Endpoint("POST", "/engine/pause", self.pause),
            Endpoint("POST", "/engine/resume", self.resume),
            Endpoint("POST", "/engine/drain", self.drain),
            Endpoint("POST", "/engine/stop-drain", self.stop_drain),
            Endpoint("POST", "/engine/restart", self.restart),
            Endpoint("GET", "/processor/status", self.processor_status, "CONFIG_READ_FAILED"),
        ]

    async def status(self, _request: Request) -> Response:
        return JsonResponse(engine_status_json(self._engine.status()))

    async def mode(self, _request: Request) -> Response:
        return JsonResponse(engine_mode_json(self._engine.status()))

    async def set_mode(self, request: Request) -> Response:
        body = await read_body(request, EngineModeBody)
        status = await self._engine.set_mode(
            body.mode, jobs_override=body.concurrent_jobs_override, threads_override=body.threads_override
        )
        return ok(
            status="ok",
            mode=status.mode,
            concurrent_limit=status.concurrent_limit,
            is_manual_override=status.is_manual_override,
        )

    async def pause(self, _request: Request) -> Response:
        await self._engine.pause()
        return ok(status="paused")

    async def resume(self, _request: Request) -> Response:
        await self._engine.resume()
        return ok(status="running")

    async def drain(self, _request: Request) -> Response:
        await self._engine.drain()
        return ok(status="draining")

    async def stop_drain(self, _request: Request) -> Response:
        await self._engine.stop_drain()
        return ok(status="running")

    async def restart(self, _request: Request) -> Response:
        await self._engine.restart()
        return ok(status="running")

    async def processor_status(self, _request: Request) -> Response:
        return JsonResponse(processor_status_json(self._engine.status()))
