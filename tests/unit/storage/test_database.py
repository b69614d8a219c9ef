"""Opening, migrating, backing up and breaking a database."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from peewee import IntegrityError, OperationalError

from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.queries import JobQuery
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.jobs import JobRepository
from alchemist_desktop.storage.preferences import PreferenceRepository
from alchemist_desktop.storage.schema import migrate
from alchemist_desktop.storage.tables import TABLES
from tests.unit.storage.support import SetClock, add

pytestmark = pytest.mark.anyio


def set_preference(db: Connection, key: str, value: str) -> None:
    db.sql("INSERT OR REPLACE INTO preferences VALUES (?, ?)", (key, value))


async def test_models_and_schema_name_the_same_columns(db: Database) -> None:
    for table in TABLES:
        name = table._meta.table_name
        columns = await db.read(lambda c, name=name: {row[1] for row in c.sql(f"PRAGMA table_info({name})")})  # type: ignore[misc]
        assert columns == set(table._meta.columns), name


async def test_connection_is_durable_and_strict(db: Database) -> None:
    pragmas = await db.write(
        lambda c: [c.sql(f"PRAGMA {p}").fetchone()[0] for p in ("journal_mode", "synchronous", "foreign_keys")]
    )
    assert pragmas == ["wal", 2, 1]


async def test_writes_and_reads_have_a_thread_each_and_reads_cannot_write(db: Database) -> None:
    writer = await db.write(lambda _c: threading.get_ident())
    reader = await db.read(lambda _c: threading.get_ident())
    assert len({writer, reader, threading.get_ident()}) == 3
    with pytest.raises(KnownError) as caught:
        await db.read(lambda c: c.sql("DELETE FROM jobs"))
    assert caught.value.code == "DATABASE_READ_ONLY"


async def test_a_failing_write_leaves_nothing(db: Database) -> None:
    def half(connection: Connection) -> None:
        set_preference(connection, "a", "1")
        connection.sql("INSERT INTO sessions VALUES ('hash', 99, 0, 0)")

    with pytest.raises(IntegrityError):
        await db.write(half)
    assert await PreferenceRepository(db).all() == {}


async def test_a_cancelled_write_counts_whole(db: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection: Connection) -> None:
        set_preference(connection, "first", "1")
        begun.set()
        go_on.wait(10)
        set_preference(connection, "second", "2")

    task = asyncio.create_task(db.write(slow))
    await asyncio.to_thread(begun.wait, 10)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await PreferenceRepository(db).all() == {}  # a read does not wait for the write, nor see half of it
    go_on.set()
    await db.write(lambda _c: None)
    assert await PreferenceRepository(db).all() == {"first": "1", "second": "2"}


async def test_what_was_written_is_there_after_reopening(tmp_path: Path) -> None:
    path = str(tmp_path / "a\udcff" / "b.db")
    first = Database.open(path)
    await PreferenceRepository(first).set("key", "value \udc80")
    await first.close()
    assert [file.name for file in Path(path).parent.iterdir()] == ["b.db"]
    second = Database.open(path)
    assert await PreferenceRepository(second).get("key") == "value \udc80"
    assert await second.check()
    assert await second.integrity_check() == "ok"
    await second.close()
    assert not await second.check()


async def test_backup_is_a_whole_database(db: Database, jobs: JobRepository, tmp_path: Path) -> None:
    job = await add(jobs, "/lib/a.mkv")
    target = tmp_path / "copy.db"
    target.write_text("an older copy")
    await db.backup_to(str(target))
    copy = Database.open(str(target))
    assert await JobRepository(copy, SetClock()).find(JobQuery(search="a.mkv")) == [job]
    await copy.close()


@pytest.mark.parametrize("content", [b"not a database, just some text " * 200, b"SQLite format 3\0" + b"\xff" * 4096])
def test_damaged_file_is_told_and_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.db"
    path.write_bytes(content)
    with pytest.raises(KnownError) as caught:
        Database.open(str(path))
    assert caught.value.code == "DATABASE_CORRUPT"
    assert path.read_bytes() == content


def test_database_of_another_program_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    other.close()
    with pytest.raises(KnownError) as caught:
        Database.open(str(path))
    assert caught.value.code == "DATABASE_FOREIGN"


def test_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(KnownError) as caught:
        Database.open(str(tmp_path / "file" / "sub" / "a.db"))
    assert caught.value.code == "DATABASE_UNAVAILABLE"


async def test_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    await Database.open(str(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute("INSERT INTO schema_migration(name, applied) VALUES ('0999_future', '2099-01-01 00:00:00')")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(KnownError) as caught:
        Database.open(str(path))
    assert caught.value.code == "DATABASE_TOO_NEW"
    assert path.read_bytes() == before


FIRST = "def up(migrator, db):\n    db.execute_sql('CREATE TABLE a (x)')\n    db.execute_sql('INSERT INTO a VALUES (1)')\n"
GOOD = "def up(migrator, db):\n    db.execute_sql('ALTER TABLE a ADD COLUMN y')\n"
BAD = GOOD + "    db.execute_sql('UPDATE a SET x = 2')\n    db.execute_sql('ALTER TABLE missing ADD COLUMN z')\n"


def _migrated(path: Path, folder: Path) -> list[tuple[object, ...]]:
    connection = Connection(str(path))
    try:
        migrate(connection, str(path), folder)
        return connection.sql("SELECT * FROM a").fetchall()
    finally:
        connection.close()


def test_a_migration_backs_up_first_and_a_failing_one_leaves_nothing(tmp_path: Path) -> None:
    folder, path = tmp_path / "migrations", tmp_path / "a.db"
    folder.mkdir()
    (folder / "0001_first.py").write_text(FIRST)
    assert _migrated(path, folder) == [(1,)]
    assert list(tmp_path.glob("a.db.before-*")) == []
    (folder / "0002_second.py").write_text(BAD)
    with pytest.raises(OperationalError):
        _migrated(path, folder)
    with sqlite3.connect(path) as left:
        assert left.execute("SELECT * FROM a").fetchall() == [(1,)]
    left.close()
    with sqlite3.connect(tmp_path / "a.db.before-0002_second") as backup:
        assert backup.execute("SELECT * FROM a").fetchall() == [(1,)]
    backup.close()
    (folder / "0002_second.py").write_text(GOOD)
    assert _migrated(path, folder) == [(1, None)]


WRITER = """
import asyncio, sys
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.jobs import JobRepository
from tests.unit.storage.support import SetClock, found

