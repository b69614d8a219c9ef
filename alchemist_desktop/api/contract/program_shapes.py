"""Shapes of replies about the program, its settings, folders and conversions."""

from typing import Any, Literal

from alchemist_desktop.api.contract.job_shapes import Reply
from alchemist_desktop.domain.access import AccessLevel
from alchemist_desktop.domain.folder_view import MediaHint
from alchemist_desktop.domain.profile import AudioMode, HdrMode, OutputCodec, QualityProfile
from alchemist_desktop.domain.settings import Settings


class Signed(Reply):
    """Signing in or out."""

    ok: bool
    status: str


class SetupStatusShape(Reply):
    """Whether the first run is still to be done."""

    setup_required: bool
    enable_telemetry: bool
    config_mutable: bool


class SetupDoneShape(Reply):
    """The first run is done."""

    status: str
    message: str
    concurrent_jobs: int


class HealthShape(Reply):
    """The program answers."""

    status: str
    version: str
    uptime: str
    uptime_seconds: int


class ReadyShape(Reply):
    """The database answers."""

    ready: bool


class SystemInfoShape(Reply):
    """The program and its machine."""

    version: str
    os_version: str
    is_docker: bool
    telemetry_enabled: bool
    ffmpeg_version: str
    cpu_count: int
    total_memory_gb: int


class ResourcesShape(Reply):
    """How busy the machine is."""

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


class StageShape(Reply):
    """A stage of the self-test."""

    name: Literal["Write Temp", "Analyze", "Plan", "Execute", "Verify"]
    success: bool
    duration_ms: int
    message: str


class SelftestShape(Reply):
    """The self-test up to the first stage that failed."""

    success: bool
    stages: list[StageShape]
    error: str | None


class UpdateShape(Reply):
    """What is known of newer versions."""

    current_version: str
    channel: Literal["stable", "rc", "nightly"]
    latest_version: str | None
    update_available: bool
    release_url: str | None
    checked_at: str
    install_type: Literal["docker", "homebrew", "aur", "source", "direct_binary", "windows_exe", "unknown"]
    can_self_update: bool
    action: Literal["self_update", "guided", "unsupported"]
    guidance: str | None
    guidance_command: str | None
    verification_status: Literal["verified", "public_key_unavailable", "manifest_unavailable", "failed"]
    verification_error: str | None
    asset: dict[str, Any] | None


class UpdateInstallShape(Reply):
    """What came of the wish to install."""

    install_state: Literal["up_to_date"]
    status: UpdateShape


class BackupFactsShape(Reply):
    """A backup that can be restored."""

    valid: bool
    schema_version: str
    min_compatible_version: str
    migration_count: int
    job_count: int


class TelemetryShape(Reply):
    """What telemetry would hold."""

    runtime_id: str
    timestamp: str
    version: str
    os_version: str
    is_docker: bool
    uptime_seconds: int
    cpu_count: int
    memory_total_mb: int
    active_jobs: int
    concurrent_limit: int


class BundleShape(Reply):
    """The whole configuration."""

    settings: Settings
    source_of_truth: Literal["toml"]
    projection_status: Literal["synced"]


class RawConfigShape(Reply):
    """The settings file as text, and what it means."""

    raw_toml: str
    normalized: Settings
    source_of_truth: Literal["toml"]
    projection_status: Literal["synced"]


class ConfigSummaryShape(Reply):
    """What a settings file would do, without its paths and secrets."""

    output_codec: OutputCodec
    replace_strategy: str
    output_root_set: bool
    delete_source: bool
    watch_dirs: int
    notification_targets: int
    schedule_windows: int


class ConfigValidShape(Reply):
    """A settings file that can be used."""

    valid: Literal[True]
    warnings: list[str]
    summary: ConfigSummaryShape


class FileSettingsShape(Reply):
    """Names and places of results."""

    id: Literal[1]
    delete_source: bool
    output_extension: str
    output_suffix: str
    replace_strategy: str
    output_root: str | None


class WindowShape(Reply):
    """A schedule window; `days_of_week` is a text that holds JSON."""

    id: int
    start_time: str
    end_time: str
    days_of_week: str
    enabled: bool


class WatchDirShape(Reply):
    """A watched folder."""

    id: int
    path: str
    is_recursive: bool
    profile_id: int | None
    created_at: str


class ReanalyzedShape(Reply):
    """How many files are looked at anew, and what could not be."""

    count: int
    errors: list[str]


class PresetShape(Reply):
    """A built-in profile."""

    id: int
    name: str
    preset: str
    codec: OutputCodec
    quality_profile: QualityProfile
    hdr_mode: HdrMode
    audio_mode: AudioMode
    crf_override: int | None
    notes: str | None
    builtin: bool


class ProfileShape(PresetShape):
    """A profile."""

    created_at: str | None
    updated_at: str | None


class PreferenceShape(Reply):
    """A remembered text."""

    key: str
    value: str


class ThemeShape(Reply):
    """The colour theme of connected clients."""

    active_theme_id: str | None


class TokenShape(Reply):
    """An API token."""

    id: int
    name: str
    access_level: AccessLevel
    created_at: str
    last_used_at: str | None
    revoked_at: str | None


class TokenMadeShape(Reply):
    """A new API token with its text, which is told this once."""

    token: TokenShape
    plaintext_token: str


class BreadcrumbShape(Reply):
    """A folder above."""

    label: str
    path: str


class EntryShape(Reply):
    """A folder in a folder."""

    name: str
    path: str
    readable: bool
    hidden: bool
    media_hint: MediaHint
    warning: str | None


class FolderShape(Reply):
    """A folder and the folders in it."""

    path: str
    readable: bool
    breadcrumbs: list[BreadcrumbShape]
    warnings: list[str]
    entries: list[EntryShape]


class RecommendationShape(Reply):
    """A folder worth a look."""

    path: str
    label: str
    reason: str
    media_hint: MediaHint


class RecommendationsShape(Reply):
    """Folders worth a look, best first."""

    recommendations: list[RecommendationShape]


class FolderPreviewShape(Reply):
    """What a scan of a folder would find."""

    path: str
    exists: bool
    readable: bool
    media_files: int
    sample_files: list[str]
    media_hint: MediaHint
    warnings: list[str]


class PreviewShape(Reply):
    """What a scan of some folders would find."""

    directories: list[FolderPreviewShape]
    total_media_files: int
    truncated: bool
    warnings: list[str]
