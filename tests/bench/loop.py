"""Compares event loops under HTTP load: requests per second, and how late a 16 ms Qt timer fires meanwhile.

Run it with `python -m tests.bench.loop [seconds]`. It uses `wrk` where that is installed, else a client of its own.
"""

import asyncio
import json
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable

import uvicorn
from PySide6.QtCore import QCoreApplication, Qt, QTimer
from qasync import QEventLoop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from alchemist_desktop.app.loop import make_loop

LOOPS = ("asyncio", "qasync", "batched")
CONNECTIONS = 16
TICK_MS = 16


class _Server(uvicorn.Server):
    """Serves until it is killed; says its port first."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        assert sockets is not None
        sys.stdout.write(f"{sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()


async def _answer(_: Request) -> JSONResponse:
    return JSONResponse({"status": "ok"})


async def _serve(lags_ms: list[float]) -> None:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))

    async def report(_: Request) -> JSONResponse:
        return JSONResponse(lags_ms)

    app = Starlette(routes=[Route("/", _answer), Route("/lags", report)])
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off")
    await _Server(config).serve(sockets=[listener])


def _watch_timer(lags_ms: list[float]) -> QTimer:
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    last = [time.perf_counter()]

    def tick() -> None:
        now = time.perf_counter()
        lags_ms.append((now - last[0]) * 1000 - TICK_MS)
        last[0] = now

    timer.timeout.connect(tick)
    timer.start(TICK_MS)
    return timer


def _serve_on(name: str) -> None:
    if name == "asyncio":
        asyncio.run(_serve([]))
        return
    app = QCoreApplication([])
    lags_ms: list[float] = []
    timer = _watch_timer(lags_ms)
    factory: Callable[[], asyncio.AbstractEventLoop] = (lambda: QEventLoop(app)) if name == "qasync" else lambda: make_loop(app)
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(_serve(lags_ms))
    timer.stop()


async def _ask(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read(-1)
    writer.close()
    return answer.partition(b"\r\n\r\n")[2]


async def _own_load(port: int, seconds: float) -> float:
    deadline = time.monotonic() + seconds

    async def client() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        count = 0
        while time.monotonic() < deadline:
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            count += 1
        writer.close()
        return count

    return sum(await asyncio.gather(*(client() for _ in range(CONNECTIONS)))) / seconds


def _load(port: int, seconds: float) -> float:
    wrk = shutil.which("wrk")
    if wrk is None:
        return asyncio.run(_own_load(port, seconds))
    argv = [wrk, "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", f"http://127.0.0.1:{port}/"]
    report = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    return float(next(line for line in report.splitlines() if line.startswith("Requests/sec")).split(":")[1])


def _measure(name: str, seconds: float) -> tuple[float, list[float]]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.loop", "--serve", name], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        _load(port, 1)
        idle_count = len(json.loads(asyncio.run(_ask(port, "/lags"))))
        rate = _load(port, seconds)
        lags_ms = json.loads(asyncio.run(_ask(port, "/lags")))[idle_count:]
        server.kill()
    return rate, lags_ms


def main() -> None:
    if sys.argv[1:2] == ["--serve"]:
        _serve_on(sys.argv[2])
        return
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    rates: dict[str, float] = {}
    for name in LOOPS:
        rates[name], lags_ms = _measure(name, seconds)
        line = f"{name:8} {rates[name]:8.0f} requests/s, {rates[name] / rates['asyncio']:.2f} of asyncio"
        if lags_ms:
            line += f"; timer lag p99 {statistics.quantiles(lags_ms, n=100)[98]:.1f} ms, max {max(lags_ms):.1f} ms"
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
