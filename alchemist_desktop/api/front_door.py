"""The outermost layer: request id, checks, headers on every reply, and errors as problem documents."""

import asyncio
import logging
import re
import uuid
from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from alchemist_desktop.api.addresses import ClientAddresses, peer_of
from alchemist_desktop.api.contract.codes import STATUS_OF
from alchemist_desktop.api.errors import ProblemError, expected_problem, problem_response, unexpected_problem
from alchemist_desktop.api.exchange import Exchange, attach

Check = Callable[[Request], Awaitable[None]]

_LOGGER = logging.getLogger(__name__)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,128}")
_CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; frame-ancestors 'none'"
)
_SECURITY_HEADERS = [
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-xss-protection", b"1; mode=block"),
    (b"content-security-policy", _CONTENT_POLICY.encode()),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"permissions-policy", b"geolocation=(), microphone=(), camera=()"),
]


def reply_headers(request_id: str) -> list[tuple[bytes, bytes]]:
    """What every reply carries."""
    return [(b"x-request-id", request_id.encode()), *_SECURITY_HEADERS]


class FrontDoor:
    """ASGI middleware around the whole face. `checks` run in order; one that raises ends the request there.

    A request that the server cancels because it stops (`stop` is set) is told so.
    """

    def __init__(self, app: ASGIApp, *, checks: Sequence[Check], clients: ClientAddresses, stop: asyncio.Event) -> None:
        self._app = app
        self._checks = checks
        self._clients = clients
        self._stop = stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope, receive)
        exchange = Exchange(request_id=_request_id(request), peer=peer_of(request), client=self._clients.of(request))
        attach(scope, exchange)
        reply = _Reply(send, exchange.request_id)
        try:
            for check in self._checks:
                await check(request)
            await self._app(scope, receive, reply.send)
        except asyncio.CancelledError:
            if reply.has_started or not self._stop.is_set():
                raise
            problem = ProblemError(503, "SERVER_STOPPING", "The program is about to end.")
            await self._refuse(problem, scope, receive, reply)
        except ClientDisconnect:
            _LOGGER.debug("Request %s: the client left.", exchange.request_id)
        except Exception as error:  # a border: whatever a request runs into ends here
            if reply.has_started:
                raise  # too late for another reply; the server cuts the connection, so that the client notices
            await self._refuse(_problem(error, exchange, scope["path"]), scope, receive, reply)

    async def _refuse(self, problem: ProblemError, scope: Scope, receive: Receive, reply: "_Reply") -> None:
        response = problem_response(problem, path=scope["raw_path"].decode("ascii", "replace"), request_id=reply.request_id)
        await response(scope, receive, reply.send)


class _Reply:
    """A `send` that adds the headers every reply has."""

    def __init__(self, send: Send, request_id: str) -> None:
        self.request_id = request_id
        self._send = send
        self._headers = reply_headers(request_id)
        self.has_started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.has_started = True
            message["headers"] = [*message.get("headers", ()), *self._headers]
        await self._send(message)


def _request_id(request: Request) -> str:
    given = request.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())


def _problem(error: Exception, exchange: Exchange, path: str) -> ProblemError:
    problem = expected_problem(error)
    if problem is None:
        _LOGGER.error("Incident %s at %s", exchange.request_id, path, exc_info=error)
        return unexpected_problem(exchange.failure_code, exchange.request_id)
    if problem.status == 500 and STATUS_OF.get(problem.code) != 500:
        # A full disk, say: its sentence helps, but clients know what failed by the code of the route alone.
        return ProblemError(500, exchange.failure_code, problem.detail)
    return problem
