"""Above the job table: chips that choose states and show counts, and the search field."""

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QToolButton, QWidget

from alchemist_desktop.domain.job import ACTIVE_STATES, JobState
from alchemist_desktop.domain.queries import JobTotals
from alchemist_desktop.ui.theme import Theme, tabular

_TYPING_PAUSE_MS = 250
CHIPS: tuple[tuple[str, frozenset[JobState]], ...] = (
    ("All", frozenset()),
    ("Active", ACTIVE_STATES),
    ("Queued", frozenset({JobState.QUEUED})),
    ("Completed", frozenset({JobState.COMPLETED})),
    ("Skipped", frozenset({JobState.SKIPPED})),
    ("Failed", frozenset({JobState.FAILED})),
    ("Cancelled", frozenset({JobState.CANCELLED})),
)


class FilterBar(QWidget):
    """`changed` comes after a chip was chosen, and when typing has paused."""

    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(6)
        for number, (name, _states) in enumerate(CHIPS):
            layout.addWidget(self._make_chip(number, name))
        layout.addStretch(1)
        self.search = QLineEdit(placeholderText="Search paths and explanations", clearButtonEnabled=True)
        self.search.setAccessibleName("Search")
        self.search.setMinimumWidth(140)
        self.search.setMaximumWidth(300)
        layout.addWidget(self.search, 8)
        self._layout = layout
        self._pause = QTimer(self, singleShot=True, interval=_TYPING_PAUSE_MS)
        self._pause.timeout.connect(self.changed)
        self._group.idClicked.connect(lambda _id: self.changed.emit())
        self.search.textChanged.connect(lambda _text: self._pause.start())
        self.search.returnPressed.connect(self._on_return_pressed)
        self._magnifier = QAction(self)
        self.search.addAction(self._magnifier, QLineEdit.ActionPosition.LeadingPosition)
        find = QKeySequence(QKeySequence.StandardKey.Find).toString(QKeySequence.SequenceFormat.NativeText)
        self.search.setToolTip(f"Search in paths and explanations ({find})")
        theme.changed.connect(lambda: self._show_icons(theme))
        self._show_icons(theme)

    @property
    def states(self) -> frozenset[JobState]:
        return CHIPS[self._group.checkedId()][1]

    @property
    def text(self) -> str:
        return self.search.text().strip()

    def add_widget(self, widget: QWidget) -> None:
        """Put something at the right end."""
        self._layout.addWidget(widget)

    def choose(self, name: str) -> None:
        """Choose a chip by its name, as a click would."""
        number = next(i for i, chip in enumerate(CHIPS) if chip[0] == name)
        self._group.button(number).click()

    def clear(self) -> None:
        self.search.clear()
        self._pause.stop()
        self.choose("All")

    def show_counts(self, totals: JobTotals) -> None:
        for number, (name, states) in enumerate(CHIPS):
            found = sum(totals.by_state.get(state, 0) for state in states) if states else totals.total
            self._group.button(number).setText(f"{name}  {found:,}" if found else name)

    def _make_chip(self, number: int, name: str) -> QToolButton:
        chip = QToolButton()
        chip.setText(name)
        chip.setCheckable(True)
        chip.setChecked(number == 0)
        chip.setProperty("role", "chip")
        chip.setFont(tabular(chip.font()))
        chip.setAccessibleName(f"Show {name.lower()} jobs")
        self._group.addButton(chip, number)
        return chip

    def _on_return_pressed(self) -> None:
        self._pause.stop()
        self.changed.emit()

    def _show_icons(self, theme: Theme) -> None:
        self._magnifier.setIcon(theme.icon("search", theme.colors.muted))
