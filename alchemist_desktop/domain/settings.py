"""Every setting, declared once: type, default, bounds and one sentence. Forms, the API and the file all come from here.

Names and defaults up to `system` are those of the wire contract (`config.toml` and the JSON `Config` object); `server`,
`engine` and the members marked "addition" are this program's own. Unknown members are ignored, as the contract asks.
"""

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from alchemist_desktop.domain.profile import (
    CpuPreset,
    HdrMode,
    OutputCodec,
    QualityProfile,
    SubtitleMode,
    TonemapAlgorithm,
)
from alchemist_desktop.domain.schedule import ScheduleWindow, parse_clock

MEDIA_EXTENSIONS = (
    "mkv", "mp4", "m4v", "mov", "avi", "ts", "m2ts", "mts", "webm", "wmv", "flv", "mpg", "mpeg", "vob", "ogv", "3gp",
)  # fmt: skip
MOST_THREADS = 512


def _without_nul(path: str) -> str:
    """No system can open such a path: stored, it would break every scan."""
    if "\0" in path:
        raise ValueError("a path cannot contain a NUL character")
    return path


def _not_blank(path: str) -> str:
    if not path.strip():
        raise ValueError("a path must not be blank")
    return path


DiskPath = Annotated[str, AfterValidator(_without_nul)]
PathPrefix = Annotated[DiskPath, AfterValidator(_not_blank)]

ClockTime = Annotated[str, Field(description="Local time as HH:MM; blank means the default.")]


def first_fault(error: ValidationError) -> tuple[str, str]:
    """The first member that breaks a rule, and why. Its value stays out: it may be a secret."""
    first = error.errors(include_input=False, include_url=False)[0]
    return ".".join(str(part) for part in first["loc"]) or "the file", first["msg"].removeprefix("Value error, ")


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Appearance(_Section):
    """Looks."""

    active_theme_id: str | None = Field(None, description="Colour theme of connected web clients.")


class Updates(_Section):
    """Looking for new versions."""

    channel: Literal["stable", "rc", "nightly"] = Field("stable", description="Which releases to look for.")
    auto_check: bool = Field(True, description="Look for updates in the background.")
    check_interval_hours: int = Field(24, ge=1, le=168, description="Hours between two looks.")


class StreamRulesSettings(_Section):
    """Which tracks are kept; empty lists keep everything."""

    strip_audio_by_title: tuple[str, ...] = Field((), description="Sound tracks whose title contains one of these go.")
    keep_audio_languages: tuple[str, ...] = Field((), description="Keep sound in these languages (ISO 639-2) only.")
    keep_only_default_audio: bool = Field(False, description="Keep the default sound track only.")
    keep_subtitle_languages: tuple[str, ...] = Field((), description="Keep subtitles in these languages only (addition).")


class Transcode(_Section):
    """What is worth encoding, and how."""

    size_reduction_threshold: float = Field(0.3, ge=0, le=1, description="Least share of the size that must be saved.")
    min_bpp_threshold: float = Field(0.1, ge=0, description="Files below this many bits per pixel are left alone.")
    min_file_size_mb: int = Field(50, ge=0, description="Files smaller than this many MB are left alone.")
    concurrent_jobs: int = Field(1, ge=1, le=64, description="Jobs that may run at once when no mode decides.")
    threads: int = Field(0, ge=0, le=MOST_THREADS, description="CPU threads per encode; 0 lets the encoder choose.")
    quality_profile: QualityProfile = Field(QualityProfile.BALANCED, description="The quality goal.")
    output_codec: OutputCodec = Field(OutputCodec.AV1, description="The wanted video codec.")
    allow_fallback: bool = Field(True, description="Use another codec when the wanted one cannot be encoded here.")
    hdr_mode: HdrMode = Field(HdrMode.PRESERVE, description="Keep HDR pictures, or map them to SDR.")
    tonemap_algorithm: TonemapAlgorithm = Field(TonemapAlgorithm.HABLE, description="Curve of the tone mapping.")
    tonemap_peak: float = Field(1000.0, ge=50, le=1000, description="Brightness of the HDR source, in nits.")
    tonemap_desat: float = Field(0.2, ge=0, le=1, description="How far bright colours are desaturated.")
    subtitle_mode: SubtitleMode = Field(SubtitleMode.COPY, description="What happens to subtitles.")
    stream_rules: StreamRulesSettings = StreamRulesSettings()
    vmaf_min_score: float | None = Field(None, ge=0, le=100, description="Results below this VMAF fail.")
    deinterlace: bool = Field(True, description="Turn interlaced pictures into progressive ones (addition).")
    predict_size: bool = Field(True, description="Skip files whose expected saving is too small (addition).")


