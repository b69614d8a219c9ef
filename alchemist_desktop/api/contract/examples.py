"""One example of each request body; all of them can be sent as they are once their ids and paths are there."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from alchemist_desktop.domain.conversion import DEFAULT_CONVERSION

_CHOICES = {
    "size_reduction_threshold": 0.3, "min_bpp_threshold": 0.1, "min_file_size_mb": 50, "concurrent_jobs": 1,
    "output_codec": "hevc", "quality_profile": "balanced",
}  # fmt: skip

EXAMPLES: Mapping[str, Any] = MappingProxyType(
    {
        "ArrPayload": {
            "eventType": "Download",
            "movie": {"folderPath": "/media/films/Film (2020)"},
            "movieFile": {"path": "/media/films/Film (2020)/Film.mkv", "relativePath": "Film.mkv"},
        },
        "BatchBody": {"action": "cancel", "ids": [1, 2]},
        "ConversionPreviewBody": {"conversion_job_id": 1, "settings": DEFAULT_CONVERSION.model_dump()},
        "EngineModeBody": {"mode": "balanced", "concurrent_jobs_override": 2, "threads_override": 0},
        "EnqueueBody": {"path": "/media/films/Film (2020)/Film.mkv"},
        "FilesBody": {
            "delete_source": False, "output_extension": "mkv", "output_suffix": "-alchemist", "replace_strategy": "keep",
            "output_root": None,
        },
        "FolderPreviewBody": {"directories": ["/media/films"]},
        "FoldersBody": {"dirs": [{"path": "/media/new", "is_recursive": True}]},
        "HardwareBody": {
            "allow_cpu_fallback": True, "allow_cpu_encoding": True, "cpu_preset": "medium", "preferred_vendor": None,
            "device_path": None,
        },
        "LoginBody": {"username": "owner", "password": "a good password"},
        "PreferenceBody": {"key": "columns", "value": "name,size,state"},
        "PreviewBody": {"path": "/media/films", "max_files": 20},
        "PriorityBody": {"priority": 10},
        "ProfileBody": {
            "name": "For the tablet", "preset": "custom", "codec": "hevc", "quality_profile": "speed", "hdr_mode": "tonemap",
            "audio_mode": "aac_stereo", "crf_override": None, "notes": "Small files.",
        },
        "ProfileChoiceBody": {"profile_id": 1},
        "RawConfigBody": {"raw_toml": '[transcode]\noutput_codec = "hevc"\n'},
        "Settings": {
            "transcode": _CHOICES,
            "hardware": {"allow_cpu_fallback": True},
            "scanner": {"directories": ["/media/films"], "watch_enabled": True},
        },
        "SetupBody": {"username": "owner", "password": "a good password", "directories": ["/media/films"], **_CHOICES},
        "SystemBody": {
            "monitoring_poll_interval": 2.0, "conversion_upload_limit_gb": 8, "conversion_download_retention_hours": 1,
            "enable_telemetry": False, "watch_enabled": True,
        },
        "TargetBody": {
            "name": "My own script", "target_type": "webhook", "events": ["encode.completed", "encode.failed"], "enabled": True,
            "config_json": {"url": "https://example.org/hook", "auth_token": "secret"},
        },
        "ThemeBody": {"active_theme_id": "dark"},
        "TimesBody": {
            "daily_summary_time_local": "09:00", "quiet_hours_enabled": True, "quiet_hours_start_local": "22:00",
            "quiet_hours_end_local": "08:00",
        },
        "TokenBody": {"name": "Sonarr", "access_level": "arr_webhook"},
        "TranscodeBody": _CHOICES,
        "WatchDirBody": {"path": "/media/new", "is_recursive": True},
        "WindowBody": {"start_time": "22:00", "end_time": "06:00", "days_of_week": [0, 6], "enabled": True},
    }
)  # fmt: skip
