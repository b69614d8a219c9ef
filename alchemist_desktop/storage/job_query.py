"""Turns a `JobQuery` into SQL that stays fast at a million rows.

A page is the ids first, from a covering index walked in the wanted order. Where a filter leaves few jobs (a rare state, a
rare word) those few are fetched and sorted instead: walking an index for them could touch every row.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_lowercase, ascii_uppercase
from typing import Any

from alchemist_desktop.domain.queries import JobQuery, JobSort
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.fields import encode_text

_FEW = 20_000
_TRIGRAM = 3
_TO_LOWER = str.maketrans(ascii_uppercase, ascii_lowercase)  # the search ignores the case of ASCII letters only
# Sort → (index, order); the reverse flips every term, so the index can be walked backwards.
_ORDERS: dict[JobSort, tuple[str, tuple[tuple[str, bool], ...]]] = {
    JobSort.UPDATED_AT: ("jobs_by_updated", (("updated_at", False), ("id", False))),
    JobSort.CREATED_AT: ("jobs_by_created", (("created_at", False), ("id", False))),
    JobSort.INPUT_PATH: ("jobs_by_path", (("input_path", False), ("id", False))),
    JobSort.SIZE: ("jobs_by_size", (("size_bytes", False), ("id", False))),
    JobSort.STATE: ("jobs_by_state", (("state", False), ("id", False))),
    JobSort.PRIORITY: ("jobs_by_queue", (("priority", False), ("created_at", True), ("id", True))),
    JobSort.QUEUE: ("jobs_by_queue", (("priority", True), ("created_at", False), ("id", False))),
}


@dataclass(frozen=True, slots=True)
class _Filter:
    """A condition on a job's row, and the select that lists the ids it may leave, where there is an index for that."""

    condition: str
    params: tuple[Any, ...]
    ids: str = ""
    ids_params: tuple[Any, ...] = ()


def find_ids(db: Connection, query: JobQuery) -> list[int]:
    """The ids of one page."""
    sql, params = select_ids(db, query)
    rows = db.sql(f"{sql} LIMIT ? OFFSET ?", (*params, -1 if query.limit is None else query.limit, query.offset))
    return [row[0] for row in rows]


def find_all_ids(db: Connection, query: JobQuery) -> list[int]:
    """Every id of the query in its order. They leave SQLite as one text: a million Python rows would hold up the loop."""
    sql, params = select_ids(db, query)
    (text,) = db.sql(f"SELECT json_group_array(id) FROM ({sql} LIMIT -1)", params).fetchone()
    ids: list[int] = json.loads(text)
    return ids


def select_ids(db: Connection, query: JobQuery) -> tuple[str, tuple[Any, ...]]:
    filters = list(_filters(query))
    conditions = ["archived = ?", *(f.condition for f in filters)]
    params = [query.archived, *(value for f in filters for value in f.params)]
    index, order = _ORDERS[query.sort]
    few = next((f for f in filters if f.ids and _leaves_few(db, f)), None)
    if few is None:
        source = f"jobs INDEXED BY {index}"
    else:
        source = "jobs NOT INDEXED"
        conditions.append(f"id IN ({few.ids})")
        params.extend(few.ids_params)
    terms = ", ".join(f"{column} {'DESC' if flip != query.descending else 'ASC'}" for column, flip in order)
    return f"SELECT id FROM {source} WHERE {' AND '.join(conditions)} ORDER BY {terms}", tuple(params)


def _leaves_few(db: Connection, narrowing: _Filter) -> bool:
    sql = f"SELECT count(*) FROM ({narrowing.ids} LIMIT {_FEW + 1})"
    (count,) = db.sql(sql, narrowing.ids_params).fetchone()
    return bool(count <= _FEW)


def _filters(query: JobQuery) -> Iterator[_Filter]:
    if query.search:
        yield _search_filter(query.search.translate(_TO_LOWER))
    if query.failure_code:
        condition = "failure_code = ?"
        ids = f"SELECT id FROM jobs INDEXED BY jobs_by_failure WHERE {condition}"
        yield _Filter(condition, (query.failure_code,), ids, (query.failure_code,))
    if query.reason_code:
        condition = "EXISTS (SELECT 1 FROM decisions d WHERE d.code = ? AND d.job_id = jobs.id)"
        ids = "SELECT job_id FROM decisions WHERE code = ?"
        yield _Filter(condition, (query.reason_code,), ids, (query.reason_code,))
    if query.states:
        states = sorted(state.value for state in query.states)
        condition = f"state IN ({', '.join('?' * len(states))})"
        ids = f"SELECT id FROM jobs INDEXED BY jobs_by_state WHERE archived = ? AND {condition}"
        yield _Filter(condition, tuple(states), ids, (query.archived, *states))


def _search_filter(needle: str) -> _Filter:
    in_json = json.dumps(needle, ensure_ascii=False)[1:-1]  # explanations are stored as JSON, with its escapes
    texts = ("CAST(? AS TEXT)",) * 3
    condition = "(instr(lower(input_path), {}) OR instr(lower(decision), {}) OR instr(lower(failure), {}))".format(*texts)
    params = (encode_text(needle), encode_text(in_json), encode_text(in_json))
    # Only the needle as it is can be looked up: not one that is too short, escaped, or not quite text.
    if len(needle) < _TRIGRAM or in_json != needle or not _is_plain(needle):
        return _Filter(condition, params)
    return _Filter(condition, params, "SELECT rowid FROM job_search WHERE job_search MATCH ?", (_trigrams(needle),))


def _is_plain(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _trigrams(needle: str) -> str:
    """Every third trigram and the last one: enough to leave few, and the condition checks what is left."""
    last = len(needle) - _TRIGRAM
    starts = sorted({*range(0, last + 1, _TRIGRAM), last})
    return " AND ".join('"{}"'.format(needle[i : i + _TRIGRAM].replace('"', '""')) for i in starts)
