"""When people are told: quiet hours, and the daily summary with the time it covers."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from alchemist_desktop.domain.notification import Notice, NotificationEvent
from alchemist_desktop.domain.settings import Notifications
from alchemist_desktop.domain.wording import size

# What does not wait for the end of quiet hours: failures, and the summary, whose time somebody chose.
NOT_HELD = frozenset({NotificationEvent.FAILED, NotificationEvent.DAILY_SUMMARY})

_MOST_REASONS = 3


def is_quiet(settings: Notifications, now_local: datetime) -> bool:
    """Whether quiet hours last at this moment; they may pass midnight, and their end is exclusive."""
    start, end = settings.quiet_hours_start_local, settings.quiet_hours_end_local
    if not settings.quiet_hours_enabled or start == end:
        return False
    clock = now_local.strftime("%H:%M")
    return start <= clock < end if start < end else clock >= start or clock < end


def is_held(event: NotificationEvent, settings: Notifications, now_local: datetime) -> bool:
    """Whether a message about `event` waits for the end of quiet hours."""
    return event not in NOT_HELD and is_quiet(settings, now_local)


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryMark:
    """Up to when the summaries have told everything: the moment, and the local time it was then."""

    at: datetime
    local: datetime


def is_summary_due(mark: SummaryMark, settings: Notifications, now_local: datetime) -> bool:
    """Whether the time of the summary was passed since the last one."""
    hour, minute = map(int, settings.daily_summary_time_local.split(":"))
    latest = now_local.replace(hour=hour, minute=minute, second=0, microsecond=0)
    if latest > now_local:
        latest -= timedelta(days=1)
    return mark.local < latest


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodFigures:
    """What happened in a period; reasons by how often they occurred, the most frequent first."""

    completed: int
    failed: int
    skipped: int
    bytes_saved: int
    failure_reasons: Mapping[str, int]
    skip_reasons: Mapping[str, int]


def summary_notice(figures: PeriodFigures, since: datetime, at: datetime) -> Notice:
    """The daily summary: everything since the last one."""
    failures, skips = list(figures.failure_reasons)[:_MOST_REASONS], list(figures.skip_reasons)[:_MOST_REASONS]
    lines = [f"Since {since.astimezone(at.tzinfo):%Y-%m-%d %H:%M} UTC, {size(figures.bytes_saved)} were saved."]
    if failures:
        lines.append("Failures: " + ", ".join(f"{code} ({figures.failure_reasons[code]})" for code in failures))
    if skips:
        lines.append("Skips: " + ", ".join(f"{code} ({figures.skip_reasons[code]})" for code in skips))
    return Notice(
        event=NotificationEvent.DAILY_SUMMARY,
        headline=f"Daily summary: {figures.completed} completed, {figures.failed} failed, {figures.skipped} skipped.",
        detail="\n".join(lines),
        at=at,
        summary={
            "completed": figures.completed,
            "failed": figures.failed,
            "skipped": figures.skipped,
            "bytes_saved": figures.bytes_saved,
            "top_failure_reasons": failures,
            "top_skip_reasons": skips,
        },
    )
