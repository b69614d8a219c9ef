"""Asks before something that is not easily taken back."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QPushButton, QWidget


def ask(parent: QWidget, *, title: str, text: str, yes: str, on_yes: Callable[[], None]) -> QMessageBox:
    """Open a question over `parent` and return at once; `on_yes` is called when the button named `yes` is pressed."""
    box = QMessageBox(QMessageBox.Icon.Question, title, title, QMessageBox.StandardButton.Cancel, parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setInformativeText(text)
    button = QPushButton(yes, box)
    button.setProperty("role", "primary")
    box.addButton(button, QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(QMessageBox.StandardButton.Cancel)
    box.accepted.connect(on_yes)
    box.open()
    return box
