"""Windows of the week: local clock, overnight windows, no window at all."""

from datetime import datetime

import pytest
from pydantic import ValidationError

from alchemist_desktop.domain.schedule import ScheduleWindow, is_open, parse_clock

# 2026-03-01 is a Sunday, which is day 0.
SUNDAY, MONDAY = datetime(2026, 3, 1), datetime(2026, 3, 2)


def window(start: str, end: str, days: tuple[int, ...], *, enabled: bool = True) -> ScheduleWindow:
    return ScheduleWindow(start_time=start, end_time=end, days_of_week=days, enabled=enabled)


@pytest.mark.parametrize(("text", "clock"), [("9:5", "09:05"), ("23:59", "23:59"), (" 00:00 ", "00:00")])
def test_times_of_day_are_normalised(text: str, clock: str) -> None:
    assert parse_clock(text) == clock


@pytest.mark.parametrize("text", ["24:00", "12", "12:60", "", "-1:00", "12:00:00"])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="time of day"):
        parse_clock(text)


def test_a_daytime_window_ends_before_its_end() -> None:
    day = window("09:00", "17:00", (0,))
    assert [day.contains(SUNDAY.replace(hour=h, minute=m)) for h, m in ((8, 59), (9, 0), (16, 59), (17, 0))] == [
        False,
        True,
        True,
        False,
    ]
    assert not day.contains(MONDAY.replace(hour=12))


def test_an_overnight_window_belongs_to_the_day_it_starts_on() -> None:
    night = window("22:00", "06:00", (0,))
    assert night.contains(SUNDAY.replace(hour=23))
    assert night.contains(MONDAY.replace(hour=5, minute=59))
    assert not night.contains(MONDAY.replace(hour=6))
    assert not night.contains(SUNDAY.replace(hour=3))
    assert not night.contains(MONDAY.replace(hour=23))


def test_no_window_and_no_enabled_window_mean_always_open() -> None:
    assert is_open((), SUNDAY)
    assert is_open((window("09:00", "10:00", (3,), enabled=False),), SUNDAY)
    assert not is_open((window("09:00", "10:00", (3,)),), SUNDAY)


def test_windows_that_make_no_sense_are_refused() -> None:
    with pytest.raises(ValidationError, match="same time"):
        window("10:00", "10:00", (1,))
    with pytest.raises(ValidationError):
        window("10:00", "11:00", ())
    with pytest.raises(ValidationError):
        window("10:00", "11:00", (7,))
