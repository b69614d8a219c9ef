"""How long others wait for an answer while the running program is attacked.

Each attack of `tests.support.attacks` runs as a process of its own, and here a bystander asks for `/health` and `/ready` some
20 times a second, with a new connection each time. Before that the same is measured in peace.
"""

import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.harness import Result
from tests.support.attacks import ATTACKS, attack
from tests.support.target import Bystander, Target

MOST_MS = 200.0
PEACE_S = 5.0


def run() -> Sequence[Result]:
    with tempfile.TemporaryDirectory() as folder, Target(Path(folder)) as target:
        with Bystander(target.url) as bystander:
            time.sleep(PEACE_S)
        results = [_result("in peace", bystander)]
        for name in ATTACKS:
            with Bystander(target.url) as bystander:
                attack(name, target)
            results.append(_result(name.replace("_", " "), bystander))
    return results


def _result(name: str, bystander: Bystander) -> Result:
    if bystander.failures:
        return Result(name=f"others: {name}", unit="ms", ours=float("inf"), yardstick=MOST_MS, at_most=1.0)
    p99_ms = statistics.quantiles(bystander.latencies_s, n=100)[98] * 1000
    return Result(
        name=f"others: {name}", unit="ms", ours=min(p99_ms, max(bystander.latencies_s) * 1000), yardstick=MOST_MS, at_most=1.0
    )
