"""Reads something again when asked, never twice at once and never too often."""

from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, QTimer

from alchemist_desktop.ui.tasks import Tasks

_Value = TypeVar("_Value")
_REST_FACTOR = 4  # a slow read leaves at least this many times its own length in peace


class Refresher(QObject, Generic[_Value]):
    """`request` leads to one `load`, whose result goes to `apply`. Requests during a load lead to one more load after it."""

    def __init__(
        self,
        tasks: Tasks,
        load: Callable[[], Coroutine[Any, Any, _Value]],
        apply: Callable[[_Value], None],
        *,
        interval_ms: int,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._load = load
        self._apply = apply
        self._interval_s = interval_ms / 1000
        self._is_loading = False
        self._is_wanted = False
        self._started_s = 0.0
        self._rest_until_s = 0.0
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._start)

    def request(self, *, at_once: bool = False) -> None:
        """Load soon; `at_once` does not wait for the interval to pass (somebody is looking)."""
        self._is_wanted = True
        if at_once:
            self._rest_until_s = 0.0
        if not self._is_loading and (at_once or not self._timer.isActive()):
            wait_s = max(0.0, self._rest_until_s - monotonic())
            self._timer.start(round(wait_s * 1000))

    def _start(self) -> None:
        if self._is_loading or not self._is_wanted:
            return
        self._is_loading, self._is_wanted = True, False
        self._started_s = monotonic()
        self._tasks.run(self._load(), on_done=self._on_loaded, on_error=self._on_failed)

    def _on_loaded(self, value: _Value) -> None:
        self._rest()
        self._apply(value)

    def _on_failed(self, _error: BaseException) -> None:
        self._rest()

    def _rest(self) -> None:
        now_s = monotonic()
        self._is_loading = False
        self._rest_until_s = now_s + max(self._interval_s, _REST_FACTOR * (now_s - self._started_s))
        if self._is_wanted:
            self.request()
