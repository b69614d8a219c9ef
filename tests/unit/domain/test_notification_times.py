"""Quiet hours and the daily summary, by the clock."""

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from alchemist_desktop.domain.notification import NotificationEvent
from alchemist_desktop.domain.notification_times import (
    PeriodFigures,
    SummaryMark,
    is_held,
    is_quiet,
    is_summary_due,
    summary_notice,
)
from alchemist_desktop.domain.settings import Notifications

NIGHT = Notifications(quiet_hours_enabled=True)
NOON_REST = Notifications(quiet_hours_enabled=True, quiet_hours_start_local="12:00", quiet_hours_end_local="13:30")


def _at(clock: str, day: int = 10) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(2026, 5, day, hour, minute)


@pytest.mark.parametrize(
    ("settings", "clock", "quiet"),
    [
        (NIGHT, "21:59", False),
        (NIGHT, "22:00", True),
        (NIGHT, "00:00", True),
        (NIGHT, "07:59", True),
        (NIGHT, "08:00", False),
        (NOON_REST, "11:59", False),
        (NOON_REST, "12:00", True),
        (NOON_REST, "13:29", True),
        (NOON_REST, "13:30", False),
        (Notifications(), "23:00", False),
        (Notifications(quiet_hours_start_local="08:00"), "08:00", False),
    ],
)
def test_quiet_hours(settings: Notifications, clock: str, quiet: bool) -> None:
    assert is_quiet(settings, _at(clock)) is quiet


def test_failures_and_the_summary_do_not_wait() -> None:
    held = {event for event in NotificationEvent if is_held(event, NIGHT, _at("23:00"))}
    assert held == set(NotificationEvent) - {NotificationEvent.FAILED, NotificationEvent.DAILY_SUMMARY}
    assert not any(is_held(event, NIGHT, _at("12:00")) for event in NotificationEvent)


@pytest.mark.parametrize(
    ("last", "now", "due"),
    [
        (_at("09:00", 9), _at("08:59", 10), False),
        (_at("09:00", 9), _at("09:00", 10), True),
        (_at("09:00", 10), _at("09:00", 10), False),
        (_at("09:01", 10), _at("23:59", 10), False),
        (_at("09:01", 10), _at("00:10", 11), False),
        (_at("20:00", 9), _at("09:30", 10), True),
        (_at("09:00", 3), _at("04:00", 10), True),
        (_at("02:30", 10), _at("02:10", 10), False),
    ],
)
def test_the_summary_comes_once_a_day_at_its_time_or_as_soon_after_as_the_program_runs(
    last: datetime, now: datetime, due: bool
) -> None:
    assert is_summary_due(SummaryMark(at=last.replace(tzinfo=UTC), local=last), Notifications(), now) is due


def test_whatever_happens_lies_in_exactly_one_summary() -> None:
    mark = SummaryMark(at=_at("00:00", 1).replace(tzinfo=UTC), local=_at("00:00", 1))
    covered: list[tuple[datetime, datetime]] = []
    now = mark.local
    while now < _at("00:00", 20):
        now += timedelta(minutes=37)
        if is_summary_due(mark, Notifications(), now):
            covered.append((mark.local, now))
            mark = SummaryMark(at=now.replace(tzinfo=UTC), local=now)
    assert len(covered) == 19
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(covered))


@pytest.mark.parametrize("clock", ["02:30", "09:00", "23:45"])
@pytest.mark.parametrize(("before_h", "after_h"), [(1, 2), (2, 1)])
def test_one_summary_a_day_also_when_the_clocks_change(clock: str, before_h: int, after_h: int) -> None:
    settings, changes_at = Notifications(daily_summary_time_local=clock), datetime(2026, 10, 25, 1, tzinfo=UTC)

    def local(at: datetime) -> datetime:
        return at.replace(tzinfo=None) + timedelta(hours=before_h if at < changes_at else after_h)

    now = changes_at - timedelta(days=2)
    mark = SummaryMark(at=now, local=local(now))
    told: list[SummaryMark] = []
    while now < changes_at + timedelta(days=3):
        now += timedelta(minutes=7)
        if is_summary_due(mark, settings, local(now)):
            mark = SummaryMark(at=now, local=local(now))
            told.append(mark)
    days = [mark.local.date() for mark in told]
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert days[0] < changes_at.date() < days[-1]


def test_the_summary_tells_the_period_and_its_reasons() -> None:
    figures = PeriodFigures(
        completed=12,
        failed=2,
        skipped=5,
        bytes_saved=7_300_000_000,
        failure_reasons={"disk_full": 1, "stalled": 1},
        skip_reasons={"below_min_file_size": 2, "already_target_codec": 1, "bpp_below_threshold": 1, "no_video_stream": 1},
    )
    notice = summary_notice(figures, _at("09:00", 9).replace(tzinfo=UTC), _at("09:00", 10).replace(tzinfo=UTC))
    assert notice.event is NotificationEvent.DAILY_SUMMARY
    assert notice.text.splitlines() == [
        "Daily summary: 12 completed, 2 failed, 5 skipped.",
        "Since 2026-05-09 09:00 UTC, 7.3 GB were saved.",
        "Failures: disk_full (1), stalled (1)",
        "Skips: below_min_file_size (2), already_target_codec (1), bpp_below_threshold (1)",
    ]
    assert notice.summary == {
        "completed": 12,
        "failed": 2,
        "skipped": 5,
        "bytes_saved": 7_300_000_000,
        "top_failure_reasons": ["disk_full", "stalled"],
        "top_skip_reasons": ["below_min_file_size", "already_target_codec", "bpp_below_threshold"],
    }
