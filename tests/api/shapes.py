"""The members real clients cannot do without, with their exact types."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")


class ExplanationShape(Shape):
    category: Literal["decision", "failure"]
    code: str
    summary: str
    detail: str
    operator_guidance: str | None
    measured: dict[str, str | float | int | bool | None]
    legacy_reason: str
    docs_url: str


class JobShape(Shape):
    id: int
    input_path: str
    output_path: str
    status: str
    decision_reason: str | None
    priority: int
    progress: float
    attempt_count: int
    vmaf_score: float | None
    created_at: str
    updated_at: str
    input_metadata_json: str | None
    source_device: str | None


class JobRowShape(JobShape):
    decision_explanation: ExplanationShape | None
    failure_explanation: ExplanationShape | None


class MetadataShape(Shape):
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
    subtitle_streams: list[dict[str, Any]]
    audio_streams: list[dict[str, Any]]
    dynamic_range: str


class EncodeStatsShape(Shape):
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


class AttemptShape(Shape):
    id: int
    job_id: int
    attempt_number: int
    started_at: str | None
    finished_at: str
    outcome: str
    failure_code: str | None
    failure_summary: str | None
    input_size_bytes: int | None
    output_size_bytes: int | None
    encode_time_seconds: float | None
    created_at: str


class RunShape(Shape):
    run_number: int
    current: bool
    outcome: str
    started_at: str | None
    finished_at: str
    failure_summary: str | None
    attempts: list[AttemptShape]


class LogShape(Shape):
    id: int
    level: str
    job_id: int | None
    message: str
    created_at: str


class DetailShape(Shape):
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


class EngineStatusShape(Shape):
    status: Literal["running", "paused", "draining"]
    manual_paused: bool
    scheduler_paused: bool
    draining: bool
    disk_blocked: bool
    disk_block_reason: str | None
    blocked_reason: str | None
    mode: str
    concurrent_limit: int
    is_manual_override: bool
    hardware_pending: bool


class ProcessorShape(Shape):
    blocked_reason: str | None
    message: str
    manual_paused: bool
    scheduler_paused: bool
    draining: bool
    disk_blocked: bool
    disk_block_reason: str | None
    active_jobs: int
    concurrent_limit: int


class TokenShape(Shape):
    id: int
    name: str
    access_level: str
    created_at: str
    last_used_at: str | None
    revoked_at: str | None


class SystemInfoShape(Shape):
    version: str
    os_version: str
    is_docker: bool
    telemetry_enabled: bool
    ffmpeg_version: str
    cpu_count: int
    total_memory_gb: int


class ResourcesShape(Shape):
    cpu_percent: float
    memory_used_mb: int
    memory_total_mb: int
    memory_percent: float
    uptime_seconds: int
    active_jobs: int
    concurrent_limit: int
    cpu_count: int
    gpu_utilization: float | None
    gpu_memory_percent: float | None


class ScanShape(Shape):
    is_running: bool
    files_found: int
    files_added: int
    unreadable: int
    current_folder: str | None


class TargetShape(Shape):
    name: str
    target_type: str
    config_json: dict[str, Any]
    endpoint_url: str
    events: list[str]
    enabled: bool
