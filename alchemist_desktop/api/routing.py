"""The table of routes: one entry per method and path, under both prefixes, with the rules for whatever is not in it."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.exchange import INTERNAL_ERROR, exchange_of

Handler = Callable[[Request], Awaitable[Response]]

V1 = "/api/v1"
LEGACY = "/api"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one path (below the prefix). `failure_code` is what an unforeseen error in it is called."""

    method: str
    path: str
    handler: Handler
    failure_code: str = INTERNAL_ERROR
    prefixes: tuple[str, ...] = (V1, LEGACY)


class MethodTable:
    """All methods of one path, as an ASGI application. GET answers HEAD too; the server leaves the body out."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._endpoints = {endpoint.method: endpoint for endpoint in endpoints}
        if "GET" in self._endpoints:
            self._endpoints["HEAD"] = self._endpoints["GET"]

    @property
    def methods(self) -> list[str]:
        return sorted(self._endpoints)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = self._endpoints.get(scope["method"])
        if endpoint is None:
            raise method_not_allowed(",".join(self.methods))
        request = Request(scope, receive)
        exchange_of(request).failure_code = endpoint.failure_code
        response = await endpoint.handler(request)
        await response(scope, receive, send)


class UnknownPath:
    """What is not in the table: not found for readers, not allowed for everybody else."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] in {"GET", "HEAD"}:
            raise ProblemError(404, "API_ROUTE_NOT_FOUND", "There is nothing at this path.")
        raise method_not_allowed("GET,HEAD")


class FixedPaths(BaseRoute):
    """All paths without parameters, found at once: trying one pattern after the other costs more than many a reply."""

    def __init__(self, tables: Mapping[str, MethodTable]) -> None:
        self.tables = tables

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        return (Match.FULL if scope["path"] in self.tables else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.tables[scope["path"]](scope, receive, send)


def method_not_allowed(allow: str) -> ProblemError:
    return ProblemError(405, "METHOD_NOT_ALLOWED", f"This path allows {allow} only.", headers={"Allow": allow})


def routes(endpoints: Iterable[Endpoint]) -> list[BaseRoute]:
    """Fixed paths first, then those with parameters, then everything else."""
    by_path: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        for prefix in endpoint.prefixes:
            by_path.setdefault(prefix + endpoint.path, []).append(endpoint)
    tables = {path: MethodTable(listed) for path, listed in by_path.items()}
    fixed = FixedPaths({path: table for path, table in tables.items() if "{" not in path})
    patterns = [Route(path, table) for path, table in tables.items() if "{" in path]
    return [fixed, *patterns, Route("/{path:path}", UnknownPath())]
