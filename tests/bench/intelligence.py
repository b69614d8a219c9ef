"""The intelligence report over a long job list, against the plainest query that reads the list once."""

import asyncio
import json
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path

from alchemist_desktop.app.clock import SystemClock
from alchemist_desktop.services.intelligence import IntelligenceService
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.intelligence import IntelligenceRepository
from tests.bench.harness import Result, best_s

ROWS = 100_000
ROUNDS = 3
_EVERY_HEAVY = 5  # one film in so many has lossless sound
_INSERT = (
    "INSERT INTO jobs(kind, input_path, output_path, state, priority, progress, attempt_count, size_bytes, mtime_ns, device,"
    " inode, archived, source_changed, created_at, updated_at, duration_s)"
    " VALUES ('library', ?, ?, 'skipped', 0, 0, 0, ?, '1', '1', ?, 0, 0, ?, ?, ?)"
)
# Films that are there more than once, whatever their names; `01.mkv` is in every season and never the same.
DUPLICATES = [[f"/srv/copies/{n:03}/a {copy}.mkv" for copy in range(2 + n % 3)] for n in range(200)]
_MOST_TIMES = 40.0  # a second where the scan takes 25 ms


def run() -> Sequence[Result]:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(_compare(str(Path(folder) / "alchemist.db")))


async def _compare(path: str) -> list[Result]:
    database = Database.open(path)
    try:
        await database.write(fill, ROWS)
        return await asyncio.to_thread(_measure, path, database)
    finally:
        await database.close()


def _measure(path: str, database: Database) -> list[Result]:
    def once() -> None:
        with asyncio.Runner() as runner:  # a service of its own, so that nothing is kept from the last round
            service = IntelligenceService(IntelligenceRepository(database), SystemClock())
            report = runner.run(service.report())
            assert len(report.duplicates) == len(DUPLICATES)
            runner.run(service.close())

    scan = best_s(lambda: _fetch(path), rounds=ROUNDS)
    ours = best_s(once, rounds=ROUNDS)
    return [Result(name="intelligence: 100,000 jobs", unit="s", ours=ours, yardstick=scan, at_most=_MOST_TIMES)]


def fill(db: Connection, rows: int) -> int:
    """So many jobs with probes, and DUPLICATES besides; returns how many of them have lossless sound."""
    cursor = db.cursor()  # type: ignore[no-untyped-call]
    series = [(f"/srv/series {n // 200}/Season {n // 10 % 20}/{n % 10:02}.mkv", 1_000_003 + n) for n in range(rows)]
    copies = [(path, 77_000_000_000 + number) for number, group in enumerate(DUPLICATES) for path in group]
    jobs = (
        (path, f"{path}.out", size, str(number + 1), number, number, size / 1000)
        for number, (path, size) in enumerate([*series, *copies])
    )
    cursor.executemany(_INSERT, jobs)
    probes = ((path, size, _probe(number % _EVERY_HEAVY == 0)) for number, (path, size) in enumerate(series))
    cursor.executemany("INSERT INTO probes VALUES (?, ?, '1', 'p', ?, 0)", probes)
    return -(-rows // _EVERY_HEAVY)


def _probe(is_heavy: bool) -> str:
    """As much text as that of a real film."""
    audio = {"index": 1, "codec": "flac" if is_heavy else "ac3", "channels": 6, "bitrate_bps": 2_000_000, "title": "Main"}
    subtitle = {"codec": "subrip", "language": "eng", "dispositions": [], "tags": {"NUMBER_OF_FRAMES": "1234"}}
    streams = [["video", {"index": 0, "codec": "h264"}], ["audio", audio]]
    streams += [["subtitle", {"index": 2 + n, **subtitle}] for n in range(8)]
    return json.dumps({"duration_s": 2600.0, "streams": streams})


def _fetch(path: str) -> object:
    connection = sqlite3.connect(path)
    try:
        return connection.execute("SELECT count(*) FROM jobs WHERE input_path LIKE '%nowhere to be found%'").fetchall()
    finally:
        connection.close()
