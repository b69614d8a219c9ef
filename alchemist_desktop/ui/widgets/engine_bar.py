"""The head of the window: what the engine does, the sums over all jobs, and the switches."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from alchemist_desktop.domain import wording
from alchemist_desktop.domain.engine_state import EngineMode, EngineStatus
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.queries import JobTotals, Savings
from alchemist_desktop.ui import words
from alchemist_desktop.ui.colors import Tone
from alchemist_desktop.ui.engine_actions import EngineActions, action_list
from alchemist_desktop.ui.figures import Figures
from alchemist_desktop.ui.theme import Theme, tabular
from alchemist_desktop.ui.widgets.labels import PathLabel, set_tone, text_label

_HEADINGS = {"running": "Running", "paused": "Paused", "draining": "Finishing"}


class EngineBar(QFrame):
    """Follows the engine's status and the figures by itself."""

    def __init__(self, actions: EngineActions, figures: Figures, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("engine_bar")
        self._actions = actions
        self.state = text_label("", "figure")
        self.sentence = PathLabel()
        self.queued, self.active, self.done, self.failed, self.saved = (_figure() for _ in range(5))
        self.saved_caption = text_label("", "muted")
        self.mode = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        self.modes = QActionGroup(self)
        self.toggle = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self._lay_out()
        self.modes.triggered.connect(lambda action: actions.set_mode(EngineMode(action.data())))
        actions.status_changed.connect(self._show_status)
        figures.totals_changed.connect(self._show_totals)
        figures.savings_changed.connect(self._show_savings)
        theme.changed.connect(lambda: self._show_status(actions.status))
        self._show_status(actions.status)

    def show_originals_kept(self, kept: bool) -> None:
        """While originals stay, results are smaller, and nothing is saved yet."""
        caption = "smaller; originals kept" if kept else "saved so far"
        self.saved_caption.setText(caption)
        self.saved.setAccessibleDescription(caption)

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 10, 14, 10)
        layout.setSpacing(22)
        engine = QVBoxLayout()
        engine.setSpacing(0)
        engine.addWidget(self.state)
        engine.addWidget(self.sentence)
        layout.addLayout(engine, 1)
        for label, name in (
            (self.active, "active"), (self.queued, "queued"), (self.done, "completed"),
            (self.failed, "failed"),
        ):  # fmt: skip
            layout.addLayout(_with_caption(label, text_label(name, "muted")))
        layout.addLayout(_with_caption(self.saved, self.saved_caption))
        layout.addSpacing(6)
        self._set_up_controls()
        layout.addWidget(self.mode)
        layout.addWidget(self.toggle)

    def _set_up_controls(self) -> None:
        self._set_up_modes()
        self.toggle.setProperty("role", "primary")
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.setDefaultAction(self._actions.toggle)
        self.toggle.setMinimumWidth(104)
        menu = QMenu(self.toggle)
        menu.addActions(action_list(self._actions))
        self.toggle.setMenu(menu)

    def _set_up_modes(self) -> None:
        menu = QMenu(self.mode)
        for mode in EngineMode:
            action = self.modes.addAction(words.MODE_WORDS[mode])
            action.setCheckable(True)
            action.setData(str(mode))
            menu.addAction(action)
        self.mode.setMenu(menu)
        self.mode.setProperty("role", "button")
        self.mode.setAccessibleName("How busy the engine may be")
        self.mode.setToolTip(words.tooltip("How many jobs run at once: one, a few, or as many as the processor takes"))

    def _show_status(self, status: EngineStatus) -> None:
        self.state.setText(_HEADINGS[status.status])
        set_tone(self.state, _tone(status))
        self.sentence.set_text(words.engine_sentence(status))
        self.mode.setText(words.MODE_WORDS[status.mode])
        self.modes.actions()[tuple(EngineMode).index(status.mode)].setChecked(True)

    def _show_totals(self, totals: JobTotals) -> None:
        self.queued.setText(f"{totals.by_state.get(JobState.QUEUED, 0):,}")
        self.active.setText(f"{totals.active:,}")
        self.done.setText(f"{totals.completed:,}")
        self.failed.setText(f"{totals.failed:,}")
        set_tone(self.failed, Tone.DANGER if totals.failed else Tone.NEUTRAL)

    def _show_savings(self, savings: Savings) -> None:
        saved = savings.total_input_bytes - savings.total_output_bytes
        self.saved.setText(wording.size(saved))


def _tone(status: EngineStatus) -> Tone:
    if status.disk_blocked:
        return Tone.DANGER
    return {"running": Tone.SUCCESS, "draining": Tone.INFO}.get(status.status, Tone.WARNING)


def _figure() -> QLabel:
    label = text_label(words.NOTHING, "figure")
    label.setFont(tabular(label.font()))
    return label


def _with_caption(figure: QLabel, caption: QLabel) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(0)
    for label in (figure, caption):
        label.setAlignment(Qt.AlignmentFlag.AlignRight)
        column.addWidget(label)
    figure.setAccessibleDescription(caption.text())
    return column
