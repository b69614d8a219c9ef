"""Pages of the job list: which jobs they hold, and a memory of those that were hard to find, until the list changes."""

import json
import sqlite3
import threading
from array import array
from collections.abc import Sequence
from dataclasses import replace
from time import perf_counter
from typing import Generic, TypeVar

from peewee import OperationalError

from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.queries import JobQuery, JobSort
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.job_query import (
    FEW,
    Known,
    Search,
    Select,
    ids_up_to,
    search_of,
    select_ids,
    select_of,
    sort_ids,
    states_among,
    walk_ids,
)
from alchemist_desktop.storage.search_index import Rarity

_MOST_REMEMBERED = 1_000  # of each kind
_HARD_S = 0.003  # to find; nothing else is worth remembering
_MOST_IDS = 200  # of a page that is remembered
_SOME = 24_000  # may still be sorted rather than walked to in vain
_MOST_COMMON = 1_000  # searches remembered
_PIECE = 50_000  # characters of ids that are read at once
_STEPS_PER_ROW = 40  # instructions of SQLite's machine for a look at a job
_LOOKS = 3_000 * _STEPS_PER_ROW  # of a walk, before it is given up
_GLANCES = 1_000_000  # of a walk that knows which jobs to look at
_PATIENCE_STEPS = 10_000  # how often a walk is asked whether it took too long

_K = TypeVar("_K")
_V = TypeVar("_V")


class JobPages:
    """Finds pages; for any thread that reads."""

    def __init__(self) -> None:
        self._rarity = Rarity()
        self._common: set[str] = set()  # searches that very many jobs seemed to answer
        self._pages = _Memory[JobQuery, Sequence[int]]()
        self._wholes = _Memory[JobQuery, Select]()  # all jobs of a query whatever its order, where they are few
        self._states = _Memory[tuple[str, bool], frozenset[JobState]]()  # in which a search, archived or not, finds any

    def find(self, db: Connection, query: JobQuery) -> Sequence[int]:
        """The ids of one page."""
        if query.limit is None:
            return find_all_ids(db, query)[query.offset :]
        (version,) = db.sql("SELECT version FROM job_list").fetchone()
        page = self._pages.get(version, query)
        if page is not None:
            return page
        start_s = perf_counter()
        search = search_of(db, query, self._rarity)
        page = _listed(db, query) if search is None else self._searched(db, query, search, version)
        if perf_counter() - start_s > _HARD_S and query.limit <= _MOST_IDS:
            self._pages.keep(version, query, page)
            if not query.offset and len(page) < query.limit:
                self._wholes.keep(version, _in_any_order(query), select_of(page))
        return page

    def _searched(self, db: Connection, query: JobQuery, search: Search, version: int) -> Sequence[int]:
        """A page of jobs that must be looked at. Few are sorted. Among many the first are soon met on a walk in order, unless
        they all stand at its end: then the walk is given up."""
        whole = self._wholes.get(version, _in_any_order(query))
        if whole is not None:
            return _ids(db, sort_ids(query, search, whole), query)
        if search.offers is None:
            return _ids(db, walk_ids(query, search), query)
        is_told = search.is_late or query.search in self._common
        known = None if is_told else self._known(db, query.search, search.offers())
        if known is not None and known.number <= FEW:
            return _ids(db, sort_ids(query, search, known.select), query)
        states = self._states.get(version, (query.search, query.archived))
        if states is not None:
            return _found_in(db, query, search, search.offers(), states)
        page = _walked(db, query, search, known)
        if page is not None:
            return page
        offers = search.offers()
        known = self._known(db, query.search, offers) if is_told else known
        if known is not None:
            return _ids(db, sort_ids(query, search, known.select), query)
        states = states_among(db, offers, archived=query.archived)
        self._states.keep(version, (query.search, query.archived), states)
        return _found_in(db, query, search, offers, states)

    def _known(self, db: Connection, text: str, offers: Select) -> Known | None:
        """What a search offers, None when that is very much."""
        known = ids_up_to(db, offers, _SOME)
        if known is not None:
            self._common.discard(text)
            return known
        if len(self._common) > _MOST_COMMON:
            self._common.clear()
        self._common.add(text)
        return None


class _Memory(Generic[_K, _V]):
    """Values that hold at one version of the list."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = -1
        self._values: dict[_K, _V] = {}

    def get(self, version: int, key: _K) -> _V | None:
        with self._lock:
            return self._values.get(key) if version == self._version else None

    def keep(self, version: int, key: _K, value: _V) -> None:
        with self._lock:
            if version > self._version:
                self._version = version
                self._values.clear()
            if version == self._version:
                self._values[key] = value
                if len(self._values) > _MOST_REMEMBERED:
                    del self._values[next(iter(self._values))]


def _in_any_order(query: JobQuery) -> JobQuery:
    return replace(query, sort=JobSort.UPDATED_AT, descending=False, limit=None, offset=0)


def _found_in(db: Connection, query: JobQuery, search: Search, offers: Select, states: frozenset[JobState]) -> Sequence[int]:
    """A page of a search that very many jobs may answer, yet none outside of these states. Where even so a walk meets none
    for long, it is begun anew with the knowledge which jobs are worth a look."""
    wanted = query.states or frozenset(JobState)
    if not wanted & states:
        return ()
    if not wanted <= states:
        query = replace(query, states=wanted & states)
    page = _walked(db, query, search, None)
    return _ids(db, walk_ids(query, search, among=offers), query) if page is None else page


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


def _walked(db: Connection, query: JobQuery, search: Search, known: Known | None) -> Sequence[int] | None:
    """A page by walking in order, None when that took too long."""
    among, steps = (None, _LOOKS) if known is None else (known.select, _GLANCES)
    try:
        with _Patience(db, max(steps, 2 * (query.offset + (query.limit or 0)) * _STEPS_PER_ROW)):
            return _ids(db, walk_ids(query, search, among=among), query)
    except (OperationalError, sqlite3.OperationalError) as error:  # the latter when some rows were there already
        if "interrupt" not in str(error):
            raise
    return None


def _ids(db: Connection, select: Select, query: JobQuery) -> list[int]:
    sql, params = select
    statement = f"SELECT json_group_array(id) FROM ({sql} LIMIT ? OFFSET ?)"
    (text,) = db.sql(statement, (*params, query.limit, query.offset)).fetchone()  # one row: see `job_rows`
    ids: list[int] = json.loads(text)
    return ids
