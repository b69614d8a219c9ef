"""The migration 0002_hardware: from the first schema, with rows in it, to one that keeps detections."""

import shutil
import sqlite3
from pathlib import Path

from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.schema import MIGRATIONS, migrate


def _migrate(path: Path, folder: Path) -> None:
    connection = Connection(str(path))
    connection.connect()
    try:
        migrate(connection, str(path), folder)
    finally:
        connection.close()


def test_0002_hardware_adds_the_table_and_keeps_what_there_was(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    for folder, names in ((old, ["0001_initial.py"]), (new, ["0001_initial.py", "0002_hardware.py"])):
        folder.mkdir()
        for name in names:
            shutil.copy(MIGRATIONS / name, folder / name)
    path = tmp_path / "a.db"
    _migrate(path, old)
    with sqlite3.connect(path) as db:
        db.execute("INSERT INTO preferences(key, value) VALUES ('k', 'v')")
    db.close()
    _migrate(path, new)
    with sqlite3.connect(path) as db:
        assert db.execute("SELECT key FROM preferences").fetchall() == [("k",)]
        assert db.execute("SELECT * FROM hardware").fetchall() == []
        assert [row[1] for row in db.execute("PRAGMA table_info(hardware)")] == ["key", "matrix", "created_at"]
    db.close()
