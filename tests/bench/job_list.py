"""Pages, searches and the spine of a long job list, against the plainest query that reads as many rows."""

import asyncio
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from alchemist_desktop.app.clock import SystemClock
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.queries import JobQuery, JobSort
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.jobs import JobRepository
from tests.bench.harness import Result, best_s

ROWS = 100_000
ROUNDS = 5
_START_MICROS = int(datetime(2025, 1, 1, tzinfo=UTC).timestamp() * 1_000_000)
_EXPLANATION = (
    '["decision", "bpp_below_threshold", "The picture is compressed well already.", "It has {n} bits per pixel.", null, {}]'
)
_INSERT = (
    "INSERT INTO jobs(kind, input_path, output_path, state, priority, progress, attempt_count, size_bytes, mtime_ns, device,"
    " inode, archived, source_changed, created_at, updated_at, decision, failure_code)"
    " VALUES ('library', ?, ?, ?, ?, 0, 0, ?, '1', '1', '1', 0, 0, ?, ?, ?, ?)"
)
PAGES = {
    "jobs: newest": JobQuery(descending=True),
    "jobs: page 1000": JobQuery(offset=50_000, sort=JobSort.SIZE),
    "jobs: by path": JobQuery(sort=JobSort.INPUT_PATH),
    "jobs: rare state": JobQuery(states=frozenset({JobState.ENCODING}), descending=True),
    "jobs: waiting": JobQuery(states=frozenset({JobState.QUEUED}), sort=JobSort.QUEUE),
    "jobs: rare failure": JobQuery(failure_code="disk_full"),
    "search: frequent word": JobQuery(search="episode", sort=JobSort.CREATED_AT),
    "search: rare word": JobQuery(search="title 0001234", descending=True),
    "search: long text": JobQuery(search="Series 012/Season 3/Episode"),
    "search: two letters": JobQuery(search="09"),
    "search: no match": JobQuery(search="nowhere to be found"),
}


def run() -> Sequence[Result]:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "alchemist.db")
        return asyncio.run(_compare(path, ROWS))


async def _compare(path: str, rows: int) -> list[Result]:
    database = Database.open(path)
    try:
        await database.write(fill, rows)
        jobs = JobRepository(database, SystemClock())
        return await asyncio.to_thread(_measure, path, jobs)
    finally:
        await database.close()


def _measure(path: str, jobs: JobRepository) -> list[Result]:
    every_path = _seconds(lambda: _fetch(path, "SELECT count(*) FROM jobs WHERE input_path LIKE '%nowhere to be found%'"))
    every_id = _seconds(lambda: _fetch(path, "SELECT id FROM jobs"))
    with asyncio.Runner() as runner:
        pages = [
            Result(
                name=name,
                unit="s",
                ours=_seconds(lambda query=query: runner.run(jobs.find(query))),  # type: ignore[misc]
                yardstick=every_path,
                at_most=1.0,
            )
            for name, query in PAGES.items()
        ]
        spine = _seconds(lambda: runner.run(jobs.list_ids(JobQuery())))
    return [*pages, Result(name="jobs: all ids in order", unit="s", ours=spine, yardstick=every_id, at_most=3.0)]


def fill(db: Connection, rows: int) -> None:
    """A list in which most jobs are skipped, some wait and few are anything else."""
    db.cursor().executemany(_INSERT, (_row(number) for number in range(rows)))  # type: ignore[no-untyped-call]


def _row(n: int) -> tuple[object, ...]:
    path = f"/srv/media/Series {n // 1000:03}/Season {n // 20 % 50}/Episode {n % 20:02} - title {n:07}.mkv"
    state = JobState.ENCODING if n % 9_973 == 0 else JobState.QUEUED if n % 4 == 0 else JobState.SKIPPED
    failure = "disk_full" if n % 7_919 == 0 else None
    changed = _START_MICROS + n * 7_919 % 1_000_003
    decision = None if state is JobState.QUEUED else _EXPLANATION.replace("{n}", str(n))
    return (path, f"{path}.out", state.value, n % 3, n * 104_729 % 10**9, _START_MICROS + n, changed, decision, failure)


def _fetch(path: str, sql: str) -> object:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def _seconds(work: Callable[[], object]) -> float:
    return best_s(work, rounds=ROUNDS)
