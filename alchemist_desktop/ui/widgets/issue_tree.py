"""The list of files with something wrong, under the kinds of what is wrong."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QBrush, QColor
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from alchemist_desktop.domain.health import HealthCategory, HealthCheck
from alchemist_desktop.ui import words
from alchemist_desktop.ui.colors import Tone
from alchemist_desktop.ui.health_words import CATEGORY_WORDS, DEPTH_WORDS
from alchemist_desktop.ui.theme import Theme

_NUMBER = Qt.ItemDataRole.UserRole
_MOST_SHOWN = 1000  # of each kind; who has more does not read them one by one


class IssueTree(QTreeWidget):
    """Shows checks that found something; `chosen_changed` carries the chosen HealthCheck or None."""

    chosen_changed = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._checks: tuple[HealthCheck, ...] = ()
        self.setObjectName("issue_list")
        self.setAccessibleName("Files with something wrong")
        self.setHeaderLabels(["File", "What is wrong", "Found by"])
        self.setUniformRowHeights(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setColumnWidth(0, 380)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        self.setColumnWidth(2, 110)
        self.itemSelectionChanged.connect(lambda: self.chosen_changed.emit(self.chosen()))
        theme.changed.connect(lambda: self.show_checks(self._checks))

    def show_checks(self, checks: Sequence[HealthCheck]) -> None:
        """Show these instead; what was chosen stays chosen if it is still there."""
        chosen = self.chosen()
        self._checks = tuple(checks)
        self.blockSignals(True)
        self.clear()
        for category, name in CATEGORY_WORDS.items():
            numbers = [n for n, check in enumerate(checks) if check.issue is not None and check.issue.category is category]
            if numbers:
                self._add_kind(category, name, numbers, chosen)
        self.blockSignals(False)
        self.chosen_changed.emit(self.chosen())

    def chosen(self) -> HealthCheck | None:
        items = self.selectedItems()
        number = items[0].data(0, _NUMBER) if items else None
        return self._checks[number] if number is not None else None

    def choose(self, path: str) -> None:
        """Choose the file with this path, as a click would."""
        for kind in range(self.topLevelItemCount()):
            parent = self.topLevelItem(kind)
            for row in range(parent.childCount() if parent else 0):
                item = parent.child(row) if parent else None
                if item is not None and self._checks[item.data(0, _NUMBER)].path == path:
                    self.setCurrentItem(item)

    def _add_kind(self, category: HealthCategory, name: str, numbers: Sequence[int], chosen: HealthCheck | None) -> None:
        parent = QTreeWidgetItem([f"{name}  {len(numbers):,}"])
        parent.setFlags(Qt.ItemFlag.ItemIsEnabled)
        font = parent.font(0)
        font.setBold(True)
        parent.setFont(0, font)
        tone = Tone.WARNING if category in {HealthCategory.UNKNOWN, HealthCategory.PERMISSION_ERROR} else Tone.DANGER
        parent.setForeground(0, QBrush(QColor(self._theme.colors.tone(tone))))
        self.addTopLevelItem(parent)
        parent.setFirstColumnSpanned(True)
        for number in numbers[:_MOST_SHOWN]:
            item = self._make_item(number)
            parent.addChild(item)
            if chosen is not None and self._checks[number].path == chosen.path:
                self.setCurrentItem(item)
        parent.setExpanded(True)

    def _make_item(self, number: int) -> QTreeWidgetItem:
        check = self._checks[number]
        assert check.issue is not None
        item = QTreeWidgetItem([words.file_name(check.path), words.shown_path(check.issue.summary), DEPTH_WORDS[check.depth]])
        item.setData(0, _NUMBER, number)
        item.setToolTip(0, words.tooltip(words.shown_path(check.path)))
        item.setToolTip(1, words.tooltip(words.shown_path(check.issue.summary)))
        item.setForeground(2, QBrush(QColor(self._theme.colors.muted)))
        return item
