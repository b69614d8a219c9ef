"""Token buckets: how often each client may call."""

from collections.abc import Callable

from alchemist_desktop.api.options import Rate

_SWEEP_AT = 1024  # buckets; above this the full ones are dropped, which changes nothing for their clients


class Throttle:
    """One bucket per client, made when the client is first seen."""

    def __init__(self, rate: Rate, monotonic_s: Callable[[], float]) -> None:
        self._rate = rate
        self._monotonic_s = monotonic_s
        self._buckets: dict[str, tuple[float, float]] = {}  # tokens left, and when that was
        self._sweep_at = _SWEEP_AT

    def take(self, client: str) -> bool:
        """Take one token from the client's bucket; False when it is empty."""
        now_s = self._monotonic_s()
        tokens = self._level(client, now_s)
        is_allowed = tokens >= 1
        self._buckets[client] = (tokens - 1 if is_allowed else tokens, now_s)
        if len(self._buckets) > self._sweep_at:
            self._sweep(now_s)
        return is_allowed

    def _level(self, client: str, now_s: float) -> float:
        tokens, since_s = self._buckets.get(client, (self._rate.capacity, now_s))
        return min(self._rate.capacity, tokens + (now_s - since_s) * self._rate.per_s)

    def _sweep(self, now_s: float) -> None:
        self._buckets = {
            client: bucket for client, bucket in self._buckets.items() if self._level(client, now_s) < self._rate.capacity
        }
        self._sweep_at = max(_SWEEP_AT, 2 * len(self._buckets))
