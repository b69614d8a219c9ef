"""The database as the rest of the program sees it: a few threads behind an async door."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Concatenate, ParamSpec, Self, TypeVar

from peewee import PeeweeException

from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.storage.connection import Connection, known_errors
from alchemist_desktop.storage.schema import back_up, migrate
from alchemist_desktop.storage.search_index import refresh_search

_P = ParamSpec("_P")
_R = TypeVar("_R")

_READERS = 3


class Database:
    """One SQLite file. Every change runs on one thread, reads on a few others, so neither blocks the loop, and no long
    read the short ones.

    A function handed to `write` or `read` gets the connection as its first argument and runs in one transaction: it counts
    whole or not at all, also when the awaiting task is cancelled. Whoever opens a database closes it.
    """

    def __init__(self, path: str) -> None:
        """Use `open`."""
        self.path = path
        self._connection = Connection(path)
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="database-writer")
        self._reader = ThreadPoolExecutor(_READERS, thread_name_prefix="database-reader")

    @classmethod
    def open(cls, path: str) -> Self:
        """Open or create the file and bring it to the present schema.

        Raises KnownError when that is impossible: no rights, damaged, or written by a newer version.
        """
        database = cls(path)
        try:
            database._writer.submit(database._prepare).result()
            database._reader.submit(database._join_readers).result()
        except (KnownError, PeeweeException):
            database._shut_down()
            raise
        return database

    @classmethod
    def open_for_reading(cls, path: str) -> Self:
        """Open an existing file beside the program that owns it: it is never changed, and `write` must not be called.

        Raises KnownError when there is none, or it is damaged.
        """
        if not Path(path).is_file():
            raise KnownError("There is no database yet: start the program once.", code="DATABASE_UNAVAILABLE", path=path)
        database = cls(path)
        try:
            database._reader.submit(database._open_reader).result()
        except (KnownError, PeeweeException):
            database._shut_down()
            raise
        return database

    async def write(self, fn: Callable[Concatenate[Connection, _P], _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run `fn` on the writing thread, inside a transaction."""

        def work() -> _R:
            with known_errors(self.path), self._connection.atomic("IMMEDIATE"):
                result = fn(self._connection, *args, **kwargs)
                refresh_search(self._connection)
                return result

        return await asyncio.get_running_loop().run_in_executor(self._writer, work)

    async def read(self, fn: Callable[Concatenate[Connection, _P], _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
        """Run `fn` on a reading thread; it sees one state of the database, with every write that has returned."""

        def work() -> _R:
            self._join_readers()
            with known_errors(self.path), self._connection.atomic():
                return fn(self._connection, *args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._reader, work)

    async def check(self) -> bool:
        """Whether the database answers."""
        try:
            return await self.read(lambda db: db.sql("SELECT count(*) FROM preferences").fetchone() is not None)
        except (KnownError, PeeweeException, RuntimeError):  # RuntimeError: it was closed
            return False

    async def integrity_check(self) -> str:
        """ "ok", or SQLite's description of the first damages."""
        rows = await self.read(lambda db: db.sql("PRAGMA integrity_check(20)").fetchall())
        return "\n".join(row[0] for row in rows)

    async def backup_to(self, path: str) -> None:
        """Write a compact copy to `path`; writes go on meanwhile."""

        await asyncio.to_thread(_copy, self.path, path)

    async def close(self) -> None:
        """Let what was begun end, fold the journal into the file, and end both threads."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(None, self._shut_down)

    def _prepare(self) -> None:
        with known_errors(self.path):
            try:
                Path(self.path).parent.mkdir(parents=True, exist_ok=True)
            except OSError as error:
                raise KnownError(
                    f"The folder for the database cannot be made: {error.strerror}.", code="DATABASE_UNAVAILABLE", path=self.path
                ) from error
            self._connection.connect()
            migrate(self._connection, self.path)

    def _join_readers(self) -> None:
        """Open this thread's connection where that was not done yet."""
        if self._connection.is_closed():
            with known_errors(self.path):
                self._connection.forbid_writes()

    def _open_reader(self) -> None:
        self._join_readers()
        with known_errors(self.path):
            self._connection.sql("SELECT count(*) FROM preferences")

    def _shut_down(self) -> None:
        all_there = threading.Barrier(_READERS)  # each closes what is its own, so none may take another's turn
        for leaving in [self._reader.submit(self._leave, "", all_there) for _ in range(_READERS)]:
            leaving.result()
        self._writer.submit(self._leave, "PRAGMA wal_checkpoint(TRUNCATE)").result()
        self._reader.shutdown()
        self._writer.shutdown()

    def _leave(self, last_words: str, all_there: threading.Barrier | None = None) -> None:
        if all_there is not None:
            all_there.wait()
        if self._connection.is_closed():
            return
        try:
            if last_words:
                self._connection.sql(last_words)
        except PeeweeException:  # a damaged or full disk must not keep the program from ending; the journal stays
            pass
        finally:
            self._connection.close()


def _copy(source: str, target: str) -> None:
    connection = Connection(source)
    try:
        with known_errors(target):
            back_up(connection, target)
    finally:
        connection.close()
