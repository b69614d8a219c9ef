"""How long the queue will take: the length of what waits, at the pace of the newest encodes that are most like it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from alchemist_desktop.domain.errors import BugError
from alchemist_desktop.domain.job import ACTIVE_STATES, JobState
from alchemist_desktop.domain.profile import OutputCodec
from alchemist_desktop.domain.queries import QueueEta
from alchemist_desktop.storage.connection import Connection

_SAMPLES = 20
_COPIED = "copy"
_WAITING = tuple(sorted({JobState.QUEUED, *ACTIVE_STATES}))
_LEFT = "(1 - min(progress, 100) / 100.0)"
_REMUXES = "'already_target_codec_wrong_container', 'remux_conversion_remux_only'"
_TARGET = f"""CASE WHEN json_extract(decision, '$[1]') IN ({_REMUXES}) THEN '{_COPIED}'
    ELSE coalesce((SELECT codec FROM profiles p WHERE p.id = profile_id), ?) END"""
# What is left of the jobs, by what they are made from and into; a job counts by the part of it that is still to be done.
_REMAINING = f"""
    SELECT coalesce(video_codec, ''), {_TARGET}, count(*),
        coalesce(sum({_LEFT} * duration_s), 0.0), coalesce(sum({_LEFT}) FILTER (WHERE duration_s IS NULL), 0.0)
    FROM jobs WHERE archived = 0 AND state IN ({", ".join("?" * len(_WAITING))}) GROUP BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class _Group:
    """Jobs that take alike. `known_s` is the video left in those whose length is known, `unknown` counts the others."""

    source: str
    target: str
    jobs: int
    known_s: float
    unknown: float


def queue_eta(db: Connection, concurrent_limit: int, output_codec: OutputCodec) -> QueueEta:
    """`output_codec` is that of jobs without a profile of their own."""
    groups = [_Group(*row) for row in db.sql(_REMAINING, (output_codec.value, *_WAITING))]
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
