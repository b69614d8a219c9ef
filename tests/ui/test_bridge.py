"""Events become signals, and progress comes in measured doses."""

from collections.abc import Iterator
from functools import partial

import pytest

from alchemist_desktop.domain import events
from alchemist_desktop.domain.attempt import JobProgress, LogEntry
from alchemist_desktop.domain.engine_state import ScanStatus
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.health import HealthStatus
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import JobState, Phase
from alchemist_desktop.domain.network import NetworkStatus
from alchemist_desktop.domain.plan import Action
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.ui.bridge import Bridge
from tests.ui.support import NOW, FakeEvents, MemoryEngine, make_job, until

FACTS: dict[str, events.Event] = {
    "job_added": events.JobAdded(job=make_job(1)),
    "job_changed": events.JobChanged(job=make_job(1), state_changed=True),
    "job_removed": events.JobRemoved(job_id=JobId(1)),
    "job_list_changed": events.JobListChanged(),
    "decision_made": events.DecisionMade(job_id=JobId(1), action=Action.SKIP, explanation=explain("no_video_stream")),
    "log_written": events.LogWritten(entry=LogEntry(id=1, level="info", job_id=None, message="x", created_at=NOW)),
    "engine_status_changed": events.EngineStatusChanged(status=MemoryEngine(FakeEvents()).status()),
    "engine_idle": events.EngineIdle(),
    "scan_started": events.ScanStarted(),
    "scan_completed": events.ScanCompleted(status=ScanStatus()),
    "settings_changed": events.SettingsChanged(settings=Settings()),
    "watch_folder_added": events.WatchFolderAdded(path="/a"),
    "watch_folder_removed": events.WatchFolderRemoved(path="/a"),
    "hardware_changed": events.HardwareChanged(),
    "network_changed": events.NetworkChanged(status=NetworkStatus()),
    "disk_space_low": events.DiskSpaceLow(reason="full"),
    "health_scan_started": events.HealthScanStarted(status=HealthStatus(is_running=True)),
    "health_scan_completed": events.HealthScanCompleted(status=HealthStatus()),
    "access_changed": events.AccessChanged(),
    "health_checked": events.HealthChecked(path="/a"),
}


@pytest.fixture
def source() -> FakeEvents:
    return FakeEvents()


@pytest.fixture
def bridge(qapp: object, source: FakeEvents) -> Iterator[Bridge]:
    bridge = Bridge(source)
    yield bridge
    bridge.stop()


def progressed(job_id: int, percent: float) -> events.JobProgressed:
    return events.JobProgressed(progress=JobProgress(job_id=JobId(job_id), phase=Phase.ENCODING, percent=percent))


def test_the_list_of_facts_is_whole() -> None:
    # by name: a dataclass with slots leaves its first self behind among the subclasses
    assert {type(event).__name__ for event in FACTS.values()} == {kind.__name__ for kind in events.Event.__subclasses__()}


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_passes_at_once(bridge: Bridge, source: FakeEvents, name: str) -> None:
    heard: list[events.Event] = []
    getattr(bridge, name).connect(heard.append)
    source.publish(FACTS[name])
    assert heard == [FACTS[name]]


@pytest.mark.anyio
async def test_of_much_progress_the_newest_of_each_job_passes(bridge: Bridge, source: FakeEvents) -> None:
    heard: list[events.JobProgressed] = []
    bridge.job_progressed.connect(heard.append)
    for percent in range(100):
        source.publish(progressed(1, percent))
        source.publish(progressed(2, percent / 2))
    assert heard == []
    await until(lambda: heard)
    assert [(event.progress.job_id, event.progress.percent) for event in heard] == [(1, 99), (2, 49.5)]


@pytest.mark.anyio
async def test_every_dose_holds_what_came_since_the_last(bridge: Bridge, source: FakeEvents) -> None:
    heard: list[float] = []
    bridge.job_progressed.connect(lambda event: heard.append(event.progress.percent))
    for percents in ((5, 10), (15, 20), (30,)):
        for percent in percents:
            source.publish(progressed(1, percent))
        await until(partial(heard.__contains__, percents[-1]))
    assert heard == [10, 20, 30]


@pytest.mark.anyio
async def test_progress_from_before_a_change_of_state_is_dropped(bridge: Bridge, source: FakeEvents) -> None:
    heard: list[int] = []
    bridge.job_progressed.connect(lambda event: heard.append(event.progress.job_id))
    source.publish(progressed(1, 99))
    source.publish(progressed(2, 50))
    source.publish(events.JobChanged(job=make_job(1, JobState.COMPLETED), state_changed=True))
    await until(lambda: heard)
    assert heard == [2]


@pytest.mark.anyio
async def test_the_progress_of_a_scan_passes_too(bridge: Bridge, source: FakeEvents) -> None:
    heard: list[events.ScanProgressed] = []
    bridge.scan_progressed.connect(heard.append)
    for found in range(5):
        source.publish(events.ScanProgressed(status=ScanStatus(is_running=True, files_found=found)))
    await until(lambda: heard)
    assert [event.status.files_found for event in heard] == [4]


@pytest.mark.anyio
async def test_a_scan_and_a_health_check_do_not_hide_each_other(bridge: Bridge, source: FakeEvents) -> None:
    heard: list[events.ProgressEvent] = []
    bridge.scan_progressed.connect(heard.append)
    bridge.health_scan_progressed.connect(heard.append)
    source.publish(events.HealthScanProgressed(status=HealthStatus(checked=1)))
    source.publish(events.ScanProgressed(status=ScanStatus(files_found=3)))
    source.publish(events.HealthScanProgressed(status=HealthStatus(checked=2)))
    await until(lambda: len(heard) == 2)
    assert events.HealthScanProgressed(status=HealthStatus(checked=2)) in heard


def test_after_the_stop_nothing_is_heard(bridge: Bridge, source: FakeEvents) -> None:
    heard: list[object] = []
    bridge.engine_idle.connect(heard.append)
    bridge.stop()
    bridge.stop()
    source.publish(events.EngineIdle())
    assert heard == []
    assert source.receiver_count == 0