async def main():
    jobs = JobRepository(Database.open(sys.argv[1]), SetClock())
    for batch in range(10_000):
        result = await jobs.upsert_found([found(f"/lib/{batch}-{n}.mkv") for n in range(20)])
        await jobs.transition(result.added[0].id, JobState.ANALYZING)
        print(batch, flush=True)

asyncio.run(main())
"""


@pytest.mark.parametrize("batches", [1, 4, 9])
def test_a_killed_writer_leaves_whole_transactions(tmp_path: Path, batches: int) -> None:
    path = str(tmp_path / "a.db")
    with subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for _ in range(batches):
            last = int(writer.stdout.readline())
        writer.kill()
    asyncio.run(_check_whole(path, last))


async def _check_whole(path: str, last_batch: int) -> None:
    database = Database.open(path)
    try:
        assert await database.integrity_check() == "ok"
        jobs = JobRepository(database, SetClock())
        ids = await jobs.list_ids(JobQuery())
        assert len(ids) % 20 == 0
        assert len(ids) >= 20 * (last_batch + 1)
        assert len(await jobs.list_ids(JobQuery(search="/lib/0-"))) == 20
        assert len(await jobs.requeue_interrupted()) >= last_batch + 1
        assert (await jobs.count_by_state())[JobState.ANALYZING] == 0
    finally:
        await database.close()