class Hardware(_Section):
    """Which encoders may be used."""

    preferred_vendor: str | None = Field(None, description="nvidia, amd, intel, apple or cpu; empty chooses by itself.")
    device_path: DiskPath | None = Field(None, description="One device, e.g. /dev/dri/renderD128; empty uses what works.")
    allow_cpu_fallback: bool = Field(True, description="Use the CPU when the GPU cannot do it.")
    cpu_preset: CpuPreset = Field(CpuPreset.MEDIUM, description="How much time CPU encoders take.")
    allow_cpu_encoding: bool = Field(True, description="Use CPU encoders at all.")
    ffmpeg_path: DiskPath | None = Field(None, description="FFmpeg to use; empty uses the one that came along (addition).")
    hardware_decode: bool = Field(False, description="Let the GPU decode as well as encode (addition).")


class WatchDirSettings(_Section):
    """A folder besides the libraries that is watched for new files."""

    path: DiskPath
    is_recursive: bool = True


class Scanner(_Section):
    """Where media files are and which of them count."""

    directories: tuple[DiskPath, ...] = Field((), description="Library folders, scanned with everything below them.")
    watch_enabled: bool = Field(False, description="Notice new files in the libraries as they arrive.")
    extra_watch_dirs: tuple[WatchDirSettings, ...] = Field((), description="Further folders that are watched.")
    aggressive_directory_pruning: bool = Field(False, description="No effect: no folder is passed over; kept for other clients.")
    extensions: tuple[str, ...] = Field(MEDIA_EXTENSIONS, description="File name extensions that count (addition).")
    exclude_globs: tuple[str, ...] = Field((), description="Names or paths to leave out, e.g. */Extras/* (addition).")
    follow_symlinks: bool = Field(False, description="Follow links to folders and files (addition).")
    include_samples: bool = Field(False, description="Also take sample and trailer files (addition).")
    rescan_interval_hours: int = Field(24, ge=0, le=720, description="Hours between two full scans; 0 never (addition).")
    scan_on_start: bool = Field(True, description="Scan the libraries when the program starts (addition).")


class NotificationTargetSettings(_Section):
    """A place messages are sent to."""

    name: str
    target_type: str
    config_json: dict[str, object] = {}
    events: tuple[str, ...] = ()
    enabled: bool = True
    endpoint_url: str | None = None
    auth_token: str | None = None


class Notifications(_Section):
    """Messages to people."""

    enabled: bool = False
    allow_local_notifications: bool = Field(False, description="Allow targets on this computer and in the LAN.")
    targets: tuple[NotificationTargetSettings, ...] = ()
    daily_summary_time_local: ClockTime = "09:00"
    webhook_url: str | None = None
    discord_webhook: str | None = None
    notify_on_complete: bool = False
    notify_on_failure: bool = False
    quiet_hours_enabled: bool = Field(False, description="Hold messages back at night.")
    quiet_hours_start_local: ClockTime = "22:00"
    quiet_hours_end_local: ClockTime = "08:00"

    @field_validator("daily_summary_time_local", "quiet_hours_start_local", "quiet_hours_end_local")
    @classmethod
    def _normalise_clock(cls, value: str, info: ValidationInfo) -> str:
        return parse_clock(value) if value.strip() else str(cls.model_fields[info.field_name or ""].default)

    @model_validator(mode="after")
    def _check_quiet_hours(self) -> Self:
        if self.quiet_hours_enabled and self.quiet_hours_start_local == self.quiet_hours_end_local:
            raise ValueError("quiet hours must not start and end at the same time")
        return self


def _no_separators(value: str) -> str:
    if "/" in value or "\\" in value or "\0" in value:
        raise ValueError("must not contain a path separator")
    return value


