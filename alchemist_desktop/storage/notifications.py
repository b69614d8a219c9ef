"""The ids of notification targets, the messages that wait for them, and the figures of the daily summary."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alchemist_desktop.domain.ids import NotificationTargetId
from alchemist_desktop.domain.notification import Notice, NotificationEvent
from alchemist_desktop.domain.notification_times import PeriodFigures, SummaryMark
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.fields import to_micros
from alchemist_desktop.storage.tables import NotificationTargetRow, OutboxRow, PreferenceRow

_MARK_KEY = "notifications.last_summary"
_MOST_PER_TARGET = 2000  # a target that is never reached must not fill the disk


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRecord:
    """What is known of a target besides its settings."""

    id: NotificationTargetId
    created_at: datetime
    last_sent_at: datetime | None
    last_error: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingNotice:
    """A message in the outbox; `attempts` counts failed deliveries."""

    id: int
    target_id: NotificationTargetId
    notice: Notice
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotice:
    """A message for one target; a held one waits for the end of quiet hours."""

    target_id: NotificationTargetId
    notice: Notice
    due_at: datetime
    is_held: bool = False


class NotificationRepository:
    """Targets by fingerprint, and their outbox."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def sync(self, fingerprints: Sequence[str]) -> dict[str, TargetRecord]:
        """Exactly these targets are known from now on; those that stay keep their ids, those that go lose their messages."""
        known = await self._db.read(_records)
        if known.keys() == set(fingerprints):
            return known
        return await self._db.write(_sync, fingerprints, self._clock.now())

    async def keep(self, fingerprint_by_id: Mapping[NotificationTargetId, str]) -> None:
        """Only these targets stay, under these fingerprints: of two that are alike the right one goes."""
        await self._db.write(_keep, fingerprint_by_id)

    async def add(self, notices: Iterable[NewNotice]) -> None:
        """Put messages into the outbox."""
        await self._db.write(_add, list(notices), self._clock.now())

    async def due(self, *, held: bool = False, limit: int = 500) -> list[WaitingNotice]:
        """Messages whose time has come, oldest first; with `held` those that quiet hours keep back, due or not."""
        return await self._db.read(_due, self._clock.now(), held, limit)

    async def next_due_at(self) -> datetime | None:
        """When the next message is to be sent; held ones left aside."""
        return await self._db.read(_next_due_at)

    async def replace(self, ids: Sequence[int], notices: Iterable[NewNotice]) -> None:
        """Put fewer messages in the place of these."""
        await self._db.write(_replace, ids, list(notices), self._clock.now())

    async def delivered(self, entry: WaitingNotice) -> None:
        """The message has arrived and leaves the outbox."""
        await self._db.write(_end, entry, {"last_sent_at": self._clock.now(), "last_error": None})

    async def dropped(self, entry: WaitingNotice, error: str) -> None:
        """The message will never arrive and leaves the outbox."""
        await self._db.write(_end, entry, {"last_error": error})

    async def postponed(self, entry: WaitingNotice, due_at: datetime, error: str) -> None:
        """The message did not arrive and is tried again at `due_at`, and no other one to its target before."""
        await self._db.write(_postpone, entry, due_at, error)

    async def figures(self, since: datetime) -> PeriodFigures:
        """What happened since a moment."""
        return await self._db.read(_figures, to_micros(since))

    async def summary_mark(self) -> SummaryMark | None:
        text = await self._db.read(_preference, _MARK_KEY)
        if text is None:
            return None
        known = json.loads(text)
        return SummaryMark(at=datetime.fromisoformat(known["at"]), local=datetime.fromisoformat(known["local"]))

    async def mark_summary(self, mark: SummaryMark, notices: Iterable[NewNotice] = ()) -> None:
        """Everything up to `mark` is told: remembered together with the messages that tell it."""
        await self._db.write(_mark_summary, mark, list(notices), self._clock.now())


def _records(db: Connection) -> dict[str, TargetRecord]:
    rows = NotificationTargetRow.select().dicts().execute(db)
    return {row.pop("fingerprint"): TargetRecord(**row) for row in rows}


def _sync(db: Connection, fingerprints: Sequence[str], now: datetime) -> dict[str, TargetRecord]:
    known = _records(db)
    gone = [record.id for fingerprint, record in known.items() if fingerprint not in fingerprints]
    NotificationTargetRow.delete().where(NotificationTargetRow.id.in_(gone)).execute(db)
    for fingerprint in fingerprints:
        if fingerprint not in known:
            NotificationTargetRow.insert(fingerprint=fingerprint, created_at=now).execute(db)
    return _records(db)


def _keep(db: Connection, fingerprint_by_id: Mapping[NotificationTargetId, str]) -> None:
    NotificationTargetRow.delete().where(NotificationTargetRow.id.not_in(list(fingerprint_by_id))).execute(db)
    for target_id, fingerprint in fingerprint_by_id.items():  # each moves into a place that became free before
        NotificationTargetRow.update(fingerprint=fingerprint).where(NotificationTargetRow.id == target_id).execute(db)


