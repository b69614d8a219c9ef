"""Results of hardware detections, so that a start need not wait for one."""

from typing import Any


def up(_migrator: Any, db: Any) -> None:
    db.execute_sql("CREATE TABLE hardware (key TEXT PRIMARY KEY, matrix TEXT NOT NULL, created_at INTEGER NOT NULL)")
