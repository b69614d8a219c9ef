"""Makes actions whose tooltip names their keys."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtWidgets import QAbstractButton

from alchemist_desktop.ui import words


def make_action(
    parent: QObject,
    text: str,
    on_triggered: Callable[[], object],
    *,
    keys: str | QKeySequence.StandardKey | None = None,
    icon: QIcon | None = None,
) -> QAction:
    """An action that calls `on_triggered` and works while its window (or the widget it is added to) has the focus."""
    action = QAction(text, parent)
    if icon is not None:
        action.setIcon(icon)
    if keys is not None:
        action.setShortcut(QKeySequence(keys))
        shown = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(words.tooltip(f"{text} ({shown})"))
    action.triggered.connect(lambda _checked=False: on_triggered())
    return action


def bind_button(button: QAbstractButton, keys: str, text: str) -> None:
    """Give a button keys and a tooltip that names them."""
    sequence = QKeySequence(keys)
    button.setShortcut(sequence)
    button.setToolTip(words.tooltip(f"{text} ({sequence.toString(QKeySequence.SequenceFormat.NativeText)})"))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
