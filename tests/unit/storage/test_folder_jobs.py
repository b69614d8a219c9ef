"""What became of the files below some folders."""

from datetime import timedelta

from alchemist_desktop.domain.job import JobState
from alchemist_desktop.storage.completions import CompletionStore
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.folder_jobs import FolderJobs
from alchemist_desktop.storage.jobs import JobRepository
from alchemist_desktop.storage.journal import JournalRepository
from tests.unit.storage.support import SetClock, add, put_into, stats
from tests.unit.storage.test_replacements import replacement_of


async def test_jobs_are_counted_below_their_folders_only_and_once(db: Database, jobs: JobRepository, clock: SetClock) -> None:
    ended = await put_into(jobs, await add(jobs, "/lib/a/1.mkv"), JobState.ANALYZING, JobState.SKIPPED)
    failed = await put_into(jobs, await add(jobs, "/lib/a/b/2.mkv"), JobState.ANALYZING, JobState.FAILED)
    await add(jobs, "/lib/a/\udcff.mkv")
    await add(jobs, "/lib/ab/4.mkv")
    later = await put_into(jobs, await add(jobs, "/lib/a/5.mkv"), JobState.ANALYZING)
    await jobs.transition(later.id, JobState.QUEUED, not_before=clock.now() + timedelta(minutes=5))
    folder_jobs = FolderJobs(db)
    counts = await folder_jobs.counts(["/lib/a", "/lib/a/b", "/lib/a/"])
    assert dict(+counts.by_state) == {ended.state: 1, failed.state: 1, JobState.QUEUED: 1}
    assert (counts.waiting_for_retry, counts.unfinished, counts.not_done) == (1, 1, 3)
    assert (await folder_jobs.counts(["/"])).unfinished == 2
    assert (await folder_jobs.counts(["/lib/none"])).not_done == 0


async def test_savings_are_those_of_the_last_completion_of_each_job(db: Database, jobs: JobRepository) -> None:
    folder_jobs = FolderJobs(db)
    job = await put_into(jobs, await add(jobs, "/lib/a.mkv"), JobState.ANALYZING, JobState.ENCODING)
    await JournalRepository(db).put(replacement_of(job), stats(job.id))
    await CompletionStore(db).complete(replacement_of(job), stats(job.id))
    figures = stats(job.id)
    assert await folder_jobs.saved_bytes(["/lib"]) == figures.input_size_bytes - figures.output_size_bytes
    assert await folder_jobs.saved_bytes(["/other"]) == 0
