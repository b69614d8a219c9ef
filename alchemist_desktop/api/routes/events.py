"""The stream of events."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.credentials import token_of
from alchemist_desktop.api.exchange import exchange_of
from alchemist_desktop.api.options import ApiOptions
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.sse import EventHub, EventStreamResponse
from alchemist_desktop.domain.access import AccessLevel
from alchemist_desktop.services.access import AccessService


class EventRoutes:
    """One event stream per request. Only full access sees the settings in it: they hold secrets."""

    def __init__(self, hub: EventHub, access: AccessService, options: ApiOptions) -> None:
        self._hub = hub
        self._access = access
        self._options = options

    def endpoints(self) -> list[Endpoint]:
        return [Endpoint("GET", "/events", self.stream)]

    async def stream(self, request: Request) -> Response:
        principal = exchange_of(request).principal
        is_redacted = principal is None or principal.access_level is not AccessLevel.FULL_ACCESS
        text = request.headers.get("last-event-id", "")
        after = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
        token = token_of(request) or ""

        async def may_listen() -> bool:
            return await self._access.authenticate(token) is not None

        return EventStreamResponse(self._hub, self._options, may_listen=may_listen, is_redacted=is_redacted, after=after)
