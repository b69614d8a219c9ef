"""Migration 0007_job_lists: reasons and numbers of the jobs that were there are known."""

from pathlib import Path

import pytest

from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.queries import JobQuery
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.jobs import JobRepository
from tests.bench.job_list import fill
from tests.unit.storage.support import SetClock, connect_before

pytestmark = pytest.mark.anyio

NAME = "0007_job_lists"
_DECISION = (
    "INSERT INTO decisions(job_id, action, code, explanation, created_at) SELECT id, 'skip', ?, '', 1 FROM jobs WHERE id % ? = 0"
)


async def test_the_reasons_and_numbers_of_jobs_that_were_there(tmp_path: Path) -> None:
    connection = connect_before(NAME, tmp_path)
    with connection.atomic():
        fill(connection, 50)
        for code, every in (("odd", 7), ("odd", 14), ("even", 2)):
            connection.sql(_DECISION, (code, every))
        connection.sql("UPDATE jobs SET archived = 1 WHERE id IN (21, 22)")
    states = dict(connection.sql("SELECT state, count(*) FROM jobs WHERE archived = 0 GROUP BY state").fetchall())
    connection.close()
    database = Database.open(str(tmp_path / "a.db"))
    jobs = JobRepository(database, SetClock())
    assert {state.value: number for state, number in (await jobs.count_by_state()).items() if number} == states
    assert len(states) > 2
    assert set(await jobs.list_ids(JobQuery(reason_code="odd"))) == {7, 14, 28, 35, 42, 49}
    assert set(await jobs.list_ids(JobQuery(reason_code="odd", archived=True))) == {21}
    await jobs.requeue([JobId(14)])
    assert (await jobs.count_by_state())[JobState.QUEUED] == states["queued"] + 1
    both = JobQuery(reason_code="odd", states=frozenset({JobState.QUEUED}))
    assert 14 in await jobs.list_ids(both)
    assert await database.integrity_check() == "ok"
    await database.close()
