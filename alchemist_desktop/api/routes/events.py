"""The stream of events."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.exchange import exchange_of
from alchemist_desktop.api.options import ApiOptions
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.sse import EventHub, EventStreamResponse
from alchemist_desktop.domain.access import AccessLevel


class EventRoutes:
    """One event stream per request. Only full access sees the settings in it: they hold secrets."""

    def __init__(self, hub: EventHub, options: ApiOptions) -> None:
        self._hub = hub
        self._options = options

    def endpoints(self) -> list[Endpoint]:
        return [Endpoint("GET", "/events", self.stream)]

    async def stream(self, request: Request) -> Response:
        principal = exchange_of(request).principal
        is_redacted = principal is None or principal.access_level is not AccessLevel.FULL_ACCESS
        text = request.headers.get("last-event-id", "")
        after = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
        return EventStreamResponse(self._hub, self._options, is_redacted=is_redacted, after=after)
