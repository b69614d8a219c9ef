"""Self-test, the preview of telemetry, and updates."""

import uuid
from collections.abc import Awaitable
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse
from alchemist_desktop.api.schemas.maintenance import selftest_json, telemetry_json, update_json
from alchemist_desktop.services.container import Services
from alchemist_desktop.services.updates import UpdateCheckError, UpdateStatus

_CHECK_FAILED = "SYSTEM_UPDATE_CHECK_FAILED"


class MaintenanceRoutes:
    """What keeps an installation in good order. No telemetry is ever sent: the preview shows what a client may expect."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._runtime_id = str(uuid.uuid4())

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("POST", "/system/selftest", self.selftest),
            Endpoint("GET", "/telemetry/payload", self.telemetry, "CONFIG_READ_FAILED"),
            Endpoint("GET", "/system/update", self.update, _CHECK_FAILED),
            Endpoint("POST", "/system/update/check", self.check, _CHECK_FAILED),
            Endpoint("POST", "/system/update/install", self.install, "UPDATE_HELPER_FAILED"),
        ]

    async def selftest(self, _request: Request) -> Response:
        return JsonResponse(selftest_json(await self._services.selftest.run()))

    async def telemetry(self, _request: Request) -> Response:
        settings = self._services.settings.current
        if not settings.system.enable_telemetry:
            raise ProblemError(403, "TELEMETRY_DISABLED", "Telemetry is switched off.")
        system, engine = self._services.system, self._services.engine
        now = datetime.now(UTC)
        active_jobs = engine.status().active_jobs
        return JsonResponse(telemetry_json(self._runtime_id, now, system.info(), system.load(), active_jobs, settings))

    async def update(self, _request: Request) -> Response:
        return JsonResponse(update_json(await _checked(self._services.updates.update_status())))

    async def check(self, _request: Request) -> Response:
        return JsonResponse(update_json(await _checked(self._services.updates.check_for_update())))

    async def install(self, _request: Request) -> Response:
        status = await _checked(self._services.updates.install_update())
        return JsonResponse({"install_state": "up_to_date", "status": update_json(status)})


async def _checked(look: Awaitable[UpdateStatus]) -> UpdateStatus:
    try:
        return await look
    except UpdateCheckError as error:
        raise ProblemError(502, error.code, error.message) from error
