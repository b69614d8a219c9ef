"""The hardware: what works, the log of the trials, and the settings about it."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.inputs import read_body
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse, ok
from alchemist_desktop.api.schemas.hardware import HardwareBody, hardware_json, hardware_settings_json, probe_log_json
from alchemist_desktop.services.hardware import HardwareService
from alchemist_desktop.services.settings import SettingsService


class HardwareRoutes:
    """Reading, probing again and choosing."""

    def __init__(self, hardware: HardwareService, settings: SettingsService) -> None:
        self._hardware = hardware
        self._settings = settings

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/system/hardware", self.read),
            Endpoint("GET", "/system/hardware/probe-log", self.probe_log),
            Endpoint("POST", "/system/hardware/probe", self.probe, "HARDWARE_ERROR"),
            Endpoint("GET", "/settings/hardware", self.settings, "CONFIG_READ_FAILED"),
            Endpoint("POST", "/settings/hardware", self.change, "CONFIG_SAVE_FAILED"),
        ]

    async def read(self, _request: Request) -> Response:
        state = self._hardware.state()
        if state is None:
            # Clients know by the words "hardware state" that they have to ask again later.
            raise ProblemError(503, "HARDWARE_STATE_UNAVAILABLE", "The hardware state is not known yet: detection is under way.")
        return JsonResponse(hardware_json(state))

    async def probe_log(self, _request: Request) -> Response:
        return JsonResponse(probe_log_json(self._hardware.state()))

    async def probe(self, _request: Request) -> Response:
        return JsonResponse(hardware_json(await self._hardware.probe()))

    async def settings(self, _request: Request) -> Response:
        return JsonResponse(hardware_settings_json(self._settings.current.hardware))

    async def change(self, request: Request) -> Response:
        body = await read_body(request, HardwareBody)
        await self._hardware.change(body.applied_to)
        await self._hardware.probe()
        return ok()
