"""Windows of the week in which the engine may work."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]?\d)")


def parse_clock(text: str) -> str:
    """`HH:MM` for any way of writing a time of day such as `9:5`. Raises ValueError for anything else."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a time of day such as 09:30")
    return f"{int(match[1]):02d}:{int(match[2]):02d}"


class ScheduleWindow(BaseModel):
    """One window in local time; days count from 0 = Sunday. It may pass midnight: it then belongs to the day it starts on.

    The end is exclusive.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    start_time: str
    end_time: str
    days_of_week: Annotated[tuple[Annotated[int, Field(ge=0, le=6)], ...], Field(min_length=1)]
    enabled: bool = True

    @field_validator("start_time", "end_time")
    @classmethod
    def _normalise(cls, value: str) -> str:
        return parse_clock(value)

    @model_validator(mode="after")
    def _check_length(self) -> Self:
        if self.start_time == self.end_time:
            raise ValueError("a window must not start and end at the same time")
        return self

    def contains(self, now_local: datetime) -> bool:
        clock = now_local.strftime("%H:%M")
        if self.start_time < self.end_time:
            return self._is_on(now_local) and self.start_time <= clock < self.end_time
        late_part = clock >= self.start_time and self._is_on(now_local)
        early_part = clock < self.end_time and self._is_on(now_local - timedelta(days=1))
        return late_part or early_part

    def _is_on(self, day: datetime) -> bool:
        return (day.weekday() + 1) % 7 in self.days_of_week


def is_open(windows: Iterable[ScheduleWindow], now_local: datetime) -> bool:
    """Whether the engine may work at this moment; always, when no window is enabled."""
    enabled = [window for window in windows if window.enabled]
    return not enabled or any(window.contains(now_local) for window in enabled)
