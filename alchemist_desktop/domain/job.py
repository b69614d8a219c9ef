"""The job: one source file, what is to be done with it and how far that is; its states and their transitions."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alchemist_desktop.domain.explanation import Explanation
from alchemist_desktop.domain.ids import JobId, ProfileId


class JobState(StrEnum):
    """Durable state of a job; the values are stored and sent."""

    QUEUED = "queued"
    ANALYZING = "analyzing"
    ENCODING = "encoding"
    REMUXING = "remuxing"
    RESUMING = "resuming"
    COMPLETED = "completed"
    SKIPPED = "skipped"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_active(self) -> bool:
        return self in ACTIVE_STATES

    @property
    def is_terminal(self) -> bool:
        return self in TERMINAL_STATES


ACTIVE_STATES = frozenset({JobState.ANALYZING, JobState.ENCODING, JobState.REMUXING, JobState.RESUMING})
TERMINAL_STATES = frozenset({JobState.COMPLETED, JobState.SKIPPED, JobState.FAILED, JobState.CANCELLED})

_WORKING = frozenset({JobState.QUEUED, *TERMINAL_STATES})
_NEXT: dict[JobState, frozenset[JobState]] = {
    JobState.QUEUED: frozenset({JobState.ANALYZING, JobState.RESUMING, JobState.CANCELLED}),
    JobState.ANALYZING: _WORKING | {JobState.ENCODING, JobState.REMUXING},
    JobState.RESUMING: _WORKING | {JobState.ENCODING},
    JobState.ENCODING: _WORKING,
    JobState.REMUXING: _WORKING,
    # A terminal job leaves its state only because somebody asked for it, or because its source changed.
    **dict.fromkeys(TERMINAL_STATES, frozenset({JobState.QUEUED})),
}


def can_move(old: JobState, new: JobState) -> bool:
    """Whether a job may go from `old` to `new`; staying where it is is not a move."""
    return new in _NEXT[old]


def states_before(new: JobState) -> frozenset[JobState]:
    """Every state from which `new` may be entered: the guard of a compare-and-set."""
    return frozenset(old for old in JobState if can_move(old, new))


class Phase(StrEnum):
    """What an active job is doing right now; finer than its state."""

    PROBING = "probing"
    PLANNING = "planning"
    SEARCHING = "searching"
    ENCODING = "encoding"
    VERIFYING = "verifying"
    REPLACING = "replacing"


class JobKind(StrEnum):
    """Where a job comes from: the library, or one file to convert."""

    LIBRARY = "library"
    CONVERSION = "conversion"


ContentVersion = tuple[int, int]
"""A file's size in bytes and the time of its last change in nanoseconds: what a scan compares, for every file it meets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStamp:
    """What identifies the content of a file without reading it; equal stamps mean "not changed".

    `device` and `inode` are 0 where the platform has none.
    """

    size_bytes: int
    mtime_ns: int
    device: int = 0
    inode: int = 0

    @property
    def version(self) -> ContentVersion:
        """The stamp without device and inode, which network and pooled file systems number anew at each mount."""
        return self.size_bytes, self.mtime_ns


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A snapshot of one job: everything a row of the queue shows.

    Paths are `str` as `os.fsdecode` makes them (undecodable bytes as surrogates), so any file name survives the round trip.
    """

    id: JobId
    kind: JobKind
    input_path: str
    output_path: str
    library_root: str | None
    state: JobState
    phase: Phase | None
    priority: int
    progress: float  # percent, 0..100
    attempt_count: int
    stamp: FileStamp
    source_device: str | None
    profile_id: ProfileId | None
    decision: Explanation | None
    failure: Explanation | None
    encoder: str | None
    output_size_bytes: int | None
    vmaf_score: float | None
    duration_s: float | None
    video_codec: str | None
    archived: bool
    source_changed: bool  # the file changed while the job was active; it is queued again when the job ends
    not_before: datetime | None  # earliest time of the next attempt, set by a retry
    created_at: datetime
    updated_at: datetime

    @property
    def can_cancel(self) -> bool:
        return self.state is JobState.QUEUED or self.state.is_active

    @property
    def can_restart(self) -> bool:
        return not self.state.is_active

    @property
    def can_delete(self) -> bool:
        return not self.state.is_active
