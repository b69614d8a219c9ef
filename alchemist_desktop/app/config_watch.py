"""Notices when somebody edits the settings file, and takes over what it says."""

import logging
import os
from pathlib import Path

import anyio.to_thread
from watchfiles import Change, awatch

from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.services.settings import SettingsService

logger = logging.getLogger(__name__)

_DEBOUNCE_MS = 100
_STEP_MS = 50


async def follow_config(settings: SettingsService) -> None:
    """Runs until it is cancelled. A file that is not valid is told in the log, and the settings stay as they are."""
    file = _watched_file(settings.path)
    limiter = anyio.to_thread.current_default_thread_limiter()
    limiter.total_tokens += 1  # the watch occupies a thread all the time

    def is_ours(_change: Change, path: str) -> bool:
        return Path(path).name == file.name

    try:
        async for _changes in awatch(file.parent, recursive=False, debounce=_DEBOUNCE_MS, step=_STEP_MS, watch_filter=is_ours):
            await _reload(settings)
    finally:
        limiter.total_tokens -= 1


def _watched_file(path: Path) -> Path:
    """An editor may replace the target of a link, not the link."""
    file = Path(os.path.realpath(path))
    file.parent.mkdir(parents=True, exist_ok=True)
    return file


async def _reload(settings: SettingsService) -> None:
    try:
        if await settings.reload():
            logger.info("The settings were read again: the file was edited")
    except KnownError as error:
        logger.warning("The edited settings are not used: %s", error.message)
