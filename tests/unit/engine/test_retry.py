"""Retries: only what can heal, each time later, never for ever."""

from datetime import UTC, datetime, timedelta

import pytest

from alchemist_desktop.engine.retry import next_attempt_at

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(("attempt", "minutes"), [(1, 5), (2, 15), (3, 60), (4, 360), (9, 360)])
def test_each_attempt_waits_longer(attempt: int, minutes: int) -> None:
    assert next_attempt_at("disk_full", attempt, 10, NOW) == NOW + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    "code",
    ["corrupt_or_unreadable_media", "source_truncated", "verification_failed", "muxer_failed", "cancelled", "no_such_code"],
)
def test_what_cannot_heal_is_not_tried_again(code: str) -> None:
    assert next_attempt_at(code, 1, 3, NOW) is None


def test_the_last_attempt_is_the_last() -> None:
    assert next_attempt_at("stalled", 2, 3, NOW) is not None
    assert next_attempt_at("stalled", 3, 3, NOW) is None
