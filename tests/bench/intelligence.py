"""The intelligence report over a long job list, in seconds and in how late a Qt timer fires meanwhile."""

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from alchemist_desktop.app.clock import SystemClock
from alchemist_desktop.app.loop import make_loop
from alchemist_desktop.services.intelligence import IntelligenceService
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.intelligence import IntelligenceRepository
from tests.bench.harness import Result
from tests.bench.timer_lag import TimerLag

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
MOST_S = 1.0
MOST_LAG_MS = 8.0


def run() -> Sequence[Result]:
    application = QCoreApplication.instance() or QCoreApplication([])
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=lambda: make_loop(application)) as runner:
        rounds = runner.run(_measure(str(Path(folder) / "alchemist.db")))
    lag_ms = max(max(lags_ms) for _, lags_ms in rounds)
    return [
        Result(
            name="intelligence: 100,000 jobs", unit="s", ours=min(time_s for time_s, _ in rounds), yardstick=MOST_S, at_most=1.0
        ),
        Result(name="intelligence: timer lag, worst", unit="ms", ours=lag_ms, yardstick=MOST_LAG_MS, at_most=1.0),
    ]


async def _measure(path: str) -> list[tuple[float, list[float]]]:
    """Seconds and lags of each round."""
    database = Database.open(path)
    try:
        await database.write(fill, ROWS)
        return [await _report(database) for _ in range(ROUNDS)]
    finally:
        await database.close()


async def _report(database: Database) -> tuple[float, list[float]]:
    """One report by a service of its own, so that nothing is kept from the last one."""
    service = IntelligenceService(IntelligenceRepository(database), SystemClock())
    lag = TimerLag()
    start_s = time.perf_counter()
    report = await service.report()
    took_s = time.perf_counter() - start_s
    await asyncio.sleep(0.05)  # until a tick that was held up at the very end has come
    await service.close()
    if len(report.duplicates) != len(DUPLICATES):
        raise RuntimeError(f"{len(report.duplicates)} duplicates were found of {len(DUPLICATES)}")
    return took_s, lag.values_ms


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
