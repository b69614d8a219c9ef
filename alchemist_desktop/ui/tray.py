"""The program in the tray: its icon, its menu and its messages."""

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon, QWidget

from alchemist_desktop.domain import events
from alchemist_desktop.domain.attempt import JobProgress
from alchemist_desktop.domain.engine_state import EngineStatus
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.ui import words
from alchemist_desktop.ui.bridge import Bridge
from alchemist_desktop.ui.engine_actions import EngineActions
from alchemist_desktop.ui.tray_icon import TrayState, tray_icon

_FAILURES_GATHERED_MS = 3000
_TOOLTIP_NAMES = 3


class Tray(QObject):
    """Lives while the window lives, shown or hidden. `open_wanted` and `quit_wanted` come from its menu."""

    open_wanted = Signal()
    quit_wanted = Signal()

    def __init__(self, actions: EngineActions, bridge: Bridge, sign: QIcon, window: QWidget) -> None:
        super().__init__(window)
        self._actions = actions
        self._sign = sign
        self._active: dict[JobId, tuple[str, float]] = {}  # file name and percent
        self._drawn: tuple[TrayState, int] | None = None
        self._completed = 0
        self._failed: list[Job] = []
        self._needs_help = False
        self._menu = QMenu(window)
        self._current = self._menu.addAction("Nothing is running")
        self._fill_menu()
        self.icon = QSystemTrayIcon(self)
        self.icon.setContextMenu(self._menu)
        self.icon.activated.connect(self._on_activated)
        self._gather = QTimer(self, singleShot=True, interval=_FAILURES_GATHERED_MS)
        self._gather.timeout.connect(self._tell_failures)
        actions.status_changed.connect(self._on_status_changed)
        bridge.job_changed.connect(self._on_job_changed)
        bridge.job_removed.connect(lambda event: self._forget(event.job_id))
        bridge.job_progressed.connect(lambda event: self._on_progress(event.progress))
        bridge.engine_idle.connect(lambda _event: self._tell_end())
        self._show()
        self.icon.show()

    @property
    def state(self) -> TrayState:
        if self._needs_help or self._actions.status.disk_blocked:
            return TrayState.ATTENTION
        if self._actions.status.status == "paused":
            return TrayState.PAUSED
        return TrayState.WORKING if self._active else TrayState.IDLE

    @property
    def percent(self) -> float:
        """The mean over the running jobs."""
        return sum(percent for _, percent in self._active.values()) / len(self._active) if self._active else 0.0

    @property
    def current_text(self) -> str:
        return self._current.text()

    def say(self, title: str, text: str) -> None:
        self.icon.showMessage(title, text, self._sign)

    def calm_down(self) -> None:
        """The person has seen the window: failures before now need no mark any more."""
        self._needs_help = False
        self._show()

    def _fill_menu(self) -> None:
        menu, actions = self._menu, self._actions
        self._current.setEnabled(False)
        menu.addSeparator()
        opener = menu.addAction("Open Alchemist", self.open_wanted.emit)
        menu.setDefaultAction(opener)
        menu.addSeparator()
        menu.addActions([actions.toggle, actions.pause_short, actions.pause_long])
        menu.addSeparator()
        menu.addAction("Quit", self.quit_wanted.emit)

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in {QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick}:
            self.open_wanted.emit()

    def _on_status_changed(self, _status: EngineStatus) -> None:
        self._show()

    def _on_job_changed(self, event: events.JobChanged) -> None:
        job = event.job
        if job.state.is_active:
            self._active[job.id] = (words.file_name(job.input_path), job.progress)
        else:
            self._active.pop(job.id, None)
        if event.state_changed and job.state is JobState.COMPLETED:
            self._completed += 1
        elif event.state_changed and job.state is JobState.FAILED:
            self._failed.append(job)
            self._needs_help = True
            self._gather.start()
        self._show()

    def _forget(self, job_id: JobId) -> None:
        self._active.pop(job_id, None)
        self._show()

    def _on_progress(self, progress: JobProgress) -> None:
        known = self._active.get(progress.job_id)
        if known is not None:
            self._active[progress.job_id] = (known[0], progress.percent)
            self._show()

    def _tell_failures(self) -> None:
        failed, self._failed = self._failed, []
        if len(failed) == 1 and failed[0].failure is not None:
            self.say(f"{words.file_name(failed[0].input_path)} failed", failed[0].failure.summary)
        elif failed:
            self.say(f"{words.count(len(failed), 'job')} failed", "Open the queue to see why.")

    def _tell_end(self) -> None:
        completed, self._completed = self._completed, 0
        if completed:
            self.say("All work is done", f"{words.count(completed, 'file')} completed.")

    def _show(self) -> None:
        percent = self.percent
        names = [f"{name}: {each:.0f} %" for name, each in self._active.values()]
        self._current.setText(
            names[0] if len(names) == 1 else f"{len(names)} jobs, {percent:.0f} %" if names else "Nothing is running"
        )
        more = [f"and {len(names) - _TOOLTIP_NAMES} more"] if len(names) > _TOOLTIP_NAMES else []
        self.icon.setToolTip("\n".join(["Alchemist", *names[:_TOOLTIP_NAMES], *more]))
        drawn = (self.state, round(percent / 2) if self._active else 0)
        if drawn != self._drawn:
            self._drawn = drawn
            self.icon.setIcon(tray_icon(self._sign, self.state, percent))
