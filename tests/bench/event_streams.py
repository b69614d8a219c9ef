"""Fifty event streams at once, twenty events a second in each: does every stream get every event, in order.

A process of its own reads the streams, and a 16 ms timer of Qt stands for the window meanwhile.
"""

import asyncio
import contextlib
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from alchemist_desktop.domain.access import AccessLevel
from tests.bench.api_load import MOST_LAG_MS, server, set_up
from tests.bench.harness import Result

STREAMS = 50
RATE = 20.0
EVENTS = 600


def run() -> Sequence[Result]:
    with tempfile.TemporaryDirectory() as folder:
        token = asyncio.run(set_up(Path(folder), AccessLevel.FULL_ACCESS))
        with server("qt", Path(folder)) as program:
            argv = [sys.executable, "-m", "tests.bench.event_streams", str(program.port), token]
            with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as client:
                assert client.stdout is not None
                client.stdout.readline()  # every stream is open
                process = psutil.Process(program.process.pid)
                used_s, start_s = _cpu_s(process), time.perf_counter()
                program.tell("go")
                program.tell(f"publish {EVENTS} {RATE}")
                in_order: list[int] = json.loads(client.stdout.readline())
                share = (_cpu_s(process) - used_s) / (time.perf_counter() - start_s)
                lags_ms = program.lags_ms()
    lag_ms = statistics.quantiles(lags_ms, n=100)[98]
    return [
        Result(name="streams: events in order, the least", unit="events", ours=min(in_order), yardstick=EVENTS, at_least=1.0),
        Result(name="streams: timer lag p99", unit="ms", ours=lag_ms, yardstick=MOST_LAG_MS, at_most=1.0),
        Result(name="streams: share of one core", unit="cores", ours=share, yardstick=1.0),
    ]


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


async def _read_all(port: int, token: str) -> None:
    """Tells when all streams are open, and at the end how many events each got one after the other."""
    opened = [asyncio.Event() for _ in range(STREAMS)]
    readers = [asyncio.create_task(_read(port, token, is_open)) for is_open in opened]
    for is_open in opened:
        await is_open.wait()
    _say(STREAMS)
    _say(await asyncio.gather(*readers))


async def _read(port: int, token: str, is_open: asyncio.Event) -> int:
    """How many events came before the first one that is missing or out of order."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
    count, last = 0, 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(2 * EVENTS / RATE):
            while count < EVENTS and (line := await reader.readline()):
                if line == b":\n":
                    is_open.set()
                if line.startswith(b"id: "):
                    number = int(line[4:])
                    if last and number != last + 1:
                        break
                    count, last = count + 1, number
    writer.close()
    return count


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(_read_all(int(sys.argv[1]), sys.argv[2]))
