"""API tokens."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.inputs import read_body, row_id
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.access import TokenBody, token_json
from alchemist_desktop.api.schemas.encoding import JsonResponse, ok
from alchemist_desktop.domain.ids import TokenId
from alchemist_desktop.services.access import AccessService


class TokenRoutes:
    """List, make and revoke API tokens."""

    def __init__(self, access: AccessService) -> None:
        self._access = access

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/settings/api-tokens", self.list_all, "API_TOKENS_LIST_FAILED"),
            Endpoint("POST", "/settings/api-tokens", self.create, "API_TOKEN_CREATE_FAILED"),
            Endpoint("DELETE", "/settings/api-tokens/{id}", self.revoke, "API_TOKEN_REVOKE_FAILED"),
        ]

    async def list_all(self, _request: Request) -> Response:
        return JsonResponse([token_json(token) for token in await self._access.list_tokens()])

    async def create(self, request: Request) -> Response:
        body = await read_body(request, TokenBody)
        token, text = await self._access.create_token(body.name.strip(), body.access_level)
        return JsonResponse({"token": token_json(token), "plaintext_token": text})

    async def revoke(self, request: Request) -> Response:
        await self._access.revoke_token(TokenId(row_id(request)))
        return ok()
