"""Labels that never take their text for markup, and one that leaves out the middle of a long path."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from alchemist_desktop.ui import words
from alchemist_desktop.ui.colors import Tone


def text_label(text: str = "", role: str = "", *, tone: Tone | None = None, wraps: bool = False) -> QLabel:
    """A plain label; `role` and `tone` pick rules of the style sheet."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wraps)
    if role:
        label.setProperty("role", role)
    if tone is not None:
        set_tone(label, tone)
    return label


def selectable(label: QLabel) -> QLabel:
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def set_tone(widget: QWidget, tone: Tone) -> None:
    """Colour by tone; the style sheet has to be asked again after a change."""
    widget.setProperty("tone", str(tone))
    widget.style().unpolish(widget)
    widget.style().polish(widget)


class PathLabel(QWidget):
    """One line of text, its middle left out where it does not fit; the whole text is its tooltip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def text(self) -> str:
        return self._text

    def set_text(self, text: str) -> None:
        self._text = text
        self.setToolTip(words.tooltip(text) if text else "")
        self.setAccessibleName(text)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, self.fontMetrics().height() + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = self.fontMetrics().elidedText(self._text, Qt.TextElideMode.ElideMiddle, self.width())
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignVCenter), shown)
        painter.end()
