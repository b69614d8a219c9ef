"""Scans of the library folders."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.inputs import bool_param
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse, ok
from alchemist_desktop.api.schemas.engine import scan_status_json
from alchemist_desktop.services.scans import ScansService


class ScanRoutes:
    """Start a scan, wait for one, look at one."""

    def __init__(self, scans: ScansService) -> None:
        self._scans = scans

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("POST", "/scan", self.run, "SCAN_FAILED"),
            Endpoint("POST", "/scan/start", self.start, "START_SCAN_FAILED"),
            Endpoint("GET", "/scan/status", self.status),
        ]

    async def run(self, _request: Request) -> Response:
        await self._scans.run()
        return ok()

    async def start(self, request: Request) -> Response:
        self._scans.start(full=bool_param(request, "full"))
        return ok(status_code=202)

    async def status(self, _request: Request) -> Response:
        return JsonResponse(scan_status_json(self._scans.status()))
