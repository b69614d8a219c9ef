"""The HTTP face over a database, as a process of its own for `api_load`: on the program's loop, or on stock uvicorn.

`python -m tests.bench.api_server qt|uvicorn HOME` writes its port, then obeys its standard input: at `go` it begins to note
how late a Qt timer fires, at `lags` it writes what it noted, at `publish COUNT RATE` so many events happen, so many a second,
from `change` on a job of the list changes each second, and at the end of the input it ends.
"""

import asyncio
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import uvicorn
from PySide6.QtCore import QCoreApplication
from starlette.applications import Starlette

from alchemist_desktop.api.app import create_app
from alchemist_desktop.api.options import ApiOptions, Rate
from alchemist_desktop.api.server import EmbeddedServer
from alchemist_desktop.app.core import Core
from alchemist_desktop.app.lifetime import keep_what_stands
from alchemist_desktop.app.loop import make_loop
from alchemist_desktop.domain.attempt import LogEntry
from alchemist_desktop.domain.events import DecisionMade, LogWritten
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.plan import Action
from alchemist_desktop.domain.queries import JobQuery
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.engine.bus import EventBus
from alchemist_desktop.services.jobs import JobsService
from tests.bench.timer_lag import TimerLag
from tests.support.core import open_test_core

_NOW = datetime.now(UTC)
_NO_LIMIT = Rate(capacity=1e12, per_s=1e12)


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _obey(lag: TimerLag | None, core: Core, loop: asyncio.AbstractEventLoop, end: Callable[[], None]) -> None:
    for line in sys.stdin:
        values_ms = lag.values_ms if lag else []
        if line == "go\n":
            values_ms.clear()
        elif line.startswith("publish "):
            number, rate = line.split()[1:]
            asyncio.run_coroutine_threadsafe(_publish(core.bus, int(number), float(rate)), loop)
        elif line == "change\n":
            asyncio.run_coroutine_threadsafe(_change(core.services.jobs), loop).add_done_callback(_fail)
        else:
            _say(values_ms)
    end()


async def _wait_for_end(core: Core, lag: TimerLag | None) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    keep_what_stands()
    threading.Thread(target=_obey, args=(lag, core, loop, lambda: loop.call_soon_threadsafe(ended.set)), daemon=True).start()
    await ended.wait()


def _fail(changing: "Future[None]") -> None:
    """The list changes no more: what is measured from now on is not what it says."""
    if not changing.cancelled():
        sys.stderr.write(f"the list stopped changing: {changing.exception()!r}\n")
        os._exit(1)


async def _change(jobs: JobsService) -> None:
    waiting = await jobs.find(JobQuery(states=frozenset({JobState.QUEUED})))
    for number in count():
        await asyncio.sleep(1.0)
        await jobs.set_priority(waiting[number % len(waiting)].id, number % 3)


async def _publish(bus: EventBus, count: int, rate: float) -> None:
    """Events of the kinds of a busy queue: lines of the log, and decisions with their reasons."""
    start_s = time.monotonic()
    for number in range(count):
        await asyncio.sleep(max(0.0, start_s + number / rate - time.monotonic()))
        if number % 3:
            entry = LogEntry(id=number, level="info", job_id=JobId(number), message=f"Line {number} of a log", created_at=_NOW)
            bus.publish(LogWritten(entry=entry))
        else:
            explanation = explain("bpp_below_threshold", bpp=number / 1000, threshold=0.1)
            bus.publish(DecisionMade(job_id=JobId(number), action=Action.SKIP, explanation=explanation))


async def _serve_embedded(app: Starlette, options: ApiOptions, core: Core) -> None:
    lag = TimerLag()
    server = EmbeddedServer(app, stop_event=options.stop, port=0)
    await server.start()
    _say(server.port)
    await _wait_for_end(core, lag)
    await server.stop()


async def _serve_stock(app: Starlette, core: Core) -> None:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    _say(listener.getsockname()[1])
    await _wait_for_end(core, None)
    server.should_exit = True
    await serving


async def _serve(name: str, home: Path) -> None:
    settings = Settings()
    async with open_test_core(home, settings, start=False) as core:
        options = ApiOptions(request_rate=_NO_LIMIT)
        app = create_app(core.services, core.bus, options)
        await (_serve_embedded(app, options, core) if name == "qt" else _serve_stock(app, core))


def main(name: str, home: Path) -> None:
    if name == "qt":
        application = QCoreApplication([])
        with asyncio.Runner(loop_factory=lambda: make_loop(application)) as runner:
            runner.run(_serve(name, home))
    else:
        asyncio.run(_serve(name, home))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
