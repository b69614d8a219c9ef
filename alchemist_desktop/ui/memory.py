"""What the window remembers from one start to the next, in an INI file."""

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings


class Memory:
    """Named layouts (as Qt saves them), choices, and things that are said only once."""

    def __init__(self, file: Path) -> None:
        self._settings = QSettings(str(file), QSettings.Format.IniFormat)

    def save_layout(self, name: str, state: QByteArray) -> None:
        self._settings.setValue(f"layout/{name}", state)

    def layout(self, name: str) -> QByteArray:
        """Empty when there is none yet, or when the file was spoiled by hand."""
        value = self._settings.value(f"layout/{name}")
        return value if isinstance(value, QByteArray) else QByteArray()

    def save_choice(self, name: str, value: str) -> None:
        self._settings.setValue(f"choice/{name}", value)

    def choice(self, name: str) -> str:
        """Empty when none was made yet."""
        return str(self._settings.value(f"choice/{name}", ""))

    def is_first_time(self, what: str) -> bool:
        """True exactly once for each `what`."""
        key = f"told/{what}"
        if self._settings.contains(key):
            return False
        self._settings.setValue(key, True)
        return True

    def save(self) -> None:
        self._settings.sync()
