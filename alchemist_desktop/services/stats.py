"""Figures over the job list."""

from alchemist_desktop.domain.attempt import EncodeStats
from alchemist_desktop.domain.queries import AggregatedStats, DailyStats, JobTotals, QueueEta, ReasonCount, ReasonReport, Savings
from alchemist_desktop.engine.engine import Engine
from alchemist_desktop.engine.parts import Parts


class StatsService:
    """Read-only sums; each is computed in the database."""

    def __init__(self, parts: Parts, engine: Engine) -> None:
        self._stores = parts.stores
        self._settings = parts.settings
        self._clock = parts.clock
        self._engine = engine

    async def totals(self) -> JobTotals:
        return await self._stores.stats.totals()

    async def aggregated(self) -> AggregatedStats:
        return await self._stores.stats.aggregated()

    async def daily(self, days: int = 30) -> list[DailyStats]:
        return await self._stores.stats.daily(days)

    async def detailed(self, limit: int = 50) -> list[EncodeStats]:
        return await self._stores.stats.detailed(limit)

    async def savings(self) -> Savings:
        return await self._stores.stats.savings()

    async def queue_eta(self) -> QueueEta:
        return await self._stores.stats.queue_eta(self._engine.status.concurrent_limit, self._settings().transcode.output_codec)

    async def skip_reasons_today(self) -> list[ReasonCount]:
        midnight = self._clock.local_now().replace(hour=0, minute=0, second=0, microsecond=0).astimezone()
        return await self._stores.decisions.skip_counts(midnight)

    async def top_reasons(self, window_days: int, *, trends: bool) -> ReasonReport:
        """`window_days` is 1, 7 or 30."""
        return await self._stores.decisions.reason_report(window_days, trends=trends)
