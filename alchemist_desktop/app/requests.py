"""The work of the one-shot commands, as streams of lines: run here, or in the program that runs already."""

import os
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any

from alchemist_desktop.app.core import Core
from alchemist_desktop.app.follower import Follower
from alchemist_desktop.domain.errors import ConflictError, InvalidRequestError
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.wording import unreadable

Line = dict[str, Any]
"""`{"text": ...}` to print, `{"row": ...}` for programs, `{"progress": ...}` to show in passing, `{"failed": n}` at the end."""


async def scan_folders(core: Core, folders: Sequence[str]) -> AsyncGenerator[Line, None]:
    """Scan folders and queue what is in them."""
    for folder in folders:
        status = await core.scanner.scan_folder(real_folder(folder))
        yield {"text": f"{folder}: {status.files_found} media files, {status.files_added} new"}
        if status.unreadable:
            yield {"text": unreadable(status.unreadable)}
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
    await add_libraries(core, folders)
    await core.services.access.create_user(username, password)
    yield {"text": f"Set up: account {username}, {len(folders)} library folders."}
    yield {"failed": 0}


async def add_libraries(core: Core, folders: Sequence[str]) -> bool:
    """Register folders as libraries; whether any of them is new."""
    before = core.services.settings.current.scanner.directories
    for folder in folders:
        await core.services.settings.add_library(folder)
    return core.services.settings.current.scanner.directories != before


def real_folder(path: str) -> str:
    """The folder's real path. Raises InvalidRequestError (INVALID_PATH)."""
    folder = Path(path).expanduser()
    if not folder.is_dir():
        raise InvalidRequestError(f"{path} is not a folder.", code="INVALID_PATH", path=path)
    if not os.access(folder, os.R_OK | os.X_OK):
        raise InvalidRequestError(f"{path} cannot be read: the rights are missing.", code="INVALID_PATH", path=path)
    return str(folder.resolve())
