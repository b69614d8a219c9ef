"""Turns the program's events into Qt signals; progress is thinned out to ten values a second."""

from PySide6.QtCore import QObject, QTimer, Signal, SignalInstance

from alchemist_desktop.domain import events
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.ports import EventSource

PROGRESS_INTERVAL_MS = 100


class Bridge(QObject):
    """Every signal carries the event of that name. Facts pass at once; of progress the newest value per job passes.

    Lives on the loop's thread from construction until `stop`.
    """

    job_added = Signal(object)
    job_changed = Signal(object)
    job_removed = Signal(object)
    job_list_changed = Signal(object)
    decision_made = Signal(object)
    access_changed = Signal(object)
    log_written = Signal(object)
    engine_status_changed = Signal(object)
    engine_idle = Signal(object)
    scan_started = Signal(object)
    scan_completed = Signal(object)
    settings_changed = Signal(object)
    watch_folder_added = Signal(object)
    watch_folder_removed = Signal(object)
    hardware_changed = Signal(object)
    network_changed = Signal(object)
    disk_space_low = Signal(object)
    health_scan_started = Signal(object)
    health_scan_completed = Signal(object)
    health_checked = Signal(object)
    job_progressed = Signal(object)
    scan_progressed = Signal(object)
    health_scan_progressed = Signal(object)

    def __init__(self, source: EventSource, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._signals: dict[type[events.Event], SignalInstance] = {
            events.JobAdded: self.job_added,
            events.JobChanged: self.job_changed,
            events.JobRemoved: self.job_removed,
            events.JobListChanged: self.job_list_changed,
            events.DecisionMade: self.decision_made,
            events.AccessChanged: self.access_changed,
            events.LogWritten: self.log_written,
            events.EngineStatusChanged: self.engine_status_changed,
            events.EngineIdle: self.engine_idle,
            events.ScanStarted: self.scan_started,
            events.ScanCompleted: self.scan_completed,
            events.SettingsChanged: self.settings_changed,
            events.WatchFolderAdded: self.watch_folder_added,
            events.WatchFolderRemoved: self.watch_folder_removed,
            events.HardwareChanged: self.hardware_changed,
            events.NetworkChanged: self.network_changed,
            events.DiskSpaceLow: self.disk_space_low,
            events.HealthScanStarted: self.health_scan_started,
            events.HealthScanCompleted: self.health_scan_completed,
            events.HealthChecked: self.health_checked,
        }
        self._pending: dict[JobId | type, events.ProgressEvent] = {}
        self._timer = QTimer(self, singleShot=True, interval=PROGRESS_INTERVAL_MS)
        self._timer.timeout.connect(self._on_interval_passed)
        self._unsubscribe = source.subscribe(self._receive)

    def stop(self) -> None:
        """Hear nothing more; may be called twice."""
        self._unsubscribe()
        self._timer.stop()
        self._pending.clear()

    def _receive(self, published: events.Published) -> None:
        event = published.event
        if isinstance(event, events.ProgressEvent):
            self._pending[_key(event)] = event
            if not self._timer.isActive():
                self._timer.start()
            return
        if isinstance(event, events.JobChanged | events.JobRemoved):
            self._drop_stale(event)
        elif isinstance(event, events.HealthScanCompleted):
            self._pending.pop(events.HealthScanProgressed, None)
        signal = self._signals.get(type(event))
        if signal is not None:
            signal.emit(event)

    def _drop_stale(self, event: events.JobChanged | events.JobRemoved) -> None:
        """Progress from before a change of state must not arrive after it."""
        if isinstance(event, events.JobRemoved):
            self._pending.pop(event.job_id, None)
        elif event.state_changed:
            self._pending.pop(event.job.id, None)

    def _on_interval_passed(self) -> None:
        pending, self._pending = self._pending, {}
        for event in pending.values():
            if isinstance(event, events.JobProgressed):
                self.job_progressed.emit(event)
            elif isinstance(event, events.ScanProgressed):
                self.scan_progressed.emit(event)
            elif isinstance(event, events.HealthScanProgressed):
                self.health_scan_progressed.emit(event)


def _key(event: events.ProgressEvent) -> JobId | type:
    """Of each job the newest value counts, and of each kind of scan, of which there is one at a time."""
    return event.progress.job_id if isinstance(event, events.JobProgressed) else type(event)
