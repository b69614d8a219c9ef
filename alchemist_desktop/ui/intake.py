"""Ways new folders and files get in: a folder dialog, and whatever is dropped on the window."""

import asyncio
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from urllib.parse import unquote_to_bytes

from PySide6.QtCore import QObject, Qt, QUrl
from PySide6.QtWidgets import QFileDialog, QWidget

from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.domain.queries import EnqueueResult
from alchemist_desktop.services.container import Services
from alchemist_desktop.ui import words
from alchemist_desktop.ui.dialogs.confirm import ask
from alchemist_desktop.ui.notices import Notices
from alchemist_desktop.ui.tasks import Tasks


def local_path(url: QUrl) -> str:
    """The path of a file URL as the operating system spells it, names that are no text included."""
    path = url.toLocalFile()
    if os.name == "posix" and "�" in path:
        return os.fsdecode(unquote_to_bytes(url.path(QUrl.ComponentFormattingOption.FullyEncoded)))
    return path


class Intake(QObject):
    """Adds libraries after asking, and takes files into the queue; the answers go to the message bar."""

    def __init__(self, services: Services, tasks: Tasks, notices: Notices, window: QWidget) -> None:
        super().__init__(window)
        self._services = services
        self._tasks = tasks
        self._notices = notices
        self._window = window

    def choose_folder(self) -> None:
        """Ask for a folder and add it."""
        dialog = QFileDialog(self._window, "Add a library folder")
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda path: self._add_folders([path]))
        dialog.open()

    def take(self, urls: Iterable[QUrl]) -> None:
        """What was dropped: files are queued at once, folders become libraries after a question."""
        paths = [local_path(url) for url in urls if url.isLocalFile()]
        if paths:
            self._tasks.run(asyncio.to_thread(_split, paths), on_done=self._on_split)

    def _on_split(self, found: tuple[list[str], list[str]]) -> None:
        folders, files = found
        if folders:
            self._ask_for_folders(folders)
        if files:
            self._tasks.run(self._enqueue(files))

    def _ask_for_folders(self, folders: Sequence[str]) -> None:
        names = "\n".join(words.shown_path(path) for path in folders)
        ask(
            self._window,
            title="Add to the library?",
            text=f"{names}\n\nThe media files in it will be looked at and queued by the next scan.",
            yes="Add folder" if len(folders) == 1 else f"Add {len(folders)} folders",
            on_yes=lambda: self._add_folders(folders),
        )

    def _add_folders(self, folders: Sequence[str]) -> None:
        self._tasks.run(self._store_folders(folders))

    async def _store_folders(self, folders: Sequence[str]) -> None:
        for path in folders:
            await self._services.settings.add_library(path)
        self._services.scans.start()
        told = words.shown_path(folders[0]) if len(folders) == 1 else words.count(len(folders), "folder")
        self._notices.tell(f"Added {told}. The scan has begun.")

    async def _enqueue(self, files: Sequence[str]) -> None:
        results = [await self._enqueue_one(path) for path in files]
        taken = sum(result.enqueued for result in results)
        refused = [result.message for result in results if not result.enqueued]
        if taken:
            self._notices.tell(f"Queued {words.count(taken, 'file')}.")
        if refused:
            more = f" ({words.count(len(refused) - 1, 'more file')} not queued.)" if len(refused) > 1 else ""
            self._notices.warn(refused[0] + more)

    async def _enqueue_one(self, path: str) -> EnqueueResult:
        try:
            return await self._services.jobs.enqueue_path(path)
        except KnownError as error:
            return EnqueueResult(enqueued=False, message=error.message)


def _split(paths: Sequence[str]) -> tuple[list[str], list[str]]:
    """Folders and files apart; asks the file system, so not for the loop's thread."""
    folders = [path for path in paths if Path(path).is_dir()]
    return folders, [path for path in paths if path not in folders]
