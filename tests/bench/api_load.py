"""The API on the program's Qt loop against stock uvicorn with the same application and database of 100,000 jobs.

Sixteen connections ask for the engine's status and five for the newest page of the list, all at once and without a pause, and
meanwhile a 16 ms timer of Qt stands for the window. The clients are processes of their own: `wrk` where that is installed.
"""

import asyncio
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alchemist_desktop.app.core import Core
from alchemist_desktop.domain.access import AccessLevel
from alchemist_desktop.domain.settings import Settings
from tests.bench.harness import Result
from tests.bench.job_list import ROWS, fill
from tests.support.core import open_test_core

MOST_LAG_MS = 8.0
ROUNDS = 5
SECONDS = 4
LOADS = (("/api/v1/engine/status", 16), ("/api/v1/jobs?limit=50", 5))


@dataclass(slots=True, kw_only=True)
class Server:
    """A running `api_server`."""

    process: "subprocess.Popen[str]"
    port: int

    def tell(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def lags_ms(self) -> list[float]:
        self.tell("lags")
        assert self.process.stdout is not None
        values: list[float] = json.loads(self.process.stdout.readline())
        return values


def run() -> Sequence[Result]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        token = asyncio.run(_prepare(home))
        with server("qt", home) as ours, server("uvicorn", home) as stock:
            for started in (ours, stock):
                _load(started.port, token, 1)
            rounds = [(_measure(ours, token), _measure(stock, token)) for _ in range(ROUNDS)]
    results = [
        Result(
            name=f"api: {path.partition('?')[0]}",
            unit="requests/s",
            ours=statistics.median(mine.rates[index] for mine, _ in rounds),
            yardstick=statistics.median(theirs.rates[index] for _, theirs in rounds),
            at_least=0.9,
        )
        for index, (path, _) in enumerate(LOADS)
    ]
    lag_ms = statistics.median(mine.lag_p99_ms for mine, _ in rounds)
    return [*results, Result(name="api: timer lag p99 under load", unit="ms", ours=lag_ms, yardstick=MOST_LAG_MS, at_most=1.0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Round:
    rates: tuple[float, ...]
    lag_p99_ms: float


async def _prepare(home: Path) -> str:
    """A program that is set up, with a long job list; returns an API token."""
    token = await set_up(home, AccessLevel.READ_ONLY)
    async with open_test_core(home, Settings(), start=False) as core:
        await core.database.write(fill, ROWS)
    return token


async def set_up(home: Path, level: AccessLevel) -> str:
    """Settings, an account and an API token of this level, which is returned."""
    async with open_test_core(home, Settings(), start=False) as core:
        return await token_of(core, level)


async def token_of(core: Core, level: AccessLevel) -> str:
    """As `set_up`, for a program that runs."""
    await core.services.settings.change(lambda settings: settings)
    await core.services.access.create_user("somebody", "a long password")
    _, token = await core.services.access.create_token("bench", level)
    return token


@contextmanager
def server(name: str, home: Path) -> Iterator[Server]:
    argv = [sys.executable, "-m", "tests.bench.api_server", name, str(home)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Server(process=process, port=int(process.stdout.readline()))
        finally:
            process.communicate()  # closes its input, which ends it


def _measure(server: Server, token: str) -> _Round:
    server.tell("go")
    rates = _load(server.port, token, SECONDS)
    lags_ms = server.lags_ms()
    p99_ms = statistics.quantiles(lags_ms, n=100)[98] if lags_ms else 0.0
    return _Round(rates=rates, lag_p99_ms=p99_ms)


def _load(port: int, token: str, seconds: int) -> tuple[float, ...]:
    """Requests per second of each load, all run at the same time."""
    clients = [
        subprocess.Popen(
            _client(f"http://127.0.0.1:{port}{path}", connections, token, seconds), stdout=subprocess.PIPE, text=True
        )
        for path, connections in LOADS
    ]
    return tuple(_rate(client.communicate()[0]) for client in clients)


def _client(url: str, connections: int, token: str, seconds: int) -> list[str]:
    wrk = shutil.which("wrk")
    if wrk is None:
        return [sys.executable, "-m", "tests.bench.api_load", url, str(connections), token, str(seconds)]
    return [wrk, "-t1", f"-c{connections}", f"-d{seconds}s", "-H", f"Authorization: Bearer {token}", url]


def _rate(report: str) -> float:
    if "Non-2xx" in report or "Requests/sec" not in report:
        raise RuntimeError(f"requests failed: {report}")
    return float(next(line for line in report.splitlines() if line.startswith("Requests/sec")).split(":")[1])


async def _ask_on(url: str, connections: int, token: str, seconds: float) -> float:
    """A plain client for where there is no wrk."""
    address, _, path = url.removeprefix("http://").partition("/")
    host, _, port = address.partition(":")
    request = f"GET /{path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()
    deadline_s = time.monotonic() + seconds

    async def ask() -> int:
        reader, writer = await asyncio.open_connection(host, int(port))
        count = 0
        while time.monotonic() < deadline_s:
            writer.write(request)
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            if not head.startswith(b"http/1.1 200"):
                raise RuntimeError(head)
            await reader.readexactly(int(head.partition(b"content-length:")[2].split()[0]))
            count += 1
        writer.close()
        return count

    return sum(await asyncio.gather(*(ask() for _ in range(connections)))) / seconds


if __name__ == "__main__":
    own_rate = asyncio.run(_ask_on(sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])))
    sys.stdout.write(f"Requests/sec: {own_rate}\n")
