"""What the web UI reads of each answer, nested objects included."""

from typing import Any, Literal

from pydantic import Field, NonNegativeInt

from tests.e2e.replays.wire import Read

JobState = Literal[
    "queued", "analyzing", "encoding", "remuxing", "completed", "skipped", "failed", "cancelled", "resuming"
]  # fmt: skip
MediaHint = Literal["high", "medium", "low", "unknown"]
Codec = Literal["av1", "hevc", "h264"]


class SetupStatus(Read):
    setup_required: bool
    config_mutable: bool


class EngineStatus(Read):
    status: Literal["running", "paused", "draining"]
    manual_paused: bool
    scheduler_paused: bool
    draining: bool
    disk_blocked: bool
    disk_block_reason: str | None
    mode: Literal["background", "balanced", "throughput"]
    concurrent_limit: int
    is_manual_override: bool


class Switched(Read):
    status: Literal["running", "paused", "draining"]


class Limits(Read):
    background: int
    balanced: int
    throughput: int


class EngineMode(Read):
    mode: Literal["background", "balanced", "throughput"]
    computed_limits: Limits
    cpu_count: int


class Processor(Read):
    blocked_reason: Literal[
        "manual_paused", "scheduled_pause", "draining", "disk_guardrail", "workers_busy"
    ] | None  # fmt: skip
    message: str


class Stats(Read):
    active: int
    concurrent_limit: int
    completed: int
    failed: int
    total: int


class Aggregated(Read):
    total_input_bytes: int
    total_output_bytes: int
    total_savings_bytes: int
    total_time_seconds: float
    total_jobs: int
    avg_vmaf: float


class Day(Read):
    date: str
    jobs_completed: int
    bytes_saved: int
    total_input_bytes: int
    total_output_bytes: int


class EncodeStats(Read):
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


class CodecSavings(Read):
    codec: str
    bytes_saved: int
    job_count: int


class DaySavings(Read):
    date: str
    bytes_saved: int


class Savings(Read):
    total_input_bytes: int
    total_output_bytes: int
    total_bytes_saved: NonNegativeInt
    job_count: int
    savings_percent: float
    savings_by_codec: list[CodecSavings]
    savings_over_time: list[DaySavings]


class Eta(Read):
    remaining_jobs: int
    est_seconds_remaining: int | None
    sample_size: int


class Reason(Read):
    code: str
    count: int
    last_seen: str | None
    trend: list[int]


class Reasons(Read):
    window_days: Literal[1, 7, 30]
    num_buckets: Literal[24, 7, 30]
    skip: list[Reason]
    failure: list[Reason]


class Explanation(Read):
    category: Literal["decision", "failure"]
    code: str
    summary: str
    detail: str
    operator_guidance: str | None
    measured: dict[str, str | float | int | bool | None]
    legacy_reason: str
    docs_url: str


class Job(Read):
    id: int
    input_path: str
    output_path: str
    status: JobState
    priority: int
    progress: float = Field(ge=0, le=100)
    created_at: str
    updated_at: str
    attempt_count: int
    vmaf_score: float | None
    decision_reason: str | None
    encoder: str | None = None


class Row(Job):
    decision_explanation: Explanation | None
    failure_explanation: Explanation | None


class Metadata(Read):
    path: str
    duration_secs: float
    codec_name: str
    width: int
    height: int
    bit_depth: int | None
    size_bytes: int
    video_bitrate_bps: int | None
    container_bitrate_bps: int | None
    fps: float
    container: str
    audio_codec: str | None
    audio_channels: int | None
    dynamic_range: Literal["sdr", "hdr10", "hlg", "dolby_vision", "unknown"]


class Attempt(Read):
    id: int
    attempt_number: int
    finished_at: str
    outcome: Literal["completed", "failed", "cancelled"]
    failure_summary: str | None
    input_size_bytes: int | None
    output_size_bytes: int | None
    encode_time_seconds: float | None


class LogLine(Read):
    id: int
    level: str
    job_id: int | None
    message: str
    created_at: str


class Details(Read):
    job: Job
    metadata: Metadata | None
    encode_stats: EncodeStats | None
    encode_attempts: list[Attempt]
    job_logs: list[LogLine]
    job_failure_summary: str | None
    decision_explanation: Explanation | None
    failure_explanation: Explanation | None
    queue_position: int | None


class BlockedJob(Read):
    id: int
    status: JobState


class Blocked(Read):
    message: str
    blocked: list[BlockedJob]


class Counted(Read):
    count: int


class CountedWithMessage(Counted):
    message: str


class Enqueued(Read):
    enqueued: bool
    message: str


class Preference(Read):
    value: str


