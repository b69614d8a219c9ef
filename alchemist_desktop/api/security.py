"""The checks a request passes before its route: rate limit, setup gate, credential and scope."""

import hmac
import re
from collections.abc import Mapping
from urllib.parse import unquote_to_bytes

from starlette.requests import Request

from alchemist_desktop.api.addresses import is_lan, network_of
from alchemist_desktop.api.credentials import token_of
from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.exchange import INTERNAL_ERROR, exchange_of
from alchemist_desktop.api.setup_state import SetupState
from alchemist_desktop.api.throttle import Throttle
from alchemist_desktop.domain.access import AccessLevel
from alchemist_desktop.services.access import AccessService

_GET = frozenset({"GET", "HEAD"})
_POST = frozenset({"POST"})

Grants = tuple[tuple[frozenset[str], tuple[str, ...]], ...]

# What each scope may do; FULL_ACCESS may do everything, and whatever is not listed needs it. `*` is one path segment.
GRANTS: Mapping[AccessLevel, Grants] = {
    AccessLevel.READ_ONLY: (
        (
            _GET,
            (
                "/health",
                "/ready",
                "/events",
                "/openapi.json",
                "/stats",
                "/stats/aggregated",
                "/stats/queue-eta",
                "/stats/daily",
                "/stats/detailed",
                "/stats/savings",
                "/jobs",
                "/jobs/table",
                "/jobs/*/details",
                "/logs/history",
                "/engine/status",
                "/engine/mode",
                "/system/resources",
                "/system/info",
                "/system/update",
                "/system/hardware",
                "/system/hardware/probe-log",
                "/library/intelligence",
                "/library/health",
                "/library/health/issues",
            ),
        ),
    ),
    AccessLevel.ARR_WEBHOOK: ((_POST, ("/webhooks/arr",)),),
    AccessLevel.JELLYFIN: (
        (_POST, ("/jobs/enqueue",)),
        (_GET, ("/system/info", "/ready", "/events", "/jobs/*/details")),
    ),
}
PUBLIC = frozenset({"/health", "/ready", "/auth/login", "/auth/logout", "/setup/status", "/setup/complete"})
_PUBLIC_IN_SETUP = frozenset({"/system/hardware", "/settings/bundle"})
_OUTSIDE_SETUP_GATE = frozenset({"/health", "/ready"})


def route_of(path: str) -> str:
    """The path below `/api` or `/api/v1`, which are one and the same to every rule."""
    return path.removeprefix("/api").removeprefix("/v1") if path.startswith("/api/v1/") else path.removeprefix("/api")


def is_allowed(level: AccessLevel, method: str, route: str) -> bool:
    if level is AccessLevel.FULL_ACCESS:
        return True
    return any(method in methods and any(_matches(pattern, route) for pattern in patterns) for methods, patterns in GRANTS[level])


def is_open_in_setup(route: str) -> bool:
    """Whether the route needs no credential until setup is done."""
    return route in _PUBLIC_IN_SETUP or route.startswith("/fs/")


def _matches(pattern: str, route: str) -> bool:
    if "*" not in pattern:
        return pattern == route
    return re.fullmatch(re.escape(pattern).replace(r"\*", "[^/]+"), route) is not None


class RateLimit:
    """Lets each client call the API only so often."""

    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle

    async def __call__(self, request: Request) -> None:
        if request.scope["path"].startswith("/api/") and not self._throttle.take(network_of(exchange_of(request).client)):
            raise ProblemError(429, "RATE_LIMIT_EXCEEDED", "Too many requests. Wait a moment, then try again.")


class SetupGate:
    """Until setup is done, only the LAN gets in, or whoever knows the setup token where there is one."""

    def __init__(self, setup: SetupState, setup_token: str | None) -> None:
        self._setup = setup
        self._token = setup_token

    async def __call__(self, request: Request) -> None:
        path = request.scope["path"]
        if path.startswith("/api") and route_of(path) in _OUTSIDE_SETUP_GATE:
            return
        if await self._setup.is_required() and not self._is_admitted(request):
            raise ProblemError(403, "SETUP_ACCESS_FORBIDDEN", "Setup is open to the local network or with the setup token only.")

    def _is_admitted(self, request: Request) -> bool:
        if self._token is None:
            return is_lan(exchange_of(request).client)
        pairs = (pair.partition(b"=") for pair in request.scope.get("query_string", b"").split(b"&"))
        given = next((value for name, _, value in pairs if name == b"token"), b"")
        return hmac.compare_digest(unquote_to_bytes(given), self._token.encode())


class Authentication:
    """Finds out whose credential a request carries and whether its scope covers the route."""

    def __init__(self, access: AccessService, setup: SetupState) -> None:
        self._access = access
        self._setup = setup

    async def __call__(self, request: Request) -> None:
        path: str = request.scope["path"]
        route = route_of(path)
        if not path.startswith("/api") or route in PUBLIC or await self._is_public_now(route):
            return
        exchange = exchange_of(request)
        exchange.failure_code = "AUTH_BACKEND_UNAVAILABLE"
        token = token_of(request)
        principal = await self._access.authenticate(token) if token else None
        if principal is None:
            await self._setup.recheck()
            raise ProblemError(401, "AUTH_REQUIRED", "Unauthorized")
        if not is_allowed(principal.access_level, request.method, route):
            raise ProblemError(403, "API_TOKEN_FORBIDDEN", "The scope of this token does not cover this route.")
        exchange.principal = principal
        exchange.failure_code = INTERNAL_ERROR

    async def _is_public_now(self, route: str) -> bool:
        return is_open_in_setup(route) and await self._setup.is_required()
