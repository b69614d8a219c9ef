"""The list of pages at the left edge."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from alchemist_desktop.ui import words
from alchemist_desktop.ui.pages.page import Page
from alchemist_desktop.ui.theme import Theme

_WIDTH = 156


class Navigation(QListWidget):
    """One entry per page; `chosen` carries the number of the page."""

    chosen = Signal(int)

    def __init__(self, pages: tuple[type[Page], ...], theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("navigation")
        self.setAccessibleName("Pages")
        self.setFixedWidth(_WIDTH)
        self.setIconSize(QSize(20, 20))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._pages = pages
        self._theme = theme
        for number, page in enumerate(pages, start=1):
            keys = QKeySequence(page_keys(number)).toString(QKeySequence.SequenceFormat.NativeText)
            item = QListWidgetItem(page.title)
            item.setToolTip(words.tooltip(f"{page.title} ({keys})"))
            self.addItem(item)
        theme.changed.connect(self._show_icons)
        self._show_icons()
        self.currentRowChanged.connect(self.chosen)

    def _show_icons(self) -> None:
        for row, page in enumerate(self._pages):
            self.item(row).setIcon(self._theme.icon(page.icon_name))


def page_keys(number: int) -> str:
    return f"Ctrl+{number % 10}"
