"""Figures over the job list."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.inputs import bool_param
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.attempts import encode_stats_json
from alchemist_desktop.api.schemas.encoding import JsonResponse
from alchemist_desktop.api.schemas.stats import (
    aggregated_json,
    daily_json,
    queue_eta_json,
    reason_count_json,
    reason_report_json,
    savings_json,
    totals_json,
)
from alchemist_desktop.services.engine_control import EngineService
from alchemist_desktop.services.stats import StatsService

_FAILED = "CONFIG_READ_FAILED"  # what clients know a failing figure by
_WINDOWS = {"24h": 1, "1d": 1, "7d": 7, "30d": 30}


class StatsRoutes:
    """Read-only sums."""

    def __init__(self, stats: StatsService, engine: EngineService) -> None:
        self._stats = stats
        self._engine = engine

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/stats", self.totals, _FAILED),
            Endpoint("GET", "/stats/aggregated", self.aggregated, _FAILED),
            Endpoint("GET", "/stats/queue-eta", self.queue_eta, _FAILED),
            Endpoint("GET", "/stats/daily", self.daily, _FAILED),
            Endpoint("GET", "/stats/detailed", self.detailed, _FAILED),
            Endpoint("GET", "/stats/savings", self.savings, _FAILED),
            Endpoint("GET", "/stats/skip-reasons", self.skip_reasons, _FAILED),
            Endpoint("GET", "/stats/top-reason-codes", self.top_reasons, _FAILED),
        ]

    async def totals(self, _request: Request) -> Response:
        return JsonResponse(totals_json(await self._stats.totals(), self._engine.status().concurrent_limit))

    async def aggregated(self, _request: Request) -> Response:
        return JsonResponse(aggregated_json(await self._stats.aggregated()))

    async def queue_eta(self, _request: Request) -> Response:
        return JsonResponse(queue_eta_json(await self._stats.queue_eta()))

    async def daily(self, _request: Request) -> Response:
        return JsonResponse([daily_json(day) for day in await self._stats.daily()])

    async def detailed(self, _request: Request) -> Response:
        return JsonResponse([encode_stats_json(stats) for stats in await self._stats.detailed()])

    async def savings(self, _request: Request) -> Response:
        return JsonResponse(savings_json(await self._stats.savings()))

    async def skip_reasons(self, _request: Request) -> Response:
        return JsonResponse({"today": [reason_count_json(reason) for reason in await self._stats.skip_reasons_today()]})

    async def top_reasons(self, request: Request) -> Response:
        days = _WINDOWS.get(request.query_params.get("window", "7d"))
        if days is None:
            raise ProblemError(400, "INVALID_WINDOW", "window must be 24h, 7d or 30d.")
        trends = bool_param(request, "trends")
        report = await self._stats.top_reasons(days, trends=trends)
        return JsonResponse(reason_report_json(report, trends=trends))
