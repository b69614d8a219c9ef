"""Single sections of the settings on the wire: what clients send for each, and what it makes of the settings."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, ValidationError

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.schemas.bodies import Body, one_line, told
from alchemist_desktop.api.schemas.encoding import JsonObject
from alchemist_desktop.domain.profile import HdrMode, OutputCodec, QualityProfile, SubtitleMode, TonemapAlgorithm
from alchemist_desktop.domain.settings import Files, Settings, Transcode

_NO_SEPARATOR = r"^[^/\\\x00]*$"


class StreamRulesBody(Body):
    """Which sound tracks stay."""

    strip_audio_by_title: list[str] = Field(default_factory=list)
    keep_audio_languages: list[str] = Field(default_factory=list)
    keep_only_default_audio: bool = False


class TranscodeBody(Body):
    """What is worth encoding, and how; what is left out gets its default."""

    concurrent_jobs: int
    size_reduction_threshold: float
    min_bpp_threshold: float
    min_file_size_mb: int
    output_codec: OutputCodec
    quality_profile: QualityProfile
    threads: int = 0
    allow_fallback: bool = True
    hdr_mode: HdrMode = HdrMode.PRESERVE
    tonemap_algorithm: TonemapAlgorithm = TonemapAlgorithm.HABLE
    tonemap_peak: float = 1000.0
    tonemap_desat: float = 0.2
    subtitle_mode: SubtitleMode = SubtitleMode.COPY
    stream_rules: StreamRulesBody = StreamRulesBody()


class SystemBody(Body):
    """The running program; what is left out gets its default."""

    monitoring_poll_interval: float
    conversion_upload_limit_gb: int
    conversion_download_retention_hours: int
    enable_telemetry: bool
    watch_enabled: bool = False
    ui_theme: str | None = None
    update_channel: Literal["stable", "rc", "nightly"] = "stable"
    update_auto_check: bool = True
    update_check_interval_hours: int = 24


class FilesBody(Body):
    """Names and places of results."""

    delete_source: bool
    output_extension: str = told(minLength=1, pattern=_NO_SEPARATOR)
    output_suffix: str = told(pattern=_NO_SEPARATOR)
    replace_strategy: str
    output_root: str | None = None


def transcode_json(transcode: Transcode) -> JsonObject:
    return {name: _member(transcode, name) for name in TranscodeBody.model_fields}


def _member(transcode: Transcode, name: str) -> object:
    if name != "stream_rules":
        return getattr(transcode, name)
    return {rule: getattr(transcode.stream_rules, rule) for rule in StreamRulesBody.model_fields}


def system_json(settings: Settings) -> JsonObject:
    system, updates = settings.system, settings.updates
    return {
        "monitoring_poll_interval": system.monitoring_poll_interval,
        "conversion_upload_limit_gb": system.conversion_upload_limit_gb,
        "conversion_download_retention_hours": system.conversion_download_retention_hours,
        "enable_telemetry": system.enable_telemetry,
        "watch_enabled": settings.scanner.watch_enabled,
        "ui_theme": system.ui_theme,
        "update_channel": updates.channel,
        "update_auto_check": updates.auto_check,
        "update_check_interval_hours": updates.check_interval_hours,
    }


def files_json(files: Files) -> JsonObject:
    return {"id": 1, **{name: getattr(files, name) for name in FilesBody.model_fields}}


def with_transcode(settings: Settings, body: TranscodeBody) -> Settings:
    """Raises ProblemError (TRANSCODE_SETTINGS_INVALID)."""
    members = body.model_dump()
    members["stream_rules"] = {**settings.transcode.stream_rules.model_dump(), **members["stream_rules"]}
    return _with_sections(settings, "TRANSCODE_SETTINGS_INVALID", transcode=members)


def with_system(settings: Settings, body: SystemBody) -> Settings:
    """Raises ProblemError (SYSTEM_SETTINGS_INVALID)."""
    members = body.model_dump()
    scanner = {"watch_enabled": members.pop("watch_enabled")}
    updates = {name: members.pop(f"update_{name}") for name in ("channel", "auto_check", "check_interval_hours")}
    return _with_sections(settings, "SYSTEM_SETTINGS_INVALID", system=members, scanner=scanner, updates=updates)


def with_files(settings: Settings, body: FilesBody, output_root: str | None) -> Settings:
    """Raises ProblemError (FILE_SETTINGS_INVALID)."""
    return _with_sections(settings, "FILE_SETTINGS_INVALID", files={**body.model_dump(), "output_root": output_root})


def _with_sections(settings: Settings, code: str, **sections: Mapping[str, Any]) -> Settings:
    """The settings with these members of these sections changed; what clients do not know of stays as it is."""
    changed = {}
    for name, members in sections.items():
        section = getattr(settings, name)
        try:
            changed[name] = type(section).model_validate({**section.model_dump(by_alias=True), **members})
        except ValidationError as error:
            raise ProblemError(400, code, one_line(error)) from error
    return settings.model_copy(update=changed)
