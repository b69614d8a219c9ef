"""The engine's switches: what may start, and what is shown."""

from dataclasses import replace

import pytest

from alchemist_desktop.domain.engine_state import EngineMode, mode_limits
from alchemist_desktop.engine.switches import Switches

FREE = Switches(cpu_count=8)


@pytest.mark.parametrize(
    ("cpu_count", "limits"),
    [(1, (1, 1, 1)), (2, (1, 1, 1)), (4, (1, 2, 2)), (8, (1, 4, 4)), (32, (1, 4, 16))],
)
def test_each_mode_has_its_limit(cpu_count: int, limits: tuple[int, int, int]) -> None:
    computed = mode_limits(cpu_count)
    assert (computed[EngineMode.BACKGROUND], computed[EngineMode.BALANCED], computed[EngineMode.THROUGHPUT]) == limits


def test_free_slots_take_jobs_up_to_the_limit() -> None:
    assert [FREE.may_start(active) for active in (0, 3, 4, 5)] == [True, True, False, False]


def test_the_balanced_mode_spares_each_disk_until_a_person_chooses_a_number() -> None:
    assert FREE.is_one_per_device
    assert not replace(FREE, jobs_override=2).is_one_per_device
    assert not replace(FREE, mode=EngineMode.THROUGHPUT).is_one_per_device


def test_an_override_beats_the_mode() -> None:
    assert replace(FREE, jobs_override=7).concurrent_limit == 7
    assert replace(FREE, jobs_override=7).status(0).is_manual_override


@pytest.mark.parametrize(
    "held",
    [
        replace(FREE, manual_paused=True),
        replace(FREE, scheduler_paused=True),
        replace(FREE, draining=True),
        replace(FREE, hardware_pending=True),
        replace(FREE, closing=True),
    ],
)
def test_each_hold_keeps_jobs_from_starting(held: Switches) -> None:
    assert not held.may_start(0)


@pytest.mark.parametrize(
    ("switches", "active", "status", "reason"),
    [
        (FREE, 0, "running", None),
        (FREE, 4, "running", "workers_busy"),
        (replace(FREE, manual_paused=True), 0, "paused", "manual_paused"),
        (replace(FREE, scheduler_paused=True), 0, "paused", "scheduled_pause"),
        (replace(FREE, scheduler_paused=True, manual_paused=True), 0, "paused", "manual_paused"),
        (replace(FREE, draining=True), 1, "draining", "draining"),
        (replace(FREE, disk_block_reason="full"), 0, "running", "disk_guardrail"),
        (replace(FREE, draining=True, scheduler_paused=True), 0, "draining", "scheduled_pause"),
    ],
)
def test_status_and_reason_follow_the_documented_precedence(
    switches: Switches, active: int, status: str, reason: str | None
) -> None:
    shown = switches.status(active)
    assert (shown.status, shown.blocked_reason) == (status, reason)


def test_pausing_ends_a_drain_and_resuming_ends_both_but_not_the_schedule() -> None:
    draining = replace(FREE, draining=True, scheduler_paused=True)
    assert not draining.paused().draining
    resumed = draining.paused().resumed()
    assert (resumed.manual_paused, resumed.draining, resumed.scheduler_paused) == (False, False, True)


def test_a_drain_that_is_over_leaves_the_engine_paused() -> None:
    assert replace(FREE, draining=True).drained() == replace(FREE, manual_paused=True)
