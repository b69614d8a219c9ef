"""The work of the one-shot commands, as streams of lines: run here, or in the program that runs already."""

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

from alchemist_desktop.app.core import Core
from alchemist_desktop.app.follower import Follower
from alchemist_desktop.domain.errors import ConflictError, InvalidRequestError
from alchemist_desktop.domain.ids import JobId

Line = dict[str, Any]
"""`{"text": ...}` to print, `{"row": ...}` for programs, `{"progress": ...}` to show in passing, `{"failed": n}` at the end."""


async def scan_folders(core: Core, folders: Sequence[str]) -> AsyncGenerator[Line, None]:
    """Scan folders and queue what is in them."""
    for folder in folders:
        status = await core.scanner.scan_folder(real_folder(folder))
        yield {"text": f"{folder}: {status.files_found} media files, {status.files_added} new"}
    core.engine.wake()
    yield {"failed": 0}


async def run_folders(core: Core, folders: Sequence[str]) -> AsyncGenerator[Line, None]:
    """Scan folders, and follow their jobs until every one has ended; the last line's `failed` counts those not done."""
    roots = [real_folder(folder) for folder in folders]
    with Follower(core, roots) as follower:
        async for line in scan_folders(core, roots):
            if "text" in line:
                yield line
        async for line in follower.lines():
            yield line


async def undo_job(core: Core, job_id: int) -> AsyncGenerator[Line, None]:
    """Bring the original of one job back."""
    path = await core.services.jobs.undo(JobId(job_id))
    yield {"text": f"The original is back: {path}"}
    yield {"failed": 0}


async def set_up(core: Core, username: str, password: str, libraries: Sequence[str]) -> AsyncGenerator[Line, None]:
    """First-run set-up: an account and library folders. Raises ConflictError (SETUP_ALREADY_COMPLETE)."""
    if await core.services.access.has_user():
        raise ConflictError(
            "The program is set up already. Start with --reset-auth to begin anew.", code="SETUP_ALREADY_COMPLETE"
        )
    folders = [real_folder(folder) for folder in libraries]
    await core.services.settings.change(lambda settings: settings)
    for folder in folders:
        await core.services.settings.add_library(folder)
    await core.services.access.create_user(username, password)
    yield {"text": f"Set up: account {username}, {len(folders)} library folders."}
    yield {"failed": 0}


def real_folder(path: str) -> str:
    """The folder's real path. Raises InvalidRequestError (INVALID_PATH)."""
    folder = Path(path).expanduser()
    if not folder.is_dir():
        raise InvalidRequestError(f"{path} is not a folder.", code="INVALID_PATH", path=path)
    return str(folder.resolve())
