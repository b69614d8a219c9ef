"""The event bus: order, numbers, resume."""

import pytest

from alchemist_desktop.domain.attempt import JobProgress
from alchemist_desktop.domain.events import EngineIdle, JobProgressed, Published, ScanStarted
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Phase
from alchemist_desktop.engine.bus import EventBus

PROGRESS = JobProgressed(progress=JobProgress(job_id=JobId(1), phase=Phase.ENCODING, percent=1.0))


def test_facts_are_numbered_and_progress_is_not() -> None:
    bus = EventBus()
    seen: list[Published] = []
    bus.subscribe(seen.append)
    bus.publish(ScanStarted())
    bus.publish(PROGRESS)
    bus.publish(EngineIdle())
    assert [published.number for published in seen] == [1, 0, 2]
    assert bus.last_number == 2


def test_unsubscribed_receivers_hear_nothing_more() -> None:
    bus = EventBus()
    seen: list[Published] = []
    unsubscribe = bus.subscribe(seen.append)
    unsubscribe()
    unsubscribe()
    bus.publish(EngineIdle())
    assert seen == []


def test_a_receiver_that_fails_does_not_keep_others_from_their_event(caplog: pytest.LogCaptureFixture) -> None:
    bus = EventBus()
    seen: list[Published] = []

    def fail(_published: Published) -> None:
        raise RuntimeError("broken receiver")

    bus.subscribe(fail)
    bus.subscribe(seen.append)
    bus.publish(EngineIdle())
    assert len(seen) == 1
    assert "broken receiver" in caplog.text


def test_what_a_receiver_publishes_comes_after_what_it_was_told_for_everybody() -> None:
    bus = EventBus()
    seen: list[Published] = []

    def answer(published: Published) -> None:
        if isinstance(published.event, ScanStarted):
            bus.publish(EngineIdle())

    bus.subscribe(answer)
    bus.subscribe(seen.append)
    bus.publish(ScanStarted())
    assert [(published.number, type(published.event)) for published in seen] == [(1, ScanStarted), (2, EngineIdle)]


def test_since_gives_the_facts_after_a_number() -> None:
    bus = EventBus()
    for _ in range(5):
        bus.publish(EngineIdle())
    assert [published.number for published in bus.since(3) or []] == [4, 5]
    assert list(bus.since(5) or []) == []
    assert bus.since(5) is not None


def test_since_tells_when_too_much_was_missed_or_the_number_is_from_another_life() -> None:
    bus = EventBus()
    for _ in range(3000):
        bus.publish(EngineIdle())
    assert bus.since(1) is None
    assert bus.since(9999) is None
    assert len(bus.since(2999) or []) == 1
