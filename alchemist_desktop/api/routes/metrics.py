"""Figures for Prometheus, outside the API proper."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.addresses import is_lan
from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.exchange import exchange_of
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.services.metrics import MetricsService
from alchemist_desktop.services.settings import SettingsService

_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class MetricsRoutes:
    """Open to the local network without a credential, and only where the owner has switched it on."""

    def __init__(self, metrics: MetricsService, settings: SettingsService) -> None:
        self._metrics = metrics
        self._settings = settings

    def endpoints(self) -> list[Endpoint]:
        return [Endpoint("GET", "/metrics", self.exposition, "METRICS_ENCODE_FAILED", ("",))]

    async def exposition(self, request: Request) -> Response:
        if not is_lan(exchange_of(request).client):
            raise ProblemError(403, "METRICS_LAN_ONLY", "Metrics are for the local network only.")
        if not self._settings.current.system.metrics_enabled:
            raise ProblemError(404, "METRICS_DISABLED", "Metrics are switched off: see system.metrics_enabled in the settings.")
        return Response(await self._metrics.exposition(), headers={"Content-Type": _CONTENT_TYPE})
