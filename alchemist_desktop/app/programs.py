"""What each command does, from the lock to the exit code."""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

from rich.console import Console

from alchemist_desktop.app.core import Core, open_core
from alchemist_desktop.app.health import print_health
from alchemist_desktop.app.instance_server import InstanceServer, ask_instance
from alchemist_desktop.app.lifetime import running_engine, stop_on_signals
from alchemist_desktop.app.logging_setup import logging_to
from alchemist_desktop.app.options import Options
from alchemist_desktop.app.paths import Paths
from alchemist_desktop.app.planning import plan_lines
from alchemist_desktop.app.requests import Line, answer
from alchemist_desktop.app.single_instance import InstanceLock
from alchemist_desktop.app.web import WebFace
from alchemist_desktop.domain.errors import ConflictError, UnavailableError
from alchemist_desktop.domain.health import Depth
from alchemist_desktop.storage.config_file import load

logger = logging.getLogger(__name__)

Stream = Callable[[Core], AsyncGenerator[Line, None]]


async def run_window(options: Options, paths: Paths, *, theme: str, minimized: bool, reset_auth: bool) -> int:
    """The whole program: window, tray, engine and server. A second start brings the first one's window forward."""
    from alchemist_desktop.app.window import WindowFace

    with _instance_lock(paths) as lock:
        if not lock.acquire():
            return await _hand_over(paths, lock, {"command": "show"})
        async with _open(options, paths) as core, stop_on_signals() as stop:
            if reset_auth:
                await core.services.access.reset()
            async with AsyncExitStack() as stack:
                window = await stack.enter_async_context(WindowFace(core, theme=theme, minimized=minimized, stop=stop))
                await stack.enter_async_context(InstanceServer(lock, paths.database, answer(core, window.bring_forward)))
                await stack.enter_async_context(WebFace(core))
                await stack.enter_async_context(running_engine(core, watch=True))
                await stop.wait()
                window.hide()
    return 0


async def run_server(options: Options, paths: Paths, *, reset_auth: bool) -> int:
    """The program without a window, until it is told to stop."""
    with _instance_lock(paths) as lock:
        _need_lock(lock)
        async with _open(options, paths) as core, stop_on_signals() as stop, AsyncExitStack() as stack:
            if reset_auth:
                await core.services.access.reset()
            await stack.enter_async_context(InstanceServer(lock, paths.database, answer(core, lambda: None)))
            web = await stack.enter_async_context(WebFace(core))
            Console(highlight=False).print(f"listening on {web.url}", soft_wrap=True)
            await stack.enter_async_context(running_engine(core, watch=True))
            await stop.wait()
    return 0


async def run_request(options: Options, paths: Paths, request: Line, make: Stream, *, work: bool) -> int:
    """A one-shot command: here, or in the program that runs already. `work` runs the engine meanwhile."""
    with _instance_lock(paths) as lock:
        if not lock.acquire():
            return await _print_lines(ask_instance(paths.database, request))
        async with _open(options, paths) as core, stop_on_signals() as stop, AsyncExitStack() as stack:
            await stack.enter_async_context(InstanceServer(lock, paths.database, answer(core, lambda: None)))
            if work:
                # A person asked for this work now: a pause remembered from before does not hold it up.
                core.engine.switch(lambda switches: replace(switches, manual_paused=False))
                await stack.enter_async_context(running_engine(core, watch=False))
            return await _until_stopped(_print_lines(make(core)), stop)


async def plan_folders(options: Options, paths: Paths, folders: list[str], *, as_json: bool) -> int:
    """What would be done, file by file; nothing is stored in the job list."""
    with _instance_lock(paths) as lock:
        _need_lock(lock)
        async with _open(options, paths) as core, stop_on_signals() as stop:
            return await _until_stopped(_print_plans(core, folders, as_json=as_json), stop)


