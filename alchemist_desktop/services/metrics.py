"""Figures for Prometheus: gauges over the job list, and counters since the program started."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from alchemist_desktop.domain.events import JobChanged, Published
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.queries import JobTotals
from alchemist_desktop.storage.stats import StatsRepository

if TYPE_CHECKING:
    from prometheus_client.core import Metric

_BOUNDS_S = (10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0, 7200.0, 14400.0)
_UNKNOWN = "unknown"


@dataclass
class _Durations:
    """The encodes of one codec: how many lasted no longer than each bound, and their sum."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(_BOUNDS_S) + 1))
    sum_s: float = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(_BOUNDS_S, seconds)] += 1
        self.sum_s += seconds

    def buckets(self) -> list[tuple[str, float]]:
        """Cumulated, as the format wants them."""
        names = [*map(str, _BOUNDS_S), "+Inf"]
        return [(name, float(sum(self.counts[: number + 1]))) for number, name in enumerate(names)]


class MetricsService:
    """Counts what it is told by `on_event`, a receiver of the bus. What an encode took is read when somebody asks, not before."""

    def __init__(self, stats: StatsRepository) -> None:
        self._stats = stats
        self._completed: list[JobId] = []
        self._encodes = Counter[str]()
        self._durations: dict[str, _Durations] = {}
        self._failures = Counter[str]()

    async def exposition(self) -> bytes:
        """Everything in the Prometheus text format."""
        from prometheus_client import CollectorRegistry, generate_latest

        await self._count_completed()
        totals = await self._stats.totals()
        savings = await self._stats.aggregated()
        families = self._families(totals, max(0, savings.savings_bytes))
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_Families(families))
        return generate_latest(registry)

    def on_event(self, published: Published) -> None:
        """Note a job's end; costs next to nothing."""
        match published.event:
            case JobChanged(job=job, state_changed=True) if job.state is JobState.COMPLETED:
                self._completed.append(job.id)
            case JobChanged(job=job, state_changed=True) if job.state is JobState.FAILED:
                self._failures[job.failure.code if job.failure else _UNKNOWN] += 1

    async def _count_completed(self) -> None:
        job_ids, self._completed = self._completed, []
        for job_id in job_ids:
            stats = await self._stats.for_job(job_id)
            codec = (stats.output_codec if stats else "") or _UNKNOWN
            self._encodes[codec] += 1
            if stats is not None:
                self._durations.setdefault(codec, _Durations()).add(stats.encode_time_s)

    def _families(self, totals: JobTotals, saved_bytes: int) -> "list[Metric]":
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        jobs = GaugeMetricFamily("alchemist_jobs_total", "Jobs in the list by state.", labels=["status"])
        for state, number in totals.by_state.items():
            if number:
                jobs.add_metric([state.value], number)
        encodes = CounterMetricFamily("alchemist_encodes_completed", "Encodes completed since the start.", labels=["codec"])
        durations = HistogramMetricFamily("alchemist_encode_duration_seconds", "How long encodes took.", labels=["codec"])
        failures = CounterMetricFamily("alchemist_pipeline_errors", "Jobs failed since the start, by reason.", labels=["code"])
        for codec, number in sorted(self._encodes.items()):
            encodes.add_metric([codec], number)
        for codec, known in sorted(self._durations.items()):
            durations.add_metric([codec], known.buckets(), known.sum_s)
        for code, number in sorted(self._failures.items()):
            failures.add_metric([code], number)
        labelled = [family for family in (jobs, encodes, durations, failures) if family.samples]
        return [
            GaugeMetricFamily("alchemist_completed_jobs_total", "Completed jobs in the list.", value=totals.completed),
            GaugeMetricFamily("alchemist_bytes_saved_total", "Bytes that encoding has saved.", value=saved_bytes),
            *labelled,
        ]


class _Families:
    """Hands ready families to the library."""

    def __init__(self, families: "list[Metric]") -> None:
        self._families = families

    def collect(self) -> "Iterable[Metric]":
        return self._families
