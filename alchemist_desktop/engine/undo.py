"""Takes a replacement back: the original returns from the trash, its output goes there."""

import asyncio

from alchemist_desktop.domain.errors import ConflictError, NotFoundError
from alchemist_desktop.domain.events import JobChanged
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.replacement import choose_purge
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.media.disk import stamp_of
from alchemist_desktop.media.trash import purge, restore


class Undoer:
    """Undoes replacements and empties the trash."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def undo(self, job_id: JobId) -> str:
        """Bring the original of a job back; returns its path. The job ends as skipped, so that no scan encodes the file anew.

        Raises NotFoundError (UNDO_NOT_IN_TRASH), ConflictError (UNDO_PATH_TAKEN, UNDO_JOB_ACTIVE) or OSError.
        """
        stores = self._parts.stores
        job = await stores.jobs.get(job_id)
        entry = await stores.trash.for_job(job_id)
        if job is None or entry is None:
            raise NotFoundError("This job left no original in the trash.", code="UNDO_NOT_IN_TRASH")
        if job.state.is_active:
            raise ConflictError("The job is running; cancel it first.", code="UNDO_JOB_ACTIVE")
        undone_path = await asyncio.to_thread(restore, entry)
        stamp = await asyncio.to_thread(stamp_of, entry.original_path)
        now = self._parts.clock.now()
        undone = await stores.completions.undo(entry, undone_path, stamp, explain("replacement_undone"), now)
        if undone is not None:
            self._parts.bus.publish(JobChanged(job=undone, state_changed=True))
        return entry.original_path

    async def empty_trash(self) -> int:
        """Destroy the originals whose time has come, by retention and budget; returns the bytes that became free."""
        parts = self._parts
        files = parts.settings().files
        due = choose_purge(
            await parts.stores.trash.present(),
            parts.clock.now(),
            files.trash_retention_days,
            files.trash_budget_gb * 1024**3,
        )
        for entry in due:
            await asyncio.to_thread(purge, entry)
            await parts.stores.trash.mark_purged(entry.id)
        return sum(entry.size_bytes for entry in due)
