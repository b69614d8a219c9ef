"""The real time, as the inner rooms ask for it."""

import time
from datetime import UTC, datetime


class SystemClock:
    """The machine's clock; satisfies `domain.ports.Clock`."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def local_now(self) -> datetime:
        return datetime.now()

    def monotonic_s(self) -> float:
        return time.monotonic()
