"""Looking for media folders on the machine the program runs on."""

import asyncio
from collections.abc import Callable, Sequence

from alchemist_desktop.domain.errors import ForbiddenError, InvalidRequestError
from alchemist_desktop.domain.folder_view import FolderView, PreviewReport, Recommendation
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.engine.scan import library_roots, walk_rules
from alchemist_desktop.media.browse import browse, preview, recommend, top_folder
from alchemist_desktop.media.forbidden_folders import is_forbidden
from alchemist_desktop.media.walk import is_media_path
from alchemist_desktop.services.library_preview import PreviewSlot

_MOST_FOLDERS = 16


class BrowserService:
    """Reads folders in threads. System folders and those with keys are refused with ForbiddenError (FS_PATH_FORBIDDEN)."""

    def __init__(self, settings: Callable[[], Settings], slot: PreviewSlot) -> None:
        self._settings = settings
        self._slot = slot

    async def browse(self, path: str) -> FolderView:
        """The folders in a folder; a blank path is where browsing begins."""
        wanted = path.strip() or top_folder()
        await asyncio.to_thread(_refuse_forbidden, wanted)
        return await asyncio.to_thread(browse, wanted, self._is_media())

    async def recommendations(self) -> list[Recommendation]:
        """Folders worth a look, best first."""
        return await asyncio.to_thread(recommend, list(library_roots(self._settings())), self._is_media())

    async def preview(self, folders: Sequence[str]) -> PreviewReport:
        """What a scan of these folders would find. One preview of any kind at a time: raises BusyError (PREVIEW_BUSY).

        Raises InvalidRequestError (FS_PREVIEW_TOO_MANY_DIRECTORIES).
        """
        wanted = [folder.strip() for folder in folders if folder.strip()]
        if len(wanted) > _MOST_FOLDERS:
            raise InvalidRequestError(
                f"At most {_MOST_FOLDERS} folders can be looked at at once.", code="FS_PREVIEW_TOO_MANY_DIRECTORIES"
            )
        with self._slot.taken():
            for folder in wanted:
                await asyncio.to_thread(_refuse_forbidden, folder)
            return await asyncio.to_thread(preview, wanted, self._is_media())

    def _is_media(self) -> Callable[[str], bool]:
        rules = walk_rules(self._settings())
        return lambda path: is_media_path(path, rules)


def _refuse_forbidden(path: str) -> None:
    if "\0" in path:
        raise InvalidRequestError("The path is no path.", code="INVALID_PATH")
    if is_forbidden(path):
        raise ForbiddenError(f"{path} belongs to the system.", code="FS_PATH_FORBIDDEN", path=path)
