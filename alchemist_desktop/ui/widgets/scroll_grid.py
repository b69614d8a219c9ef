"""A scrolling column whose content is built anew for each thing it shows."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QWidget


class ScrollGrid(QScrollArea):
    """Rows of widgets in columns, the last of which takes the spare width."""

    def __init__(self, *, stretch: dict[int, int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._stretch = stretch
        self._row = 0
        self._body = QWidget()
        self._grid = QGridLayout()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clear()

    def clear(self) -> None:
        body = QWidget()
        body.setObjectName("details_body")
        self._row = 0
        self._grid = QGridLayout(body)
        self._grid.setContentsMargins(14, 12, 14, 12)
        self._grid.setHorizontalSpacing(14)
        self._grid.setVerticalSpacing(7)
        for column, stretch in self._stretch.items():
            self._grid.setColumnStretch(column, stretch)
        self._body = body
        self.setWidget(body)

    def add_row(self, *widgets: QWidget) -> None:
        """One widget per column, aligned at the top."""
        for column, widget in enumerate(widgets):
            # A label that wraps must get the width of its column, so it has no horizontal alignment.
            self._grid.addWidget(widget, self._row, column, Qt.AlignmentFlag.AlignTop)
        self._row += 1

    def add_wide(self, widget: QWidget, *, from_column: int = 0) -> None:
        self._grid.addWidget(widget, self._row, from_column, 1, -1)
        self._row += 1

    def finish(self) -> None:
        """Keep the rows at the top."""
        self._grid.setRowStretch(self._row, 1)

    def texts(self) -> list[str]:
        """What can be read in it, in the order it was added."""
        return [label.text() for label in self._body.findChildren(QLabel)]
