"""Brings a database file to the schema of this program, with a backup first, or refuses it."""

from pathlib import Path
from typing import Any

from playhouse.migrations import Runner

from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.fields import encode_text

MIGRATIONS = Path(__file__).parent / "migrations"


def migrate(db: Connection, path: str, folder: Path = MIGRATIONS) -> None:
    """Apply what is missing. A failing migration leaves the database as it was.

    Raises KnownError for a database that is newer than this program or belongs to another one.
    """
    runner: Any = Runner(db, str(folder))  # type: ignore[no-untyped-call]
    known = [migration.name for migration in runner.migrations()]
    applied = runner.applied()
    _refuse_foreign(db, path, is_ours=bool(applied))
    if not set(applied) <= set(known):
        raise KnownError(
            "The database was written by a newer version of this program; update the program, or restore an older backup.",
            code="DATABASE_TOO_NEW",
            path=path,
        )
    if len(applied) == len(known):
        return
    if applied:
        back_up(db, f"{path}.before-{known[len(applied)]}")
    runner.up()


def back_up(db: Connection, target: str) -> None:
    """Write a whole, compact copy; an older file of that name is replaced only when the copy is complete."""
    unfinished = Path(f"{target}.unfinished")
    unfinished.unlink(missing_ok=True)
    db.sql("VACUUM INTO CAST(? AS TEXT)", (encode_text(str(unfinished)),))
    unfinished.replace(target)


def _refuse_foreign(db: Connection, path: str, *, is_ours: bool) -> None:
    if db.get_tables() and not is_ours and not _only_history(db):
        raise KnownError(
            "The file is a database of another program; choose another folder for this program's data.",
            code="DATABASE_FOREIGN",
            path=path,
        )


def _only_history(db: Connection) -> bool:
    # The very first migration failed: the history table is there, and empty.
    return db.get_tables() == ["schema_migration"]