class Theme(Read):
    active_theme_id: str | None


class ScannerPart(Read):
    directories: list[str]


class NotificationsPart(Read):
    targets: list[dict[str, Any]]


class SchedulePart(Read):
    windows: list[dict[str, Any]]


class DashboardSettings(Read):
    scanner: ScannerPart
    notifications: NotificationsPart
    schedule: SchedulePart


class DashboardBundle(Read):
    settings: DashboardSettings


class RawConfig(Read):
    raw_toml: str
    source_of_truth: Literal["toml"]
    projection_status: Literal["synced"]


class ConfigSummary(Read):
    output_codec: Codec
    replace_strategy: str
    output_root_set: bool
    delete_source: bool
    watch_dirs: int
    notification_targets: int
    schedule_windows: int


class ConfigCheck(Read):
    valid: Literal[True]
    warnings: list[str]
    summary: ConfigSummary


class Window(Read):
    id: int
    start_time: str
    end_time: str
    days_of_week: str  # JSON as text
    enabled: bool


class Target(Read):
    id: int
    name: str
    target_type: str
    config_json: dict[str, Any]
    events: list[str]
    enabled: bool
    created_at: str


class Notifications(Read):
    daily_summary_time_local: str
    quiet_hours_enabled: bool
    quiet_hours_start_local: str
    quiet_hours_end_local: str
    targets: list[Target]


class Token(Read):
    id: int
    name: str
    access_level: Literal["read_only", "full_access", "arr_webhook", "jellyfin"]
    created_at: str
    last_used_at: str | None
    revoked_at: str | None


class MadeToken(Read):
    token: Token
    plaintext_token: str


class WatchDir(Read):
    id: int
    path: str
    is_recursive: bool
    profile_id: int | None


class Preset(Read):
    id: int
    name: str
    preset: str
    codec: Codec
    quality_profile: str
    hdr_mode: str
    audio_mode: str
    crf_override: int | None
    notes: str | None
    builtin: bool


class Profile(Preset):
    created_at: str
    updated_at: str


class PreviewBytes(Read):
    skip: int
    remux: int
    encode: int


class PreviewCounts(PreviewBytes):
    error: int


class PreviewSample(Read):
    path: str
    action: Literal["skip", "remux", "encode", "error"]
    reason: str
    size_bytes: int


class LibraryPreview(Read):
    scanned: int
    truncated: bool
    counts: PreviewCounts
    bytes_under_consideration: PreviewBytes
    samples: list[PreviewSample]


class Crumb(Read):
    label: str
    path: str


class Entry(Read):
    name: str
    path: str
    readable: bool
    hidden: bool
    media_hint: MediaHint
    warning: str | None


class Folder(Read):
    path: str
    readable: bool
    breadcrumbs: list[Crumb]
    warnings: list[str]
    entries: list[Entry]


class FolderHint(Read):
    path: str
    label: str
    reason: str
    media_hint: MediaHint


class FolderHints(Read):
    recommendations: list[FolderHint]


class PreviewedFolder(Read):
    path: str
    exists: bool
    readable: bool
    media_files: int
    sample_files: list[str]
    media_hint: MediaHint
    warnings: list[str]


class FolderPreview(Read):
    directories: list[PreviewedFolder]
    total_media_files: int
    truncated: bool
    warnings: list[str]


class Backend(Read):
    kind: str
    codec: Codec
    encoder: str
    device_path: str | None


class ProbeSummary(Read):
    attempted: int
    succeeded: int
    failed: int


class Hardware(Read):
    vendor: Literal["nvidia", "amd", "intel", "apple", "cpu"]
    device_path: str | None
    supported_codecs: list[Codec]
    selection_reason: str
    probe_summary: ProbeSummary
    backends: list[Backend]
    detection_notes: list[str]


class Trial(Read):
    encoder: str
    backend: str
    device_path: str | None
    success: bool
    stderr: str | None
    vendor: str
    codec: Codec
    selected: bool
    summary: str


class ProbeLog(Read):
    entries: list[Trial]


class Resources(Read):
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


class SystemInfo(Read):
    version: str
    os_version: str
    is_docker: bool
    ffmpeg_version: str
    telemetry_enabled: bool
    cpu_count: int
    total_memory_gb: int


class Update(Read):
    current_version: str
    channel: Literal["stable", "rc", "nightly"]
    latest_version: str | None
    release_url: str | None
    update_available: bool
    install_type: Literal["docker", "homebrew", "aur", "source", "direct_binary", "windows_exe", "unknown"]
    can_self_update: bool
    action: Literal["self_update", "guided", "unsupported"]
    guidance: str | None
    guidance_command: str | None
    verification_status: Literal["verified", "public_key_unavailable", "manifest_unavailable", "failed"]
    verification_error: str | None


