"""Remembers probes, so that an unchanged file is not opened twice."""

from datetime import datetime

from alchemist_desktop.domain.job import FileStamp
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.storage.codec import probe_from_json, probe_to_json
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.found_files import below
from alchemist_desktop.storage.tables import ProbeRow


class ProbeCache:
    """One probe per path, valid for one state of the file and one version of the prober."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def get(self, path: str, stamp: FileStamp, version: str) -> Probe | None:
        """The probe of this very file by this prober, or None."""
        return await self._db.read(_get, path, stamp, version)

    async def newest(self, path: str) -> Probe | None:
        """The last probe of a path, whatever has become of the file."""
        return await self._db.read(_newest, path)

    async def put(self, probe: Probe, version: str) -> None:
        """Keep a probe in place of the path's former one."""
        await self._db.write(_put, probe, version, self._clock.now())

    async def drop_under(self, root: str) -> int:
        """Forget every file below a folder; returns how many."""
        return await self._db.write(_drop_under, root)

    async def prune(self, before: datetime) -> int:
        """Forget probes stored before a moment whose file has no live job; returns how many."""
        return await self._db.write(_prune, before)


def _get(db: Connection, path: str, stamp: FileStamp, version: str) -> Probe | None:
    is_same = (ProbeRow.size_bytes == stamp.size_bytes) & (ProbeRow.mtime_ns == stamp.mtime_ns)
    query = ProbeRow.select(ProbeRow.probe).where(ProbeRow.path == path, is_same, ProbeRow.prober == version)
    rows = list(query.tuples().execute(db))
    if not rows:
        return None
    probe = probe_from_json(rows[0][0])
    return probe if probe.stamp == stamp else None


def _newest(db: Connection, path: str) -> Probe | None:
    rows = list(ProbeRow.select(ProbeRow.probe).where(ProbeRow.path == path).tuples().execute(db))
    return probe_from_json(rows[0][0]) if rows else None


def _put(db: Connection, probe: Probe, version: str, now: datetime) -> None:
    stamp = probe.stamp
    ProbeRow.insert(
        path=probe.path,
        size_bytes=stamp.size_bytes,
        mtime_ns=stamp.mtime_ns,
        prober=version,
        probe=probe_to_json(probe),
        used_at=now,
    ).on_conflict_replace().execute(db)


def _drop_under(db: Connection, root: str) -> int:
    start, end = below(root)
    sql = "DELETE FROM probes WHERE path >= CAST(? AS TEXT) AND path < CAST(? AS TEXT)"
    return int(db.sql(sql, (start, end)).rowcount)


def _prune(db: Connection, before: datetime) -> int:
    has_job = "EXISTS (SELECT 1 FROM jobs WHERE kind = 'library' AND input_path = probes.path AND archived = 0)"
    sql = f"DELETE FROM probes WHERE used_at < ? AND NOT {has_job}"
    return int(db.sql(sql, (ProbeRow.used_at.db_value(before),)).rowcount)
