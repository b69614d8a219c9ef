"""Figures over the job list."""

from alchemist_desktop.domain.attempt import EncodeStats
from alchemist_desktop.domain.queries import AggregatedStats, DailyStats, JobTotals, QueueEta, ReasonCount, ReasonReport, Savings


class StatsService:
    """Read-only sums; each is computed in the database."""

    async def totals(self) -> JobTotals:
        raise NotImplementedError

    async def aggregated(self) -> AggregatedStats:
        raise NotImplementedError

    async def daily(self, days: int = 30) -> list[DailyStats]:
        raise NotImplementedError

    async def detailed(self, limit: int = 50) -> list[EncodeStats]:
        raise NotImplementedError

    async def savings(self) -> Savings:
        raise NotImplementedError

    async def queue_eta(self) -> QueueEta:
        raise NotImplementedError

    async def skip_reasons_today(self) -> list[ReasonCount]:
        raise NotImplementedError

    async def top_reasons(self, window_days: int, *, trends: bool) -> ReasonReport:
        """`window_days` is 1, 7 or 30."""
        raise NotImplementedError
