"""The HTTP face over a database, as a process of its own for `api_load`: on the program's loop, or on stock uvicorn.

`python -m tests.bench.api_server qt|uvicorn HOME` writes its port, then obeys its standard input: at `go` it begins to note
how late a Qt timer fires, at `lags` it writes what it noted, at the end of the input it ends.
"""

import asyncio
import json
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import uvicorn
from PySide6.QtCore import QCoreApplication
from starlette.applications import Starlette

from alchemist_desktop.api.app import create_app
from alchemist_desktop.api.options import ApiOptions, Rate
from alchemist_desktop.api.server import EmbeddedServer
from alchemist_desktop.app.loop import make_loop
from alchemist_desktop.domain.settings import Settings
from tests.bench.timer_lag import TimerLag
from tests.support.core import open_test_core

_NO_LIMIT = Rate(capacity=1e12, per_s=1e12)


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")
    sys.stdout.flush()


def _obey(lag: TimerLag | None, end: Callable[[], None]) -> None:
    for line in sys.stdin:
        values_ms = lag.values_ms if lag else []
        if line == "go\n":
            values_ms.clear()
        else:
            _say(values_ms)
    end()


async def _wait_for_end(lag: TimerLag | None) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    threading.Thread(target=_obey, args=(lag, lambda: loop.call_soon_threadsafe(ended.set)), daemon=True).start()
    await ended.wait()


async def _serve_embedded(app: Starlette, options: ApiOptions) -> None:
    lag = TimerLag()
    server = EmbeddedServer(app, stop_event=options.stop, port=0)
    await server.start()
    _say(server.port)
    await _wait_for_end(lag)
    await server.stop()


async def _serve_stock(app: Starlette) -> None:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    _say(listener.getsockname()[1])
    await _wait_for_end(None)
    server.should_exit = True
    await serving


async def _serve(name: str, home: Path) -> None:
    settings = Settings()
    async with open_test_core(home, settings, start=False) as core:
        options = ApiOptions(request_rate=_NO_LIMIT)
        app = create_app(core.services, core.bus, options)
        await (_serve_embedded(app, options) if name == "qt" else _serve_stock(app))


def main(name: str, home: Path) -> None:
    if name == "qt":
        application = QCoreApplication([])
        with asyncio.Runner(loop_factory=lambda: make_loop(application)) as runner:
            runner.run(_serve(name, home))
    else:
        asyncio.run(_serve(name, home))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
