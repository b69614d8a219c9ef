"""Pages of the job list: which jobs they hold, and a memory of those that were hard to find, until the list changes."""

import json
import sqlite3
import threading
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter

from peewee import OperationalError

from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.queries import JobQuery
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.job_query import FEW, Search, Select, ids_up_to, search_of, select_ids, sort_ids, walk_ids
from alchemist_desktop.storage.search_index import Rarity

_PAGES = 1_000  # remembered
_HARD_S = 0.003  # to find; nothing else is worth remembering
_MOST_IDS = 200  # of a page that is remembered
_SOME = 24_000  # may still be sorted rather than walked to in vain
_MOST_COMMON = 1_000  # searches remembered
_PIECE = 50_000  # characters of ids that are read at once
_STEPS_PER_ROW = 40  # instructions of SQLite's machine for a look at a job
_LOOKS = 3_000 * _STEPS_PER_ROW  # of a walk, before it is given up
_GLANCES = 1_000_000  # of a walk that knows which jobs to look at
_PATIENCE_STEPS = 10_000  # how often a walk is asked whether it took too long


class JobPages:
    """Finds pages; for any thread that reads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = -1
        self._rarity = Rarity()
        self._pages: OrderedDict[JobQuery, Sequence[int]] = OrderedDict()
        self._common: set[str] = set()  # searches that very many jobs seemed to answer

    def find(self, db: Connection, query: JobQuery) -> Sequence[int]:
        """The ids of one page."""
        if query.limit is None:
            return find_all_ids(db, query)[query.offset :]
        (version,) = db.sql("SELECT version FROM job_list").fetchone()
        known = self._known(version, query)
        if known is not None:
            return known
        start_s = perf_counter()
        search = search_of(db, query, self._rarity)
        ids = _listed(db, query) if search is None else self._searched(db, query, search)
        is_hard = perf_counter() - start_s > _HARD_S
        with self._lock:
            if is_hard and version == self._version and query.limit <= _MOST_IDS:
                self._pages[query] = ids
                if len(self._pages) > _PAGES:
                    self._pages.popitem(last=False)
        return ids

    def _known(self, version: int, query: JobQuery) -> Sequence[int] | None:
        with self._lock:
            if version > self._version:
                self._version = version
                self._pages.clear()
                if len(self._common) > _MOST_COMMON:
                    self._common.clear()
            return self._pages.get(query) if version == self._version else None

    def _searched(self, db: Connection, query: JobQuery, search: Search) -> Sequence[int]:
        """A page of jobs that must be looked at. Few are sorted. Among many the first are soon met on a walk in order, unless
        they all stand at its end: then the walk is given up, and begun anew with the knowledge which jobs are worth a look."""
        if search.offers is None:
            return _ids(db, walk_ids(query, search), query)
        is_told = search.is_late or query.search in self._common
        known = None if is_told else ids_up_to(db, search.offers(), _SOME)
        if known is not None and known.number <= FEW:
            return _ids(db, sort_ids(query, search, known.select), query)
        if known is None:
            self._common.add(query.search)
        rows = 2 * (query.offset + (query.limit or 0))
        among, steps = (None, _LOOKS) if known is None else (known.select, _GLANCES)
        found = _walked(db, walk_ids(query, search, among=among), query, max(steps, rows * _STEPS_PER_ROW))
        if found is not None:
            return found
        if is_told:
            known = ids_up_to(db, search.offers(), _SOME)
        if known is None:
            return _ids(db, walk_ids(query, search, among=search.offers()), query)
        self._common.discard(query.search)
        return _ids(db, sort_ids(query, search, known.select), query)


def count_by_state(db: Connection, *, archived: bool) -> dict[JobState, int]:
    """How many jobs are in each state; states without jobs are there with 0."""
    counts = dict.fromkeys(JobState, 0)
    for state, number in db.sql("SELECT state, number FROM job_counts WHERE archived = ?", (archived,)):
        counts[JobState(state)] = number
    return counts


def find_all_ids(db: Connection, query: JobQuery) -> "array[int]":
    """Every id of the query in its order, in eight bytes each.

    They leave SQLite as one text, for a million rows would hold up the loop, and it is read piece by piece for the same
    reason: no other thread runs while a piece is read.
    """
    sql, params = select_ids(db, query)
    (text,) = db.sql(f"SELECT group_concat(id) FROM ({sql} LIMIT -1)", params).fetchone()
    ids = array("q")
    begin = 0
    while text and begin < len(text):
        end = text.find(",", begin + _PIECE)
        end = len(text) if end < 0 else end
        ids.extend(json.loads(f"[{text[begin:end]}]"))
        begin = end + 1
    return ids


class _Patience:
    """While it is entered, what this thread asks of the database is interrupted after so many steps."""

    def __init__(self, db: Connection, steps: int) -> None:
        self._connection: sqlite3.Connection = db.connection()  # type: ignore[no-untyped-call]
        self._left = steps // _PATIENCE_STEPS

    def __enter__(self) -> None:
        self._connection.set_progress_handler(self._is_over, _PATIENCE_STEPS)

    def __exit__(self, *_: object) -> None:
        self._connection.set_progress_handler(None, 0)

    def _is_over(self) -> bool:
        self._left -= 1
        return self._left < 0


def _listed(db: Connection, query: JobQuery) -> Sequence[int]:
    """A page that needs no look at the jobs, counted from the nearer end of the list where its length is known."""
    limit = query.limit or 0
    if query.offset and not query.reason_code and not query.failure_code:
        counts = count_by_state(db, archived=query.archived)
        behind = sum(counts[state] for state in query.states or counts) - query.offset - limit
        if behind < query.offset:
            limit, offset = max(0, limit + min(0, behind)), max(0, behind)
            backwards = replace(query, descending=not query.descending, limit=limit, offset=offset)
            return _ids(db, walk_ids(backwards, None), backwards)[::-1]
    return _ids(db, walk_ids(query, None), query)


def _walked(db: Connection, select: Select, query: JobQuery, steps: int) -> Sequence[int] | None:
    """A page by walking, None when that took more steps than these."""
    try:
        with _Patience(db, steps):
            return _ids(db, select, query)
    except (OperationalError, sqlite3.OperationalError) as error:  # the latter when some rows were there already
        if "interrupt" not in str(error):
            raise
    return None


def _ids(db: Connection, select: Select, query: JobQuery) -> list[int]:
    sql, params = select
    return [row[0] for row in db.sql(f"{sql} LIMIT ? OFFSET ?", (*params, query.limit, query.offset))]
