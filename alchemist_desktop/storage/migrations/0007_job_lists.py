"""Lists of jobs by reason that need no look at each job, and how many jobs each state has.

A job may have several reasons, so they have rows of their own, with what the list is ordered by: an index on what lies in
two tables is not to be had, and a walk through one table for what the other says passes nearly all jobs where the two
have much to do with each other, as reasons and states have.
"""

from typing import Any

_ORDERS = {
    "updated": "updated_at, id",
    "created": "created_at, id",
    "path": "input_path, id",
    "size": "size_bytes, id",
    "queue": "priority DESC, created_at, id",
}
_COPIED = ("archived", "state", "priority", "size_bytes", "input_path", "created_at", "updated_at")
_COPY_ALL = (
    f"INSERT INTO job_reasons SELECT j.id, d.code, {', '.join(f'j.{name}' for name in _COPIED)}"
    " FROM (SELECT DISTINCT job_id, code FROM decisions) d JOIN jobs j ON j.id = d.job_id"
)
# Not INSERT OR IGNORE: inside a trigger the conflict rule of the outer statement would count instead.
_COPY_ONE = (
    f"INSERT INTO job_reasons SELECT id, new.code, {', '.join(_COPIED)} FROM jobs WHERE id = new.job_id"
    " AND NOT EXISTS (SELECT 1 FROM job_reasons r WHERE r.id = new.job_id AND r.code = new.code);"
)
_FORGET_ONE = (
    "DELETE FROM job_reasons WHERE id = old.job_id AND code = old.code"
    " AND NOT EXISTS (SELECT 1 FROM decisions WHERE job_id = old.job_id AND code = old.code);"
)
_COUNT_UP = (
    "INSERT INTO job_counts SELECT new.archived, new.state, 0"
    " WHERE NOT EXISTS (SELECT 1 FROM job_counts WHERE archived = new.archived AND state = new.state);"
    " UPDATE job_counts SET number = number + 1 WHERE archived = new.archived AND state = new.state;"
)
_NEW_VERSION = "UPDATE job_list SET version = version + 1;"
_COUNT_DOWN = "UPDATE job_counts SET number = number - 1 WHERE archived = old.archived AND state = old.state;"
_INDEXES = [
    f"CREATE INDEX job_reasons_by_{name} ON job_reasons(archived, code, {columns}, state)" for name, columns in _ORDERS.items()
]
_STATEMENTS = (
    "DROP INDEX IF EXISTS jobs_to_retry",
    "CREATE TABLE job_counts (archived INTEGER NOT NULL, state TEXT NOT NULL, number INTEGER NOT NULL,"
    " PRIMARY KEY (archived, state)) WITHOUT ROWID",
    "INSERT INTO job_counts SELECT archived, state, count(*) FROM jobs GROUP BY archived, state",
    f"CREATE TRIGGER jobs_counted_in AFTER INSERT ON jobs BEGIN {_COUNT_UP} END",
    # No foreign key takes the reasons away: whoever deletes jobs by hand may have those switched off.
    f"CREATE TRIGGER jobs_counted_out AFTER DELETE ON jobs BEGIN {_COUNT_DOWN} DELETE FROM job_reasons WHERE id = old.id; END",
    f"CREATE TRIGGER jobs_counted_anew AFTER UPDATE OF archived, state ON jobs BEGIN {_COUNT_DOWN} {_COUNT_UP} END",
    """
    CREATE TABLE job_reasons (
        id INTEGER NOT NULL, code TEXT NOT NULL,
        archived INTEGER NOT NULL, state TEXT NOT NULL, priority INTEGER NOT NULL, size_bytes INTEGER NOT NULL,
        input_path TEXT NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
        PRIMARY KEY (id, code)
    ) WITHOUT ROWID
    """,
    _COPY_ALL,
    *_INDEXES,
    "CREATE INDEX job_reasons_by_state ON job_reasons(archived, code, state, id)",
    f"CREATE TRIGGER job_reasons_added AFTER INSERT ON decisions BEGIN {_COPY_ONE} END",
    f"CREATE TRIGGER job_reasons_removed AFTER DELETE ON decisions BEGIN {_FORGET_ONE} END",
    f"CREATE TRIGGER job_reasons_changed AFTER UPDATE OF job_id, code ON decisions"
    f" BEGIN {_FORGET_ONE} {_COPY_ONE} {_NEW_VERSION} END",
    f"CREATE TRIGGER job_reasons_listed_anew AFTER UPDATE OF {', '.join(_COPIED)} ON jobs"
    f" BEGIN UPDATE job_reasons SET {', '.join(f'{name} = new.{name}' for name in _COPIED)} WHERE id = new.id; END",
    "DROP INDEX decisions_by_code",
)


def up(_migrator: Any, db: Any) -> None:
    for statement in _STATEMENTS:
        db.execute_sql(statement)
