"""Finds, over the whole job list, files that may be duplicates and tracks that cost much; computed in the database."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.intelligence import (
    COMMENTARY_WORDS,
    LOSSY_BPS_PER_CHANNEL,
    LikeFile,
    Recommendation,
    RecommendationKind,
)
from alchemist_desktop.domain.job import FileStamp, JobState
from alchemist_desktop.domain.probe import HEAVY_AUDIO_CODECS
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.fields import encode_text

_IS_LIVE = "j.kind = 'library' AND j.archived = 0"
_LIKE_FILES = f"""
SELECT j.id, j.input_path, j.state, j.size_bytes, j.mtime_ns, j.device, j.inode, j.duration_s, s.digest
FROM jobs j LEFT JOIN content_samples s
    ON s.path = j.input_path AND s.size_bytes = j.size_bytes AND s.mtime_ns = j.mtime_ns
WHERE {_IS_LIVE} AND j.state <> 'cancelled' AND j.size_bytes IN (
    SELECT size_bytes FROM jobs WHERE archived = 0 AND state <> 'cancelled' AND size_bytes > 0
    GROUP BY size_bytes HAVING count(*) > 1)
"""
_HEAVY = (
    f"t.kind = 'audio' AND (t.codec IN ({', '.join('?' * len(HEAVY_AUDIO_CODECS))}) OR t.codec GLOB 'pcm_*'"
    " OR (t.codec = 'dts' AND t.profile LIKE '%MA%'))"
)
_WASTED = (
    f"max(coalesce(t.bitrate_bps, 0) - {LOSSY_BPS_PER_CHANNEL} * coalesce(t.channels, 2), 0) * coalesce(t.duration_s, 0) / 8"
)
_HEAVY_AUDIO = f"""
SELECT j.input_path, group_concat(DISTINCT t.codec), CAST(sum({_WASTED}) AS INTEGER) AS freed
FROM tracks t CROSS JOIN jobs j ON j.input_path = t.path
WHERE {_HEAVY} AND {_IS_LIVE} GROUP BY j.input_path
"""
_IS_COMMENTARY = " OR ".join(["{0}.title LIKE ?"] * len(COMMENTARY_WORDS))
_TAKEN = "coalesce(t.bitrate_bps, 0) * coalesce(t.duration_s, 0) / 8"
# The only sound a film has is no commentary that could go.
_COMMENTARY = f"""
SELECT j.input_path, min(t.title), CAST(sum({_TAKEN}) AS INTEGER) AS freed
FROM tracks t CROSS JOIN jobs j ON j.input_path = t.path
WHERE t.kind = 'audio' AND t.title IS NOT NULL AND ({_IS_COMMENTARY.format("t")}) AND {_IS_LIVE} AND EXISTS (
    SELECT 1 FROM tracks o WHERE o.path = t.path AND o.kind = 'audio'
    AND (o.title IS NULL OR NOT ({_IS_COMMENTARY.format("o")})))
GROUP BY j.input_path
"""
_REMUX = f"""
SELECT j.input_path, NULL, 0 AS freed FROM decisions d CROSS JOIN jobs j ON j.id = d.job_id
WHERE d.action = 'remux' AND {_IS_LIVE} AND j.state <> 'completed'
    AND d.id = (SELECT max(id) FROM decisions WHERE job_id = j.id)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """How many files a piece of advice fits, and those of them that would free the most."""

    count: int
    recommendations: tuple[Recommendation, ...]


class IntelligenceRepository:
    """Read-only queries over jobs and tracks, and the samples of contents."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def like_files(self) -> list[LikeFile]:
        """Live files of which there is another one with the same size, with what is known of their contents."""
        return await self._db.read(_like_files)

    async def put_samples(self, files: Sequence[LikeFile]) -> None:
        """Remember the digests of these files."""
        await self._db.write(_put_samples, files)

    async def candidates(self, kind: RecommendationKind, limit: int) -> Candidates:
        """How many files there are, and the `limit` of them that would free the most, by path."""
        return await self._db.read(_candidates, kind, limit)


def _like_files(db: Connection) -> list[LikeFile]:
    return [
        LikeFile(
            job_id=JobId(job_id),
            path=path,
            state=JobState(state),
            stamp=FileStamp(size_bytes=size, mtime_ns=int(mtime), device=int(device), inode=int(inode)),
            duration_s=duration_s,
            digest=digest,
        )
        for job_id, path, state, size, mtime, device, inode, duration_s, digest in db.sql(_LIKE_FILES)
    ]


def _put_samples(db: Connection, files: Iterable[LikeFile]) -> None:
    sql = "INSERT OR REPLACE INTO content_samples VALUES (CAST(? AS TEXT), ?, ?, ?)"
    for file in files:
        db.sql(sql, (encode_text(file.path), file.stamp.size_bytes, str(file.stamp.mtime_ns), file.digest))


def _candidates(db: Connection, kind: RecommendationKind, limit: int) -> Candidates:
    words = [f"%{word}%" for word in COMMENTARY_WORDS]
    query, params = {
        RecommendationKind.WASTEFUL_AUDIO: (_HEAVY_AUDIO, sorted(HEAVY_AUDIO_CODECS)),
        RecommendationKind.COMMENTARY: (_COMMENTARY, words * 2),
        RecommendationKind.REMUX_ONLY: (_REMUX, []),
    }[kind]
    top = f"SELECT *, count(*) OVER () FROM ({query}) ORDER BY freed DESC, input_path LIMIT ?"
    rows = db.sql(top, [*params, limit]).fetchall()
    found = [
        Recommendation(kind=kind, path=path, summary=_summary(kind, what), freed_bytes=freed) for path, what, freed, _ in rows
    ]
    return Candidates(count=rows[0][3] if rows else 0, recommendations=tuple(sorted(found, key=lambda each: each.path)))


def _summary(kind: RecommendationKind, what: str | None) -> str:
    match kind:
        case RecommendationKind.WASTEFUL_AUDIO:
            return f"Its sound is stored without loss ({what})."
        case RecommendationKind.COMMENTARY:
            return f"It has the sound track “{what}” besides the film's own."
        case RecommendationKind.REMUX_ONLY:
            return "Its streams can be copied as they are; only the container is not the wanted one."
