"""The journal, the end of a replacement, the trash and undoing."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alchemist_desktop.domain.attempt import AttemptOutcome, EncodeAttempt
from alchemist_desktop.domain.errors import BugError
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import AttemptId
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.domain.replacement import Replacement, SourceDisposal
from alchemist_desktop.storage.attempts import AttemptRepository
from alchemist_desktop.storage.completions import CompletionStore
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.decisions import DecisionRepository
from alchemist_desktop.storage.jobs import JobRepository
from alchemist_desktop.storage.journal import JournalRepository
from alchemist_desktop.storage.stats import StatsRepository
from alchemist_desktop.storage.trash import TrashRepository
from tests.unit.storage.support import START, SetClock, add, found, put_into, stamp, stats

pytestmark = pytest.mark.anyio


def replacement_of(job: Job, *, in_place: bool = False) -> Replacement:
    return Replacement(
        job_id=job.id,
        source_path=job.input_path,
        source_stamp=job.stamp,
        work_path="/lib/.alchemist/work/\udcff.mkv",
        work_stamp=stamp(400, 77),
        output_path=job.input_path if in_place else job.output_path,
        disposal=SourceDisposal.TRASH,
        trash_path="/lib/.alchemist/trash/1/a\udcff.mkv",
        replaced_trash_path=None if in_place else "/lib/.alchemist/trash/1/old.mkv",
        replaced_stamp=None if in_place else stamp(33),
        sidecars=(("/w/a.srt", "/lib/a.eng.srt"),),
    )


@pytest.fixture
async def running(jobs: JobRepository) -> Job:
    return await put_into(jobs, await add(jobs, "/lib/a\udcff.mkv"), JobState.ANALYZING, JobState.ENCODING)


async def test_open_entries_are_what_was_put(db: Database, jobs: JobRepository, running: Job) -> None:
    journal = JournalRepository(db)
    replacement, figures = replacement_of(running), stats(running.id)
    await journal.put(replacement, figures)
    assert await journal.open_entries() == [(replacement, figures)]
    await journal.put(replace(replacement, sidecars=()), figures)
    assert await journal.open_entries() == [(replace(replacement, sidecars=()), figures)]
    assert await journal.waiting_entries() == []
    await put_into(jobs, running, JobState.FAILED)
    assert [entry.job_id for entry, _ in await journal.waiting_entries()] == [running.id]


async def test_a_replacement_that_is_given_up_leaves_on_record_what_had_to_stay_in_the_trash(
    db: Database, clock: SetClock, running: Job
) -> None:
    journal, completions, trash = JournalRepository(db), CompletionStore(db), TrashRepository(db, clock)
    replacement = replacement_of(running)
    assert replacement.trash_path is not None
    for left in ((), (replacement.trash_path,)):
        await journal.put(replacement, stats(running.id))
        await completions.give_up(replacement, left, clock.now())
        await completions.give_up(replacement, left, clock.now())  # nothing is open any more
        assert await journal.open_entries() == []
        assert [entry.trash_path for entry in await trash.present()] == list(left)


async def test_a_job_whose_result_still_waits_is_not_claimed(
    db: Database, jobs: JobRepository, clock: SetClock, running: Job
) -> None:
    await JournalRepository(db).put(replacement_of(running), stats(running.id))
    await put_into(jobs, running, JobState.QUEUED)
    assert await jobs.peek_claimable(10, now=clock.now()) == []
    await CompletionStore(db).give_up(replacement_of(running), (), clock.now())
    assert [job.id for job in await jobs.peek_claimable(10, now=clock.now())] == [running.id]


async def test_work_may_lie_where_jobs_ran_or_ended_lately(db: Database, jobs: JobRepository, running: Job) -> None:
    journal = JournalRepository(db)
    assert await journal.work_places() == {"/lib"}
    moved = await jobs.amend(running.id, output_path="/other/out.mkv")
    assert moved is not None
    assert await journal.work_places() == {"/lib", "/other"}
    await journal.put(replacement_of(moved), stats(running.id))
    await CompletionStore(db).complete(replacement_of(moved), stats(running.id))
    assert await journal.work_places() == {"/lib", "/other"}


async def test_completion_ends_everything_together(db: Database, jobs: JobRepository, clock: SetClock, running: Job) -> None:
    journal, trash, figures = JournalRepository(db), TrashRepository(db, clock), StatsRepository(db, clock)
    replacement = replacement_of(running)
    await journal.put(replacement, stats(running.id, vmaf_score=93.0))
    attempt = EncodeAttempt(
        id=AttemptId(0),
        job_id=running.id,
        attempt_number=1,
        started_at=START,
        finished_at=START,
        outcome=AttemptOutcome.COMPLETED,
        encoder="libx264",
    )
    done = await CompletionStore(db).complete(replacement, stats(running.id, vmaf_score=93.0), attempt)
    assert done is not None
    assert done == await jobs.get(running.id)
    assert [replace(stored, id=AttemptId(0)) for stored in await AttemptRepository(db).for_job(running.id)] == [attempt]
    assert (done.state, done.progress, done.attempt_count) == (JobState.COMPLETED, 100.0, 1)
    assert (done.output_size_bytes, done.vmaf_score, done.stamp) == (400, 93.0, running.stamp)
    assert await journal.open_entries() == []
    assert await figures.for_job(running.id) == stats(running.id, vmaf_score=93.0)
    original, replaced = await trash.present()
    assert await trash.for_job(running.id) == original
    assert (original.original_path, original.trash_path) == (running.input_path, replacement.trash_path)
    assert (original.size_bytes, original.output_stamp) == (1000, stamp(400, 77))
    assert (replaced.trash_path, replaced.size_bytes) == (replacement.replaced_trash_path, 33)


async def test_completing_twice_is_a_fault_and_changes_nothing(db: Database, clock: SetClock, running: Job) -> None:
    replacement = replacement_of(running)
    await JournalRepository(db).put(replacement, stats(running.id))
    await CompletionStore(db).complete(replacement, stats(running.id))
    with pytest.raises(BugError):
        await CompletionStore(db).complete(replacement, stats(running.id))
    assert len(await TrashRepository(db, clock).present()) == 2


async def test_in_place_result_is_the_known_source_afterwards(db: Database, jobs: JobRepository, running: Job) -> None:
    replacement = replacement_of(running, in_place=True)
    await JournalRepository(db).put(replacement, stats(running.id))
    done = await CompletionStore(db).complete(replacement, stats(running.id))
    assert done is not None
    assert done.stamp == stamp(400, 77)
    result = await jobs.upsert_found([found(running.input_path, size_bytes=400, mtime_ns=77)])
    assert (result.unchanged, result.requeued) == (1, ())


async def test_a_scan_that_met_the_result_before_it_was_stored_does_not_queue_it(
    db: Database, jobs: JobRepository, running: Job
) -> None:
    replacement = replacement_of(running, in_place=True)
    await JournalRepository(db).put(replacement, stats(running.id))
    await jobs.upsert_found([found(running.input_path, size_bytes=400, mtime_ns=77)])
    met = await jobs.get(running.id)
    assert met is not None
    assert met.source_changed
    done = await CompletionStore(db).complete(replacement, stats(running.id))
    assert done is not None
    assert not done.source_changed


async def test_undo_takes_the_savings_back_and_no_scan_encodes_again(
    db: Database, jobs: JobRepository, clock: SetClock, running: Job
) -> None:
    trash, completions = TrashRepository(db, clock), CompletionStore(db)
    replacement = replace(replacement_of(running), replaced_trash_path=None, replaced_stamp=None)
    await JournalRepository(db).put(replacement, stats(running.id))
    await completions.complete(replacement, stats(running.id))
    entry = await trash.for_job(running.id)
    assert entry is not None
    clock.advance(hours=1)
    back = stamp(1000, 5)
    undone = await completions.undo(entry, "/lib/.alchemist/trash/1-x/out.mkv", back, explain("replacement_undone"), clock.now())
    assert undone is not None
    assert (undone.state, undone.stamp, undone.output_size_bytes) == (JobState.SKIPPED, back, None)
    assert (await StatsRepository(db, clock).savings()).job_count == 0
    assert await DecisionRepository(db, clock).newest(running.id) == explain("replacement_undone")
    assert await trash.for_job(running.id) is None
    (left,) = await trash.present()
    assert (left.trash_path, left.size_bytes, left.created_at) == (
        "/lib/.alchemist/trash/1-x/out.mkv",
        400,
        START + timedelta(hours=1),
    )
    assert (await jobs.upsert_found([found(running.input_path, mtime_ns=5)])).unchanged == 1


async def test_trash_entries_leave_when_purged_or_restored(db: Database, clock: SetClock, running: Job) -> None:
    trash = TrashRepository(db, clock)
    entries = [
        await trash.add(job_id=running.id, original_path=f"/lib/{n}", trash_path=f"/t/{n}", size_bytes=n, output_path="/lib/out")
        for n in range(3)
    ]
    assert await trash.present() == entries
    await trash.mark_purged(entries[2].id)
    assert await trash.for_job(running.id) == entries[1]
    back = stamp(1)
    await CompletionStore(db).undo(entries[1], None, back, explain("replacement_undone"), clock.now())
    assert await trash.present() == entries[:1]
