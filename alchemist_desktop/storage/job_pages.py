"""Pages of the job list: which jobs they hold, and a memory of that until the list changes."""

import json
import sqlite3
import threading
from array import array
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypeVar

from peewee import OperationalError

from alchemist_desktop.domain.queries import JobQuery
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.job_query import (
    FEW,
    Filter,
    Select,
    few_ids,
    filters_of,
    ids_up_to,
    place_of,
    select_ids,
    sort_ids,
    walk_ids,
)
from alchemist_desktop.storage.search_index import Rarity

_PAGES = 500  # remembered
_MOST_IDS = 200  # of a page that is remembered
_ORDERS = 120  # remembered with their marks
_SOME = 3 * FEW  # may still be sorted rather than walked to in vain
_PIECE = 50_000  # characters of ids that are read at once
_STEP = 5_000  # jobs from one mark to the next
_WALK_ROWS = 4_000  # rows a walk may look at before it is given up for sorting
_STEPS_PER_ROW = 40  # instructions of SQLite's machine
_PATIENCE_STEPS = 10_000  # how often a walk is asked whether it took too long

_K = TypeVar("_K")
_V = TypeVar("_V")


class JobPages:
    """Finds pages; for any thread that reads. Of deep pages also places on the way there are kept, from which the next
    deep page is near."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._version = -1
        self._rarity = Rarity()
        self._pages: OrderedDict[JobQuery, Sequence[int]] = OrderedDict()
        self._marks: OrderedDict[JobQuery, list[tuple[Any, ...]]] = OrderedDict()

    def find(self, db: Connection, query: JobQuery) -> Sequence[int]:
        """The ids of one page."""
        if query.limit is None:
            return find_all_ids(db, query)[query.offset :]
        (version,) = db.sql("SELECT version FROM job_list").fetchone()
        known = self._known(version, query)
        if known is not None:
            return known
        filters = filters_of(db, query, self._rarity)
        ids = _filtered(db, query, filters) if filters else self._walked(db, query, version)
        with self._lock:
            if version == self._version and query.limit <= _MOST_IDS:
                _remember(self._pages, query, ids, _PAGES)
        return ids

    def _known(self, version: int, query: JobQuery) -> Sequence[int] | None:
        with self._lock:
            if version > self._version:
                self._version = version
                self._pages.clear()
                self._marks.clear()
            return self._pages.get(query) if version == self._version else None

    def _walked(self, db: Connection, query: JobQuery, version: int) -> Sequence[int]:
        """A page of an order that needs no look at the jobs, from the nearest mark before it."""
        whole = replace(query, limit=None, offset=0)
        with self._lock:
            marks = list(self._marks.get(whole, ())) if version == self._version else []
        wanted = query.offset // _STEP
        while len(marks) < wanted:
            step = _ids(db, walk_ids(query, (), start=marks[-1] if marks else ()), 1, _STEP)
            if not step:
                break
            marks.append(place_of(db, query, step[0]))
        with self._lock:
            if version == self._version and len(marks) > len(self._marks.get(whole, ())):
                _remember(self._marks, whole, marks, _ORDERS)
        if len(marks) < wanted:
            return ()
        return _ids(db, walk_ids(query, (), start=marks[wanted - 1] if wanted else ()), query.limit or 0, query.offset % _STEP)


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


def _filtered(db: Connection, query: JobQuery, filters: Sequence[Filter]) -> Sequence[int]:
    """A page of jobs that must be looked at. Few are sorted. Among many the first are soon met on a walk in order, unless
    they all stand at its end: then the walk is given up, and begun anew with the knowledge which jobs are worth a look."""
    limit = query.limit or 0
    few = few_ids(db, filters)
    if few is not None:
        return _ids(db, sort_ids(query, filters, few), limit, query.offset)
    if all(f.offers is None for f in filters):
        return _ids(db, walk_ids(query, filters), limit, query.offset)
    try:
        with _Patience(db, max(_WALK_ROWS, 2 * (query.offset + limit)) * _STEPS_PER_ROW):
            return _ids(db, walk_ids(query, filters), limit, query.offset)
    except (OperationalError, sqlite3.OperationalError) as error:  # the latter when some rows were there already
        if "interrupt" not in str(error):
            raise
    offers = [f.offers() for f in filters if f.offers is not None]
    some = next((ids for select in offers if (ids := ids_up_to(db, select, _SOME)) is not None), None)
    select = walk_ids(query, filters, among=offers) if some is None else sort_ids(query, filters, some)
    return _ids(db, select, limit, query.offset)


def _ids(db: Connection, select: Select, limit: int, offset: int) -> list[int]:
    sql, params = select
    return [row[0] for row in db.sql(f"{sql} LIMIT ? OFFSET ?", (*params, limit, offset))]


def _remember(memory: OrderedDict[_K, _V], key: _K, value: _V, most: int) -> None:
    memory[key] = value
    memory.move_to_end(key)
    if len(memory) > most:
        memory.popitem(last=False)
