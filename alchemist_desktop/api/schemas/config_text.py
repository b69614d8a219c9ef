"""The settings file as text on the wire."""

from alchemist_desktop.api.schemas.bodies import Body
from alchemist_desktop.api.schemas.encoding import JsonObject
from alchemist_desktop.api.schemas.settings import config_json
from alchemist_desktop.domain.settings import Settings


class RawConfigBody(Body):
    """A whole settings file."""

    raw_toml: str


def raw_config_json(text: str, settings: Settings) -> JsonObject:
    return {"raw_toml": text, "normalized": config_json(settings), "source_of_truth": "toml", "projection_status": "synced"}


def validation_json(settings: Settings) -> JsonObject:
    """What a valid text would do, without any of its paths and secrets."""
    files = settings.files
    return {
        "valid": True,
        "warnings": _warnings(settings),
        "summary": {
            "output_codec": settings.transcode.output_codec,
            "replace_strategy": files.replace_strategy,
            "output_root_set": files.output_root is not None,
            "delete_source": files.delete_source,
            "watch_dirs": len(settings.scanner.extra_watch_dirs),
            "notification_targets": len(settings.notifications.targets),
            "schedule_windows": len(settings.schedule.windows),
        },
    }


def _warnings(settings: Settings) -> list[str]:
    files, scanner = settings.files, settings.scanner
    said = (
        (files.delete_source, "Originals leave their place once their result is verified."),
        (files.replaces_existing_output, "Files that stand where a result goes are replaced."),
        (not scanner.directories and not scanner.extra_watch_dirs, "No library folder is configured."),
    )
    return [sentence for applies, sentence in said if applies]
