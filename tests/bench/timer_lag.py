"""How late Qt's timers fire, which is how smooth a window feels."""

import time

from PySide6.QtCore import Qt, QTimer

TICK_MS = 16


class TimerLag:
    """How many milliseconds late a 16 ms timer fires, as a window's animation would feel it."""

    def __init__(self) -> None:
        self.values_ms: list[float] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._last_s = time.perf_counter()
        self._timer.timeout.connect(self._tick)
        self._timer.start(TICK_MS)

    def _tick(self) -> None:
        now_s = time.perf_counter()
        self.values_ms.append(max(0.0, (now_s - self._last_s) * 1000 - TICK_MS))
        self._last_s = now_s
