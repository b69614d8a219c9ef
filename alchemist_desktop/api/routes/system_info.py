"""The program and its machine."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse
from alchemist_desktop.api.schemas.system import health_json, resources_json, system_info_json
from alchemist_desktop.services.engine_control import EngineService
from alchemist_desktop.services.system_info import SystemService


class SystemRoutes:
    """Health, facts and load."""

    def __init__(self, system: SystemService, engine: EngineService) -> None:
        self._system = system
        self._engine = engine

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/health", self.health),
            Endpoint("GET", "/ready", self.ready, "DATABASE_UNAVAILABLE"),
            Endpoint("GET", "/system/info", self.info),
            Endpoint("GET", "/system/resources", self.resources, "CONFIG_READ_FAILED"),
        ]

    async def health(self, _request: Request) -> Response:
        return JsonResponse(health_json(self._system.info().version, self._system.uptime_s()))

    async def ready(self, _request: Request) -> Response:
        if not await self._system.is_database_ready():
            raise ProblemError(503, "DATABASE_UNAVAILABLE", "The database does not answer.")
        return JsonResponse({"ready": True})

    async def info(self, _request: Request) -> Response:
        return JsonResponse(system_info_json(self._system.info()))

    async def resources(self, _request: Request) -> Response:
        return JsonResponse(resources_json(self._system.load(), self._engine.status()))
