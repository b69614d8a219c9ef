"""Questions to the job list, and the figures that answer questions about it."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from alchemist_desktop.domain.attempt import EncodeAttempt, EncodeStats, LogEntry
from alchemist_desktop.domain.explanation import Explanation
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.domain.plan import Plan
from alchemist_desktop.domain.probe import Probe


class JobSort(StrEnum):
    """Orders of the job list; QUEUE is the order in which jobs will run."""

    UPDATED_AT = "updated_at"
    CREATED_AT = "created_at"
    INPUT_PATH = "input_path"
    SIZE = "size"
    STATE = "state"
    PRIORITY = "priority"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobQuery:
    """Which jobs, in which order. No `states` means all of them; `limit` None means no limit.

    `search` is a substring, ASCII case-insensitive, of the path or of a stored decision or failure text.
    """

    states: frozenset[JobState] = frozenset()
    search: str = ""
    archived: bool = False
    reason_code: str | None = None
    failure_code: str | None = None
    sort: JobSort = JobSort.UPDATED_AT
    descending: bool = False
    limit: int | None = 50
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class JobDetails:
    """Everything known about one job. `queue_position` counts from 1 and only for queued jobs; `is_original_kept` says of a
    completed one that its source still lies beside the result."""

    job: Job
    probe: Probe | None
    plan: Plan | None
    stats: EncodeStats | None
    attempts: tuple[EncodeAttempt, ...]
    logs: tuple[LogEntry, ...]
    decision: Explanation | None
    failure: Explanation | None
    queue_position: int | None
    can_undo: bool
    is_original_kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class EnqueueResult:
    """Whether a path was taken into the queue, with a sentence saying why or why not."""

    enqueued: bool
    message: str
    job: Job | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class JobTotals:
    """Counts over all jobs that are not archived."""

    total: int
    completed: int
    active: int
    failed: int
    by_state: dict[JobState, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregatedStats:
    """Sums over completed jobs that are not archived."""

    total_input_bytes: int
    total_output_bytes: int
    total_time_s: float
    total_jobs: int
    avg_vmaf: float

    @property
    def savings_bytes(self) -> int:
        return self.total_input_bytes - self.total_output_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyStats:
    """One UTC day of encoding."""

    day: date
    jobs_completed: int
    input_bytes: int
    output_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CodecSavings:
    """Savings of one output codec."""

    codec: str
    bytes_saved: int
    job_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Savings:
    """Savings over everything ever encoded, archived jobs included."""

    total_input_bytes: int
    total_output_bytes: int
    job_count: int
    by_codec: tuple[CodecSavings, ...]
    by_day: tuple[DailyStats, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueEta:
    """How long the queue will take; `eta_s` is None when that cannot be told."""

    remaining_jobs: int
    eta_s: int | None
    sample_size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """How often one reason code occurred; `trend` counts per bucket, oldest first."""

    code: str
    count: int
    last_seen: datetime | None
    trend: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonReport:
    """The most frequent reasons for skips and failures within a window."""

    window_days: int
    bucket_count: int
    skip: tuple[ReasonCount, ...]
    failure: tuple[ReasonCount, ...]
