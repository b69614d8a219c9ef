"""Below the hardware matrix: what a cell means, and the log of every trial."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QTabWidget, QWidget

from alchemist_desktop.domain.hardware import Cell, Trial
from alchemist_desktop.services.hardware import HardwareState
from alchemist_desktop.ui.colors import Tone
from alchemist_desktop.ui.models.hardware_table import STATE_WORDS, HardwareRow, column_title
from alchemist_desktop.ui.widgets.labels import selectable, text_label
from alchemist_desktop.ui.widgets.scroll_grid import ScrollGrid

_NO_TRIALS = "Nothing was tried: there is no device to try. Encoders of the CPU need no trial."


class HardwareDetails(QTabWidget):
    """Two tabs. Shows what it is given and asks for nothing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, documentMode=True)
        self.setObjectName("details")
        self.meaning = ScrollGrid(stretch={1: 1})
        self.log = ScrollGrid(stretch={4: 1})
        self.addTab(self.meaning, "Details")
        self.addTab(self.log, "Probe log")

    def explain(self, row: HardwareRow, cell: Cell | None, column: int) -> None:
        """What the chosen place of the matrix says."""
        self.meaning.clear()
        if cell is None:
            self.meaning.add_wide(text_label(row.title, "heading"))
            self.meaning.add_wide(selectable(text_label(row.absence or "Choose a cell to see what was proved.", wraps=True)))
        else:
            state, tone = STATE_WORDS[cell.state]
            self.meaning.add_wide(text_label(f"{row.title}, {column_title(column - 1)}", "heading"))
            self.meaning.add_row(text_label("Result", "muted"), text_label("Not there" if state == "–" else state, tone=tone))
            self.meaning.add_row(text_label("Meaning", "muted"), selectable(text_label(cell.reason, wraps=True)))
            if cell.encoder:
                self.meaning.add_row(text_label("Encoder", "muted"), selectable(text_label(cell.encoder)))
            if cell.words:
                self.meaning.add_row(text_label("FFmpeg's words", "muted"), _quote(cell.words))
        self.meaning.finish()

    def show_log(self, state: HardwareState | None) -> None:
        self.log.clear()
        trials = state.matrix.trials if state else ()
        names = {device.id: device.name for device in state.matrix.devices} if state else {}
        if not trials:
            self.log.add_wide(text_label(_NO_TRIALS, "muted", wraps=True))
        for trial in trials:
            self._add_trial(trial, names.get(trial.device_id, trial.device_id))
        self.log.finish()

    def _add_trial(self, trial: Trial, device: str) -> None:
        tone = Tone.SUCCESS if trial.succeeded else Tone.DANGER
        self.log.add_row(
            text_label("✓" if trial.succeeded else "✕", tone=tone),
            text_label(trial.encoder.name),
            text_label(f"{trial.bit_depth} bit", "muted"),
            text_label(device, "muted"),
            selectable(text_label(trial.summary, wraps=True)),
            text_label(f"{trial.took_s:.1f} s" if trial.took_s else "", "muted"),
        )
        if trial.words and not trial.succeeded:
            self.log.add_wide(_quote(trial.words), from_column=4)


def _quote(text: str) -> QWidget:
    """Several lines as they are, in a fixed height: FFmpeg's words may be long."""
    view = QPlainTextEdit(text, readOnly=True)
    view.setObjectName("quote")
    view.setAccessibleName("FFmpeg's words")
    view.setLineWrapMode(QPlainTextEdit.LineWrapMode.WidgetWidth)
    view.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    lines = min(max(text.count("\n") + 1, 2), 6)
    view.setFixedHeight(view.fontMetrics().lineSpacing() * lines + 16)
    return view
