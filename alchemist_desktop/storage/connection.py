"""The SQLite connection: how it is opened, and which of its errors are the world's fault."""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from peewee import DatabaseError, PeeweeException, SqliteDatabase

from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.storage.fields import decode_text

_CACHE_KIB = 8_000  # of the writing thread; the system's own cache of the file does the rest, and memory stays small
_READER_CACHE_KIB = 3_000
_BUSY_TIMEOUT_S = 5
# A replacement is journalled before files move, so a commit must be on the disk, not in its cache.
_PRAGMAS = {
    "journal_mode": "wal",
    "synchronous": "full",
    "foreign_keys": 1,
    "recursive_triggers": 1,
    "cache_size": -_CACHE_KIB,
    "temp_store": "memory",
}
_KNOWN = (
    ("not a database", "DATABASE_CORRUPT", "The database is damaged or is no database at all; restore a backup of it."),
    ("malformed", "DATABASE_CORRUPT", "The database is damaged; restore a backup of it."),
    ("disk is full", "DATABASE_FULL", "The disk that holds the database is full; make room on it."),
    ("readonly", "DATABASE_READ_ONLY", "The database cannot be written; check the rights of its folder."),
    ("unable to open", "DATABASE_UNAVAILABLE", "The database cannot be opened; check the rights of its folder."),
    ("database is locked", "DATABASE_LOCKED", "Another program holds the database locked; close it."),
    ("disk i/o error", "DATABASE_IO_ERROR", "The disk that holds the database reports errors."),
)


class Connection(SqliteDatabase):
    """A peewee database with one connection per thread; the writing thread is the one that made it writable."""

    def __init__(self, path: str) -> None:
        super().__init__(path, pragmas=_PRAGMAS, timeout=_BUSY_TIMEOUT_S)
        self._read_only_threads: set[int] = set()

    def forbid_writes(self) -> None:
        """Make this thread's connection, opened here, refuse every change."""
        self._read_only_threads.add(threading.get_ident())
        self.connect()

    def sql(self, statement: str, params: Sequence[Any] = ()) -> sqlite3.Cursor:
        """Run a statement on this thread's connection."""
        cursor: sqlite3.Cursor = self.execute_sql(statement, params)  # type: ignore[no-untyped-call]
        return cursor

    def _add_conn_hooks(self, conn: sqlite3.Connection) -> None:
        conn.text_factory = decode_text
        super()._add_conn_hooks(conn)  # type: ignore[misc]
        if threading.get_ident() in self._read_only_threads:
            conn.execute("PRAGMA query_only = 1")
            conn.execute(f"PRAGMA cache_size = {-_READER_CACHE_KIB}")


@contextmanager
def known_errors(path: str) -> Iterator[None]:
    """Turn what disk, rights or damage do to SQLite into sentences; other errors pass."""
    try:
        yield
    except (PeeweeException, sqlite3.Error) as error:
        if not isinstance(error, DatabaseError | sqlite3.DatabaseError):
            raise
        text = str(error).lower()
        for sign, code, sentence in _KNOWN:
            if sign in text:
                raise KnownError(sentence, code=code, path=path) from error
        raise
