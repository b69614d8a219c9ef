"""Putting a verified output in place of, or beside, its source; taking that back; and when the trash is emptied."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from alchemist_desktop.domain.ids import JobId, TrashId
from alchemist_desktop.domain.job import FileStamp


class SourceDisposal(StrEnum):
    """What becomes of the source once its output is in place."""

    KEEP = "keep"
    TRASH = "trash"
    DELETE = "delete"


class ReplacementStep(StrEnum):
    """How far a replacement is; stored before the file system is touched, so that a restart can finish it."""

    PREPARED = "prepared"  # the work file is whole, verified and flushed; nothing moved yet
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """One journal entry. `work_stamp` identifies the verified output wherever it is; all paths are absolute.

    `sidecars` are pairs (work path, final path) of extracted subtitles. `trash_path` is set for TRASH only.
    `replaced_trash_path` is where a foreign file that stood at `output_path` goes, when it may be replaced;
    `replaced_stamp` identifies that file.
    """

    job_id: JobId
    source_path: str
    source_stamp: FileStamp
    work_path: str
    work_stamp: FileStamp
    output_path: str
    disposal: SourceDisposal
    trash_path: str | None = None
    replaced_trash_path: str | None = None
    replaced_stamp: FileStamp | None = None
    sidecars: tuple[tuple[str, str], ...] = ()
    step: ReplacementStep = ReplacementStep.PREPARED

    @property
    def is_in_place(self) -> bool:
        """Whether the output takes the source's very name."""
        return self.output_path == self.source_path


@dataclass(frozen=True, slots=True, kw_only=True)
class TrashEntry:
    """An original in the trash. `output_path` is what replaced it; restoring puts `trash_path` back to `original_path`.

    `output_stamp` identifies that output, so that a file somebody else put there is not mistaken for it; None where it
    was not recorded.
    """

    id: TrashId
    job_id: JobId
    original_path: str
    trash_path: str
    output_path: str
    size_bytes: int
    created_at: datetime
    restored_at: datetime | None = None
    purged_at: datetime | None = None
    output_stamp: FileStamp | None = None

    @property
    def is_in_trash(self) -> bool:
        return self.restored_at is None and self.purged_at is None


def choose_purge(entries: Iterable[TrashEntry], now: datetime, retention_days: int, budget_bytes: int) -> list[TrashEntry]:
    """The entries to destroy now, oldest first: those older than the retention, and the oldest beyond the budget.

    `entries` are those of one volume; a budget of 0 is no limit.
    """
    present = sorted((entry for entry in entries if entry.is_in_trash), key=lambda entry: (entry.created_at, entry.id))
    oldest_kept = now - timedelta(days=retention_days)
    held_bytes = sum(entry.size_bytes for entry in present)
    chosen = []
    for entry in present:
        is_over_budget = budget_bytes > 0 and held_bytes > budget_bytes
        if entry.created_at <= oldest_kept or is_over_budget:
            chosen.append(entry)
            held_bytes -= entry.size_bytes
    return chosen
