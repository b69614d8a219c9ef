"""The sums over all jobs that several parts of the window show, read again as jobs change."""

from PySide6.QtCore import QObject, Signal

from alchemist_desktop.domain import events
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.queries import JobTotals, Savings
from alchemist_desktop.services.container import Services
from alchemist_desktop.ui.bridge import Bridge
from alchemist_desktop.ui.refresher import Refresher
from alchemist_desktop.ui.tasks import Tasks

_NO_TOTALS = JobTotals(total=0, completed=0, active=0, failed=0, by_state={})
_TOTALS_INTERVAL_MS = 700
_SAVINGS_INTERVAL_MS = 5000


class Figures(QObject):
    """Keeps the latest totals and savings; the signals carry JobTotals and Savings."""

    totals_changed = Signal(object)
    savings_changed = Signal(object)

    def __init__(self, services: Services, bridge: Bridge, tasks: Tasks, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.totals = _NO_TOTALS
        self._totals = Refresher(tasks, services.stats.totals, self._on_totals, interval_ms=_TOTALS_INTERVAL_MS, parent=self)
        self._savings = Refresher(tasks, services.stats.savings, self._on_savings, interval_ms=_SAVINGS_INTERVAL_MS, parent=self)
        for signal in (bridge.job_added, bridge.job_removed, bridge.job_list_changed):
            signal.connect(self._on_list_changed)
        bridge.job_changed.connect(self._on_job_changed)

    def load(self) -> None:
        """Read everything for the first time."""
        self._totals.request(at_once=True)
        self._savings.request(at_once=True)

    def _on_list_changed(self, _event: events.Event) -> None:
        self._totals.request()

    def _on_job_changed(self, event: events.JobChanged) -> None:
        if event.state_changed:
            self._totals.request()
            if event.job.state is JobState.COMPLETED:
                self._savings.request()

    def _on_totals(self, totals: JobTotals) -> None:
        self.totals = totals
        self.totals_changed.emit(totals)

    def _on_savings(self, savings: Savings) -> None:
        self.savings_changed.emit(savings)
