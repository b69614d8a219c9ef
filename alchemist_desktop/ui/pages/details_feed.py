"""Keeps the details pane true to the current job."""

from PySide6.QtCore import QObject

from alchemist_desktop.domain import events
from alchemist_desktop.domain.errors import NotFoundError
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.queries import JobDetails
from alchemist_desktop.ui.face import Face
from alchemist_desktop.ui.models.job_table import JobTableModel
from alchemist_desktop.ui.refresher import Refresher
from alchemist_desktop.ui.widgets.job_details import JobDetailsPane

_INTERVAL_MS = 500


class DetailsFeed(QObject):
    """`follow` names the job to show; its changes and progress then reach the pane by themselves."""

    def __init__(self, face: Face, model: JobTableModel, pane: JobDetailsPane) -> None:
        super().__init__(pane)
        self._jobs = face.services.jobs
        self._model = model
        self._pane = pane
        self._current: JobId | None = None
        self._refresher = Refresher(face.tasks, self._load, self._on_loaded, interval_ms=_INTERVAL_MS, parent=self)
        face.bridge.job_changed.connect(self._on_job_changed)
        face.bridge.job_progressed.connect(self._on_job_progressed)
        face.bridge.job_list_changed.connect(lambda _event: self._refresher.request())

    def follow(self, job_id: JobId | None) -> None:
        self._current = job_id
        if job_id is None:
            self._pane.clear()
        else:
            self._refresher.request(at_once=True)

    async def _load(self) -> JobDetails | None:
        if self._current is None:
            return None
        try:
            return await self._jobs.details(self._current)
        except NotFoundError:
            return None  # it was removed while it was being looked at

    def _on_loaded(self, details: JobDetails | None) -> None:
        if details is None:
            self._pane.clear()
        elif details.job.id == self._current:
            self._pane.show_details(details, self._model.progress(details.job.id))

    def _on_job_changed(self, event: events.JobChanged) -> None:
        if event.job.id == self._current:
            self._refresher.request()

    def _on_job_progressed(self, event: events.JobProgressed) -> None:
        self._pane.show_progress(event.progress)
