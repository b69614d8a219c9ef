"""The real clock gives what its port promises."""

from datetime import UTC, timedelta

from alchemist_desktop.app.clock import SystemClock
from alchemist_desktop.domain.ports import Clock


def test_the_clock_gives_aware_utc_naive_local_and_growing_times() -> None:
    clock: Clock = SystemClock()
    first = clock.monotonic_s()
    assert clock.now().tzinfo is UTC
    assert clock.local_now().tzinfo is None
    assert abs(clock.local_now().astimezone(UTC) - clock.now()) < timedelta(minutes=1)
    assert clock.monotonic_s() >= first
