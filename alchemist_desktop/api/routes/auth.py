"""Signing in and out."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.addresses import network_of
from alchemist_desktop.api.credentials import clear_session, set_session, token_of
from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.exchange import exchange_of
from alchemist_desktop.api.inputs import read_body
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.access import LoginBody
from alchemist_desktop.api.schemas.encoding import ok
from alchemist_desktop.api.throttle import Throttle
from alchemist_desktop.services.access import AccessService

_MAX_LOGIN_BYTES = 64 * 1024  # anybody may send one; whole bodies are kept in memory


class AuthRoutes:
    """Sessions of people. `throttle` limits how often one computer may try a password."""

    def __init__(self, access: AccessService, throttle: Throttle, *, cookie_secure: bool) -> None:
        self._access = access
        self._throttle = throttle
        self._cookie_secure = cookie_secure

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("POST", "/auth/login", self.login, "AUTH_LOOKUP_FAILED"),
            Endpoint("POST", "/auth/logout", self.logout),
        ]

    async def login(self, request: Request) -> Response:
        body = await read_body(request, LoginBody, max_bytes=_MAX_LOGIN_BYTES)
        # The TCP peer, not the forwarded address: that one could be made up anew for every guess.
        if not self._throttle.take(network_of(exchange_of(request).peer)):
            raise ProblemError(429, "AUTH_RATE_LIMITED", "Too many attempts to sign in. Wait a moment, then try again.")
        token = await self._access.login(body.username, body.password)
        if token is None:
            raise ProblemError(401, "AUTH_INVALID_CREDENTIALS", "Name or password are wrong.")
        response = ok(status="ok")
        set_session(response, token, is_secure=self._cookie_secure)
        return response

    async def logout(self, request: Request) -> Response:
        token = token_of(request)
        if token:
            await self._access.logout(token)
        response = ok(status="ok")
        clear_session(response, is_secure=self._cookie_secure)
        return response
