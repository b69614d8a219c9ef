"""What the macOS app decodes: one missing or mistyped mandatory member fails the whole answer."""

from typing import Any

from pydantic import NonNegativeInt

from tests.e2e.replays.wire import Read


class SetupStatus(Read):
    setup_required: bool
    enable_telemetry: bool | None = None
    config_mutable: bool | None = None


class SetupDone(Read):
    status: str
    message: str
    concurrent_jobs: int


class Appearance(Read):
    active_theme_id: str | None = None


class ExtraFolder(Read):
    path: str
    is_recursive: bool


class Scanner(Read):
    directories: list[str]
    watch_enabled: bool
    extra_watch_dirs: list[ExtraFolder]


class Transcode(Read):
    concurrent_jobs: int
    size_reduction_threshold: float
    min_bpp_threshold: float
    min_file_size_mb: int
    output_codec: str
    quality_profile: str
    allow_fallback: bool
    subtitle_mode: str


class Hardware(Read):
    allow_cpu_encoding: bool
    allow_cpu_fallback: bool
    cpu_preset: str
    preferred_vendor: str | None = None
    device_path: str | None = None


class Files(Read):
    delete_source: bool
    output_extension: str
    output_suffix: str
    replace_strategy: str
    output_root: str | None = None


class Quality(Read):
    enable_vmaf: bool
    min_vmaf_score: float
    revert_on_low_quality: bool


class BundleTarget(Read):
    name: str
    target_type: str
    config_json: dict[str, Any]
    endpoint_url: str
    events: list[str]
    enabled: bool
    auth_token: str | None = None


class Notifications(Read):
    enabled: bool
    targets: list[BundleTarget]


class Window(Read):
    start_time: str
    end_time: str
    days_of_week: list[int]
    enabled: bool


class Schedule(Read):
    windows: list[Window]


class System(Read):
    enable_telemetry: bool
    monitoring_poll_interval: float
    conversion_upload_limit_gb: int
    conversion_download_retention_hours: int


class Settings(Read):
    appearance: Appearance
    scanner: Scanner
    transcode: Transcode
    hardware: Hardware
    files: Files
    quality: Quality
    notifications: Notifications
    schedule: Schedule
    system: System


class Bundle(Read):
    settings: Settings
    source_of_truth: str | None = None
    projection_status: str | None = None


class Stats(Read):
    total: int
    completed: int
    active: int
    failed: int
    concurrent_limit: int


class Day(Read):
    date: str
    jobs_completed: int
    bytes_saved: int


class Savings(Read):
    total_input_bytes: int
    total_output_bytes: int
    total_bytes_saved: int
    savings_percent: float
    job_count: int


class EngineStatus(Read):
    status: str
    manual_paused: bool
    scheduler_paused: bool
    draining: bool
    mode: str | None = None
    concurrent_limit: int | None = None
    hardware_pending: bool | None = None


class SystemInfo(Read):
    version: str
    os_version: str
    is_docker: bool
    telemetry_enabled: bool
    ffmpeg_version: str


class Resources(Read):
    cpu_percent: float
    memory_used_mb: int
    memory_total_mb: int
    memory_percent: float
    uptime_seconds: int
    active_jobs: int
    concurrent_limit: int
    cpu_count: int
    gpu_utilization: float | None = None
    gpu_memory_percent: float | None = None


class HardwareInfo(Read):
    vendor: str
    supported_codecs: list[str]
    device_path: str | None = None


class Explanation(Read):
    category: str
    code: str
    summary: str
    detail: str
    measured: dict[str, str | float | int | bool | None]
    legacy_reason: str
    operator_guidance: str | None = None


class Job(Read):
    id: int
    input_path: str
    status: str
    output_path: str | None = None
    priority: int | None = None
    progress: float | None = None
    created_at: str | None = None
    updated_at: str | None = None
    attempt_count: int | None = None
    encoder: str | None = None
    vmaf_score: float | None = None
    decision_reason: str | None = None
    decision_explanation: Explanation | None = None


class EncodeStats(Read):
    input_size_bytes: int
    output_size_bytes: int
    compression_ratio: float
    encode_time_seconds: float
    encode_speed: float
    avg_bitrate_kbps: float
    vmaf_score: float | None = None


class Attempt(Read):
    id: int
    attempt_number: int
    outcome: str
    started_at: str | None = None
    finished_at: str | None = None
    failure_code: str | None = None
    failure_summary: str | None = None
    input_size_bytes: int | None = None
    output_size_bytes: int | None = None
    encode_time_seconds: float | None = None
    created_at: str | None = None


