"""The job list at a million rows: an index for every filter in every order, searches apart for paths and texts, a version.

FTS5 writes out what it holds whenever a statement begins that could be taken back, and that is every statement whose
triggers write to it: each job cost five times what its text costs. Now triggers only note which jobs changed and what the
indexes hold of them; whoever ends a transaction tells the indexes. Paths have an index of their own, for sentences that
explain have every common trigram in them and left too many candidates.
"""

from typing import Any

_ORDERS = {
    "updated": "updated_at, id",
    "created": "created_at, id",
    "path": "input_path, id",
    "size": "size_bytes, id",
    "queue": "priority DESC, created_at, id",
}
_INDEXES = [
    statement
    for name, columns in _ORDERS.items()
    for statement in (
        f"DROP INDEX jobs_by_{name}",
        f"CREATE INDEX jobs_by_{name} ON jobs(archived, {columns})",
        f"CREATE INDEX jobs_of_state_by_{name} ON jobs(archived, state, {columns})",
        f"CREATE INDEX jobs_of_failure_by_{name} ON jobs(archived, failure_code, {columns}, state)"
        " WHERE failure_code IS NOT NULL",
    )
]
# Two separators at the end: so even the last letter of a text is the first of a trigram.
_END = "char(31) || char(31)"
_PATH = f"{{row}}.input_path || {_END}"
_TEXTS = f"coalesce({{row}}.decision || char(31) || coalesce({{row}}.failure, ''), {{row}}.failure) || {_END}"
_OLD = f"SELECT old.id, {_PATH.format(row='old')}, {_TEXTS.format(row='old')}"
# Not INSERT OR IGNORE: inside a trigger the conflict rule of the outer statement would count instead.
_NOTE = "INSERT INTO search_stale {values} WHERE NOT EXISTS (SELECT 1 FROM search_stale WHERE job_id = {row}.id);"
_NOTE_NEW = _NOTE.format(row="new", values="SELECT new.id, NULL, NULL")
_NOTE_OLD = _NOTE.format(row="old", values=_OLD)
_COUNT = "UPDATE job_list SET version = version + 1;"
_LISTED = "archived, state, priority, size_bytes, input_path, decision, failure, failure_code, created_at, updated_at"
_STATEMENTS = (
    "DROP TRIGGER jobs_search_insert",
    "DROP TRIGGER jobs_search_delete",
    "DROP TRIGGER jobs_search_update",
    "DROP TABLE job_search",
    "DROP INDEX jobs_by_failure",
    *_INDEXES,
    "CREATE INDEX jobs_of_failure_by_state ON jobs(archived, failure_code, state, id) WHERE failure_code IS NOT NULL",
    "CREATE VIRTUAL TABLE path_search USING fts5(body, content='', tokenize='trigram', detail=none)",
    "CREATE VIRTUAL TABLE text_search USING fts5(body, content='', tokenize='trigram', detail=none)",
    "CREATE VIRTUAL TABLE path_terms USING fts5vocab(path_search, row)",
    "CREATE VIRTUAL TABLE text_terms USING fts5vocab(text_search, row)",
    # What the indexes still hold of a job; NULL is nothing.
    "CREATE TABLE search_stale (job_id INTEGER PRIMARY KEY, path TEXT, texts TEXT)",
    "CREATE VIEW search_bodies AS"
    f" SELECT id AS job_id, {_PATH.format(row='jobs')} AS path, {_TEXTS.format(row='jobs')} AS texts FROM jobs",
    "INSERT INTO path_search(rowid, body) SELECT job_id, path FROM search_bodies",
    "INSERT INTO text_search(rowid, body) SELECT job_id, texts FROM search_bodies WHERE texts IS NOT NULL",
    # Grows whenever a page of the list may have become another one.
    "CREATE TABLE job_list (version INTEGER NOT NULL)",
    "INSERT INTO job_list VALUES (0)",
    f"CREATE TRIGGER jobs_added AFTER INSERT ON jobs BEGIN {_NOTE_NEW} {_COUNT} END",
    f"CREATE TRIGGER jobs_removed AFTER DELETE ON jobs BEGIN {_NOTE_OLD} {_COUNT} END",
    f"CREATE TRIGGER jobs_listed_anew AFTER UPDATE OF {_LISTED} ON jobs BEGIN {_COUNT} END",
    "CREATE TRIGGER jobs_reworded AFTER UPDATE OF input_path, decision, failure ON jobs "
    "WHEN new.input_path IS NOT old.input_path OR new.decision IS NOT old.decision OR new.failure IS NOT old.failure "
    f"BEGIN {_NOTE_OLD} END",
    f"CREATE TRIGGER decisions_added AFTER INSERT ON decisions BEGIN {_COUNT} END",
    f"CREATE TRIGGER decisions_removed AFTER DELETE ON decisions BEGIN {_COUNT} END",
)


def up(_migrator: Any, db: Any) -> None:
    for statement in _STATEMENTS:
        db.execute_sql(statement)
