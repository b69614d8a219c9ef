"""Tells why the window did not come up where nobody reads the terminal: started from a menu, there is none."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from alchemist_desktop.domain.errors import KnownError

_WINDOWLESS_PLATFORMS = frozenset({"offscreen", "minimal"})  # a box there would wait for a click that cannot come


@contextmanager
def failure_shown() -> Iterator[None]:
    """Show what is raised inside in a message box, unless a terminal shows it; it is raised on in any case."""
    try:
        yield
    except Exception as error:
        if not _has_terminal():
            _show(error)
        raise


def show_failure(error: Exception) -> None:
    """One box with one sentence; returns once it is closed. Needs a QApplication whose event loop does not run."""
    from PySide6.QtCore import QEventLoop
    from PySide6.QtWidgets import QMessageBox

    box = QMessageBox(QMessageBox.Icon.Critical, "Alchemist Desktop", "Alchemist Desktop could not start.")
    box.setInformativeText(failure_sentence(error))
    waiting = QEventLoop()
    box.finished.connect(waiting.quit)
    box.open()
    waiting.exec()


def failure_sentence(error: Exception) -> str:
    """What a person can do something with; the traceback of an unforeseen error goes to the log and standard error."""
    if isinstance(error, KnownError):
        return error.message
    return f"{type(error).__name__}: {error}"


def _show(error: Exception) -> None:
    from PySide6.QtGui import QGuiApplication

    from alchemist_desktop.app.qt_application import make_application

    # Kept by its name: without a reference the application object would go before the box.
    application = QGuiApplication.instance() or make_application(gui=True)
    if isinstance(application, QGuiApplication) and application.platformName() not in _WINDOWLESS_PLATFORMS:
        show_failure(error)


def _has_terminal() -> bool:
    stream: TextIO | None = sys.stderr  # programs without a console have none
    return stream is not None and stream.isatty()
