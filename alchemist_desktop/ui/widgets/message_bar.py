"""The unobtrusive line at the top of the window that says what went wrong or was done."""

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QToolButton, QWidget

from alchemist_desktop.ui.colors import Tone
from alchemist_desktop.ui.notices import Notice
from alchemist_desktop.ui.theme import Theme
from alchemist_desktop.ui.widgets.labels import selectable, set_tone, text_label

_SHOWN_MS = 6000


class MessageBar(QFrame):
    """Shows the newest notice; good news leaves by itself, bad news waits to be dismissed."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message_bar")
        self._theme = theme
        self._details = ""
        self._label = selectable(text_label(wraps=True))
        self._copy = QPushButton("Copy details")
        self._copy.clicked.connect(self._on_copy_clicked)
        self._close = QToolButton(autoRaise=True)
        self._close.setProperty("role", "flat")
        self._close.setToolTip("Dismiss")
        self._close.setAccessibleName("Dismiss the message")
        self._close.clicked.connect(self.hide)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 5, 8, 5)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._copy)
        layout.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._timer = QTimer(self, singleShot=True, interval=_SHOWN_MS)
        self._timer.timeout.connect(self.hide)
        theme.changed.connect(self._show_icons)
        self._show_icons()
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        if not notice.is_lasting and self.isVisible() and not self._timer.isActive():
            return  # good news does not push unread bad news away
        self._details = notice.details
        self._label.setText(notice.text)
        self._copy.setVisible(bool(notice.details))
        set_tone(self, notice.tone)
        set_tone(self._label, notice.tone if notice.tone is not Tone.INFO else Tone.NEUTRAL)
        self.show()
        if notice.is_lasting:
            self._timer.stop()
        else:
            self._timer.start()

    def text(self) -> str:
        return self._label.text()

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(f"{self._label.text()}\n\n{self._details}")

    def _show_icons(self) -> None:
        self._close.setIcon(self._theme.icon("close"))
