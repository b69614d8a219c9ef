"""The job state machine."""

import pytest

from alchemist_desktop.domain.job import ACTIVE_STATES, TERMINAL_STATES, JobState, can_move, states_before


def test_every_state_is_queued_active_or_terminal() -> None:
    assert {JobState.QUEUED} | ACTIVE_STATES | TERMINAL_STATES == set(JobState)
    assert not ACTIVE_STATES & TERMINAL_STATES


@pytest.mark.parametrize("state", sorted(TERMINAL_STATES))
def test_a_terminal_state_is_left_for_the_queue_only(state: JobState) -> None:
    assert [new for new in JobState if can_move(state, new)] == [JobState.QUEUED]


@pytest.mark.parametrize("state", sorted(ACTIVE_STATES))
def test_an_active_job_can_end_in_every_way(state: JobState) -> None:
    assert all(can_move(state, end) for end in (*TERMINAL_STATES, JobState.QUEUED))


def test_a_queued_job_never_jumps_to_an_end_but_cancelled() -> None:
    assert {new for new in TERMINAL_STATES if can_move(JobState.QUEUED, new)} == {JobState.CANCELLED}


def test_states_before_is_the_inverse_of_can_move() -> None:
    for new in JobState:
        assert states_before(new) == {old for old in JobState if can_move(old, new)}
