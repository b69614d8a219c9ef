"""What is shown where a list would be that has nothing in it: why, and what to do about it."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from alchemist_desktop.ui.theme import Theme
from alchemist_desktop.ui.widgets.labels import text_label

_ICON_SIZE = 48
_TEXT_WIDTH = 440


class EmptyState(QWidget):
    """A picture, a sentence, an explanation and one button; `clicked` when that is pressed."""

    clicked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon_name = "queue"
        self._picture = QLabel()
        self._title = text_label("", "title")
        self._text = text_label("", "muted", wraps=True)
        self._text.setFixedWidth(_TEXT_WIDTH)
        self._button = QPushButton()
        self._button.setProperty("role", "primary")
        self._button.clicked.connect(self.clicked)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addStretch(2)
        for widget in (self._picture, self._title, self._text):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addSpacing(6)
        layout.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        layout.addStretch(3)
        theme.changed.connect(self._show_picture)

    def say(self, *, icon: str, title: str, text: str, button: str) -> None:
        self._icon_name = icon
        self._title.setText(title)
        self._text.setText(text)
        self._text.setFixedHeight(self._text.heightForWidth(_TEXT_WIDTH))  # a centred label does not grow by itself
        self._button.setText(button)
        self._show_picture()

    @property
    def title(self) -> str:
        return self._title.text()

    def _show_picture(self) -> None:
        icon = self._theme.icon(self._icon_name, self._theme.colors.muted)
        self._picture.setPixmap(icon.pixmap(_ICON_SIZE, _ICON_SIZE))
