"""What was decided about jobs and why they failed: the newest for a job, its history, and counts by reason."""

from datetime import datetime, timedelta

from alchemist_desktop.domain.explanation import Explanation
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.plan import Action, Plan
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.domain.queries import ReasonCount, ReasonReport
from alchemist_desktop.storage.codec import plan_from_json, plan_to_json, probe_from_json, probe_to_json
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.fields import from_micros, to_micros
from alchemist_desktop.storage.tables import DecisionRow, FailureRow, JobRow

_MOST_FREQUENT = 20
_BUCKETS = {1: 24}  # a window of one day is told by the hour, longer ones by the day
_SKIPS = "decisions INDEXED BY decisions_by_time WHERE action = 'skip' AND"
_FAILURES = "failures INDEXED BY failures_by_time WHERE"


class DecisionRepository:
    """Decisions and failures with their reasons."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def add(self, job_id: JobId, plan: Plan, probe: Probe | None = None) -> None:
        """Store a plan as the job's newest decision, with the probe it was made from."""
        await self._db.write(_add, job_id, plan, probe, self._clock.now())

    async def newest(self, job_id: JobId) -> Explanation | None:
        return await self._db.read(_newest, job_id)

    async def newest_plan(self, job_id: JobId) -> Plan | None:
        """The plan of the newest decision that has one."""
        return await self._db.read(_newest_plan, job_id)

    async def newest_probe(self, job_id: JobId) -> Probe | None:
        """What the source was when that plan was made; its file may have been replaced since."""
        return await self._db.read(_newest_probe, job_id)

    async def history(self, job_id: JobId) -> list[Explanation]:
        """All decisions about a job, oldest first."""
        return await self._db.read(_history, job_id)

    async def skip_counts(self, since: datetime) -> list[ReasonCount]:
        """The most frequent reasons for skips since a moment."""
        return await self._db.read(_count, _SKIPS, since)

    async def reason_report(self, window_days: int, *, trends: bool) -> ReasonReport:
        """The most frequent reasons of the last days; with `trends`, counts per bucket too."""
        return await self._db.read(_report, window_days, trends, self._clock.now())


def record_decision(
    db: Connection,
    job_id: JobId,
    action: Action,
    explanation: Explanation,
    at: datetime,
    *,
    plan: Plan | None = None,
    probe: Probe | None = None,
) -> None:
    """Add to a job's history, unless that is what its newest entry says already."""
    if plan is None and _newest(db, job_id) == explanation:
        return
    DecisionRow.insert(
        job_id=job_id,
        action=action.value,
        code=explanation.code,
        explanation=explanation,
        plan=plan_to_json(plan) if plan else None,
        probe=probe_to_json(probe) if probe else None,
        created_at=at,
    ).execute(db)


def record_failure(db: Connection, job_id: JobId, failure: Explanation, at: datetime) -> None:
    """Add a failure to a job's history."""
    FailureRow.insert(job_id=job_id, code=failure.code, explanation=failure, created_at=at).execute(db)


def _add(db: Connection, job_id: JobId, plan: Plan, probe: Probe | None, now: datetime) -> None:
    columns: dict[str, object] = {"decision": plan.explanation, "updated_at": now}
    if probe is not None:
        video = probe.main_video
        columns |= {"duration_s": probe.duration_s or probe.last_packet_s, "video_codec": video.codec if video else None}
    if JobRow.update(columns).where(JobRow.id == job_id).execute(db):
        record_decision(db, job_id, plan.action, plan.explanation, now, plan=plan, probe=probe)


def _newest(db: Connection, job_id: JobId) -> Explanation | None:
    query = DecisionRow.select(DecisionRow.explanation).where(DecisionRow.job_id == job_id)
    rows = list(query.order_by(DecisionRow.id.desc()).limit(1).tuples().execute(db))
    return rows[0][0] if rows else None


def _newest_plan(db: Connection, job_id: JobId) -> Plan | None:
    query = DecisionRow.select(DecisionRow.plan).where(DecisionRow.job_id == job_id, DecisionRow.plan.is_null(False))
    rows = list(query.order_by(DecisionRow.id.desc()).limit(1).tuples().execute(db))
    return plan_from_json(rows[0][0]) if rows else None


def _newest_probe(db: Connection, job_id: JobId) -> Probe | None:
    query = DecisionRow.select(DecisionRow.probe).where(DecisionRow.job_id == job_id, DecisionRow.probe.is_null(False))
    rows = list(query.order_by(DecisionRow.id.desc()).limit(1).tuples().execute(db))
    return probe_from_json(rows[0][0]) if rows else None


def _history(db: Connection, job_id: JobId) -> list[Explanation]:
    query = DecisionRow.select(DecisionRow.explanation).where(DecisionRow.job_id == job_id)
    return [explanation for (explanation,) in query.order_by(DecisionRow.id).tuples().execute(db)]


def _report(db: Connection, window_days: int, trends: bool, now: datetime) -> ReasonReport:
    buckets = _BUCKETS.get(window_days, window_days)
    since = now - timedelta(days=window_days)
    width = timedelta(days=window_days) / buckets
    counted = []
    for source in (_SKIPS, _FAILURES):
        counts = _count(db, source, since)
        counted.append(_with_trends(db, source, counts, since, width, buckets) if trends else counts)
    skip, failure = counted
    return ReasonReport(window_days=window_days, bucket_count=buckets, skip=tuple(skip), failure=tuple(failure))


def _count(db: Connection, source: str, since: datetime) -> list[ReasonCount]:
    rows = db.sql(
        f"SELECT code, count(*) AS number, max(created_at) FROM {source} created_at >= ?"
        " GROUP BY code ORDER BY number DESC, code LIMIT ?",
        (to_micros(since), _MOST_FREQUENT),
    )
    return [ReasonCount(code=code, count=number, last_seen=from_micros(last)) for code, number, last in rows]


def _with_trends(
    db: Connection, source: str, counts: list[ReasonCount], since: datetime, width: timedelta, buckets: int
) -> list[ReasonCount]:
    rows = db.sql(
        f"SELECT code, min((created_at - ?) / ?, ?) AS bucket, count(*) FROM {source} created_at >= ? GROUP BY code, bucket",
        (to_micros(since), width // timedelta(microseconds=1), buckets - 1, to_micros(since)),
    )
    trends: dict[str, list[int]] = {}
    for code, bucket, number in rows:
        trends.setdefault(code, [0] * buckets)[bucket] = number
    return [
        ReasonCount(code=c.code, count=c.count, last_seen=c.last_seen, trend=tuple(trends.get(c.code, [0] * buckets)))
        for c in counts
    ]
