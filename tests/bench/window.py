"""The real program with its window: how soon it stands there, and how much memory it holds when nothing happens."""

import asyncio
import json
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from alchemist_desktop.app.core import open_core
from alchemist_desktop.app.options import Options
from alchemist_desktop.app.paths import Paths
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.storage.connection import Connection
from tests.bench.harness import Result
from tests.bench.job_list import ROWS, fill
from tests.support.program import Program

MOST_S = 1.5
MOST_MB = 160.0
ROUNDS = 5
IDLE_S = 10.0


def run() -> Sequence[Result]:
    return [*_measure("empty", 0), *_measure("100,000 jobs", ROWS)]


def _measure(name: str, jobs: int) -> list[Result]:
    with tempfile.TemporaryDirectory() as folder, Program(Path(folder)) as program:
        asyncio.run(_prepare(Path(folder), jobs))
        times = [_start_s(program) for _ in range(ROUNDS)]
        own_mb, children_mb = _idle_mb(program)
        program.terminate()
    return [
        Result(name=f"window shown, {name}", unit="s", ours=min(times), yardstick=MOST_S, at_most=1.0),
        Result(name=f"memory idle, {name}", unit="MB", ours=own_mb, yardstick=MOST_MB, at_most=1.0),
        Result(name=f"memory of its children, {name}", unit="MB", ours=children_mb),
    ]


async def _prepare(home: Path, jobs: int) -> None:
    """A paused program with a job list that was looked into already: the files of those jobs do not exist."""
    options = Options(database_path=str(home / "alchemist.db"), data_dir=str(home / "data"), temp_dir=str(home / "temp"))
    async with open_core(options, Paths.from_options(options), Settings()) as core:
        await core.services.engine.pause()
        await core.database.write(fill, jobs)
        await core.database.write(_decide)


def _decide(db: Connection) -> None:
    """Give every waiting job a decision, or the program would be busy making them."""
    db.sql("UPDATE jobs SET decision = (SELECT decision FROM jobs WHERE decision IS NOT NULL LIMIT 1) WHERE decision IS NULL")


def _start_s(program: Program) -> float:
    """From the start of the process to the moment it takes requests from other starts, which follows the window at once."""
    if program.is_running:
        program.terminate()
    start = time.perf_counter()
    program.start("--port", "0")
    program.wait_until(lambda: _takes_requests(program), 30)
    return time.perf_counter() - start


def _takes_requests(program: Program) -> bool:
    file = program.database.with_name(program.database.name + ".instance")
    try:
        holder = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    return holder["pid"] == program.pid and holder["address"] is not None


def _idle_mb(program: Program) -> tuple[float, float]:
    """Resident memory of the program and of all its children together, when it was left alone for a while."""
    time.sleep(IDLE_S)
    process = psutil.Process(program.pid)
    children = process.children(recursive=True)
    return process.memory_info().rss / 1e6, sum(child.memory_info().rss for child in children) / 1e6
