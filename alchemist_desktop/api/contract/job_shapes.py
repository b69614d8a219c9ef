"""Shapes of replies about jobs, figures, scans and the engine."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from alchemist_desktop.domain.engine_state import EngineMode
from alchemist_desktop.domain.job import JobState, Phase
from alchemist_desktop.domain.probe import DynamicRange


class Reply(BaseModel):
    """A reply's object: every member is always there, and there are no others."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Ok(Reply):
    """What a change answers that has nothing else to tell."""

    ok: bool


class Counted(Reply):
    """How many were changed."""

    count: int


class CountedWithMessage(Counted):
    """How many were changed, also as a sentence."""

    message: str


class CountedOk(CountedWithMessage):
    """How many were changed, also as a sentence."""

    ok: bool


class ExplanationShape(Reply):
    """A decision or a failure in words and numbers."""

    category: Literal["decision", "failure"]
    code: str
    summary: str
    detail: str
    operator_guidance: str | None
    measured: dict[str, str | float | int | bool | None]
    legacy_reason: str
    docs_url: str


class JobShape(Reply):
    """A job."""

    id: int
    input_path: str
    output_path: str
    status: JobState
    phase: Phase | None
    decision_reason: str | None
    priority: int
    progress: float
    attempt_count: int
    vmaf_score: float | None
    encoder: str | None
    created_at: str
    updated_at: str
    input_metadata_json: str | None
    source_device: str | None


class JobRowShape(JobShape):
    """A job as a row of the list."""

    decision_explanation: ExplanationShape | None
    failure_explanation: ExplanationShape | None


class SubtitleShape(Reply):
    """A subtitle of a file."""

    stream_index: int
    codec_name: str
    language: str | None
    title: str | None
    default: bool
    forced: bool
    burnable: bool


class AudioShape(Reply):
    """A sound track of a file."""

    stream_index: int
    codec_name: str
    language: str | None
    title: str | None
    channels: int | None
    default: bool
    forced: bool


class MetadataShape(Reply):
    """What a file says of itself."""

    path: str
    duration_secs: float
    fps: float
    codec_name: str
    container: str
    width: int
    height: int
    chapter_count: int
    bit_depth: int | None
    color_primaries: str | None
    color_transfer: str | None
    color_space: str | None
    color_range: str | None
    size_bytes: int
    video_bitrate_bps: int | None
    container_bitrate_bps: int | None
    audio_bitrate_bps: int | None
    audio_codec: str | None
    audio_channels: int | None
    audio_is_heavy: bool
    subtitle_streams: list[SubtitleShape]
    audio_streams: list[AudioShape]
    dynamic_range: DynamicRange


class EncodeStatsShape(Reply):
    """Figures of a finished encode."""

    job_id: int
    input_path: str
    input_size_bytes: int
    output_size_bytes: int
    compression_ratio: float
    encode_time_seconds: float
    encode_speed: float
    avg_bitrate_kbps: float
    vmaf_score: float | None
    created_at: str


class AttemptShape(Reply):
    """One run of FFmpeg."""

    id: int
    job_id: int
    attempt_number: int
    started_at: str | None
    finished_at: str
    outcome: Literal["completed", "failed", "cancelled"]
    failure_code: str | None
    failure_summary: str | None
    input_size_bytes: int | None
    output_size_bytes: int | None
    encode_time_seconds: float | None
    created_at: str


class RunShape(Reply):
    """Attempts that belong together."""

    run_number: int
    current: bool
    outcome: Literal["completed", "failed", "cancelled"]
    started_at: str | None
    finished_at: str
    failure_summary: str | None
    input_size_bytes: int | None
    output_size_bytes: int | None
    encode_time_seconds: float | None
    attempts: list[AttemptShape]


class LogShape(Reply):
    """A line of the log."""

    id: int
    level: str
    job_id: int | None
    message: str
    created_at: str


class JobDetailShape(Reply):
    """Everything known about a job."""

    job: JobShape
    metadata: MetadataShape | None
    encode_stats: EncodeStatsShape | None
    encode_attempts: list[AttemptShape]
    encode_history_runs: list[RunShape]
    job_logs: list[LogShape]
    job_failure_summary: str | None
    decision_explanation: ExplanationShape | None
    failure_explanation: ExplanationShape | None
    queue_position: int | None
    can_undo: bool


class EnqueuedShape(Reply):
    """Whether a file was taken into the queue."""

    enqueued: bool
    message: str


class PriorityShape(Reply):
    """A job's new priority."""

    ok: bool
    id: int
    priority: int


class EngineStatusShape(Reply):
    """What the engine does and what holds it."""

    status: Literal["running", "paused", "draining"]
    manual_paused: bool
    scheduler_paused: bool
    draining: bool
    disk_blocked: bool
    disk_block_reason: str | None
    blocked_reason: str | None
    mode: EngineMode
    concurrent_limit: int
    is_manual_override: bool
    hardware_pending: bool


class EngineModeShape(Reply):
    """How busy the engine may be."""

    mode: EngineMode
    is_manual_override: bool
    concurrent_limit: int
    cpu_count: int
    computed_limits: dict[EngineMode, int]


class EngineModeSetShape(Reply):
    """The mode that was set."""

    ok: bool
    status: str
    mode: EngineMode
    concurrent_limit: int
    is_manual_override: bool


class EngineSwitchedShape(Reply):
    """What was asked of the engine."""

    ok: bool
    status: Literal["running", "paused", "draining"]


class ProcessorShape(Reply):
    """Why the next job does or does not start."""

    blocked_reason: str | None
    message: str
    manual_paused: bool
    scheduler_paused: bool
    draining: bool
    disk_blocked: bool
    disk_block_reason: str | None
    active_jobs: int
    concurrent_limit: int


class ScanShape(Reply):
    """A scan and its figures; `unreadable` counts files and folders that could not be looked into."""

    is_running: bool
    files_found: int
    files_added: int
    unreadable: int
    current_folder: str | None


class ProblemErrorShape(Reply):
    """The error within a problem document."""

    code: str
    message: str
    docs_url: str


class Problem(BaseModel):
    """What every error answers; some add members of their own."""

    type: str
    title: str
    status: int
    detail: str
    instance: str | None
    code: str
    docs_url: str
    request_id: str
    error: ProblemErrorShape


Anything = dict[str, Any]
