"""Turns a `JobQuery` into SQL that stays fast at a million rows.

A page is the ids first, from indexes walked in the wanted order: one for each state, merged. Where a search leaves few
jobs, those few are fetched and sorted instead: walking an index for them could touch every row.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from string import ascii_lowercase, ascii_uppercase
from typing import Any, NamedTuple

from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.queries import JobQuery, JobSort
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.fields import encode_text
from alchemist_desktop.storage.search_index import Rarity, can_look_up, is_short, offered_by_search

FEW = 4_000  # about as much work to fetch and sort as to find 50 among a million by walking
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

Select = tuple[str, tuple[Any, ...]]
_Condition = tuple[str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Search:
    """A condition on a job's row that no index of an order knows. `offers` makes a select of the ids it may leave; where
    that `is_late`, it costs so much that a walk is tried first."""

    condition: _Condition
    offers: Callable[[], Select] | None
    is_late: bool


class Known(NamedTuple):
    """Ids that were counted: a select of them, and how many they are."""

    select: Select
    number: int


def search_of(db: Connection, query: JobQuery, rarity: Rarity) -> Search | None:
    """The search of a query, None where it has none."""
    if not query.search:
        return None
    needle = query.search.translate(_TO_LOWER)
    if any("\ud800" <= char <= "\udfff" and not "\udc80" <= char <= "\udcff" for char in needle):
        return Search(("0", ()), None, is_late=False)  # no text that is stored has half of a pair
    in_json = json.dumps(needle, ensure_ascii=False)[1:-1]  # explanations are stored as JSON, with its escapes
    texts = ("CAST(? AS TEXT)",) * 3
    condition = "(instr(lower(input_path), {}) OR instr(lower(decision), {}) OR instr(lower(failure), {}))".format(*texts)
    params = (encode_text(needle), encode_text(in_json), encode_text(in_json))
    offers = partial(offered_by_search, db, needle, rarity) if can_look_up(needle) else None
    return Search((condition, params), offers, is_late=is_short(needle))


def ids_up_to(db: Connection, offers: Select, most: int) -> Known | None:
    """The very ids that are offered, None when they are more than `most`."""
    sql, params = offers
    text, number = db.sql(
        f"SELECT json_group_array(id), count(*) FROM (SELECT * FROM ({sql}) LIMIT {most + 1})", params
    ).fetchone()
    return Known(_members_of(text), number) if number <= most else None


def select_of(ids: Sequence[int]) -> Select:
    """A select of these very ids."""
    return _members_of(json.dumps(list(ids)))


def states_among(db: Connection, offers: Select, *, archived: bool) -> frozenset[JobState]:
    """The states in which any of the jobs is that are offered; every state there is when no one is left out."""
    sql, params = offers
    # The plus keeps SQLite from looking each id up in each state: a state that has none of many ids would take long.
    met = f"SELECT 1 FROM jobs INDEXED BY jobs_by_state WHERE archived = c.archived AND state = c.state AND +id IN ({sql})"
    rows = db.sql(f"SELECT state, EXISTS ({met}) FROM job_counts c WHERE archived = ? AND number > 0", (*params, archived))
    is_met = {JobState(state): bool(answer) for state, answer in rows}
    return frozenset(JobState) if all(is_met.values()) else frozenset(state for state, answer in is_met.items() if answer)


def select_ids(db: Connection, query: JobQuery) -> Select:
    """The select of all ids of the query, in its order."""
    search = search_of(db, query, Rarity())
    if search is None or search.offers is None or search.is_late:
        return walk_ids(query, search)
    offers = search.offers()
    few = ids_up_to(db, offers, FEW)
    return walk_ids(query, search, among=offers) if few is None else sort_ids(query, search, few.select)


def walk_ids(query: JobQuery, search: Search | None, *, among: Select | None = None) -> Select:
    """Ids in order by walking an index, or one for each state. With `among`, only jobs that this select offers are looked
    at; to know them costs as much as there are."""
    name, order = _ORDERS[query.sort]
    states = sorted(state.value for state in query.states)
    table, index = "jobs", f"jobs_by_{name}"
    shared: list[_Condition] = [("archived = ?", (query.archived,))]
    arms: list[list[_Condition]] = [[_in_states(states)] if states else []]
    if query.failure_code:
        index = f"jobs_of_failure_by_{name}"
        shared += [("failure_code = ?", (query.failure_code,)), *_reason(query)]
    elif query.reason_code:
        table, index = "job_reasons", f"job_reasons_by_{name}"
        shared.append(("code = ?", (query.reason_code,)))
    elif states and query.sort is not JobSort.STATE and (among is None or len(states) == 1):  # each arm had to know them anew
        index = f"jobs_of_state_by_{name}"
        arms = [[("state = ?", (state,))] for state in states]
    looks: list[_Condition] = [] if among is None else [(f"id IN ({among[0]})", among[1])]
    if search is not None:
        condition, values = search.condition
        of_job = condition if table == "jobs" else f"EXISTS (SELECT 1 FROM jobs j WHERE j.id = {table}.id AND {condition})"
        looks.append((of_job, values))
    columns = ", ".join(column for column, _ in order)
    selects = [_joined(f"SELECT {columns} FROM {table} INDEXED BY {index}", [*shared, *arm, *looks]) for arm in arms]
    sql = " UNION ALL ".join(select for select, _ in selects)
    return f"SELECT id FROM ({sql} ORDER BY {_terms(query)})", tuple(value for _, values in selects for value in values)


def sort_ids(query: JobQuery, search: Search, offers: Select) -> Select:
    """Ids in order by fetching and sorting those that are offered."""
    conditions = [(f"id IN ({offers[0]})", offers[1]), ("archived = ?", (query.archived,)), search.condition, *_reason(query)]
    if query.failure_code:
        conditions.append(("failure_code = ?", (query.failure_code,)))
    if query.states:
        conditions.append(_in_states(sorted(state.value for state in query.states)))
    sql, params = _joined("SELECT id FROM jobs NOT INDEXED", conditions)
    return f"{sql} ORDER BY {_terms(query)}", params


def _members_of(text: str) -> Select:
    return "SELECT value FROM json_each(?)", (text,)


def _reason(query: JobQuery) -> list[_Condition]:
    """The condition on a row of the jobs that it has the reason, where one is asked for."""
    condition = "EXISTS (SELECT 1 FROM job_reasons r WHERE r.id = jobs.id AND r.code = ?)"
    return [(condition, (query.reason_code,))] if query.reason_code else []


def _joined(select: str, conditions: Sequence[_Condition]) -> Select:
    where = " AND ".join(condition for condition, _ in conditions)
    return f"{select} WHERE {where}", tuple(value for _, values in conditions for value in values)


def _in_states(states: Sequence[str]) -> _Condition:
    return f"state IN ({', '.join('?' * len(states))})", tuple(states)


def _terms(query: JobQuery) -> str:
    _, order = _ORDERS[query.sort]
    return ", ".join(f"{column} {'DESC' if flip != query.descending else 'ASC'}" for column, flip in order)
