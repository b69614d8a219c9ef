"""The OpenAPI document, served."""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.openapi import openapi_document
from alchemist_desktop.api.openapi_schemas import Document
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse


class OpenApiRoutes:
    """Serves the document of `others` and itself; it is made when it is first asked for."""

    def __init__(self, others: Sequence[Endpoint]) -> None:
        self._others = others
        self._document: Document | None = None

    def endpoints(self) -> list[Endpoint]:
        return [Endpoint("GET", "/openapi.json", self.document)]

    async def document(self, _request: Request) -> Response:
        if self._document is None:
            self._document = openapi_document([*self._others, *self.endpoints()])
        return JsonResponse(self._document)
