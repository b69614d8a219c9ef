"""Pages, orders and filters of the job list."""

import asyncio
import random
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

import pytest

from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.domain.queries import JobQuery, JobSort
from alchemist_desktop.storage import job_pages
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.decisions import DecisionRepository
from alchemist_desktop.storage.fields import explanation_to_json
from alchemist_desktop.storage.jobs import JobRepository
from alchemist_desktop.storage.search_index import refresh_search
from tests.bench.job_list import PAGES, fill
from tests.unit.storage.support import SetClock, add, failure, found, put_into, skip_plan

pytestmark = pytest.mark.anyio

KEYS: dict[JobSort, Callable[[Job], tuple[object, ...]]] = {
    JobSort.UPDATED_AT: lambda job: (job.updated_at, job.id),
    JobSort.CREATED_AT: lambda job: (job.created_at, job.id),
    JobSort.INPUT_PATH: lambda job: (job.input_path.encode(), job.id),
    JobSort.SIZE: lambda job: (job.stamp.size_bytes, job.id),
    JobSort.STATE: lambda job: (job.state.value, job.id),
    JobSort.PRIORITY: lambda job: (job.priority, -job.created_at.timestamp(), -job.id),
    JobSort.QUEUE: lambda job: (-job.priority, job.created_at, job.id),
}


async def some_jobs(jobs: JobRepository, clock: SetClock) -> list[Job]:
    chance = random.Random(5)
    made = []
    for number in range(40):
        if chance.random() < 0.7:
            clock.advance(seconds=1)
        job = await add(jobs, f"/lib/{chance.choice('äbZa')}{number}.mkv", size_bytes=chance.randrange(5))
        await jobs.set_priority(job.id, chance.randrange(3))
        if number % 3 == 0:
            await put_into(jobs, job, JobState.ANALYZING, chance.choice([JobState.SKIPPED, JobState.ENCODING]))
        made.append(job.id)
    return list((await jobs.get_many(made)).values())


@pytest.mark.parametrize("sort", JobSort)
async def test_every_order_pages_without_gaps(jobs: JobRepository, clock: SetClock, sort: JobSort) -> None:
    wanted = sorted(await some_jobs(jobs, clock), key=KEYS[sort])
    assert set(KEYS) == set(JobSort)
    pages = [await jobs.find(JobQuery(sort=sort, limit=7, offset=offset)) for offset in range(0, 49, 7)]
    assert [job for page in pages for job in page] == wanted
    backwards = JobQuery(sort=sort, descending=True, limit=7, offset=3)
    assert await jobs.find(backwards) == wanted[::-1][3:10]
    assert list(await jobs.list_ids(backwards)) == [job.id for job in wanted[::-1]]


async def test_filters_combine(jobs: JobRepository, db: Database, clock: SetClock) -> None:
    decisions = DecisionRepository(db, clock)
    small, other, broken = [await add(jobs, f"/lib/{name}.mkv") for name in ("Small", "other", "broken")]
    await decisions.add(small.id, skip_plan("below_min_file_size"))
    await decisions.add(other.id, skip_plan("already_target_codec"))
    for job in (small, other):
        await put_into(jobs, job, JobState.ANALYZING, JobState.SKIPPED)
    await put_into(jobs, broken, JobState.ANALYZING)
    await jobs.transition(broken.id, JobState.FAILED, failure=failure())

    async def ids(**query: object) -> set[int]:
        return set(await jobs.list_ids(JobQuery(**query)))  # type: ignore[arg-type]

    skipped = frozenset({JobState.SKIPPED})
    assert await ids(reason_code="below_min_file_size") == {small.id}
    assert await ids(failure_code="disk_full") == {broken.id}
    assert await ids(failure_code="disk_full", states=skipped) == set()
    assert await ids(states=skipped) == {small.id, other.id}
    assert await ids(states=skipped, search="sMALL.mk") == {small.id}
    assert await ids(search="No space") == {broken.id}
    assert await ids(search="already_target") == {other.id}
    assert await ids(search="al_eady_target") == await ids(search="s%all") == set()
    await jobs.archive([small.id])
    assert await ids(states=skipped) == {other.id}
    assert await ids(archived=True) == {small.id}


