"""Migration 0005_outside: what was there stays, targets and the outbox are added."""

import sqlite3
from pathlib import Path
from shutil import copy

from alchemist_desktop.storage.schema import MIGRATIONS, migrate
from tests.unit.storage.support import connect_before

NAME = "0005_outside"


def test_it_adds_its_tables_and_leaves_the_rest(tmp_path: Path) -> None:
    path = str(tmp_path / "a.db")
    connection = connect_before(NAME, tmp_path)
    connection.sql("INSERT INTO preferences VALUES ('theme', 'dark')")
    with_own = tmp_path / "with_own"
    with_own.mkdir()
    for migration in [*(tmp_path / "before").glob("[0-9]*.py"), MIGRATIONS / f"{NAME}.py"]:
        copy(migration, with_own)
    migrate(connection, path, with_own)
    assert connection.sql("SELECT value FROM preferences WHERE key = 'theme'").fetchall() == [("dark",)]
    connection.sql("INSERT INTO notification_targets(fingerprint, created_at) VALUES ('a', 1)")
    connection.sql("INSERT INTO outbox(target_id, notice, is_held, attempts, due_at, created_at) VALUES (1, '{}', 0, 0, 1, 1)")
    connection.sql("DELETE FROM notification_targets")
    assert connection.sql("SELECT count(*) FROM outbox").fetchone() == (0,)
    connection.close()
    with sqlite3.connect(f"{path}.before-{NAME}") as backup:
        tables = {name for (name,) in backup.execute("SELECT name FROM sqlite_master")}
    backup.close()
    assert "jobs" in tables
    assert "outbox" not in tables
