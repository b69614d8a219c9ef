"""Folders on the wire."""

from alchemist_desktop.api.schemas.bodies import Body
from alchemist_desktop.api.schemas.encoding import JsonObject
from alchemist_desktop.domain.folder_view import FolderView, PreviewReport, Recommendation


class FolderPreviewBody(Body):
    """The folders to look into."""

    directories: list[str]


def folder_view_json(view: FolderView) -> JsonObject:
    return {
        "path": view.path,
        "readable": view.is_readable,
        "breadcrumbs": [{"label": label, "path": path} for label, path in view.parents],
        "warnings": list(view.warnings),
        "entries": [
            {
                "name": entry.name,
                "path": entry.path,
                "readable": entry.is_readable,
                "hidden": entry.is_hidden,
                "media_hint": entry.hint,
                "warning": entry.warning,
            }
            for entry in view.entries
        ],
    }


def recommendation_json(item: Recommendation) -> JsonObject:
    return {"path": item.path, "label": item.label, "reason": item.reason, "media_hint": item.hint}


def preview_json(report: PreviewReport) -> JsonObject:
    return {
        "directories": [
            {
                "path": folder.path,
                "exists": folder.exists,
                "readable": folder.is_readable,
                "media_files": folder.media_files,
                "sample_files": list(folder.sample_files),
                "media_hint": folder.hint,
                "warnings": list(folder.warnings),
            }
            for folder in report.folders
        ],
        "total_media_files": report.total_media_files,
        "truncated": report.is_truncated,
        "warnings": list(report.warnings),
    }
