"""Resident memory of the program over 100,000 requests: every route that only reads, some that change something, and event
streams that are opened and dropped, while events happen all the time.

`python -m tests.bench.memory --requests 20000` makes fewer and tells the memory on the way.
"""

import argparse
import asyncio
import json
import random
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil

from alchemist_desktop.domain.access import AccessLevel
from tests.bench.api_load import Server, server, set_up
from tests.bench.harness import Result
from tests.bench.library import make_library
from tests.bench.load_client import Connection

REQUESTS = 100_000
WARM_UP = 10_000
ROWS = 5_000
CONNECTIONS = 8
_SAMPLE = 2_000  # requests from one look at the memory to the next
_EVENTS_PER_S = 50.0
_DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.json"
_LEFT_OUT = {"/api/v1/events", "/api/v1/logs/download", "/api/v1/conversion/jobs/{id}/download"}
_FAULTS = {500, 502, 504}

Ask = tuple[str, str, bytes]


def run() -> Sequence[Result]:
    before_mb, after_mb = measure(REQUESTS, lambda _count, _mb: None)
    return [Result(name=f"memory after {REQUESTS:,} requests", unit="MB", ours=after_mb, yardstick=before_mb, at_most=1.05)]


def measure(requests: int, tell: Callable[[int, float], None]) -> tuple[float, float]:
    """Resident memory in MB after the warm-up and after `requests` more: the medians of five looks."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "data").mkdir()
        make_library(home / "data" / "alchemist.db", ROWS)
        token = asyncio.run(set_up(home, AccessLevel.FULL_ACCESS))
        with server("qt", home) as program:
            looks = asyncio.run(_load(program, token, requests, tell))
    warm = WARM_UP // _SAMPLE
    return sorted(looks[warm : warm + 5])[2], sorted(looks[-5:])[2]


async def _load(program: Server, token: str, requests: int, tell: Callable[[int, float], None]) -> list[float]:
    process = psutil.Process(program.process.pid)
    program.tell(f"publish {10**9} {_EVENTS_PER_S}")
    looks: list[float] = []
    count = 0

    async def ask_on(number: int) -> None:
        nonlocal count
        chance = random.Random(number)
        connection = await Connection.open(program.port, token)
        reads = _reads()
        while count < WARM_UP + requests:
            count += 1
            if count % _SAMPLE == 0:
                looks.append(process.memory_info().rss / 1e6)
                tell(count, looks[-1])
            if chance.random() < 0.005:
                await _listen(program.port, token, chance)
            method, path, body = _change(chance) if chance.random() < 0.1 else _read(chance, reads)
            status, reply = await connection.ask(method, path, body)
            if status in _FAULTS:
                raise RuntimeError(f"{status} for {method} {path}: {reply[:300]!r}")
        connection.close()

    await asyncio.gather(*(ask_on(number) for number in range(CONNECTIONS)))
    return looks


def _reads() -> list[str]:
    paths = json.loads(_DOCUMENT.read_text(encoding="utf-8"))["paths"]
    return [path for path, methods in paths.items() if "get" in methods and path not in _LEFT_OUT]


def _read(chance: random.Random, paths: Sequence[str]) -> Ask:
    if chance.random() < 0.3:
        words = f"search=title+{chance.randrange(ROWS):07}" if chance.random() < 0.5 else f"page={chance.randrange(1, 90)}"
        return "GET", f"/api/v1/jobs?limit=50&{words}", b""
    path = re.sub(r"\{\w+\}", lambda _: str(chance.randrange(1, ROWS)), chance.choice(paths))
    return "GET", path + "?path=/usr" if path.endswith("/fs/browse") else path, b""


def _change(chance: random.Random) -> Ask:
    job = f"/api/v1/jobs/{chance.randrange(1, ROWS)}"
    changes: list[tuple[str, str, object]] = [
        ("POST", f"{job}/priority", {"priority": chance.randrange(3)}),
        ("POST", f"{job}/restart", None),
        ("POST", f"{job}/cancel", None),
        ("POST", "/api/v1/settings/preferences", {"key": "theme", "value": str(chance.randrange(10))}),
        ("POST", "/api/v1/jobs/enqueue", {"path": f"/nowhere/{chance.randrange(10**6)}.mkv"}),
        ("POST", "/api/v1/engine/pause", None),
        ("POST", "/api/v1/nothing/here", {"not": "known"}),
    ]
    method, path, body = chance.choice(changes)
    return method, path, b"" if body is None else json.dumps(body).encode()


async def _listen(port: int, token: str, chance: random.Random) -> None:
    """Open an event stream, read a little of it, and drop it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    after = f"Last-Event-ID: {chance.randrange(1, 500)}\r\n" if chance.random() < 0.3 else ""
    writer.write(f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n{after}\r\n".encode())
    await reader.readuntil(b"\r\n\r\n")
    for _ in range(chance.randrange(5)):
        await reader.readline()
    writer.transport.abort()


def _main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=REQUESTS)
    requests = parser.parse_args().requests

    def tell(count: int, resident_mb: float) -> None:
        sys.stdout.write(f"{count:>8} {resident_mb:8.1f} MB\n")
        sys.stdout.flush()

    before_mb, after_mb = measure(requests, tell)
    sys.stdout.write(f"{before_mb:.1f} MB, then {after_mb:.1f} MB: {after_mb / before_mb - 1:+.1%}\n")


if __name__ == "__main__":
    _main()
