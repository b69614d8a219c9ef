"""Runs benchmarks: `python -m tests.bench [NAME ...]`; the exit code tells whether every goal was met.

Each module of this package that has a `run` function returning a sequence of `Result` is a benchmark.
"""

import importlib
import pkgutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.bench.harness import Result, report


def benchmarks() -> dict[str, Callable[[], Sequence[Result]]]:
    found = {}
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        if module.name != "__main__":
            run = getattr(importlib.import_module(f"tests.bench.{module.name}"), "run", None)
            if run is not None:
                found[module.name] = run
    return found


def main(names: Sequence[str]) -> int:
    known = benchmarks()
    unknown = sorted(set(names) - known.keys())
    if unknown:
        print(f"There is no benchmark {', '.join(unknown)}; there are {', '.join(sorted(known))}.", file=sys.stderr)
        return 2
    results = [result for name in names or sorted(known) for result in known[name]()]
    print(report(results))
    return 1 if any(result.is_met is False for result in results) else 0


if __name__ == "__main__":  # worker processes import this module again
    sys.exit(main(sys.argv[1:]))
