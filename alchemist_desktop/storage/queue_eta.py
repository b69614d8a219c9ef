"""How long the queue will take: the length of what waits, at the pace of the newest encodes that are most like it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from alchemist_desktop.domain.errors import BugError
from alchemist_desktop.domain.job import ACTIVE_STATES, JobState
from alchemist_desktop.domain.profile import OutputCodec
from alchemist_desktop.domain.queries import QueueEta
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database

_SAMPLES = 20
_JOBS_AT_ONCE = 2000  # other questions get their turn in between
_COPIED = "copy"
_WAITING = tuple(sorted({JobState.QUEUED, *ACTIVE_STATES}))
_REMUXES = "'already_target_codec_wrong_container', 'remux_conversion_remux_only'"
# What is left of some jobs, by what they are made from and into; a job counts by the part of it that is still to be done.
_SOME_OF_QUEUE = f"""
    SELECT source, target, count(*), coalesce(sum(part * duration_s), 0.0),
        coalesce(sum(part) FILTER (WHERE duration_s IS NULL), 0.0), max(id)
    FROM (
        SELECT id, duration_s, coalesce(video_codec, '') AS source, 1 - min(progress, 100) / 100.0 AS part,
            CASE WHEN json_extract(decision, '$[1]') IN ({_REMUXES}) THEN '{_COPIED}'
            ELSE coalesce((SELECT codec FROM profiles p WHERE p.id = profile_id), ?) END AS target
        FROM jobs INDEXED BY jobs_by_state WHERE archived = 0 AND state = ? AND id > ? ORDER BY id LIMIT ?
    ) GROUP BY source, target
"""


@dataclass(frozen=True, slots=True)
class _Group:
    """Jobs that take alike. `known_s` is the video left in those whose length is known, `unknown` counts the others."""

    source: str
    target: str
    jobs: int
    known_s: float
    unknown: float


async def queue_eta(
    db: Database, concurrent_limit: int, output_codec: OutputCodec, *, jobs_at_once: int = _JOBS_AT_ONCE
) -> QueueEta:
    """`output_codec` is that of jobs without a profile of their own. A long queue is read a part at a time."""
    groups: list[_Group] = []
    for state in _WAITING:
        last: int | None = 0
        while last is not None:
            some, last = await db.read(_some_of_queue, state, last, output_codec, jobs_at_once)
            groups = _merged([*groups, *some])
    return await db.read(_estimate, groups, concurrent_limit)


def _some_of_queue(
    db: Connection, state: str, after_id: int, output_codec: str, jobs_at_once: int
) -> tuple[list[_Group], int | None]:
    """The next jobs in this state, and the id of the last of them, or None when there are no more."""
    rows = db.sql(_SOME_OF_QUEUE, (str(output_codec), state, after_id, jobs_at_once)).fetchall()
    groups = [_Group(*row[:-1]) for row in rows]
    is_more = sum(group.jobs for group in groups) == jobs_at_once
    return groups, max(row[-1] for row in rows) if is_more else None


def _merged(groups: Iterable[_Group]) -> list[_Group]:
    merged: dict[tuple[str, str], _Group] = {}
    for new in groups:
        key = (new.source, new.target)
        old = merged.get(key)
        merged[key] = new if old is None else replace(
            new, jobs=old.jobs + new.jobs, known_s=old.known_s + new.known_s, unknown=old.unknown + new.unknown
        )  # fmt: skip
    return list(merged.values())


def _estimate(db: Connection, groups: Sequence[_Group], concurrent_limit: int) -> QueueEta:
    remaining = sum(group.jobs for group in groups)
    (samples,) = db.sql("SELECT count(*) FROM (SELECT 1 FROM stats LIMIT ?)", (_SAMPLES,)).fetchone()
    if not remaining or not samples:
        return QueueEta(remaining_jobs=remaining, eta_s=None, sample_size=samples)
    seconds = sum(_work_s(group, _samples(db, group)) for group in groups)
    at_once = min(max(concurrent_limit, 1), remaining)  # one job does not end sooner for a second slot
    return QueueEta(remaining_jobs=remaining, eta_s=math.ceil(seconds / at_once), sample_size=samples)


def _samples(db: Connection, group: _Group) -> list[tuple[float, float]]:
    """Seconds of work and of video of the newest encodes, from those most like the group that there are; at least one."""
    if group.target == _COPIED:
        conditions: list[tuple[str, tuple[str, ...]]] = [("WHERE encoder = ?", (_COPIED,)), ("", ())]
    else:
        of_target = "WHERE encoder <> ? AND output_codec = ?"
        conditions = [
            (f"{of_target} AND source_codec = ?", (_COPIED, group.target, group.source)),
            (of_target, (_COPIED, group.target)),
            ("", ()),
        ]
    for condition, params in conditions:
        sql = f"SELECT encode_time_s, duration_s FROM stats {condition} ORDER BY created_at DESC, id DESC LIMIT ?"
        if rows := db.sql(sql, (*params, _SAMPLES)).fetchall():
            return [(work_s, video_s) for work_s, video_s in rows]
    raise BugError("There are figures of encodes, and none can be read.")


def _work_s(group: _Group, samples: Sequence[tuple[float, float]]) -> float:
    work_s = sum(work for work, _ in samples)
    video_s = sum(video for _, video in samples)
    if video_s <= 0:
        return group.jobs * work_s / len(samples)
    # Jobs of unknown length count like the average sample.
    return (group.known_s + group.unknown * video_s / len(samples)) * work_s / video_s