async def test_search_forgets_what_a_job_no_longer_says(jobs: JobRepository) -> None:
    job = await put_into(jobs, await add(jobs, "/lib/a.mkv"), JobState.ANALYZING)
    await jobs.transition(job.id, JobState.FAILED, failure=failure())
    assert list(await jobs.list_ids(JobQuery(search="no space"))) == [job.id]
    await jobs.requeue([job.id])
    assert list(await jobs.list_ids(JobQuery(search="no space"))) == []
    await jobs.upsert_found([found("/lib/a.mkv", size_bytes=4)])
    await jobs.transition(job.id, JobState.CANCELLED)
    assert await jobs.purge({JobState.CANCELLED}, archived=False) == 1
    assert list(await jobs.list_ids(JobQuery(search="a.mkv"))) == []


@pytest.mark.slow
async def test_a_long_list_answers_like_a_plain_scan(db: Database, jobs: JobRepository) -> None:
    await db.write(fill, 100_000)

    def plain(connection: Connection, word: str) -> int:
        sql = "SELECT count(*) FROM jobs WHERE input_path LIKE ? OR decision LIKE ?"
        return int(connection.sql(sql, (f"%{word}%", f"%{word}%")).fetchone()[0])

    for word in ("episode", "TITLE 0001234", "Series 012/Season 3/Episode", "09", "nowhere to be found", "compressed"):
        assert len(await jobs.list_ids(JobQuery(search=word))) == await db.read(plain, word)


_REASONS = (
    "INSERT INTO decisions(job_id, action, code, explanation, created_at)"
    " SELECT id, 'skip', CASE WHEN id % 3 THEN 'common' ELSE 'seldom' END, '', 1 FROM jobs WHERE state = 'skipped' AND id % 2"
)
_QUEUED_ONES = frozenset({JobState.QUEUED})
_MORE_PAGES = {
    "reason": JobQuery(reason_code="common", sort=JobSort.SIZE),
    "reason in a state": JobQuery(reason_code="common", states=_QUEUED_ONES, sort=JobSort.STATE, descending=True),
    "archived": JobQuery(archived=True),
    "deep": JobQuery(offset=15_000, sort=JobSort.QUEUE),
    "deep in states": JobQuery(offset=9_000, states=frozenset({JobState.QUEUED, JobState.SKIPPED})),
}


async def test_no_page_of_a_long_list_sorts_the_whole_list(db: Database) -> None:
    """Each plan either walks indexes in order, or sorts a set that a filter was counted to make small."""

    def plan(connection: Connection, query: JobQuery) -> str:
        said: list[str] = []
        raw = connection.connection()  # type: ignore[no-untyped-call]
        raw.set_trace_callback(said.append)
        job_pages.JobPages().find(connection, query)
        raw.set_trace_callback(None)
        rows = connection.sql(f"EXPLAIN QUERY PLAN {said[-1]}").fetchall()
        return "\n".join(row[-1] for row in rows)

    await db.write(fill, 21_000)
    await db.write(lambda c: c.sql(_REASONS) and None)
    for name, query in {**PAGES, **_MORE_PAGES}.items():
        steps = await db.read(plan, query)
        is_looked_up = "USING INTEGER PRIMARY KEY" in steps
        assert is_looked_up or "INDEX job" in steps, name
        assert "SCAN jobs" not in steps, name
        assert ("TEMP B-TREE FOR ORDER BY" in steps) == is_looked_up, (name, steps)


@pytest.mark.parametrize("sort", JobSort)
@pytest.mark.parametrize("states", [(), (JobState.QUEUED, JobState.SKIPPED)])
async def test_deep_pages_are_those_of_the_whole_list_and_follow_changes(
    jobs: JobRepository, clock: SetClock, sort: JobSort, states: tuple[JobState, ...]
) -> None:
    made = [job for job in await some_jobs(jobs, clock) if not states or job.state in states]
    wanted = sorted(made, key=KEYS[sort])
    query = JobQuery(sort=sort, limit=4, states=frozenset(states))
    for offset in range(len(wanted) + 6):
        assert await jobs.find(replace(query, offset=offset)) == wanted[offset : offset + 4]
        assert await jobs.find(replace(query, offset=offset, descending=True)) == wanted[::-1][offset : offset + 4]
    gone = set(await jobs.archive([job.id for job in wanted[:7]]))
    left = [job for job in wanted if job.id not in gone]
    for offset in (8, len(left) - 3, len(left)):
        assert await jobs.find(replace(query, offset=offset)) == left[offset : offset + 4]


