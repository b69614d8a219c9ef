"""Schedule windows."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.inputs import read_body, row_id
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse, ok
from alchemist_desktop.api.schemas.schedule import WindowBody, window_json, window_of
from alchemist_desktop.services.schedule import ScheduleService

_FAILED = "SCHEDULE_LIST_FAILED"


class ScheduleRoutes:
    """List, add and remove windows."""

    def __init__(self, schedule: ScheduleService) -> None:
        self._schedule = schedule

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/settings/schedule", self.list_all, _FAILED),
            Endpoint("POST", "/settings/schedule", self.add, _FAILED),
            Endpoint("DELETE", "/settings/schedule/{id}", self.remove, _FAILED),
        ]

    async def list_all(self, _request: Request) -> Response:
        return JsonResponse([window_json(numbered) for numbered in await self._schedule.windows()])

    async def add(self, request: Request) -> Response:
        window = window_of(await read_body(request, WindowBody))
        return JsonResponse(window_json(await self._schedule.add_window(window)))

    async def remove(self, request: Request) -> Response:
        await self._schedule.remove_window(row_id(request))
        return ok()
