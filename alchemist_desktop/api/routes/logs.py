"""The program's log."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.downloads import file_response
from alchemist_desktop.api.inputs import int_param
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.attempts import log_entry_json
from alchemist_desktop.api.schemas.encoding import JsonResponse, ok
from alchemist_desktop.services.logs import LogsService

_MAX_ROWS = 200
_MAX_PAGE = 2**31


class LogRoutes:
    """Show, fetch and clear the log."""

    def __init__(self, logs: LogsService) -> None:
        self._logs = logs

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/logs/history", self.history, "GET_LOGS_FAILED"),
            Endpoint("GET", "/logs/download", self.download, "LOG_DOWNLOAD_FAILED"),
            Endpoint("DELETE", "/logs", self.clear, "CLEAR_LOGS_FAILED"),
        ]

    async def history(self, request: Request) -> Response:
        limit = min(max(int_param(request, "limit", 50), 1), _MAX_ROWS)
        page = min(max(int_param(request, "page", 1), 1), _MAX_PAGE)
        entries = await self._logs.history(limit=limit, offset=(page - 1) * limit)
        return JsonResponse([log_entry_json(entry) for entry in entries])

    async def download(self, request: Request) -> Response:
        path = await self._logs.newest_file()
        return await file_response(request, path, name="alchemist.log", media_type="text/plain; charset=utf-8")

    async def clear(self, _request: Request) -> Response:
        await self._logs.clear()
        return ok()
