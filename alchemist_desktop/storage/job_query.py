"""Turns a `JobQuery` into SQL that stays fast at a million rows.

A page is the ids first, from indexes walked in the wanted order: one for each state, merged. Where a search or a reason
leaves few jobs, those few are fetched and sorted instead: walking an index for them could touch every row.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import product
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from alchemist_desktop.domain.queries import JobQuery, JobSort
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.fields import encode_text
from alchemist_desktop.storage.search_index import Rarity, can_look_up, is_short, offered_by_search

FEW = 8_000  # about as much work to fetch and sort as to find 50 among a million by walking
_TO_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)  # the search ignores the case of ASCII letters only
# Sort → (name of its indexes, order); the reverse flips every term, so an index can be walked backwards.
_ORDERS: dict[JobSort, tuple[str, tuple[tuple[str, bool], ...]]] = {
    JobSort.UPDATED_AT: ("updated", (("updated_at", False), ("id", False))),
    JobSort.CREATED_AT: ("created", (("created_at", False), ("id", False))),
    JobSort.INPUT_PATH: ("path", (("input_path", False), ("id", False))),
    JobSort.SIZE: ("size", (("size_bytes", False), ("id", False))),
    JobSort.STATE: ("state", (("state", False), ("id", False))),
    JobSort.PRIORITY: ("queue", (("priority", False), ("created_at", True), ("id", True))),
    JobSort.QUEUE: ("queue", (("priority", True), ("created_at", False), ("id", False))),
}

_WITH_TIES = {"priority", "state"}  # many jobs share one, or what breaks the tie runs the other way

Select = tuple[str, tuple[Any, ...]]
_Condition = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on a job's row that no index of an order knows. `offers` makes a select of the ids it may leave; where
    that `is_late`, it costs so much that a walk is tried first."""

    condition: _Condition
    offers: Callable[[], Select] | None
    is_late: bool = False


def filters_of(db: Connection, query: JobQuery, rarity: Rarity) -> list[Filter]:
    """The filters that have to look at each job."""
    return list(_filters(db, query, rarity))


def few_ids(db: Connection, filters: Sequence[Filter]) -> Select | None:
    """A select of all ids that one of the filters may leave, when there is one that leaves few."""
    for narrowing in filters:
        if narrowing.offers is not None and not narrowing.is_late:
            few = ids_up_to(db, narrowing.offers(), FEW)
            if few is not None:
                return few
    return None


def ids_up_to(db: Connection, offers: Select, most: int) -> Select | None:
    """A select of the very ids that are offered, None when they are more than `most`."""
    sql, params = offers
    (text,) = db.sql(f"SELECT json_group_array(id) FROM (SELECT * FROM ({sql}) LIMIT {most + 1})", params).fetchone()
    return ("SELECT value FROM json_each(?)", (text,)) if text.count(",") < most else None


def select_ids(db: Connection, query: JobQuery) -> Select:
    """The select of all ids of the query, in its order."""
    filters = filters_of(db, query, Rarity())
    few = few_ids(db, filters)
    return walk_ids(query, filters) if few is None else sort_ids(query, filters, few)


def walk_ids(query: JobQuery, filters: Sequence[Filter], *, start: Sequence[Any] = (), among: Sequence[Select] = ()) -> Select:
    """Ids in order by walking an index, or one for each state.

    With `start`, from the job on that has it for its `place_of`. With `among`, only jobs that all of these selects offer
    are looked at; to know them costs as much as there are.
    """
    name, order = _ORDERS[query.sort]
    offered = [(f"id IN ({sql})", ids) for sql, ids in among]
    shared: list[_Condition] = [("archived = ?", (query.archived,)), *offered, *(f.condition for f in filters)]
    states = sorted(state.value for state in query.states)
    arms: list[list[_Condition]] = [[]]
    if query.failure_code:
        index = f"jobs_of_failure_by_{name}"
        shared.append(("failure_code = ?", (query.failure_code,)))
    elif not states or query.sort is JobSort.STATE:
        index = f"jobs_by_{name}"
    else:
        index = f"jobs_of_state_by_{name}"
        arms = [[("state = ?", (state,))] for state in states]
    if states and len(arms[0]) == 0:
        shared.append(_in_states(states))
    selects = []
    params: list[Any] = []
    for arm, onward in product(arms, _from(order, start, descending=query.descending)):
        conditions = [*shared, *arm, *onward]
        selects.append(
            f"SELECT {', '.join(column for column, _ in order)} FROM jobs INDEXED BY {index}"
            f" WHERE {' AND '.join(condition for condition, _ in conditions)}"
        )
        params += [value for _, values in conditions for value in values]
    return f"SELECT id FROM ({' UNION ALL '.join(selects)} ORDER BY {_terms(query)})", tuple(params)


