"""Putting a verified output in place of, or beside, its source; and taking that back."""

from dataclasses import dataclass
from datetime import datetime
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
    `replaced_trash_path` is where a foreign file that stood at `output_path` goes, when it may be replaced.
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
    sidecars: tuple[tuple[str, str], ...] = ()
    step: ReplacementStep = ReplacementStep.PREPARED


@dataclass(frozen=True, slots=True, kw_only=True)
class TrashEntry:
    """An original in the trash. `output_path` is what replaced it; restoring puts `trash_path` back to `original_path`."""

    id: TrashId
    job_id: JobId
    original_path: str
    trash_path: str
    output_path: str
    size_bytes: int
    created_at: datetime
    restored_at: datetime | None = None
    purged_at: datetime | None = None