class Files(_Section):
    """Names and places of results, and what becomes of the originals."""

    delete_source: bool = Field(False, description="The original leaves its place once the result is verified.")
    output_extension: str = Field("mkv", min_length=1, description="Container of results, as a file name extension.")
    output_suffix: str = Field("-alchemist", description="Put at the end of a result's name.")
    replace_strategy: str = Field("keep", description="keep: an existing output wins; replace: it is replaced.")
    output_root: Annotated[DiskPath | None, BeforeValidator(_none_if_blank)] = Field(
        None, description="Put results into a copy of the library tree under this folder."
    )
    in_place: bool = Field(
        False, description="With 'the original leaves': the result takes the original's name, no suffix (addition)."
    )
    source_disposal: Literal["trash", "delete"] = Field(
        "trash",
        description="Where an original goes that leaves its place; with engine.verify_decode off always the trash (addition).",
    )
    trash_retention_days: int = Field(30, ge=0, le=3650, description="Days originals stay in the trash (addition).")
    trash_budget_gb: int = Field(0, ge=0, description="Most GiB the trash may hold per volume; 0 no limit (addition).")

    _check_names = field_validator("output_extension", "output_suffix")(_no_separators)

    @field_validator("output_extension", mode="before")
    @classmethod
    def _without_dot(cls, value: object) -> object:
        """`.mkv` means `mkv`: a result must be known again by its ending."""
        return value.strip().lstrip(".") if isinstance(value, str) else value

    @property
    def replaces_existing_output(self) -> bool:
        return self.replace_strategy.strip().lower() in {"replace", "overwrite"}


class Schedule(_Section):
    """When the engine may work; no window means always."""

    windows: tuple[ScheduleWindow, ...] = ()


class QualityGate(_Section):
    """Measuring how much a result looks like its source."""

    enable_vmaf: bool = Field(False, description="Measure VMAF after each encode.")
    min_vmaf_score: float = Field(90.0, ge=0, le=100, description="Results below this are thrown away.")
    revert_on_low_quality: bool = Field(True, description="Throw results below the score away.")


class PathTranslation(_Section):
    """A path prefix as another program sees it, and as this one does."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    from_: PathPrefix = Field(alias="from")
    to: PathPrefix


class System(_Section):
    """The running program."""

    monitoring_poll_interval: float = Field(2.0, ge=0.5, le=10, description="Seconds between two load readings.")
    conversion_upload_limit_gb: int = Field(8, ge=1, description="Largest upload for a conversion, in GiB.")
    conversion_download_retention_hours: int = Field(1, ge=1, le=24, description="Hours a fetched conversion is kept.")
    min_free_space_gb: int = Field(10, ge=0, description="Free GiB that must remain on a volume; 0 no limit.")
    enable_telemetry: bool = Field(False, description="Nothing is ever sent; kept for other clients.")
    log_retention_days: int | None = Field(30, ge=1, description="Days the log is kept.")
    metrics_enabled: bool = Field(False, description="Serve Prometheus metrics to the LAN.")
    engine_mode: Literal["background", "balanced", "throughput"] = Field("balanced", description="How busy to be.")
    https_only: bool = Field(False, description="No effect; kept for other clients.")
    trusted_proxies: tuple[str, ...] = Field((), description="Addresses of reverse proxies whose headers count.")
    arr_path_translations: tuple[PathTranslation, ...] = ()
    ui_theme: str | None = None
    log_format: Literal["text", "json"] = Field("text", description="Form of the log file.")


class Server(_Section):
    """The HTTP server (this program's own section)."""

    enabled: bool = Field(True, description="Answer HTTP requests at all.")
    lan: bool = Field(False, description="Listen for other computers too; off means this computer alone.")
    tls: bool = Field(False, description="Encrypt connections, with a certificate this program makes for itself.")
    port: int = Field(3000, ge=0, le=65535, description="Port; the next nine are tried when it is taken.")
    allowed_hosts: tuple[str, ...] = Field((), description="Further host names clients may use.")


class Engine(_Section):
    """The engine (this program's own section)."""

    verify_decode: bool = Field(True, description="Decode every result whole before it may replace anything.")
    max_attempts: int = Field(3, ge=1, le=10, description="Attempts for failures that can heal by themselves.")
    stall_timeout_s: int = Field(180, ge=5, le=7200, description="Seconds without progress after which FFmpeg is ended.")
    low_priority: bool = Field(True, description="Let other programs go first.")


class Settings(_Section):
    """The whole configuration. `transcode`, `hardware` and `scanner` may be absent in a file only when it is new."""

    appearance: Appearance = Appearance()
    updates: Updates = Updates()
    transcode: Transcode = Transcode()
    hardware: Hardware = Hardware()
    scanner: Scanner = Scanner()
    notifications: Notifications = Notifications()
    files: Files = Files()
    schedule: Schedule = Schedule()
    quality: QualityGate = QualityGate()
    system: System = System()
    server: Server = Server()
    engine: Engine = Engine()
