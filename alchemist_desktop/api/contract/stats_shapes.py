"""Shapes of replies with figures over the job list."""

from typing import Literal

from pydantic import Field

from alchemist_desktop.api.contract.job_shapes import Reply


class TotalsShape(Reply):
    """Counts over the job list."""

    total: int
    completed: int
    active: int
    failed: int
    concurrent_limit: int


class AggregatedShape(Reply):
    """Sums over finished jobs."""

    total_input_bytes: int
    total_output_bytes: int
    total_savings_bytes: int
    total_time_seconds: float
    total_jobs: int
    avg_vmaf: float


class EtaShape(Reply):
    """How long the queue will take."""

    remaining_jobs: int
    est_seconds_remaining: int | None
    sample_size: int


class DayShape(Reply):
    """One day of encoding."""

    date: str
    jobs_completed: int
    bytes_saved: int
    total_input_bytes: int
    total_output_bytes: int


class CodecSavingsShape(Reply):
    """Savings of one codec."""

    codec: str
    bytes_saved: int
    job_count: int


class DaySavingsShape(Reply):
    """Savings of one day."""

    date: str
    bytes_saved: int


class SavingsShape(Reply):
    """Savings over everything."""

    total_input_bytes: int
    total_output_bytes: int
    total_bytes_saved: int
    savings_percent: float
    job_count: int
    savings_by_codec: list[CodecSavingsShape]
    savings_over_time: list[DaySavingsShape]


class SkipReasonShape(Reply):
    """How often a reason occurred."""

    code: str
    count: int


class SkipReasonsShape(Reply):
    """The reasons for skips today."""

    today: list[SkipReasonShape]


class TopReasonShape(SkipReasonShape):
    """How often a reason occurred, and when last; `trend` only where it was asked for."""

    last_seen: str | None
    trend: list[int] = Field(default_factory=list)


class TopReasonsShape(Reply):
    """The most frequent reasons."""

    window_days: Literal[1, 7, 30]
    num_buckets: int
    skip: list[TopReasonShape]
    failure: list[TopReasonShape]