@pytest.mark.parametrize("descending", [False, True])
async def test_deep_pages_of_archived_and_of_failed_jobs(
    jobs: JobRepository, db: Database, clock: SetClock, descending: bool
) -> None:
    await some_jobs(jobs, clock)
    await db.write(lambda c: c.sql("UPDATE jobs SET archived = 1 WHERE id > 6") and None)
    await db.write(lambda c: c.sql("UPDATE jobs SET failure_code = 'disk_full' WHERE id % 2") and None)
    for query in (JobQuery(archived=True), JobQuery(archived=True, failure_code="disk_full"), JobQuery()):
        whole = await jobs.find(replace(query, sort=JobSort.SIZE, descending=descending, limit=100))
        assert len(whole) > 5
        for offset in range(len(whole) + 2):
            page = await jobs.find(replace(query, sort=JobSort.SIZE, descending=descending, limit=3, offset=offset))
            assert page == whole[offset : offset + 3]


async def test_whoever_deletes_jobs_by_hand_takes_their_reasons_along(db: Database, jobs: JobRepository, clock: SetClock) -> None:
    job = await add(jobs, "/lib/a.mkv")
    await DecisionRepository(db, clock).add(job.id, skip_plan("below_min_file_size"))
    with closing(sqlite3.connect(db.path)) as by_hand:  # foreign keys are off unless one asks for them
        by_hand.execute("DELETE FROM jobs")
        by_hand.commit()
    assert await db.read(lambda c: c.sql("SELECT * FROM job_reasons").fetchall()) == []


@pytest.mark.parametrize("sort", JobSort)
async def test_jobs_of_a_reason_in_every_order_whatever_becomes_of_them(
    db: Database, jobs: JobRepository, clock: SetClock, sort: JobSort
) -> None:
    decisions = DecisionRepository(db, clock)
    for number, job in enumerate(await some_jobs(jobs, clock)):
        for code in ("already_target_codec", "below_min_file_size")[number % 2 :: number % 3 + 1]:
            await decisions.add(job.id, skip_plan(code))
            await decisions.add(job.id, skip_plan(code))
    query = JobQuery(reason_code="below_min_file_size", sort=sort, limit=5)
    ids = await jobs.list_ids(query)
    await jobs.requeue(ids[:9])
    archived = set(await jobs.archive(ids[12:18]))
    await jobs.set_priority(ids[20], 7)
    await db.write(lambda c: c.sql("DELETE FROM decisions WHERE job_id = ? AND id % 2", (ids[1],)) and None)
    await db.write(lambda c: c.sql("DELETE FROM decisions WHERE job_id = ?", (ids[2],)) and None)
    await db.write(lambda c: c.sql("DELETE FROM jobs WHERE id = ?", (ids[3],)) and None)
    left = {*ids} - {*archived, ids[2], ids[3]}
    wanted = sorted((await jobs.get_many(sorted(left))).values(), key=KEYS[sort])
    pages = [await jobs.find(replace(query, offset=offset)) for offset in range(0, len(wanted) + 5, 5)]
    assert [job for page in pages for job in page] == wanted
    queued = replace(query, states=frozenset({JobState.QUEUED}), limit=50)
    assert await jobs.find(queued) == [job for job in wanted if job.state is JobState.QUEUED]
    assert set(await jobs.list_ids(replace(query, archived=True))) == archived
    assert archived
    named = replace(query, search="B", limit=50)
    assert await jobs.find(named) == [job for job in wanted if "b" in job.input_path.lower()]


async def test_the_numbers_of_the_states_are_those_of_the_jobs(db: Database, jobs: JobRepository, clock: SetClock) -> None:
    made = await some_jobs(jobs, clock)
    await jobs.archive([job.id for job in made[:9]])
    await jobs.requeue([job.id for job in made[20:30]])
    await db.write(lambda c: c.sql("DELETE FROM jobs WHERE id % 7 = 0") and None)
    counted = await jobs.count_by_state()

    def plainly(connection: Connection) -> dict[str, int]:
        return dict(connection.sql("SELECT state, count(*) FROM jobs WHERE archived = 0 GROUP BY state").fetchall())

    assert {state.value: number for state, number in counted.items() if number} == await db.read(plainly)


async def test_a_page_is_remembered_only_until_the_list_changes(
    jobs: JobRepository, db: Database, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_pages, "_HARD_S", 0.0)
    first, second = [await add(jobs, f"/lib/{name}.mkv") for name in ("first", "second")]
    named = JobQuery(search="first", sort=JobSort.CREATED_AT)
    reasoned = JobQuery(reason_code="below_min_file_size")
    assert await jobs.find(named) == [first]
    assert await jobs.find(reasoned) == []
    await put_into(jobs, first, JobState.ANALYZING)
    await jobs.set_progress(first.id, 30.0, None)
    assert [job.progress for job in await jobs.find(named)] == [30.0]
    await DecisionRepository(db, clock).add(second.id, skip_plan("below_min_file_size"))
    assert [job.id for job in await jobs.find(reasoned)] == [second.id]
    third = await add(jobs, "/lib/first again.mkv")
    assert [job.id for job in await jobs.find(named)] == [first.id, third.id]


