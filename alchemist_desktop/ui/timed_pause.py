"""A pause that ends by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, QTimer, Signal

_LOOK_EVERY_MS = 10_000  # by the wall clock, so that a sleeping computer does not prolong the pause
_MORNING_HOUR = 6


def tomorrow_morning(now_local: datetime) -> datetime:
    """When a pause "until tomorrow" ends: the next time it is six in the morning of another day."""
    return (now_local + timedelta(days=1)).replace(hour=_MORNING_HOUR, minute=0, second=0, microsecond=0)


class TimedPause(QObject):
    """Says `ended` once when the time has come, unless it was stopped before."""

    ended = Signal()

    def __init__(self, local_now: Callable[[], datetime] = datetime.now, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._local_now = local_now
        self.until: datetime | None = None
        self._timer = QTimer(self, interval=_LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def start(self, until: datetime) -> None:
        self.until = until
        self._timer.start()

    def stop(self) -> None:
        self.until = None
        self._timer.stop()

    def look(self) -> None:
        """Compare with the clock; the timer calls this."""
        if self.until is not None and self._local_now() >= self.until:
            self.stop()
            self.ended.emit()
