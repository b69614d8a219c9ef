"""Opens folders in the desktop's file manager."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QUrl
from PySide6.QtGui import QDesktopServices

from alchemist_desktop.ui import words
from alchemist_desktop.ui.notices import Notices


def open_folder_of(path: str, notices: Notices) -> None:
    """Show the folder a file lies in; says so when that cannot be done."""
    folder = Path(path).parent
    url = QUrl.fromEncoded(QByteArray(folder.as_uri().encode("ascii")))
    if not folder.is_dir() or not QDesktopServices.openUrl(url):
        notices.warn(f"The folder {words.shown_path(str(folder))} cannot be opened.")
