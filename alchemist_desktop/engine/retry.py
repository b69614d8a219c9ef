"""When a failed job runs again: only for failures that can heal, each time later."""

from datetime import datetime, timedelta

from alchemist_desktop.domain.explanation import is_retryable

# Minutes after the first, second, third and any later attempt; clients compute the same countdown.
_DELAYS_MIN = (5, 15, 60, 360)


def next_attempt_at(code: str, attempt_count: int, max_attempts: int, now: datetime) -> datetime | None:
    """When to try again after attempt number `attempt_count` failed with `code`; None when that makes no sense."""
    if not is_retryable(code) or attempt_count >= max_attempts:
        return None
    return now + timedelta(minutes=_DELAYS_MIN[min(attempt_count, len(_DELAYS_MIN)) - 1])
