"""Migration 0006_job_list: the search knows every job that was there, paths and explanations, and follows what comes."""

from pathlib import Path

import pytest

from alchemist_desktop.domain.queries import JobQuery
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.jobs import JobRepository
from tests.bench.job_list import fill
from tests.unit.storage.support import SetClock, connect_before

pytestmark = pytest.mark.anyio

NAME = "0006_job_list"


async def test_the_search_knows_the_jobs_that_were_there(tmp_path: Path) -> None:
    connection = connect_before(NAME, tmp_path)
    with connection.atomic():
        fill(connection, 50)
    connection.close()
    database = Database.open(str(tmp_path / "a.db"))
    jobs = JobRepository(database, SetClock())
    assert [job.id for job in await jobs.find(JobQuery(search="title 0000007"))] == [8]
    compressed = await jobs.list_ids(JobQuery(search="compressed well"))
    assert set(compressed) == {job.id for job in await jobs.find(JobQuery()) if job.decision is not None}
    assert len(await jobs.list_ids(JobQuery(failure_code="disk_full"))) == 1
    (queued,) = await jobs.requeue(compressed[-1:])
    assert queued.id not in await jobs.list_ids(JobQuery(search="compressed well"))
    assert await database.integrity_check() == "ok"
    await database.close()


async def test_the_indexes_hold_what_the_jobs_say(db: Database, jobs: JobRepository) -> None:
    """FTS5's own check would need the texts; to take every one of them out again must leave nothing."""
    await db.write(fill, 30)
    ids = await jobs.list_ids(JobQuery())
    await jobs.requeue(ids)
    await jobs.archive(ids)
    await db.write(lambda c: c.sql("DELETE FROM jobs") and None)

    def terms(connection: Connection) -> list[tuple[object, ...]]:
        return connection.sql("SELECT term FROM path_terms UNION ALL SELECT term FROM text_terms").fetchall()

    assert await db.read(terms) == []
