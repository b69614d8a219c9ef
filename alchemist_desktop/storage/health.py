"""What checks found out about the health of files, and the passes over the library they belong to."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from alchemist_desktop.domain.health import Depth, HealthCategory, HealthCheck, HealthIssue, HealthRun, HealthSummary
from alchemist_desktop.domain.job import FileStamp, Job
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.fields import encode_text, from_micros, to_micros
from alchemist_desktop.storage.found_files import below
from alchemist_desktop.storage.job_rows import load_jobs

_COLUMNS = "path, size_bytes, mtime_ns, device, inode, depth, checked_at, category, summary, raw_output"
_Row = tuple[str, int, str, str, str, str, int, str | None, str, str]
_PUT = (
    f"INSERT OR REPLACE INTO health_checks({_COLUMNS}, run_id) VALUES (CAST(? AS TEXT), ?, ?, ?, ?, ?, ?, ?,"
    " CAST(? AS TEXT), CAST(? AS TEXT), ?)"
)
_SINGLE = 0  # the run of a check that belongs to none
# The job a file belongs to: the one it is the source of, or whose result it is.
_JOB_ID = (
    "coalesce((SELECT id FROM jobs WHERE kind = 'library' AND input_path = health_checks.path),"
    " (SELECT id FROM jobs WHERE kind = 'library' AND archived = 0 AND output_path = health_checks.path), 0)"
)


class HealthRepository:
    """One check per path, the one that tells most; and the passes, of which the newest can be taken up again."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def open_run(self, depth: Depth, *, fresh: bool) -> HealthRun:
        """The newest pass if it has this depth and was interrupted, else a new one."""
        return await self._db.write(_open_run, depth, fresh, self._clock.now())

    async def checked_in(self, run: HealthRun) -> dict[str, FileStamp]:
        """The files a pass has checked already, as they were then."""
        return await self._db.read(_checked_in, run.id)

    async def store(self, checks: Sequence[HealthCheck], run: HealthRun | None = None) -> None:
        """Keep what checks found, as far as that is more than what was known."""
        await self._db.write(_store, checks, run.id if run else None)

    async def finish(self, run: HealthRun, roots: Collection[str]) -> None:
        """End a pass over these folders; what it did not meet below them is there no more and is forgotten."""
        await self._db.write(_finish, run.id, roots, self._clock.now())

    async def forget(self, path: str) -> None:
        """Drop what is known of a file that is there no more."""
        await self._db.write(lambda db: db.sql("DELETE FROM health_checks WHERE path = CAST(? AS TEXT)", (encode_text(path),)))

    async def get(self, path: str) -> HealthCheck | None:
        """What is known of one file."""
        return await self._db.read(_get, path)

    async def issues(self) -> list[tuple[HealthCheck, Job | None]]:
        """Every file with something wrong, the newest finding first, with the job it belongs to."""
        return await self._db.read(_issues)

    async def summary(self) -> HealthSummary:
        return await self._db.read(_summary)


def _open_run(db: Connection, depth: Depth, fresh: bool, now: datetime) -> HealthRun:
    newest = _newest_run(db)
    if not fresh and newest is not None and newest.finished_at is None and newest.depth is depth:
        return newest
    sql = "INSERT INTO health_runs(depth, started_at) VALUES (?, ?)"
    run_id = db.sql(sql, (depth.value, to_micros(now))).lastrowid
    return HealthRun(id=run_id or 0, depth=depth, started_at=now)


def _newest_run(db: Connection) -> HealthRun | None:
    row = db.sql("SELECT id, depth, started_at, finished_at FROM health_runs ORDER BY id DESC LIMIT 1").fetchone()
    if row is None:
        return None
    finished = None if row[3] is None else from_micros(row[3])
    return HealthRun(id=row[0], depth=Depth(row[1]), started_at=from_micros(row[2]), finished_at=finished)


def _checked_in(db: Connection, run_id: int) -> dict[str, FileStamp]:
    rows = db.sql("SELECT path, size_bytes, mtime_ns, device, inode FROM health_checks WHERE run_id = ?", (run_id,))
    return {path: _stamp(size, mtime, device, inode) for path, size, mtime, device, inode in rows}


def _store(db: Connection, checks: Iterable[HealthCheck], run_id: int | None) -> None:
    for newer in checks:
        known = _get(db, newer.path)
        check = known.after(newer) if known is not None else newer
        db.sql(_PUT, (*_values(check), _run_of(db, check.path) if run_id is None else run_id))


def _run_of(db: Connection, path: str) -> int:
    row = db.sql("SELECT run_id FROM health_checks WHERE path = CAST(? AS TEXT)", (encode_text(path),)).fetchone()
    return row[0] if row else _SINGLE


def _finish(db: Connection, run_id: int, roots: Collection[str], now: datetime) -> None:
    db.sql("UPDATE health_runs SET finished_at = ? WHERE id = ?", (to_micros(now), run_id))
    for root in roots:
        gone = "DELETE FROM health_checks WHERE run_id <> ? AND path >= CAST(? AS TEXT) AND path < CAST(? AS TEXT)"
        db.sql(gone, (run_id, *below(root)))


def _get(db: Connection, path: str) -> HealthCheck | None:
    row = db.sql(f"SELECT {_COLUMNS} FROM health_checks WHERE path = CAST(? AS TEXT)", (encode_text(path),)).fetchone()
    return None if row is None else _to_check(row)


def _issues(db: Connection) -> list[tuple[HealthCheck, Job | None]]:
    found = f"SELECT {_COLUMNS}, {_JOB_ID} FROM health_checks WHERE category IS NOT NULL ORDER BY checked_at DESC, path"
    rows = db.sql(found).fetchall()
    jobs = load_jobs(db, sorted({row[-1] for row in rows}))
    return [(_to_check(row[:-1]), jobs.get(row[-1])) for row in rows]


def _summary(db: Connection) -> HealthSummary:
    checked, issues = db.sql("SELECT count(*), count(category) FROM health_checks").fetchone()
    newest = _newest_run(db)
    return HealthSummary(
        total_checked=checked,
        issues_found=issues,
        last_run=newest.started_at if newest else None,
        unfinished=newest.depth if newest and newest.finished_at is None else None,
    )


def _values(check: HealthCheck) -> tuple[object, ...]:
    stamp, issue = check.stamp, check.issue
    return (
        encode_text(check.path),
        stamp.size_bytes,
        str(stamp.mtime_ns),
        str(stamp.device),
        str(stamp.inode),
        check.depth.value,
        to_micros(check.checked_at),
        issue.category.value if issue else None,
        encode_text(issue.summary) if issue else None,
        encode_text(issue.raw_output) if issue else None,
    )


def _to_check(row: _Row) -> HealthCheck:
    path, size, mtime, device, inode, depth, checked_at, category, summary, raw_output = row
    issue = None
    if category is not None:
        issue = HealthIssue(category=HealthCategory(category), summary=summary, raw_output=raw_output)
    return HealthCheck(
        path=path,
        stamp=_stamp(size, mtime, device, inode),
        depth=Depth(depth),
        checked_at=from_micros(checked_at),
        issue=issue,
    )


def _stamp(size: int, mtime: str, device: str, inode: str) -> FileStamp:
    return FileStamp(size_bytes=size, mtime_ns=int(mtime), device=int(device), inode=int(inode))
