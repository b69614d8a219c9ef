"""A backup of a database of 1 GB over HTTP while the queue works: does anything wait for it.

`python -m tests.bench.backup HOME` is the server, a process of its own: jobs are claimed, make progress and are queued again,
lines of the log are stored, pages are read, and a 16 ms timer of Qt stands for the window; first alone, then while a client
fetches a backup. What the client fetched is unpacked and looked over whole.
"""

import asyncio
import gzip
import json
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar
from urllib.request import Request, urlopen

import psutil
from PySide6.QtCore import QCoreApplication

from alchemist_desktop.api.app import create_app
from alchemist_desktop.api.options import ApiOptions
from alchemist_desktop.api.server import EmbeddedServer
from alchemist_desktop.app.core import Core
from alchemist_desktop.app.loop import make_loop
from alchemist_desktop.domain.access import AccessLevel
from alchemist_desktop.domain.attempt import LogEntry
from alchemist_desktop.domain.job import JobState, Phase
from alchemist_desktop.domain.queries import JobQuery
from alchemist_desktop.domain.settings import Settings
from tests.bench.api_load import MOST_LAG_MS, token_of
from tests.bench.harness import Result
from tests.bench.library import make_library
from tests.bench.timer_lag import TimerLag
from tests.support.core import open_test_core

ROWS = 400_000  # 1 GB
ALONE_S = 10.0
MOST_WRITE_MS = 250.0
MOST_GROWTH_MB = 50.0
_PAUSE_S = 0.05
_FILE = "alchemist.db.gz"
_T = TypeVar("_T")


def run() -> Sequence[Result]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "data").mkdir()
        database = home / "data" / "alchemist.db"
        make_library(database, ROWS)
        size_mb = database.stat().st_size / 1e6
        told = subprocess.run(
            [sys.executable, "-m", "tests.bench.backup", folder], stdout=subprocess.PIPE, text=True, check=True
        ).stdout
        facts = json.loads(told)
        sound = _is_sound(home)
    alone, meanwhile = facts["alone"], facts["meanwhile"]
    return [
        Result(name=f"backup of {size_mb:.0f} MB", unit="s", ours=facts["backup_s"]),
        Result(name="backup: whole and sound", unit="", ours=float(sound), yardstick=1.0, at_least=1.0),
        Result(name="backup: timer lag p99", unit="ms", ours=meanwhile["lag_p99"], yardstick=MOST_LAG_MS, at_most=1.0),
        Result(name="backup: timer lag p99 without", unit="ms", ours=alone["lag_p99"], yardstick=MOST_LAG_MS),
        Result(name="backup: slowest write", unit="ms", ours=meanwhile["write_max"], yardstick=MOST_WRITE_MS, at_most=1.0),
        Result(name="backup: slowest write without", unit="ms", ours=alone["write_max"], yardstick=MOST_WRITE_MS),
        Result(name="backup: slowest page", unit="ms", ours=meanwhile["read_max"], yardstick=MOST_WRITE_MS, at_most=1.0),
        Result(name="backup: memory growth", unit="MB", ours=facts["growth_mb"], yardstick=MOST_GROWTH_MB, at_most=1.0),
    ]


def _is_sound(home: Path) -> bool:
    unpacked = home / "unpacked.db"
    with gzip.open(home / _FILE) as packed, unpacked.open("wb") as target:
        shutil.copyfileobj(packed, target, 1 << 20)
    with closing(sqlite3.connect(unpacked)) as db:
        checked = db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        return checked and db.execute("SELECT count(*) FROM jobs").fetchone() == (ROWS,)


class _Work:
    """What a busy program asks of its database, with the milliseconds each write and each read took."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._lag = TimerLag()
        self.writes_ms: list[float] = []
        self.reads_ms: list[float] = []

    async def during(self, waiting: Awaitable[object]) -> dict[str, float]:
        """Work until `waiting` is over."""
        self.writes_ms.clear()
        self.reads_ms.clear()
        self._lag.values_ms.clear()
        tasks = [asyncio.create_task(step) for step in (self._work_on_jobs(), self._log(), self._read())]
        await waiting
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return {
            "lag_p99": statistics.quantiles(self._lag.values_ms, n=100)[98],
            "write_max": max(self.writes_ms),
            "read_max": max(self.reads_ms),
        }

    async def _work_on_jobs(self) -> None:
        jobs = self._core.parts.stores.jobs
        while True:
            (job,) = await jobs.peek_claimable(1, now=datetime.now(UTC))
            await _timed(self.writes_ms, jobs.transition(job.id, JobState.ANALYZING, phase=Phase.PROBING))
            for percent in range(0, 100, 10):
                await _timed(self.writes_ms, jobs.set_progress(job.id, percent, Phase.ENCODING))
                await asyncio.sleep(_PAUSE_S)
            await _timed(self.writes_ms, jobs.requeue_interrupted())

    async def _log(self) -> None:
        entry = LogEntry(
            id=0, level="info", job_id=None, message="A line of the log, as long as most.", created_at=datetime.now(UTC)
        )
        while True:
            await _timed(self.writes_ms, self._core.logs.add([entry] * 5))
            await asyncio.sleep(_PAUSE_S)

    async def _read(self) -> None:
        jobs = self._core.parts.stores.jobs
        while True:
            await _timed(self.reads_ms, jobs.find(JobQuery(descending=True)))
            await asyncio.sleep(_PAUSE_S)


async def _timed(times_ms: list[float], asked: Awaitable[_T]) -> _T:
    start_s = time.perf_counter()
    result = await asked
    times_ms.append((time.perf_counter() - start_s) * 1000)
    return result


async def _serve(home: Path) -> None:
    async with open_test_core(home, Settings(), start=False) as core:
        token = await token_of(core, AccessLevel.FULL_ACCESS)
        options = ApiOptions()
        server = EmbeddedServer(create_app(core.services, core.bus, options), stop_event=options.stop, port=0)
        await server.start()
        work = _Work(core)
        alone = await work.during(asyncio.sleep(ALONE_S))
        url = f"http://127.0.0.1:{server.port}/api/v1/system/backup"
        before_mb = _memory_mb()
        start_s = time.perf_counter()
        peak_mb = 0.0

        async def fetch() -> None:
            nonlocal peak_mb
            client = await asyncio.create_subprocess_exec(sys.executable, "-m", "tests.bench.backup", str(home), url, token)
            waiting = asyncio.ensure_future(client.wait())
            while not (await asyncio.wait({waiting}, timeout=_PAUSE_S))[0]:
                peak_mb = max(peak_mb, _memory_mb())
            if client.returncode != 0:
                raise RuntimeError("the backup could not be fetched")

        meanwhile = await work.during(fetch())
        facts = {"alone": alone, "meanwhile": meanwhile, "backup_s": time.perf_counter() - start_s}
        sys.stdout.write(json.dumps({**facts, "growth_mb": peak_mb - before_mb}))
        await server.stop()


def _memory_mb() -> float:
    return float(psutil.Process().memory_info().rss / 1e6)


def _fetch(home: Path, url: str, token: str) -> None:
    request = Request(url, method="POST", headers={"Authorization": f"Bearer {token}"})
    with urlopen(request, timeout=600) as reply, (home / _FILE).open("wb") as target:
        shutil.copyfileobj(reply, target, 1 << 20)


if __name__ == "__main__":
    if len(sys.argv) > 2:
        _fetch(Path(sys.argv[1]), *sys.argv[2:])
    else:
        application = QCoreApplication([])
        with asyncio.Runner(loop_factory=lambda: make_loop(application)) as runner:
            runner.run(_serve(Path(sys.argv[1])))
