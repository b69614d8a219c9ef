"""One run of FFmpeg for a job, its passing progress and its end."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from alchemist_desktop.domain.explanation import Explanation
from alchemist_desktop.domain.ids import AttemptId, JobId
from alchemist_desktop.domain.job import JobState, Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One block of FFmpeg's `-progress` output. `out_time_s` is the position reached; None where FFmpeg says N/A."""

    frame: int | None = None
    fps: float | None = None
    out_time_s: float | None = None
    total_size_bytes: int | None = None
    speed: float | None = None
    is_end: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProgress:
    """What a running job shows: percent within its phase, and the rates and the time left where they are known."""

    job_id: JobId
    phase: Phase
    percent: float
    time_s: float = 0.0
    fps: float | None = None
    speed: float | None = None
    eta_s: float | None = None
    output_bytes: int | None = None
    expected_output_bytes: int | None = None
    is_suspended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a job ended: a terminal state, or QUEUED when it is to run again; with the explanation shown for it.

    A QUEUED outcome with an explanation tells what the attempt failed by; it runs again at `retry_at`, or at once.
    """

    state: JobState
    explanation: Explanation | None = None
    output_size_bytes: int | None = None
    vmaf_score: float | None = None
    retry_at: datetime | None = None


class AttemptOutcome(StrEnum):
    """How one attempt ended; the values are stored and sent."""

    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeAttempt:
    """The record of one attempt. `command` is the argument list that ran; `stderr_tail` FFmpeg's last words."""

    id: AttemptId
    job_id: JobId
    attempt_number: int
    started_at: datetime | None
    finished_at: datetime
    outcome: AttemptOutcome
    encoder: str | None = None
    failure_code: str | None = None
    failure_summary: str | None = None
    input_size_bytes: int | None = None
    output_size_bytes: int | None = None
    encode_time_s: float | None = None
    command: tuple[str, ...] = ()
    stderr_tail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeStats:
    """Figures of a completed job. `compression_ratio` is the share of the source that was saved (1 - output/input).

    `attempt` is the run they are of, to be recorded together with them.
    """

    job_id: JobId
    input_path: str
    input_size_bytes: int
    output_size_bytes: int
    compression_ratio: float
    encode_time_s: float
    encode_speed: float  # seconds of video per second of work
    avg_bitrate_kbps: float
    vmaf_score: float | None
    output_codec: str
    encoder: str
    duration_s: float
    created_at: datetime
    attempt: EncodeAttempt | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One line of the program's log, secrets already removed."""

    id: int
    level: str  # debug, info, warn, error
    job_id: JobId | None
    message: str
    created_at: datetime
