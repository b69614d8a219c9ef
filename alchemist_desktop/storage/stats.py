"""Figures of completed jobs: their sums, and what they teach about jobs to come."""

from datetime import date, timedelta

from alchemist_desktop.domain.attempt import EncodeStats
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import ACTIVE_STATES, JobState
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.domain.profile import OutputCodec, QualityProfile
from alchemist_desktop.domain.queries import AggregatedStats, CodecSavings, DailyStats, JobTotals, QueueEta, Savings
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.fields import to_micros
from alchemist_desktop.storage.job_pages import count_by_state
from alchemist_desktop.storage.queue_eta import queue_eta
from alchemist_desktop.storage.tables import StatsRow

_RATIO_SAMPLES = 50
_FEWEST_SAMPLES = 3  # fewer say more about those files than about the codec
_SHOWN_DAYS = 30
_NAMES = (
    "job_id", "input_path", "input_size_bytes", "output_size_bytes", "compression_ratio", "encode_time_s", "encode_speed",
    "avg_bitrate_kbps", "vmaf_score", "output_codec", "encoder", "duration_s", "created_at",
)  # fmt: skip
_COLUMNS = tuple(getattr(StatsRow, name) for name in _NAMES)


class StatsRepository:
    """Sums and samples, computed in the database."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def totals(self) -> JobTotals:
        """Counts over live jobs."""
        return await self._db.read(_totals)

    async def aggregated(self) -> AggregatedStats:
        """Sums over completed, live jobs."""
        return await self._db.read(_aggregated)

    async def daily(self, days: int = _SHOWN_DAYS) -> list[DailyStats]:
        """UTC days with encodes, oldest first."""
        return await self._db.read(_daily, to_micros(self._clock.now() - timedelta(days=days)))

    async def detailed(self, limit: int = 50) -> list[EncodeStats]:
        """The newest first."""
        return await self._db.read(_detailed, limit)

    async def for_job(self, job_id: JobId) -> EncodeStats | None:
        """The job's newest figures."""
        return await self._db.read(_for_job, job_id)

    async def savings(self) -> Savings:
        """Over everything ever encoded, deleted jobs included."""
        return await self._db.read(_savings, to_micros(self._clock.now() - timedelta(days=_SHOWN_DAYS)))

    async def queue_eta(self, concurrent_limit: int, output_codec: OutputCodec) -> QueueEta:
        """From the pace of the last encodes and the length of what waits; `output_codec` is that of jobs without a profile."""
        return await queue_eta(self._db, concurrent_limit, output_codec)

    async def size_ratio(self, source_codec: str, output_codec: OutputCodec, quality: QualityProfile) -> float | None:
        """Output size over input size, the median of such encodes so far; None while there are too few."""
        return await self._db.read(_size_ratio, source_codec, output_codec, quality)


def insert_stats(db: Connection, stats: EncodeStats, source_codec: str, quality: str) -> None:
    """Add figures. The same source encoded once more replaces its earlier ones: its bytes were saved once."""
    is_same = (StatsRow.job_id == stats.job_id) & (StatsRow.input_size_bytes == stats.input_size_bytes)
    StatsRow.delete().where(is_same).execute(db)
    columns = {name: getattr(stats, name) for name in _NAMES}
    StatsRow.insert({**columns, "source_codec": source_codec, "quality": quality}).execute(db)


def _totals(db: Connection) -> JobTotals:
    counts = count_by_state(db, archived=False)
    return JobTotals(
        total=sum(counts.values()),
        completed=counts[JobState.COMPLETED],
        active=sum(counts[state] for state in ACTIVE_STATES),
        failed=counts[JobState.FAILED],
        by_state=counts,
    )


def _aggregated(db: Connection) -> AggregatedStats:
    sums = db.sql(
        "SELECT coalesce(sum(input_size_bytes), 0), coalesce(sum(s.output_size_bytes), 0), coalesce(sum(encode_time_s), 0.0),"
        " coalesce(avg(s.vmaf_score), 0.0) FROM stats s JOIN jobs j ON j.id = s.job_id"
        " WHERE j.archived = 0 AND j.state = 'completed'"
    ).fetchone()
    (jobs,) = db.sql("SELECT count(*) FROM jobs WHERE archived = 0 AND state = 'completed'").fetchone()
    return AggregatedStats(
        total_input_bytes=sums[0], total_output_bytes=sums[1], total_time_s=sums[2], total_jobs=jobs, avg_vmaf=sums[3]
    )


def _daily(db: Connection, since_micros: int) -> list[DailyStats]:
    rows = db.sql(
        "SELECT date(created_at / 1000000, 'unixepoch') AS day, count(*), sum(input_size_bytes), sum(output_size_bytes)"
        " FROM stats WHERE created_at >= ? GROUP BY day ORDER BY day",
        (since_micros,),
    )
    return [
        DailyStats(day=date.fromisoformat(day), jobs_completed=number, input_bytes=before, output_bytes=after)
        for day, number, before, after in rows
    ]


def _detailed(db: Connection, limit: int) -> list[EncodeStats]:
    newest_first = (StatsRow.created_at.desc(), StatsRow.id.desc())
    return [EncodeStats(**row) for row in StatsRow.select(*_COLUMNS).order_by(*newest_first).limit(limit).dicts().execute(db)]


def _for_job(db: Connection, job_id: JobId) -> EncodeStats | None:
    query = StatsRow.select(*_COLUMNS).where(StatsRow.job_id == job_id).order_by(StatsRow.id.desc()).limit(1)
    rows = list(query.dicts().execute(db))
    return EncodeStats(**rows[0]) if rows else None


def _savings(db: Connection, since_micros: int) -> Savings:
    rows = db.sql(
        "SELECT output_codec, sum(input_size_bytes), sum(output_size_bytes), count(*) FROM stats GROUP BY output_codec"
    ).fetchall()
    by_codec = [CodecSavings(codec=codec, bytes_saved=before - after, job_count=n) for codec, before, after, n in rows]
    return Savings(
        total_input_bytes=sum(row[1] for row in rows),
        total_output_bytes=sum(row[2] for row in rows),
        job_count=sum(row[3] for row in rows),
        by_codec=tuple(sorted(by_codec, key=lambda saved: (-saved.bytes_saved, saved.codec))),
        by_day=tuple(_daily(db, since_micros)),
    )


def _size_ratio(db: Connection, source_codec: str, output_codec: str, quality: str) -> float | None:
    rows = db.sql(
        "SELECT output_size_bytes * 1.0 / input_size_bytes FROM stats WHERE output_codec = ? AND source_codec = ?"
        " AND quality = ? AND input_size_bytes > 0 ORDER BY created_at DESC LIMIT ?",
        (str(output_codec), source_codec, str(quality), _RATIO_SAMPLES),
    )
    ratios = sorted(ratio for (ratio,) in rows)
    return float(ratios[len(ratios) // 2]) if len(ratios) >= _FEWEST_SAMPLES else None
