"""What would be done with the files of a folder, without doing, queueing or storing anything."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from alchemist_desktop.domain.errors import BusyError, ForbiddenError, InvalidRequestError, KnownError
from alchemist_desktop.domain.ids import ProfileId
from alchemist_desktop.domain.library import MediaFile, root_of
from alchemist_desktop.domain.plan import Action
from alchemist_desktop.domain.probe import ProbeFailure
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.engine.scan import library_roots, walk_rules
from alchemist_desktop.engine.steps.plan import foresee
from alchemist_desktop.media.probe import PROBER_VERSION
from alchemist_desktop.media.walk import WalkRules, walk

_MOST_ENTRIES = 10_000
_LONGEST_S = 10.0
_SAMPLES = 20
_AT_ONCE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewSample:
    """What would become of one file; `action` is None when it cannot be read."""

    path: str
    action: Action | None
    reason: str
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryPreview:
    """The outcome over the files looked at; `is_truncated` when there are more. None stands for unreadable files."""

    scanned: int
    is_truncated: bool
    counts: dict[Action | None, int] = field(default_factory=dict)
    size_bytes: dict[Action | None, int] = field(default_factory=dict)
    samples: tuple[PreviewSample, ...] = ()


class PreviewSlot:
    """Lets one preview of any kind run at a time."""

    def __init__(self) -> None:
        self._is_taken = False

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Raises BusyError (PREVIEW_BUSY)."""
        if self._is_taken:
            raise BusyError("Another preview is running; try again when it is done.", code="PREVIEW_BUSY")
        self._is_taken = True
        try:
            yield
        finally:
            self._is_taken = False


class LibraryPreviewService:
    """Plans a few files of a library folder within ten seconds."""

    def __init__(self, parts: Parts, slot: PreviewSlot) -> None:
        self._parts = parts
        self._slot = slot

    async def preview(self, path: str, max_files: int) -> LibraryPreview:
        """Raises InvalidRequestError (PREVIEW_PATH_MISSING, PREVIEW_NOT_DIRECTORY), ForbiddenError (PREVIEW_PATH_FORBIDDEN)
        and BusyError (PREVIEW_BUSY)."""
        with self._slot.taken():
            end_s = time.monotonic() + _LONGEST_S
            folder = await asyncio.to_thread(_folder, path, tuple(library_roots(self._parts.settings())))
            rules = walk_rules(self._parts.settings())
            files, is_truncated = await asyncio.to_thread(_some_files, folder, rules, max_files, end_s)
            samples = await self._plan(files, end_s)
        counts = Counter(sample.action for sample in samples)
        sizes: Counter[Action | None] = Counter()
        for sample in samples:
            sizes[sample.action] += sample.size_bytes
        return LibraryPreview(
            scanned=len(samples),
            is_truncated=is_truncated or len(samples) < len(files),
            counts=dict(counts),
            size_bytes=dict(sizes),
            samples=tuple(samples[:_SAMPLES]),
        )

    async def _plan(self, files: list[MediaFile], end_s: float) -> list[PreviewSample]:
        """As many as the time allows, in the order of the files."""
        turns = asyncio.Semaphore(_AT_ONCE)
        folders = await self._parts.stores.watch_dirs.all()
        profiles = {folder.path: folder.profile_id for folder in folders if folder.profile_id is not None}

        async def plan_one(media: MediaFile) -> PreviewSample:
            async with turns:
                profile_root = root_of(media.path, profiles)
                return await self._sample(media, profiles[profile_root] if profile_root else None)

        tasks = [asyncio.create_task(plan_one(media)) for media in files]
        if not tasks:
            return []
        try:
            await asyncio.wait(tasks, timeout=max(end_s - time.monotonic(), 0.0))
            return [task.result() for task in tasks if task.done()]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _sample(self, media: MediaFile, profile_id: ProfileId | None) -> PreviewSample:
        probe = await self._parts.stores.probes.get(media.path, media.stamp, PROBER_VERSION)
        probed = probe or await self._parts.prober.probe(media.path)
        if isinstance(probed, ProbeFailure):
            return PreviewSample(path=media.path, action=None, reason=probed.error, size_bytes=0)
        if probed.is_truncated:
            return PreviewSample(path=media.path, action=None, reason="source_truncated", size_bytes=0)
        plan, _output = await foresee(self._parts, media, probed, profile_id)
        return PreviewSample(
            path=media.path, action=plan.action, reason=plan.explanation.reason, size_bytes=media.stamp.size_bytes
        )


def _folder(path: str, roots: tuple[str, ...]) -> str:
    """The real path of a folder that is, or lies in, one of `roots`."""
    if not path.strip():
        raise InvalidRequestError("Name a folder.", code="PREVIEW_PATH_MISSING")
    try:
        real = Path(path.strip()).resolve(strict=True)
    except (OSError, ValueError, RuntimeError) as error:
        raise InvalidRequestError("There is no such folder.", code="PREVIEW_PATH_MISSING", path=path) from error
    if not real.is_dir():
        raise InvalidRequestError("This is not a folder.", code="PREVIEW_NOT_DIRECTORY", path=path)
    if str(real) not in {os.path.realpath(root) for root in roots} and root_of(str(real), map(os.path.realpath, roots)) is None:
        raise ForbiddenError("The folder is in none of the library folders.", code="PREVIEW_PATH_FORBIDDEN", path=path)
    return str(real)


def _some_files(folder: str, rules: WalkRules, max_files: int, end_s: float) -> tuple[list[MediaFile], bool]:
    """The first media files, and whether there may be more."""
    entries = 0

    def is_enough() -> bool:
        nonlocal entries
        entries += 1  # asked for each folder and each media file
        return entries > _MOST_ENTRIES or time.monotonic() > end_s

    files: list[MediaFile] = []
    try:
        for media in walk(folder, rules, is_cancelled=is_enough, on_folder=_ignore, on_error=_ignore_error):
            if len(files) == max_files:
                return files, True
            files.append(media)
    except KnownError as error:
        raise KnownError(error.message, code="PREVIEW_SCAN_FAILED", path=folder) from error
    return files, is_enough()


def _ignore(_folder: str) -> None: ...


def _ignore_error(_path: str, _error: OSError) -> None: ...
