"""Watched folders on the wire."""

from alchemist_desktop.api.schemas.bodies import Body
from alchemist_desktop.api.schemas.encoding import JsonObject, rfc3339
from alchemist_desktop.api.schemas.jobs import RowId
from alchemist_desktop.domain.library import WatchDir


class WatchDirBody(Body):
    """A folder to watch."""

    path: str
    is_recursive: bool = True


class FoldersBody(Body):
    """All folders to watch."""

    dirs: list[WatchDirBody]


class ProfileChoiceBody(Body):
    """The profile of a folder; null for none."""

    profile_id: RowId | None = None


def watch_dir_json(watch_dir: WatchDir) -> JsonObject:
    return {
        "id": watch_dir.id,
        "path": watch_dir.path,
        "is_recursive": watch_dir.is_recursive,
        "profile_id": watch_dir.profile_id,
        "created_at": rfc3339(watch_dir.created_at),
    }