class Run(Read):
    run_number: int
    current: bool
    outcome: str
    finished_at: str
    attempts: list[Attempt]
    started_at: str | None = None
    failure_summary: str | None = None
    input_size_bytes: int | None = None
    output_size_bytes: int | None = None
    encode_time_seconds: float | None = None


class LogLine(Read):
    id: int
    level: str
    message: str
    created_at: str
    job_id: int | None = None


class Metadata(Read):
    duration_secs: float | None = None
    codec_name: str | None = None
    width: int | None = None
    height: int | None = None
    bit_depth: int | None = None
    size_bytes: int | None = None
    video_bitrate_bps: int | None = None
    container_bitrate_bps: int | None = None
    fps: float | None = None
    container: str | None = None
    audio_codec: str | None = None
    audio_channels: int | None = None
    dynamic_range: str | None = None


class Details(Read):
    job: Job
    encode_attempts: list[Attempt]
    encode_history_runs: list[Run]
    job_logs: list[LogLine]
    metadata: Metadata | None = None
    encode_stats: EncodeStats | None = None
    job_failure_summary: str | None = None
    decision_explanation: Explanation | None = None
    failure_explanation: Explanation | None = None
    queue_position: int | None = None


class Counted(Read):
    count: int
    message: str | None = None


class Priority(Read):
    id: int
    priority: int


class Enqueued(Read):
    enqueued: bool
    message: str


class Processor(Read):
    message: str
    manual_paused: bool
    scheduler_paused: bool
    draining: bool
    active_jobs: int
    concurrent_limit: int
    blocked_reason: str | None = None


class Profile(Read):
    id: int
    name: str
    preset: str
    codec: str
    quality_profile: str
    hdr_mode: str
    audio_mode: str
    crf_override: int | None = None
    notes: str | None = None


class WatchDir(Read):
    id: int
    path: str
    is_recursive: bool | None = None
    profile_id: int | None = None
    profile_name: str | None = None


class Preference(Read):
    key: str
    value: str


class Duplicate(Read):
    id: int
    path: str
    status: str


class DuplicateGroup(Read):
    stem: str
    count: int
    paths: list[Duplicate]


class RecommendationCounts(Read):
    duplicates: int
    remux_only_candidate: int
    wasteful_audio_layout: int
    commentary_cleanup_candidate: int


class Recommendation(Read):
    type: str
    title: str
    summary: str
    path: str
    suggested_action: str


class Intelligence(Read):
    duplicate_groups: list[DuplicateGroup]
    total_duplicates: int
    recommendation_counts: RecommendationCounts
    recommendations: list[Recommendation]


class FolderHint(Read):
    path: str
    label: str
    reason: str
    media_hint: str


class FolderHints(Read):
    recommendations: list[FolderHint]


class PreviewedFolder(Read):
    path: str
    exists: bool
    readable: bool
    media_files: int
    sample_files: list[str]
    media_hint: str
    warnings: list[str]


class FolderPreview(Read):
    directories: list[PreviewedFolder]
    total_media_files: int
    warnings: list[str]


class Uploaded(Read):
    conversion_job_id: int


class Stage(Read):
    name: str
    success: bool
    duration_ms: int
    message: str


class Selftest(Read):
    success: bool
    stages: list[Stage]
    error: str | None = None


class Target(Read):
    id: int
    name: str
    target_type: str
    config_json: dict[str, Any]
    events: list[str]
    enabled: bool
    created_at: str


class NotificationSettings(Read):
    daily_summary_time_local: str
    quiet_hours_enabled: bool
    quiet_hours_start_local: str
    quiet_hours_end_local: str
    targets: list[Target]


class Token(Read):
    id: int
    name: str
    access_level: str
    created_at: str
    last_used_at: str | None = None
    revoked_at: str | None = None


class MadeToken(Read):
    token: Token
    plaintext_token: str


class ErrorBody(Read):
    code: str
    message: str


class Failure(Read):
    error: ErrorBody


class EventData(Read):
    """The one structure every event's data is decoded into; a wrong type loses the event."""

    job_id: int | None = None
    percentage: float | None = None
    time: float | None = None
    status: str | None = None
    action: str | None = None
    reason: str | None = None
    level: str | None = None
    message: str | None = None
    path: str | None = None
    skipped: NonNegativeInt | None = None
