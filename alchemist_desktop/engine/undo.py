"""Takes a replacement back: the original returns from the trash, its output goes there."""

import asyncio
import logging

from alchemist_desktop.domain.errors import ConflictError, NotFoundError
from alchemist_desktop.domain.events import JobChanged
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.replacement import TrashEntry, choose_purge
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.engine.unbroken import to_its_end
from alchemist_desktop.media.disk import device_label, stamp_of
from alchemist_desktop.media.trash import is_trash_there, purge, restore

logger = logging.getLogger(__name__)


class Undoer:
    """Undoes replacements and empties the trash."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lock = asyncio.Lock()

    @property
    def is_busy(self) -> bool:
        """Whether an original is just being brought back."""
        return self._lock.locked()

    async def undo(self, job_id: JobId) -> str:
        """Bring the original of a job back; returns its path. The job ends as skipped, so that no scan encodes the file anew.

        Raises NotFoundError (JOB_NOT_FOUND, UNDO_NOT_IN_TRASH), ConflictError (UNDO_PATH_TAKEN, UNDO_JOB_ACTIVE) or OSError.
        One at a time; once begun it goes to its end.
        """
        async with self._lock:
            return await to_its_end(self._undo(job_id))

    async def _undo(self, job_id: JobId) -> str:
        stores = self._parts.stores
        job = await stores.jobs.get(job_id)
        entry = await stores.trash.for_job(job_id)
        if entry is None and job is None:
            raise NotFoundError(f"There is no job {job_id}.", code="JOB_NOT_FOUND")
        if entry is None:
            raise NotFoundError("This job left no original in the trash.", code="UNDO_NOT_IN_TRASH")
        if job is not None and job.state.is_active:
            raise ConflictError("The job is running; cancel it first.", code="UNDO_JOB_ACTIVE")
        undone_path = await asyncio.to_thread(restore, entry)
        stamp = await asyncio.to_thread(stamp_of, entry.original_path)
        now = self._parts.clock.now()
        undone = await stores.completions.undo(entry, undone_path, stamp, explain("replacement_undone"), now)
        if undone is not None:
            self._parts.bus.publish(JobChanged(job=undone, state_changed=True))
        return entry.original_path

    async def empty_trash(self) -> int:
        """Destroy the originals whose time has come, by retention and each volume's budget; returns the bytes that became
        free. Originals on a volume that is not there now are left for later."""
        parts = self._parts
        files = parts.settings().files
        volumes = await asyncio.to_thread(_by_volume, await parts.stores.trash.present())
        now, budget_bytes = parts.clock.now(), files.trash_budget_gb * 1024**3
        freed_bytes = 0
        for entries in volumes:
            for entry in choose_purge(entries, now, files.trash_retention_days, budget_bytes):
                freed_bytes += await self._purge(entry)
        return freed_bytes

    async def _purge(self, entry: TrashEntry) -> int:
        try:
            await asyncio.to_thread(purge, entry)
        except OSError as error:
            logger.warning("%s could not be removed from the trash: %s", entry.trash_path, error)
            return 0
        await self._parts.stores.trash.mark_purged(entry.id)
        return entry.size_bytes


def _by_volume(entries: list[TrashEntry]) -> list[list[TrashEntry]]:
    volumes: dict[str | None, list[TrashEntry]] = {}
    for entry in entries:
        if is_trash_there(entry):
            volumes.setdefault(device_label(entry.trash_path), []).append(entry)
    return list(volumes.values())