@pytest.mark.parametrize("word", ["09", "s-", "kv", "e", "V", "zq", "episode", "title 00", "Ä"])
async def test_a_walk_that_meets_nothing_is_given_up_for_sorting(
    db: Database, jobs: JobRepository, monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    await db.write(fill, 3_000)
    query = JobQuery(search=word, sort=JobSort.INPUT_PATH, descending=True, limit=20)
    for offset in (0, 100, 2_500):
        page = replace(query, offset=offset)
        patient = await jobs.find(page)
        for rows in (0, 10, 300):
            with monkeypatch.context() as patch:
                patch.setattr(job_pages, "_LOOKS", rows)
                patch.setattr(job_pages, "_GLANCES", rows)
                patch.setattr(job_pages, "_STEPS_PER_ROW", 1)
                patch.setattr(job_pages, "_PATIENCE_STEPS", 1)
                patch.setattr(job_pages, "FEW", 0)
                patch.setattr(job_pages, "_SOME", rows)
                assert await JobRepository(db, SetClock()).find(page) == patient


async def _matching(db: Database, jobs: JobRepository, query: JobQuery) -> list[Job]:
    """What the query means, by looking at every job."""
    sql = "SELECT job_id FROM decisions WHERE code = ?"
    reasoned = await db.read(lambda c: {row[0] for row in c.sql(sql, (query.reason_code,))})
    failed = await db.read(
        lambda c: {row[0] for row in c.sql("SELECT id FROM jobs WHERE failure_code = ?", (query.failure_code,))}
    )
    needle = query.search.lower()

    def is_meant(job: Job) -> bool:
        texts = [job.input_path, *(explanation_to_json(e) for e in (job.decision, job.failure) if e is not None)]
        has_code = (query.reason_code is None or job.id in reasoned) and (query.failure_code is None or job.id in failed)
        has_state = job.archived == query.archived and (not query.states or job.state in query.states)
        return has_code and has_state and any(needle in text.lower() for text in texts)

    every = (await jobs.get_many(await db.read(lambda c: [JobId(row[0]) for row in c.sql("SELECT id FROM jobs")]))).values()
    found = sorted(filter(is_meant, every), key=KEYS[query.sort], reverse=query.descending)
    return found[query.offset : query.offset + (query.limit or 0)]


async def _some_change(jobs: JobRepository, decisions: DecisionRepository, chance: random.Random, number: int) -> None:
    ids = await jobs.list_ids(JobQuery())
    one = chance.choice(ids)
    match chance.randrange(6):
        case 0:
            await add(jobs, f"/srv/media/added/Season 4/Episode 03 - title 000001{number}.mkv", size_bytes=number)
        case 1:
            await jobs.archive(chance.sample(list(ids), 5))
        case 2:
            await jobs.requeue(chance.sample(list(ids), 3))
        case 3:
            await decisions.add(one, skip_plan("below_min_file_size"))
        case 4:
            job = await jobs.transition(one, JobState.ANALYZING)
            if job is not None:
                await jobs.transition(one, JobState.FAILED, failure=failure())
        case _:
            await jobs.set_priority(one, chance.randrange(9))


async def _check_copies(db: Database) -> None:
    """What triggers keep beside the jobs says what the jobs say."""
    counts = "SELECT archived, state, {} ORDER BY 1, 2"
    columns = "archived, state, priority, size_bytes, CAST(input_path AS BLOB), {0}created_at, updated_at"
    truth = "FROM (SELECT DISTINCT job_id, code FROM decisions) d JOIN jobs j ON j.id = d.job_id"
    kept = (counts.format("number FROM job_counts WHERE number <> 0"), f"SELECT id, code, {columns.format('')} FROM job_reasons")
    told = (counts.format("count(*) FROM jobs GROUP BY archived, state"), f"SELECT id, code, {columns.format('j.')} {truth}")
    for one, other in zip(kept, told, strict=True):
        assert sorted(await db.read(lambda c, sql=one: c.sql(sql).fetchall())) == sorted(  # type: ignore[misc]
            await db.read(lambda c, sql=other: c.sql(sql).fetchall())  # type: ignore[misc]
        )


@pytest.mark.parametrize("looks", [0, 60, 1_000])
async def test_every_way_to_search_finds_what_a_look_at_every_job_finds(
    db: Database, jobs: JobRepository, clock: SetClock, monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    for name, value in (("_LOOKS", looks), ("_GLANCES", looks), ("_STEPS_PER_ROW", 1), ("_PATIENCE_STEPS", 1), ("_HARD_S", 0.0)):
        monkeypatch.setattr(job_pages, name, value)
    monkeypatch.setattr(job_pages, "_SOME", looks // 10)
    monkeypatch.setattr(job_pages, "FEW", looks // 20)
    await db.write(fill, 300)
    await db.write(lambda c: c.sql(_REASONS) and None)
    await db.write(lambda c: c.sql("UPDATE jobs SET archived = 1 WHERE id % 3 = 0") and None)
    decided = "(SELECT max(decision) FROM jobs)"  # waiting jobs that were decided are archived, no others
    await db.write(lambda c: c.sql(f"UPDATE jobs SET decision = {decided} WHERE archived = 1 AND state = 'queued'") and None)
    await db.write(lambda c: c.sql("UPDATE jobs SET failure_code = 'disk_full' WHERE id % 5 = 0") and None)
    decisions = DecisionRepository(db, clock)
    chance = random.Random(looks)
    every_state = [(), (), (JobState.QUEUED,), (JobState.SKIPPED,), (JobState.FAILED,), (JobState.QUEUED, JobState.ENCODING)]
    words = [
        "",
        "compressed",
        "episode 03",
        "bits per",
        "title 000001",
        "no space",
        "nowhere",
        "09",
        "season 4",
        "\udc80",
        "\ud800",
    ]
    pool = [
        JobQuery(
            search=chance.choice(words),
            states=frozenset(chance.choice(every_state)),
            archived=chance.random() < 0.3,
            reason_code=chance.choice([None, None, "common", "seldom", "below_min_file_size"]),
            failure_code=chance.choice([None, None, None, "disk_full"]),
            limit=chance.choice([5, 50]),
            offset=chance.choice([0, 0, 3, 60]),
        )
        for _ in range(25)
    ]
    for number in range(300):
        query = replace(chance.choice(pool), sort=chance.choice(list(JobSort)), descending=chance.random() < 0.5)
        assert await jobs.find(query) == await _matching(db, jobs, query), query
        if number % 10 == 9:
            clock.advance(seconds=1)
            await _some_change(jobs, decisions, chance, number)
            await _check_copies(db)


def test_what_is_remembered_holds_for_one_version() -> None:
    memory = job_pages._Memory[str, int]()
    memory.keep(3, "a", 1)
    assert (memory.get(3, "a"), memory.get(4, "a"), memory.get(2, "a"), memory.get(3, "b")) == (1, None, None, None)
    memory.keep(2, "b", 2)
    assert (memory.get(2, "b"), memory.get(3, "b")) == (None, None), "what an older state says is of no use"
    memory.keep(4, "c", 3)
    assert (memory.get(4, "a"), memory.get(4, "c")) == (None, 3)


async def test_numbers_come_back_as_they_were(jobs: JobRepository) -> None:
    job = await put_into(jobs, await add(jobs, "/lib/a.mkv"), JobState.ANALYZING)
    await jobs.set_progress(job.id, 100 / 3, None)
    await jobs.amend(job.id, vmaf_score=94.1 / 0.7, duration_s=0.1 + 0.2)
    read = await jobs.get(job.id)
    assert read is not None
    assert (read.progress, read.vmaf_score, read.duration_s) == (100 / 3, 94.1 / 0.7, 0.1 + 0.2)


async def test_many_jobs_are_read_in_pieces(db: Database, jobs: JobRepository) -> None:
    await db.write(fill, 450)
    ids = list(await jobs.list_ids(JobQuery(sort=JobSort.SIZE)))
    assert list(await jobs.get_many(ids)) == ids


async def test_long_reads_leave_short_ones_their_turn(db: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(_connection: Connection) -> bool:
        begun.set()
        return go_on.wait(10)

    task = asyncio.create_task(db.read(slow))
    await asyncio.to_thread(begun.wait, 10)
    assert await db.check()
    go_on.set()
    assert await task


async def test_the_search_is_refreshed_by_looking_at_what_changed_only(db: Database) -> None:
    def steps_for_one(connection: Connection) -> int:
        steps = 0

        def count() -> None:
            nonlocal steps
            steps += 1

        connection.sql("UPDATE jobs SET decision = 'another' WHERE id = 7")
        raw = connection.connection()  # type: ignore[no-untyped-call]
        raw.set_progress_handler(count, 1)
        refresh_search(connection)
        raw.set_progress_handler(None, 0)
        return steps

    await db.write(fill, 3_000)
    assert await db.write(steps_for_one) < 1_000
