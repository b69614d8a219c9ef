"""The Qt application object, with or without windows."""

import os
import sys

# qasync takes the first Qt it finds.
os.environ.setdefault("QT_API", "pyside6")

from PySide6.QtCore import QCoreApplication


def make_application(*, gui: bool) -> QCoreApplication:
    """The one application object of this process. With `gui` it can show windows and outlives the last one."""
    QCoreApplication.setApplicationName("alchemist-desktop")
    if not gui:
        return QCoreApplication(sys.argv[:1])
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtWidgets import QApplication

    QGuiApplication.setApplicationDisplayName("Alchemist Desktop")
    QGuiApplication.setDesktopFileName("alchemist-desktop")
    application = QApplication(sys.argv[:1])
    application.setQuitOnLastWindowClosed(False)
    return application
