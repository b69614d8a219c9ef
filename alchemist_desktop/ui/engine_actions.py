"""The engine's switches as actions, shared by window and tray, and the engine's status as last heard."""

from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from alchemist_desktop.domain import events
from alchemist_desktop.domain.engine_state import EngineMode, EngineStatus
from alchemist_desktop.services.engine_control import EngineService
from alchemist_desktop.ui.actions import make_action
from alchemist_desktop.ui.bridge import Bridge
from alchemist_desktop.ui.tasks import Tasks
from alchemist_desktop.ui.theme import Theme
from alchemist_desktop.ui.timed_pause import TimedPause, tomorrow_morning

_SHORT_PAUSE = timedelta(minutes=30)


class EngineActions(QObject):
    """Owns the actions; `status_changed` carries an EngineStatus."""

    status_changed = Signal(object)

    def __init__(self, engine: EngineService, bridge: Bridge, tasks: Tasks, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._engine = engine
        self._tasks = tasks
        self._theme = theme
        self.status = engine.status()
        self.timed_pause = TimedPause(parent=self)
        self.timed_pause.ended.connect(self._on_pause_ended)
        self.toggle = make_action(self, "Pause", self._on_toggled, keys="Ctrl+P")
        self.drain = make_action(self, "Finish running jobs, then pause", self._command(engine.drain), keys="Ctrl+Shift+P")
        self.suspend = make_action(self, "Freeze running encodes now", self._command(engine.suspend_all), keys="Ctrl+Alt+P")
        self.pause_short = make_action(self, "Pause for 30 minutes", self._on_short_pause)
        self.pause_long = make_action(self, "Pause until tomorrow", self._on_long_pause)
        bridge.engine_status_changed.connect(self._on_status_event)
        bridge.job_changed.connect(self._on_job_changed)
        theme.changed.connect(self._show)
        self._show()

    @property
    def is_running(self) -> bool:
        """Whether the engine takes new jobs as far as the person is concerned."""
        return not self.status.manual_paused and not self.status.draining

    def set_mode(self, mode: EngineMode) -> None:
        if mode is not self.status.mode:
            self._tasks.run(self._engine.set_mode(mode), on_done=self._on_status)

    def _command(self, call: Callable[[], Coroutine[Any, Any, EngineStatus]]) -> Callable[[], None]:
        return lambda: self._tasks.run(call(), on_done=self._on_status)

    def _on_toggled(self) -> None:
        self.timed_pause.stop()
        self._tasks.run(self._engine.pause() if self.is_running else self._go_on(), on_done=self._on_status)

    async def _go_on(self) -> EngineStatus:
        if self.status.draining:
            await self._engine.stop_drain()
        return await self._engine.resume_all()

    def _on_short_pause(self) -> None:
        self._pause_until(datetime.now() + _SHORT_PAUSE)

    def _on_long_pause(self) -> None:
        self._pause_until(tomorrow_morning(datetime.now()))

    def _pause_until(self, until: datetime) -> None:
        def on_paused(status: EngineStatus) -> None:
            self.timed_pause.start(until)
            self._on_status(status)

        self._tasks.run(self._engine.suspend_all(), on_done=on_paused)

    def _on_pause_ended(self) -> None:
        self._tasks.run(self._go_on(), on_done=self._on_status)

    def _on_status_event(self, event: events.EngineStatusChanged) -> None:
        self._on_status(event.status)

    def _on_job_changed(self, event: events.JobChanged) -> None:
        if event.state_changed:
            self._on_status(self._engine.status())

    def _on_status(self, status: EngineStatus) -> None:
        self.status = status
        if self.is_running:
            self.timed_pause.stop()
        self._show()
        self.status_changed.emit(status)

    def _show(self) -> None:
        self.toggle.setText("Pause" if self.is_running else "Start")
        self.toggle.setIcon(self._theme.icon("pause" if self.is_running else "play", self._theme.colors.on_accent))
        self.drain.setIcon(self._theme.icon("drain"))
        self.suspend.setIcon(self._theme.icon("freeze"))
        for action in (self.drain, self.suspend, self.pause_short, self.pause_long):
            action.setEnabled(self.is_running)


def action_list(actions: EngineActions) -> list[QAction]:
    """The choices behind the pause button."""
    return [actions.drain, actions.suspend, actions.pause_short, actions.pause_long]
