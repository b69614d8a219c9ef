"""Two bars, one above the other: the source's size and the result's."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from alchemist_desktop.domain import wording
from alchemist_desktop.ui import words
from alchemist_desktop.ui.colors import Tone
from alchemist_desktop.ui.theme import Theme, tabular
from alchemist_desktop.ui.widgets.job_delegates import draw_bar, draw_text

_LABEL_WIDTH = 62
_NUMBER_WIDTH = 124
_LINE_HEIGHT = 22


class SizeBar(QWidget):
    """`show_sizes` with an `after_bytes` of None shows the source alone; `is_estimate` marks a value not yet reached."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._before_bytes = 0
        self._after_bytes: int | None = None
        self._is_estimate = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_sizes(self, before_bytes: int, after_bytes: int | None, *, is_estimate: bool) -> None:
        self._before_bytes, self._after_bytes, self._is_estimate = before_bytes, after_bytes, is_estimate
        self.setAccessibleName(self.description)
        self.updateGeometry()
        self.update()

    @property
    def description(self) -> str:
        """The same in words."""
        if self._after_bytes is None:
            return wording.size(self._before_bytes)
        saving = words.saving(self._before_bytes, self._after_bytes)
        sign = "expected " if self._is_estimate else ""
        return f"{wording.size(self._before_bytes)} to {sign}{wording.size(self._after_bytes)} ({saving})"

    def sizeHint(self) -> QSize:
        return QSize(240, _LINE_HEIGHT * (1 if self._after_bytes is None else 2))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        colors = self._theme.colors
        painter = QPainter(self)
        painter.setFont(tabular(self.font()))
        largest = max(self._before_bytes, self._after_bytes or 0, 1)
        size = wording.size(self._before_bytes)
        self._draw_line(painter, 0, "Source", self._before_bytes / largest, size, colors.muted)
        if self._after_bytes is not None:
            tone = Tone.SUCCESS if self._after_bytes < self._before_bytes else Tone.WARNING
            name = "Expected" if self._is_estimate else "Result"
            text = f"{wording.size(self._after_bytes)}  {words.saving(self._before_bytes, self._after_bytes)}"
            self._draw_line(painter, 1, name, self._after_bytes / largest, text, colors.tone(tone))
        painter.end()

    def _draw_line(self, painter: QPainter, line: int, name: str, part: float, text: str, color: str) -> None:
        colors = self._theme.colors
        area = QRect(0, line * _LINE_HEIGHT, self.width(), _LINE_HEIGHT)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        draw_text(painter, area, name, colors.muted, left)
        draw_bar(painter, area.adjusted(_LABEL_WIDTH, 0, -_NUMBER_WIDTH, 0), part, color, colors.track)
        draw_text(painter, area.adjusted(area.width() - _NUMBER_WIDTH + 8, 0, 0, 0), text, colors.text, right)
