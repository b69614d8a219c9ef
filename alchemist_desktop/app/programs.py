"""What each command does, from the lock to the exit code."""

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

from rich.console import Console

from alchemist_desktop.app.answers import answer
from alchemist_desktop.app.core import Core, open_core
from alchemist_desktop.app.instance_server import InstanceServer, ask_instance
from alchemist_desktop.app.lifetime import for_ever, keep_what_stands, running_engine, stop_requests, until_stopped
from alchemist_desktop.app.logging_setup import logging_to
from alchemist_desktop.app.options import Options
from alchemist_desktop.app.paths import Paths
from alchemist_desktop.app.printing import print_lines
from alchemist_desktop.app.requests import Line, add_libraries
from alchemist_desktop.app.single_instance import InstanceLock
from alchemist_desktop.app.web import WebFace
from alchemist_desktop.domain.errors import ConflictError, UnavailableError
from alchemist_desktop.storage.config_file import load
from alchemist_desktop.system.open_files import allow_many_open_files
from alchemist_desktop.ui.options import ThemeChoice

logger = logging.getLogger(__name__)

Stream = Callable[[Core], AsyncGenerator[Line, None]]
Show = Callable[[AsyncGenerator[Line, None]], Coroutine[Any, Any, int]]

_LOCK_PATIENCE_S = 15.0  # for a program that is just starting or ending
_LOOK_AGAIN_S = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowStart:
    """How the window starts. `libraries` are folders to be registered, absolute."""

    theme: ThemeChoice = ThemeChoice.SYSTEM
    minimized: bool = False
    reset_auth: bool = False
    libraries: Sequence[str] = ()


async def run_window(options: Options, paths: Paths, start: WindowStart) -> int:
    """The whole program: window, tray, engine and server. A second start brings the first one's window forward."""
    from alchemist_desktop.app.window import WindowFace

    async def work() -> int:
        async with AsyncExitStack() as stack:
            lock = stack.enter_context(_instance_lock(paths))
            if (code := await _ask_holder(paths, lock, _show_request(start), print_lines)) is not None:
                return code
            core = await stack.enter_async_context(_open(options, paths))
            if start.reset_auth:
                await core.services.access.reset()
            await add_libraries(core, start.libraries)
            window = await stack.enter_async_context(WindowFace(core, theme=start.theme, minimized=start.minimized, stop=stop))
            await stack.enter_async_context(InstanceServer(lock, paths.database, answer(core, window.bring_forward)))
            await stack.enter_async_context(WebFace(core))
            await stack.enter_async_context(running_engine(core, watch=True))
            stack.callback(window.hide)
            keep_what_stands()
            return await for_ever()

    async with stop_requests() as stop:
        return await until_stopped(work(), stop, code=0)


async def run_server(options: Options, paths: Paths, *, reset_auth: bool) -> int:
    """The program without a window, until it is told to stop."""

    async def work() -> int:
        async with AsyncExitStack() as stack:
            lock = stack.enter_context(_instance_lock(paths))
            await _need_lock(lock)
            core = await stack.enter_async_context(_open(options, paths))
            if reset_auth:
                await core.services.access.reset()
            await stack.enter_async_context(InstanceServer(lock, paths.database, answer(core, None)))
            web = await stack.enter_async_context(WebFace(core))
            Console(highlight=False).print(f"listening on {web.url}", soft_wrap=True)
            await stack.enter_async_context(running_engine(core, watch=True))
            keep_what_stands()
            return await for_ever()

    async with stop_requests() as stop:
        return await until_stopped(work(), stop, code=0)


async def run_request(
    options: Options, paths: Paths, request: Line, make: Stream, *, work: bool, show: Show = print_lines
) -> int:
    """A one-shot command: here, or in the program that runs already. `work` runs the engine meanwhile."""

    async def do() -> int:
        async with AsyncExitStack() as stack:
            lock = stack.enter_context(_instance_lock(paths))
            if (code := await _ask_holder(paths, lock, request, show)) is not None:
                return code
            core = await stack.enter_async_context(_open(options, paths))
            if not work:  # over soon: others wait for the lock
                return await show(make(core))
            server = await stack.enter_async_context(InstanceServer(lock, paths.database, answer(core, None)))
            # A person asked for this work now: a pause remembered from before does not hold it up.
            core.engine.switch(lambda switches: replace(switches, manual_paused=False))
            await stack.enter_async_context(running_engine(core, watch=False))
            code = await show(make(core))
            await server.join()
            return code

    async with stop_requests() as stop:
        return await until_stopped(do(), stop)


def _show_request(start: WindowStart) -> Line:
    return {"command": "show", "libraries": list(start.libraries)}


@contextmanager
def _instance_lock(paths: Paths) -> Iterator[InstanceLock]:
    paths.create_folders()
    lock = InstanceLock(paths.database)
    try:
        yield lock
    finally:
        lock.release()


async def _need_lock(lock: InstanceLock) -> None:
    """Take the lock. Raises ConflictError (ALREADY_RUNNING)."""
    give_up_s = time.monotonic() + _LOCK_PATIENCE_S
    while not lock.acquire():
        holder = lock.holder()
        if (holder is not None and holder.address is not None) or time.monotonic() > give_up_s:
            raise _in_use(lock)
        await asyncio.sleep(_LOOK_AGAIN_S)


async def _ask_holder(paths: Paths, lock: InstanceLock, request: Line, show: Show) -> int | None:
    """The exit code of `request` when the program that runs already has answered it; None when the lock is ours now.

    Raises ConflictError (ALREADY_RUNNING) when somebody keeps the lock and takes no requests.
    """
    give_up_s = time.monotonic() + _LOCK_PATIENCE_S
    while not lock.acquire():
        is_last_try = time.monotonic() > give_up_s
        holder = lock.holder()
        if holder is not None and holder.address is not None:
            lines = _Begun(ask_instance(paths.database, request))
            try:
                return await show(lines.lines())
            except UnavailableError as error:
                if lines.has_begun or error.code != "INSTANCE_UNREACHABLE":
                    raise
        if is_last_try:
            raise _in_use(lock)
        await asyncio.sleep(_LOOK_AGAIN_S)
    return None


class _Begun:
    """An answer that remembers whether anything of it has come."""

    def __init__(self, lines: AsyncGenerator[Line, None]) -> None:
        self._lines = lines
        self.has_begun = False

    async def lines(self) -> AsyncGenerator[Line, None]:
        async for line in self._lines:
            self.has_begun = True
            yield line


def _in_use(lock: InstanceLock) -> ConflictError:
    holder = lock.holder()
    who = holder.description if holder else "another process"
    return ConflictError(f"The program runs already: {who} has the database open.", code="ALREADY_RUNNING")


@asynccontextmanager
async def _open(options: Options, paths: Paths) -> AsyncIterator[Core]:
    """The core, with its log; the lock must be held."""
    allow_many_open_files()
    settings = await asyncio.to_thread(load, paths.config_file)
    with logging_to(
        paths.logs,
        level=options.log_level,
        log_format=options.log_format or settings.system.log_format,
        retention_days=settings.system.log_retention_days or 30,
    ):
        async with open_core(options, paths, settings) as core:
            try:
                yield core
            finally:
                await core.scanner.cancel()
