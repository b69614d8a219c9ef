"""Pages of a list of a million jobs over HTTP, on the program's Qt loop: every filter, order and depth, and searches.

Eight connections ask without a pause while a 16 ms timer of Qt stands for the window: pages without a search, then searches,
then deep pages of searches and reasons, which nobody asks for often. At last the searches again while the list changes each
second, so that next to nothing is remembered. `python -m tests.bench.api_job_list` tells each kind of page.
"""

import asyncio
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlencode

from alchemist_desktop.domain.access import AccessLevel
from alchemist_desktop.domain.queries import JobSort
from tests.bench.api_load import MOST_LAG_MS, server, set_up
from tests.bench.harness import Result
from tests.bench.library import make_library
from tests.bench.load_client import Plan, ask

ROWS = 1_000_000
CONNECTIONS = 8
SECONDS = 12.0  # for each group
VARIANTS = 300  # of each kind of page
MOST_MS = 50.0
_ONE_STATE = ("queued", "skipped", "completed", "failed", "cancelled", "encoding")
_STATES = ("failed,cancelled", "analyzing,encoding,remuxing,resuming", "completed,skipped", "queued,encoding")
_REASONS = ("bpp_below_threshold", "already_target_codec", "transcode_h264_source", "size_reduction_insufficient")
_FAILURES = ("disk_full", "source_missing", "unknown_ffmpeg_failure")
_WORDS = ("harbour", "winter lantern", "compact", "H.264", "season 07", "title", "packet 123", "the wanted codec", "s07e1")


_Times = dict[str, list[float]]


def run() -> Sequence[Result]:
    times, lags_ms = measure()
    results = []
    for group, of_kind in times.items():
        every = [value for values in of_kind.values() for value in values]
        slowest = max(of_kind, key=lambda kind: _p99(of_kind[kind]))
        goal = 1.0 if group in _WITH_GOAL else None
        results += [
            Result(name=f"job list, {group}: p99", unit="ms", ours=_p99(every), yardstick=MOST_MS, at_most=goal),
            Result(name=f"job list, {group}: median", unit="ms", ours=statistics.median(every), yardstick=MOST_MS),
            Result(name=f"job list, {group}: p99 of {slowest}", unit="ms", ours=_p99(of_kind[slowest]), yardstick=MOST_MS),
        ]
    return [*results, Result(name="job list: timer lag p99", unit="ms", ours=_p99(lags_ms), yardstick=MOST_LAG_MS, at_most=1.0)]


def measure() -> tuple[dict[str, _Times], list[float]]:
    """Milliseconds of each request by group and kind, and of the timer's lateness."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "data").mkdir(exist_ok=True)
        make_library(home / "data" / "alchemist.db", ROWS)
        token = asyncio.run(set_up(home, AccessLevel.READ_ONLY))
        with server("qt", home) as program:
            ask(Plan(port=program.port, token=token, connections=2, requests=[("first", "/api/v1/jobs?limit=50")] * 20))
            program.tell("go")
            times = {"searches, each for the first time": _asked(program.port, token, _searches, seconds=0.0)}
            times |= {group: _asked(program.port, token, kinds) for group, kinds in GROUPS.items()}
            program.tell("change")
            times["searches of a list that changes"] = _asked(program.port, token, _searches)
            return times, program.lags_ms()


def _asked(port: int, token: str, kinds: "_Kinds", *, seconds: float = SECONDS) -> _Times:
    """Of each kind as many requests; with `seconds` 0 none of them twice."""
    chance = random.Random(11)
    pages = [page for _ in range(VARIANTS) for page in kinds(chance)]
    requests = pages if seconds else list(dict.fromkeys(pages))
    return ask(Plan(port=port, token=token, connections=CONNECTIONS, requests=requests, seconds=seconds))


def _plain_pages(chance: random.Random) -> Iterator[tuple[str, str]]:
    order = _order(chance)
    yield "the newest", _path(sort_by="updated_at", sort_desc="true")
    yield "any order", _path(**order)
    yield "one state", _path(**order, status=chance.choice(_ONE_STATE))
    yield "some states", _path(**order, status=chance.choice(_STATES))
    yield "archived ones", _path(**order, archived="true")
    yield "a reason", _path(**order, reason_code=chance.choice(_REASONS))
    yield "a failure", _path(**order, failure_code=chance.choice(_FAILURES))
    yield "deep", _path(**order, page=chance.randrange(1, 18_000))
    yield "deep in a state", _path(**order, status=chance.choice(_ONE_STATE[:3]), page=chance.randrange(1, 3_000))
    yield "deep among archived ones", _path(**order, archived="true", page=chance.randrange(1, 1_000))


def _searches(chance: random.Random) -> Iterator[tuple[str, str]]:
    order, word = _order(chance), chance.choice(_WORDS)
    series = chance.randrange(ROWS // 400)
    yield "a word", _path(**order, search=word)
    yield "a word in a state", _path(**order, search=word, status=chance.choice(_ONE_STATE))
    yield "a word and a reason", _path(**order, search=word, reason_code=chance.choice(_REASONS))
    yield "a series", _path(**order, search=f"{series:04}/season")
    yield "an episode", _path(**order, search=f"{series:04} - S{chance.randrange(1, 21):02}E")
    yield "a title", _path(**order, search=f"title {chance.randrange(ROWS):07}")
    yield "two letters", _path(**order, search=chance.choice(("09", "zz", "s1", "kv")))
    yield "nothing", _path(**order, search=f"nowhere {chance.randrange(1000)}")
    yield "a series in a state", _path(**order, search=f"{series:04}/season", status=chance.choice(_ONE_STATE))


def _deep_pages(chance: random.Random) -> Iterator[tuple[str, str]]:
    order = _order(chance)
    yield "deep in a search", _path(**order, search=chance.choice(_WORDS), page=chance.randrange(1, 100))
    yield "deep in a reason", _path(**order, reason_code=chance.choice(_REASONS), page=chance.randrange(1, 100))


_Kinds = Callable[[random.Random], Iterator[tuple[str, str]]]
GROUPS: dict[str, _Kinds] = {
    "filters and orders": _plain_pages,
    "searches": _searches,
    "deep in searches and reasons": _deep_pages,
}
_WITH_GOAL = {"filters and orders", "searches"}


def _order(chance: random.Random) -> dict[str, str]:
    return {"sort_by": chance.choice(list(JobSort)).value, "sort_desc": chance.choice(("true", "false"))}


def _path(**query: object) -> str:
    return f"/api/v1/jobs?limit=50&{urlencode(query)}"


def _p99(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[98] if len(values) > 1 else sum(values)


if __name__ == "__main__":
    own_times, own_lags_ms = measure()
    for own_group, own_kinds in own_times.items():
        sys.stdout.write(f"{own_group}\n")
        for own_name, own_values in sorted(own_kinds.items(), key=lambda item: -_p99(item[1])):
            figures = f"{statistics.median(own_values):>9.1f}{_p99(own_values):>9.1f} ms{len(own_values):>7}"
            sys.stdout.write(f"  {own_name:<28}{figures}\n")
    sys.stdout.write(f"timer lag p99 {_p99(own_lags_ms):.1f} ms\n")
