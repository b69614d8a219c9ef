"""How the running program answers another start of itself."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import asdict
from typing import Any

from alchemist_desktop.app.core import Core
from alchemist_desktop.app.hardware_report import hardware_lines
from alchemist_desktop.app.health import examine_folders
from alchemist_desktop.app.mcp_facts import engine_facts
from alchemist_desktop.app.planning import plan_folders
from alchemist_desktop.app.requests import Line, add_libraries, run_folders, scan_folders, set_up, undo_job
from alchemist_desktop.domain.errors import ConflictError, KnownError
from alchemist_desktop.domain.health import Depth


def answer(core: Core, show: Callable[[], None] | None) -> Callable[[Line], AsyncGenerator[Mapping[str, Any], None]]:
    """The handler of such requests; `show` brings the window forward, and is None where there is none."""

    async def handle(request: Line) -> AsyncGenerator[Mapping[str, Any], None]:
        async for line in _lines(core, show, request):
            yield line

    return handle


def _lines(core: Core, show: Callable[[], None] | None, request: Line) -> AsyncGenerator[Line, None]:
    match request:
        case {"command": "show", "libraries": [*libraries]}:
            return _show(core, show, libraries)
        case {"command": "scan", "paths": [*paths]}:
            return scan_folders(core, paths)
        case {"command": "run", "paths": [*paths]}:
            return run_folders(core, paths)
        case {"command": "plan", "paths": [*paths]}:
            return plan_folders(core, paths)
        case {"command": "doctor", "paths": [*paths], "depth": str(depth)} if depth in set(Depth):
            return examine_folders(core, paths, Depth(depth))
        case {"command": "hardware", "json": bool(as_json)}:
            return hardware_lines(core, as_json=as_json)
        case {"command": "undo", "job": int(job_id)}:
            return undo_job(core, job_id)
        case {"command": "status"}:
            return _status(core)
        case {"command": "setup", "username": str(username), "password": str(password), "paths": [*paths]}:
            return set_up(core, username, password, paths)
    raise KnownError("The running program does not know this request.", code="REQUEST_UNKNOWN")


async def _status(core: Core) -> AsyncGenerator[Line, None]:
    yield {"engine": engine_facts(core.engine.switches), "scan": asdict(core.scanner.status)}


async def _show(core: Core, show: Callable[[], None] | None, libraries: list[str]) -> AsyncGenerator[Line, None]:
    if await add_libraries(core, libraries):
        core.scanner.start()
    if show is None:
        raise ConflictError("The program runs already, without a window.", code="ALREADY_RUNNING")
    show()
    yield {"failed": 0}
