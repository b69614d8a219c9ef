"""Sentences for the person at the window, from wherever they arise to the message bar."""

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from alchemist_desktop.ui.colors import Tone


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message; `details` is longer text that can be copied, such as a traceback."""

    text: str
    tone: Tone = Tone.INFO
    details: str = ""

    @property
    def is_lasting(self) -> bool:
        """Whether it stays until it is dismissed."""
        return self.tone in {Tone.DANGER, Tone.WARNING}


class Notices(QObject):
    """Where every part of the window says something; `posted` carries a Notice."""

    posted = Signal(object)

    def tell(self, text: str) -> None:
        self.posted.emit(Notice(text=text))

    def warn(self, text: str) -> None:
        self.posted.emit(Notice(text=text, tone=Tone.WARNING))

    def fail(self, text: str, details: str = "") -> None:
        self.posted.emit(Notice(text=text, tone=Tone.DANGER, details=details))
