"""The settings as the JSON `Config` object, and the shapes in which clients send them."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from alchemist_desktop.api.schemas.bodies import one_line
from alchemist_desktop.api.schemas.encoding import JsonObject, encode
from alchemist_desktop.api.schemas.targets import target_json
from alchemist_desktop.domain.errors import InvalidRequestError
from alchemist_desktop.domain.notification_target import canonical_target, checked_target, up_to_date
from alchemist_desktop.domain.settings import Notifications, Settings

# Members that must be there, by section; the first three sections must be there themselves.
REQUIRED_SECTIONS = ("transcode", "hardware", "scanner")
REQUIRED_MEMBERS = {
    "transcode": ("size_reduction_threshold", "min_bpp_threshold", "min_file_size_mb", "concurrent_jobs"),
    "hardware": ("allow_cpu_fallback",),
    "scanner": ("directories",),
    "notifications": ("enabled",),
    "files": ("delete_source", "output_extension", "output_suffix", "replace_strategy"),
    "quality": ("enable_vmaf", "min_vmaf_score", "revert_on_low_quality"),
}
# What the wire contract does not know: clients that send back only what they know must not reset it.
OWN_MEMBERS = (
    "engine",
    "transcode.deinterlace",
    "transcode.predict_size",
    "transcode.stream_rules.keep_subtitle_languages",
    "hardware.ffmpeg_path",
    "hardware.hardware_decode",
    "scanner.extensions",
    "scanner.exclude_globs",
    "scanner.follow_symlinks",
    "scanner.include_samples",
    "scanner.rescan_interval_hours",
    "scanner.scan_on_start",
    "files.in_place",
    "files.source_disposal",
    "files.trash_retention_days",
    "files.trash_budget_gb",
)
_VALUE_ERRORS = frozenset(
    {
        "greater_than",
        "greater_than_equal",
        "less_than",
        "less_than_equal",
        "finite_number",
        "too_short",
        "string_too_short",
        "value_error",
    }
)


class ConfigError(Exception):
    """A `Config` object that cannot be taken. `is_shape` tells missing members and wrong types from wrong values."""

    def __init__(self, message: str, *, is_shape: bool) -> None:
        super().__init__(message)
        self.message = message
        self.is_shape = is_shape


def config_json(settings: Settings) -> JsonObject:
    config = settings.model_dump(by_alias=True)
    config["notifications"]["targets"] = [target_json(target) for target in settings.notifications.targets]
    return config


def bundle_json(settings: Settings) -> JsonObject:
    return {"settings": config_json(settings), "source_of_truth": "toml", "projection_status": "synced"}


def parse_config(document: Mapping[str, Any], current: Settings) -> Settings:
    """The settings that `document` describes. Raises ConfigError.

    Members of the contract that are missing get their defaults; members of our own stay as they are in `current`. Which
    FFmpeg runs cannot be chosen this way: no client may name a program. Nor can where the server listens: no request may
    saw off the branch it sits on.
    """
    missing = _missing_members(document)
    if missing:
        raise ConfigError(f"missing: {', '.join(missing)}", is_shape=True)
    try:
        settings = Settings.model_validate_json(encode(_with_own_members(document, current)), strict=True)
    except ValidationError as error:
        is_shape = any(item["type"] not in _VALUE_ERRORS for item in error.errors(include_input=False))
        raise ConfigError(one_line(error), is_shape=is_shape) from error
    return settings.model_copy(
        update={
            "notifications": _checked_notifications(up_to_date(settings.notifications), current.notifications),
            "hardware": settings.hardware.model_copy(update={"ffmpeg_path": current.hardware.ffmpeg_path}),
            "server": current.server,
        }
    )


def _checked_notifications(notifications: Notifications, current: Notifications) -> Notifications:
    """A target that is new must be one that messages can reach; what is stored already stays, whoever wrote it.

    Whether a name leads into the local network is found out when something is sent there.
    """
    known = [canonical_target(target) for target in current.targets]
    checked = []
    for number, target in enumerate(notifications.targets):
        try:
            checked.append(target if target in known else checked_target(target))
        except InvalidRequestError as error:
            raise ConfigError(f"notifications.targets.{number}: {error.message}", is_shape=False) from error
    return notifications.model_copy(update={"targets": tuple(checked)})


def _missing_members(document: Mapping[str, Any]) -> list[str]:
    missing = [section for section in REQUIRED_SECTIONS if section not in document]
    for section, members in REQUIRED_MEMBERS.items():
        given = document.get(section)
        if isinstance(given, dict):
            missing += [f"{section}.{member}" for member in members if member not in given]
    return missing


def _with_own_members(document: Mapping[str, Any], current: Settings) -> JsonObject:
    merged = dict(document)
    known = current.model_dump(by_alias=True)
    for path in OWN_MEMBERS:
        *parents, leaf = path.split(".")
        _keep(merged, known, parents, leaf)
    return merged


def _keep(target: JsonObject, source: JsonObject, parents: list[str], leaf: str) -> None:
    for parent in parents:
        inner = target.get(parent, {})
        if not isinstance(inner, dict):
            return
        target[parent] = inner = dict(inner)
        target, source = inner, source[parent]
    target.setdefault(leaf, source[leaf])
