"""What can be done with the selected jobs, as actions for keys and the context menu."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QByteArray, QObject, QUrl
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.domain.queries import JobDetails
from alchemist_desktop.ui import words
from alchemist_desktop.ui.actions import make_action
from alchemist_desktop.ui.dialogs.confirm import ask
from alchemist_desktop.ui.face import Face
from alchemist_desktop.ui.models.job_table import JobTableModel
from alchemist_desktop.ui.widgets.job_details import command_line

_ASK_FROM = 20  # actions on so many jobs are asked about first
_LOOK_AT_MOST = 500  # selected jobs that are looked at to decide which actions make sense


class QueueActions(QObject):
    """The actions work on what `selected` returns; they are added to `widget`, so their keys work while it has the focus."""

    def __init__(self, face: Face, model: JobTableModel, selected: Callable[[], list[JobId]], widget: QWidget) -> None:
        super().__init__(widget)
        self._face = face
        self._model = model
        self._selected = selected
        self._widget = widget
        self.cancel = self._make("Cancel", lambda: self._batch("cancel"), "close", "Del")
        self.restart = self._make("Restart", lambda: self._batch("restart"), "restart", "Ctrl+R")
        self.archive = self._make("Remove from the list", lambda: self._batch("delete"), "archive", "Shift+Del")
        self.hold = self._make("Suspend", self._on_hold, "freeze", "Space")
        self.sooner = self._make("Higher priority", lambda: self._shift_priority(1), "up", "Alt+Up")
        self.later = self._make("Lower priority", lambda: self._shift_priority(-1), "down", "Alt+Down")
        self.undo = self._make("Bring the original back…", self._on_undo, "undo", "Ctrl+Z")
        self.open_folder = self._make("Open folder", self._on_open_folder, "folder", "Ctrl+Return")
        self.copy_path = self._make("Copy path", self._on_copy_path, "copy", QKeySequence.StandardKey.Copy)
        self.copy_command = self._make("Copy FFmpeg command", self._on_copy_command, "terminal", "Ctrl+Shift+C")
        self.update()

    def menu(self) -> QMenu:
        """A context menu for the present selection."""
        self.update()
        menu = QMenu(self._widget)
        for group in (
            (self.hold, self.cancel, self.restart, self.archive),
            (self.sooner, self.later),
            (self.undo,),
            (self.open_folder, self.copy_path, self.copy_command),
        ):
            menu.addActions(group)
            menu.addSeparator()
        return menu

    def update(self) -> None:
        """Enable what makes sense for the selection."""
        ids = self._selected()
        jobs = [self._model.job(job_id) for job_id in ids[:_LOOK_AT_MOST]]
        # A job that was not read yet may allow anything; the service has the last word.
        known = [job for job in jobs if job is not None]
        is_unsure = len(known) < len(ids)
        self.cancel.setEnabled(is_unsure or any(job.can_cancel for job in known))
        self.restart.setEnabled(is_unsure or any(job.can_restart for job in known))
        self.archive.setEnabled(is_unsure or any(job.can_delete for job in known))
        active = [job for job in known if job.state.is_active]
        self.hold.setEnabled(bool(active))
        self.hold.setText("Resume" if any(self._is_suspended(job) for job in active) else "Suspend")
        is_one = len(ids) == 1
        self.undo.setEnabled(is_one and known != [] and known[0].state is JobState.COMPLETED)
        for action in (self.open_folder, self.copy_command):
            action.setEnabled(is_one)
        for action in (self.sooner, self.later, self.copy_path):
            action.setEnabled(bool(known))

    def _make(self, text: str, call: Callable[[], None], icon: str, keys: str | QKeySequence.StandardKey) -> QAction:
        action = make_action(self._widget, text, call, keys=keys, icon=self._face.theme.icon(icon))
        self._face.theme.changed.connect(lambda: action.setIcon(self._face.theme.icon(icon)))
        self._widget.addAction(action)
        return action

    def _batch(self, verb: str) -> None:
        ids = self._selected()
        if not ids:
            return
        if len(ids) < _ASK_FROM:
            self._run_batch(verb, ids)
            return
        name = {"cancel": "Cancel", "restart": "Restart", "delete": "Remove"}[verb]
        jobs = words.count(len(ids), "job")
        text = "The files themselves are not touched." if verb != "restart" else "They are queued again from the start."
        ask(self._widget, title=f"{name} {jobs}?", text=text, yes=f"{name} {jobs}", on_yes=lambda: self._run_batch(verb, ids))

    def _run_batch(self, verb: str, ids: Sequence[JobId]) -> None:
        done = {"cancel": "Cancelled", "restart": "Queued again", "delete": "Removed"}[verb]
        self._face.tasks.run(
            self._face.services.jobs.batch(verb, ids),
            on_done=lambda count: self._face.notices.tell(f"{done}: {words.count(count, 'job')}."),
        )

    def _on_hold(self) -> None:
        active = [job for job in self._known() if job.state.is_active]
        resumed = [job for job in active if self._is_suspended(job)]
        service = self._face.services.jobs
        for job in resumed or active:
            self._face.tasks.run(service.resume(job.id) if resumed else service.suspend(job.id))

    def _shift_priority(self, step: int) -> None:
        for job in self._known():
            self._face.tasks.run(self._face.services.jobs.set_priority(job.id, job.priority + step))

    def _on_undo(self) -> None:
        job = next(iter(self._known()), None)
        if job is None:
            return
        ask(
            self._widget,
            title="Bring the original back?",
            text=f"The original of {words.file_name(job.input_path)} returns from the trash to its place; the result leaves it.",
            yes="Bring it back",
            on_yes=lambda: self._face.tasks.run(self._face.services.jobs.undo(job.id), on_done=self._on_undone),
        )

    def _on_undone(self, path: str) -> None:
        self._face.notices.tell(f"The original is back: {words.shown_path(path)}")

    def _on_open_folder(self) -> None:
        for job in self._known()[:1]:
            url = QUrl.fromEncoded(QByteArray(Path(job.input_path).parent.as_uri().encode()))
            if not QDesktopServices.openUrl(url):
                self._face.notices.warn("This desktop did not open the folder.")

    def _on_copy_path(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(words.shown_path(job.input_path) for job in self._known()))

    def _on_copy_command(self) -> None:
        for job_id in self._selected()[:1]:
            self._face.tasks.run(self._face.services.jobs.details(job_id), on_done=self._copy_command_of)

    def _copy_command_of(self, details: JobDetails) -> None:
        command = command_line(details.attempts)
        if command is None:
            self._face.notices.tell("No command has been run for this job yet.")
            return
        QGuiApplication.clipboard().setText(words.shown_path(command))
        self._face.notices.tell("The FFmpeg command is in the clipboard.")

    def _known(self) -> list[Job]:
        jobs = (self._model.job(job_id) for job_id in self._selected())
        return [job for job in jobs if job is not None]

    def _is_suspended(self, job: Job) -> bool:
        progress = self._model.progress(job.id)
        return progress is not None and progress.is_suspended
