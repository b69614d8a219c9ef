"""Takes one named file into the queue, after the checks of the wire contract."""

import asyncio
import os
import stat
from dataclasses import replace
from pathlib import Path

from alchemist_desktop.domain.errors import ForbiddenError, InvalidRequestError
from alchemist_desktop.domain.library import MediaFile, root_of
from alchemist_desktop.domain.queries import EnqueueResult
from alchemist_desktop.engine.announce import announce
from alchemist_desktop.engine.engine import Engine
from alchemist_desktop.engine.intake import Intake
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.engine.scan import library_roots, walk_rules
from alchemist_desktop.media.disk import stamp_of
from alchemist_desktop.media.walk import is_media_path


class PathIntake:
    """The door for single paths, from the window and from clients alike."""

    def __init__(self, parts: Parts, engine: Engine, intake: Intake) -> None:
        self._parts = parts
        self._engine = engine
        self._intake = intake

    async def take(self, path: str) -> EnqueueResult:
        """Raises KnownError with an ENQUEUE_* code, in the documented order of checks."""
        media = await asyncio.to_thread(self._media_file, path.strip())
        jobs, is_generated = self._parts.stores.jobs, walk_rules(self._parts.settings()).is_generated
        if is_generated is not None and is_generated(media.path):
            return EnqueueResult(enqueued=False, message="This is a result of an earlier job.")
        if await jobs.output_owner(media.path) is not None and await jobs.get_by_path(media.path) is None:
            return EnqueueResult(enqueued=False, message="This is the output of another job.")
        result = await self._intake.take([media])
        announce(self._parts.bus, added=result.added, changed=result.requeued)
        taken = [*result.added, *result.requeued]
        if not taken:
            return EnqueueResult(enqueued=False, message="This file is known and has not changed.")
        self._engine.wake()
        return EnqueueResult(enqueued=True, message=f"Queued {Path(media.path).name}.", job=taken[0])

    def _media_file(self, path: str) -> MediaFile:
        settings = self._parts.settings()
        real = _resolve(path)
        root = root_of(real, library_roots(settings))
        if root is None:
            raise ForbiddenError("The file is in none of the library folders.", code="ENQUEUE_PATH_FORBIDDEN", path=path)
        rules = replace(walk_rules(settings), is_generated=None)  # a result is no error: `take` tells of it
        if not is_media_path(real, rules, root=root):
            raise InvalidRequestError("Files of this kind are not handled.", code="ENQUEUE_UNSUPPORTED_TYPE", path=path)
        return MediaFile(path=real, stamp=stamp_of(real), root=root)


def _resolve(path: str) -> str:
    """The real path of a regular file. Raises InvalidRequestError."""
    if not path:
        raise InvalidRequestError("The path is empty.", code="ENQUEUE_PATH_EMPTY")
    if not os.path.isabs(path):  # noqa: PTH117  # the text is a client's; it is not a path of ours yet
        raise InvalidRequestError("The path must be absolute.", code="ENQUEUE_PATH_NOT_ABSOLUTE", path=path)
    try:
        real = Path(path).resolve(strict=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise InvalidRequestError("The path does not lead to a file.", code="ENQUEUE_PATH_UNRESOLVED", path=path) from error
    try:
        mode = real.stat().st_mode
    except OSError as error:
        raise InvalidRequestError("The file cannot be read.", code="ENQUEUE_METADATA_READ_FAILED", path=path) from error
    if not stat.S_ISREG(mode):
        raise InvalidRequestError("The path is not a file.", code="ENQUEUE_PATH_NOT_FILE", path=path)
    return str(real)