class Duplicate(Read):
    id: int
    path: str
    status: JobState


class DuplicateGroup(Read):
    stem: str
    count: int
    paths: list[Duplicate]


class AdviceCounts(Read):
    duplicates: int
    remux_only_candidate: int
    wasteful_audio_layout: int
    commentary_cleanup_candidate: int


class Advice(Read):
    type: Literal["remux_only_candidate", "wasteful_audio_layout", "commentary_cleanup_candidate"]
    title: str
    summary: str
    path: str
    suggested_action: str


class Intelligence(Read):
    duplicate_groups: list[DuplicateGroup]
    total_duplicates: int
    recommendation_counts: AdviceCounts
    recommendations: list[Advice]


class Health(Read):
    total_checked: int
    issues_found: int
    last_run: str | None


class IssueJob(Read):
    id: int
    input_path: str
    output_path: str
    status: JobState


class IssueReport(Read):
    category: Literal[
        "corrupt_file", "truncated_file", "missing_keyframe", "corrupt_audio", "corrupt_video", "permission_error", "unknown"
    ]
    summary: str
    raw_output: str


class Issue(Read):
    job: IssueJob
    report: IssueReport


class ChosenSize(Read):
    mode: str
    width: int | None
    height: int | None
    scale_factor: float | None


class ChosenVideo(Read):
    codec: str
    mode: str
    value: int | None
    preset: str | None
    resolution: ChosenSize
    hdr_mode: str


class ChosenAudio(Read):
    codec: str
    bitrate_kbps: int | None
    channels: str | None


class ChosenSubtitles(Read):
    mode: str


class Choices(Read):
    output_container: str
    remux_only: bool
    video: ChosenVideo
    audio: ChosenAudio
    subtitles: ChosenSubtitles


class SubtitleStream(Read):
    stream_index: int
    codec_name: str
    language: str | None
    title: str | None
    default: bool
    forced: bool
    burnable: bool


class AudioStream(Read):
    stream_index: int
    codec_name: str
    language: str | None
    title: str | None
    channels: int | None
    default: bool
    forced: bool


class FullMetadata(Metadata):
    chapter_count: int
    color_primaries: str | None
    color_transfer: str | None
    color_space: str | None
    color_range: str | None
    audio_bitrate_bps: int | None
    audio_is_heavy: bool
    subtitle_streams: list[SubtitleStream]
    audio_streams: list[AudioStream]


class Report(Read):
    labels: list[str] = Field(default_factory=list)
    metrics: dict[str, float | bool] = Field(default_factory=dict)


class Analysis(Read):
    metadata: FullMetadata
    warnings: list[str]
    confidence: Literal["high", "medium", "low"]
    analysis_report: Report


class Uploaded(Read):
    conversion_job_id: int
    probe: Analysis
    normalized_settings: Choices


class ConversionSource(Read):
    file_name: str
    container: str
    video_codec: str
    resolution: str
    dynamic_range: str
    duration_secs: float
    size_bytes: int
    audio: str
    subtitle_count: int


class ConversionOutput(Read):
    mode: Literal["remux", "copy", "compress"]
    container: str
    video_codec: str
    resolution: str
    hdr_mode: str
    audio: str
    subtitles: str
    encoder: str | None
    backend: str | None


class ConversionEstimate(Read):
    estimated_output_bytes: int
    estimated_savings_bytes: int
    estimated_savings_percent: float
    confidence: Literal["low", "medium", "high"]
    note: str


class ConversionSummary(Read):
    source: ConversionSource
    planned_output: ConversionOutput
    estimate: ConversionEstimate


class ConversionPreview(Read):
    normalized_settings: Choices
    command_preview: str
    summary: ConversionSummary


class Conversion(Read):
    id: int
    status: str
    progress: float
    linked_job_id: int | None
    output_path: str | None
    download_ready: bool
    probe: Analysis | None


class StatusEvent(Read):
    job_id: int
    status: JobState


class ProgressEvent(Read):
    job_id: int
    percentage: float


class EventExplanation(Read):
    summary: str


class DecisionEvent(Read):
    job_id: int
    action: str
    reason: str
    explanation: EventExplanation | None


class LogEvent(Read):
    message: str
    level: str
    job_id: int | None


class LaggedEvent(Read):
    skipped: int


EVENTS: dict[str, type[Read]] = {
    "status": StatusEvent,
    "progress": ProgressEvent,
    "decision": DecisionEvent,
    "log": LogEvent,
    "lagged": LaggedEvent,
    "hardware_state_changed": Read,
}