async def examine_folders(options: Options, paths: Paths, folders: list[str], depth: Depth, *, as_json: bool) -> int:
    """The health of the files of some folders; nothing is stored."""
    with _instance_lock(paths) as lock:
        _need_lock(lock)
        async with _open(options, paths) as core, stop_on_signals() as stop:
            return await _until_stopped(print_health(core, folders, depth, as_json=as_json), stop)


async def set_up(options: Options, paths: Paths, username: str, password: str, libraries: list[str]) -> int:
    """First-run set-up: an account and library folders."""
    with _instance_lock(paths) as lock:
        _need_lock(lock)
        async with _open(options, paths) as core:
            if await core.services.access.has_user():
                raise ConflictError(
                    "The program is set up already. Start with --reset-auth to begin anew.", code="SETUP_ALREADY_COMPLETE"
                )
            await core.services.settings.change(lambda settings: settings)
            for folder in libraries:
                await core.services.settings.add_library(folder)
            await core.services.access.create_user(username, password)
            Console(highlight=False).print(f"Set up: account {username}, {len(libraries)} library folders.")
    return 0


@contextmanager
def _instance_lock(paths: Paths) -> Iterator[InstanceLock]:
    paths.create_folders()
    lock = InstanceLock(paths.database)
    try:
        yield lock
    finally:
        lock.release()


def _need_lock(lock: InstanceLock) -> None:
    if not lock.acquire():
        holder = lock.holder()
        who = holder.description if holder else "another process"
        raise ConflictError(f"The program runs already: {who} has the database open.", code="ALREADY_RUNNING")


@asynccontextmanager
async def _open(options: Options, paths: Paths) -> AsyncIterator[Core]:
    """The core, with its log; the lock must be held."""
    settings = await asyncio.to_thread(load, paths.config_file)
    with logging_to(
        paths.logs,
        level=options.log_level,
        log_format=options.log_format or settings.system.log_format,
        retention_days=settings.system.log_retention_days or 30,
    ):
        async with open_core(options, paths, settings) as core:
            yield core


async def _hand_over(paths: Paths, lock: InstanceLock, request: Line) -> int:
    try:
        return await _print_lines(ask_instance(paths.database, request))
    except UnavailableError as error:
        holder = lock.holder()
        who = f" by {holder.description}" if holder else ""
        raise ConflictError(f"The database is in use{who}, which cannot be reached.", code="ALREADY_RUNNING") from error


async def _until_stopped(work: Any, stop: asyncio.Event) -> int:
    """The exit code of `work`, or 130 when the person ended it first."""
    task, stopped = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return int(task.result()) if task.done() else 130
    finally:
        for waiting in (task, stopped):
            waiting.cancel()
        await asyncio.gather(task, stopped, return_exceptions=True)


async def _print_lines(lines: AsyncGenerator[Line, None]) -> int:
    """Print an answer as it comes; 1 when it ends with something that failed."""
    console = Console(highlight=False)
    failed = 0
    with console.status("") if console.is_terminal else _no_status() as status:
        async for line in lines:
            if "text" in line:
                console.print(line["text"], markup=False, soft_wrap=True)
            elif "progress" in line and status is not None:
                status.update(str(line["progress"]))
            failed = line.get("failed", failed)
    return 1 if failed else 0


@contextmanager
def _no_status() -> Iterator[None]:
    yield None


async def _print_plans(core: Core, folders: list[str], *, as_json: bool) -> int:
    console = Console(highlight=False)
    rows = []
    async for row in plan_lines(core, folders):
        rows.append(row)
        if not as_json:
            console.print(f"{row['decision']:9} {row['input_path']}: {row['sentence']}", markup=False, soft_wrap=True)
    if as_json:
        shown = [{key: value for key, value in row.items() if key != "sentence"} for row in rows]
        console.print_json(json.dumps(shown)) if console.is_terminal else console.file.write(json.dumps(shown, indent=2) + "\n")
    return 1 if any(row["decision"] == "error" for row in rows) else 0