def _add(db: Connection, notices: Sequence[NewNotice], now: datetime) -> None:
    known = {row for (row,) in NotificationTargetRow.select(NotificationTargetRow.id).tuples().execute(db)}
    for new in notices:
        if new.target_id in known:  # else it was deleted a moment ago
            OutboxRow.insert(
                target_id=new.target_id,
                notice=_to_json(new.notice),
                is_held=new.is_held,
                attempts=0,
                due_at=new.due_at,
                created_at=now,
            ).execute(db)
    for target_id in {new.target_id for new in notices}:
        db.sql(
            "DELETE FROM outbox WHERE target_id = ? AND id NOT IN"
            " (SELECT id FROM outbox WHERE target_id = ? ORDER BY id DESC LIMIT ?)",
            (target_id, target_id, _MOST_PER_TARGET),
        )


def _due(db: Connection, now: datetime, held: bool, limit: int) -> list[WaitingNotice]:
    query = OutboxRow.select().where(OutboxRow.is_held == held)
    if not held:
        query = query.where(OutboxRow.due_at <= now)
    rows = query.order_by(OutboxRow.id).limit(limit).dicts().execute(db)
    return [
        WaitingNotice(
            id=row["id"],
            target_id=NotificationTargetId(row["target_id"]),
            notice=_from_json(row["notice"]),
            attempts=row["attempts"],
        )
        for row in rows
    ]


def _next_due_at(db: Connection) -> datetime | None:
    query = OutboxRow.select(OutboxRow.due_at).where(OutboxRow.is_held == False).order_by(OutboxRow.due_at).limit(1)  # noqa: E712
    rows = list(query.tuples().execute(db))
    return rows[0][0] if rows else None


def _replace(db: Connection, ids: Sequence[int], notices: Sequence[NewNotice], now: datetime) -> None:
    OutboxRow.delete().where(OutboxRow.id.in_(list(ids))).execute(db)
    _add(db, notices, now)


def _end(db: Connection, entry: WaitingNotice, columns: Mapping[str, object]) -> None:
    OutboxRow.delete().where(OutboxRow.id == entry.id).execute(db)
    NotificationTargetRow.update(dict(columns)).where(NotificationTargetRow.id == entry.target_id).execute(db)


def _postpone(db: Connection, entry: WaitingNotice, due_at: datetime, error: str) -> None:
    OutboxRow.update(attempts=entry.attempts + 1).where(OutboxRow.id == entry.id).execute(db)
    is_earlier = (OutboxRow.target_id == entry.target_id) & (OutboxRow.due_at < due_at) & (OutboxRow.is_held == False)  # noqa: E712
    OutboxRow.update(due_at=due_at).where(is_earlier).execute(db)
    NotificationTargetRow.update(last_error=error).where(NotificationTargetRow.id == entry.target_id).execute(db)


def _figures(db: Connection, since_micros: int) -> PeriodFigures:
    completed, saved = db.sql(
        "SELECT count(*), coalesce(sum(input_size_bytes - output_size_bytes), 0) FROM stats WHERE created_at > ?", (since_micros,)
    ).fetchone()
    failures = "FROM failures f JOIN jobs j ON j.id = f.job_id WHERE j.state = 'failed' AND f.created_at > ?"
    skips = "FROM decisions d WHERE d.action = 'skip' AND d.created_at > ?"
    return PeriodFigures(
        completed=completed,
        failed=db.sql(f"SELECT count(DISTINCT f.job_id) {failures}", (since_micros,)).fetchone()[0],
        skipped=db.sql(f"SELECT count(DISTINCT d.job_id) {skips}", (since_micros,)).fetchone()[0],
        bytes_saved=saved,
        failure_reasons=_counts(
            db, f"SELECT f.code, count(DISTINCT f.job_id) AS number {failures} GROUP BY f.code", since_micros
        ),
        skip_reasons=_counts(db, f"SELECT d.code, count(DISTINCT d.job_id) AS number {skips} GROUP BY d.code", since_micros),
    )


def _counts(db: Connection, query: str, since_micros: int) -> dict[str, int]:
    return dict(db.sql(f"{query} ORDER BY number DESC, 1", (since_micros,)).fetchall())


def _mark_summary(db: Connection, mark: SummaryMark, notices: Sequence[NewNotice], now: datetime) -> None:
    value = json.dumps({"at": mark.at.isoformat(), "local": mark.local.isoformat()})
    PreferenceRow.insert(key=_MARK_KEY, value=value).on_conflict_replace().execute(db)
    _add(db, notices, now)


def _preference(db: Connection, key: str) -> str | None:
    rows = list(PreferenceRow.select(PreferenceRow.value).where(PreferenceRow.key == key).tuples().execute(db))
    return rows[0][0] if rows else None


def _to_json(notice: Notice) -> str:
    members: dict[str, Any] = {
        "event": notice.event.value,
        "headline": notice.headline,
        "at": notice.at.isoformat(),
        "detail": notice.detail,
        "data": notice.data,
        "decision": notice.decision,
        "failure": notice.failure,
        "summary": notice.summary,
    }
    return json.dumps(members)


def _from_json(text: str) -> Notice:
    members = json.loads(text)
    event, at = NotificationEvent(members.pop("event")), datetime.fromisoformat(members.pop("at"))
    return Notice(event=event, at=at, **members)
