"""Checks of files, the passes they belong to, and the jobs they are of."""

from dataclasses import replace

import pytest

from alchemist_desktop.domain.health import Depth, HealthCategory, HealthCheck, HealthIssue
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.health import HealthRepository
from alchemist_desktop.storage.jobs import JobRepository
from tests.unit.storage.support import START, SetClock, add, put_into, stamp

pytestmark = pytest.mark.anyio

CUT = HealthIssue(category=HealthCategory.TRUNCATED_FILE, summary="Cut off \udcff.", raw_output="words \udce9")
ODD = "/lib/caf\udce9/a.mkv"


@pytest.fixture
def checks(db: Database, clock: SetClock) -> HealthRepository:
    return HealthRepository(db, clock)


def check(path: str, issue: HealthIssue | None = None, depth: Depth = Depth.SAMPLE) -> HealthCheck:
    return HealthCheck(path=path, stamp=stamp(), depth=depth, checked_at=START, issue=issue)


async def test_a_check_comes_back_as_it_was(checks: HealthRepository) -> None:
    stored = [check(ODD, CUT), check("/lib/fine.mkv")]
    await checks.store(stored)
    assert [await checks.get(each.path) for each in stored] == stored
    assert await checks.get("/lib/unknown.mkv") is None
    await checks.forget(ODD)
    assert await checks.get(ODD) is None


async def test_a_shallow_check_keeps_what_a_deep_one_found(checks: HealthRepository) -> None:
    await checks.store([check(ODD, CUT, Depth.FULL)])
    await checks.store([check(ODD, None, Depth.HEADER)])
    kept = await checks.get(ODD)
    assert kept is not None
    assert (kept.issue, kept.depth) == (CUT, Depth.FULL)


async def test_an_interrupted_pass_is_taken_up_unless_another_depth_or_a_fresh_one_is_asked_for(
    checks: HealthRepository, clock: SetClock
) -> None:
    first = await checks.open_run(Depth.FULL, fresh=False)
    clock.advance(hours=1)
    assert await checks.open_run(Depth.FULL, fresh=False) == first
    fresh = await checks.open_run(Depth.FULL, fresh=True)
    other = await checks.open_run(Depth.HEADER, fresh=False)
    assert len({first.id, fresh.id, other.id}) == 3
    assert (await checks.summary()).unfinished is Depth.HEADER
    await checks.finish(other, [])
    assert (await checks.summary()).unfinished is None
    assert (await checks.open_run(Depth.HEADER, fresh=False)).id not in {first.id, fresh.id, other.id}


async def test_a_pass_knows_what_it_has_checked_already(checks: HealthRepository) -> None:
    old = await checks.open_run(Depth.FULL, fresh=False)
    await checks.store([check("/lib/a.mkv"), check(ODD)], old)
    new = await checks.open_run(Depth.FULL, fresh=True)
    await checks.store([check(ODD)], new)
    await checks.store([check("/lib/single.mkv")])
    assert set(await checks.checked_in(new)) == {ODD}
    assert set(await checks.checked_in(old)) == {"/lib/a.mkv"}
    await checks.store([check(ODD, CUT)])  # by itself: the pass has still seen it
    assert await checks.checked_in(new) == {ODD: stamp()}


async def test_a_finished_pass_forgets_what_it_did_not_meet_below_its_folders(checks: HealthRepository) -> None:
    old = await checks.open_run(Depth.FULL, fresh=False)
    await checks.store([check("/lib/gone.mkv", CUT), check("/lib/here.mkv"), check("/library 2/a.mkv", CUT)], old)
    run = await checks.open_run(Depth.FULL, fresh=True)
    await checks.store([check("/lib/here.mkv")], run)
    await checks.finish(run, ["/lib"])
    summary = await checks.summary()
    assert (summary.total_checked, summary.issues_found, summary.last_run) == (2, 1, START)
    assert await checks.get("/lib/gone.mkv") is None


async def test_issues_come_newest_first_with_the_job_of_source_or_result(
    checks: HealthRepository, jobs: JobRepository, clock: SetClock
) -> None:
    source = await add(jobs, "/lib/a.mkv")
    result = await put_into(jobs, await add(jobs, "/lib/b.mkv"), JobState.ANALYZING, JobState.ENCODING)
    clock.advance(minutes=1)
    later = replace(check(result.output_path, CUT), checked_at=clock.now())
    await checks.store([check("/lib/a.mkv", CUT), later, check("/lib/stray.mkv", CUT), check("/lib/fine.mkv")])
    found = await checks.issues()
    assert [each.path for each, _job in found] == [result.output_path, "/lib/a.mkv", "/lib/stray.mkv"]
    assert [job and job.id for _each, job in found] == [result.id, source.id, None]