def sort_ids(query: JobQuery, filters: Sequence[Filter], offers: Select) -> Select:
    """Ids in order by fetching and sorting those that are offered."""
    sql, ids = offers
    conditions = [(f"id IN ({sql})", ids), ("archived = ?", (query.archived,)), *(f.condition for f in filters)]
    if query.failure_code:
        conditions.append(("failure_code = ?", (query.failure_code,)))
    if query.states:
        conditions.append(_in_states(sorted(state.value for state in query.states)))
    where = " AND ".join(condition for condition, _ in conditions)
    params = tuple(value for _, values in conditions for value in values)
    return f"SELECT id FROM jobs NOT INDEXED WHERE {where} ORDER BY {_terms(query)}", params


def place_of(db: Connection, query: JobQuery, job_id: int) -> tuple[Any, ...]:
    """Where a job stands in the order of the query."""
    _, order = _ORDERS[query.sort]
    columns = ", ".join(f"CAST({column} AS BLOB)" if column == "input_path" else column for column, _ in order)
    place: tuple[Any, ...] = db.sql(f"SELECT {columns} FROM jobs WHERE id = ?", (job_id,)).fetchone()
    return place


def _from(order: Sequence[tuple[str, bool]], start: Sequence[Any], *, descending: bool) -> list[list[_Condition]]:
    """Conditions for what follows a place in the order, the place included: one for each run that an index can walk."""
    if not start:
        return [[]]
    (first, flip), rest = order[0], order[1:]
    sign = "<" if flip != descending else ">"
    mark = "CAST(? AS TEXT)" if first == "input_path" else "?"
    if first not in _WITH_TIES:
        columns = ", ".join(column for column, _ in order)
        marks = ", ".join([mark, *"?" * len(rest)])
        return [[(f"({columns}) {sign}= ({marks})", tuple(start))]]
    onward = _from(rest, start[1:], descending=descending) if len(rest) > 1 else [[(f"{rest[0][0]} {sign}= ?", (start[1],))]]
    tied = [[(f"{first} = ?", (start[0],)), *more] for more in onward]
    return [*tied, [(f"{first} {sign} ?", (start[0],))]]


def _in_states(states: Sequence[str]) -> _Condition:
    return f"state IN ({', '.join('?' * len(states))})", tuple(states)


def _terms(query: JobQuery) -> str:
    _, order = _ORDERS[query.sort]
    return ", ".join(f"{column} {'DESC' if flip != query.descending else 'ASC'}" for column, flip in order)


def _filters(db: Connection, query: JobQuery, rarity: Rarity) -> Iterator[Filter]:
    if query.reason_code:
        offers = "SELECT job_id AS id FROM decisions WHERE code = ?", (query.reason_code,)
        condition = "EXISTS (SELECT 1 FROM decisions d WHERE d.code = ? AND d.job_id = jobs.id)", (query.reason_code,)
        yield Filter(condition, lambda: offers)
    if query.search:
        yield _search_filter(db, query.search.translate(_TO_LOWER), rarity)


def _search_filter(db: Connection, needle: str, rarity: Rarity) -> Filter:
    in_json = json.dumps(needle, ensure_ascii=False)[1:-1]  # explanations are stored as JSON, with its escapes
    texts = ("CAST(? AS TEXT)",) * 3
    condition = "(instr(lower(input_path), {}) OR instr(lower(decision), {}) OR instr(lower(failure), {}))".format(*texts)
    params = (encode_text(needle), encode_text(in_json), encode_text(in_json))
    offers = partial(offered_by_search, db, needle, rarity) if can_look_up(needle) else None
    return Filter((condition, params), offers, is_late=is_short(needle))
