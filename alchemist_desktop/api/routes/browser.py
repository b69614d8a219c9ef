"""Looking for media folders."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.inputs import read_body
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.browser import FolderPreviewBody, folder_view_json, preview_json, recommendation_json
from alchemist_desktop.api.schemas.encoding import JsonResponse
from alchemist_desktop.services.browser import BrowserService

_FAILED = "CONFIG_READ_FAILED"  # what clients know a failing look by


class BrowserRoutes:
    """Browse, recommend and preview folders."""

    def __init__(self, browser: BrowserService) -> None:
        self._browser = browser

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/fs/browse", self.browse, _FAILED),
            Endpoint("GET", "/fs/recommendations", self.recommendations, _FAILED),
            Endpoint("POST", "/fs/preview", self.preview, _FAILED),
        ]

    async def browse(self, request: Request) -> Response:
        return JsonResponse(folder_view_json(await self._browser.browse(request.query_params.get("path", ""))))

    async def recommendations(self, _request: Request) -> Response:
        items = await self._browser.recommendations()
        return JsonResponse({"recommendations": [recommendation_json(item) for item in items]})

    async def preview(self, request: Request) -> Response:
        body = await read_body(request, FolderPreviewBody)
        return JsonResponse(preview_json(await self._browser.preview(body.directories)))
