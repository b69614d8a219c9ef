"""Notification targets as rows with ids of their own, and the messages that wait to be delivered to them."""

from typing import Any

_STATEMENTS = (
    """
    CREATE TABLE notification_targets (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        fingerprint TEXT NOT NULL UNIQUE, created_at INTEGER NOT NULL, last_sent_at INTEGER, last_error TEXT
    )
    """,
    """
    CREATE TABLE outbox (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        target_id INTEGER NOT NULL REFERENCES notification_targets(id) ON DELETE CASCADE,
        notice TEXT NOT NULL, is_held INTEGER NOT NULL, attempts INTEGER NOT NULL,
        due_at INTEGER NOT NULL, created_at INTEGER NOT NULL
    )
    """,
    "CREATE INDEX outbox_by_time ON outbox(is_held, due_at)",
    "CREATE INDEX outbox_by_target ON outbox(target_id, id)",
)


def up(_migrator: Any, db: Any) -> None:
    for statement in _STATEMENTS:
        db.execute_sql(statement)
