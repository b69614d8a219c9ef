"""What every benchmark shares: its result, timing, and where it may put files."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One comparison of ours with a yardstick run beside it. `ratio` is `ours / yardstick` in the same unit; a goal is the
    least or the most that the ratio may be. `note` says why a measurement is missing.
    """

    name: str
    unit: str
    ours: float = 0.0
    yardstick: float = 0.0
    at_least: float | None = None
    at_most: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        return self.ours / self.yardstick if self.yardstick else None

    @property
    def is_met(self) -> bool | None:
        """None when nothing was measured or there is no goal."""
        if self.ratio is None or (self.at_least is None and self.at_most is None):
            return None
        return (self.at_least is None or self.ratio >= self.at_least) and (self.at_most is None or self.ratio <= self.at_most)


def best_s(work: Callable[[], object], *, rounds: int) -> float:
    """The shortest of some runs, which is the one least disturbed by other programs."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def report(results: Sequence[Result]) -> str:
    """A table for people, and below it the same as one line of JSON for programs."""
    rows = [f"{'benchmark':<34}{'ours':>12}{'yardstick':>12}  {'unit':<10}{'ratio':>8}  goal"]
    for result in results:
        ratio = "-" if result.ratio is None else f"{result.ratio:.2f}"
        rows.append(
            f"{result.name:<34}{result.ours:>12.3f}{result.yardstick:>12.3f}  {result.unit:<10}{ratio:>8}  {_goal(result)}"
        )
    data = [asdict(result) | {"ratio": result.ratio, "is_met": result.is_met} for result in results]
    return "\n".join([*rows, json.dumps(data)])


def _goal(result: Result) -> str:
    if result.note:
        return result.note
    goal = f">= {result.at_least:g}" if result.at_least is not None else ""
    goal += f"<= {result.at_most:g}" if result.at_most is not None else ""
    met = {True: "met", False: "MISSED", None: ""}[result.is_met]
    return f"{goal} {met}".strip()
