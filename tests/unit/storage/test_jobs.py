"""The job list: adding, claiming, moving, archiving."""

from dataclasses import replace
from datetime import timedelta

import pytest

from alchemist_desktop.domain.errors import ConflictError
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import FileStamp, JobKind, JobState, Phase
from alchemist_desktop.domain.queries import JobQuery
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.decisions import DecisionRepository
from alchemist_desktop.storage.jobs import JobRepository
from tests.unit.storage.support import START, SetClock, add, claim_first, failure, found, put_into, skip_plan, stamp

pytestmark = pytest.mark.anyio

HOSTILE = [
    "/lib/caf\udce9/bad\udcff\udcfe.mkv",
    "/lib/new\nline\t'quote\" 100%_done.mkv",
    "/lib/日本語/🎬 \u202e.mkv",
    "/lib/" + "x" * 250 + ".mkv",
    "/lib/-rf \\back\\slash;DROP TABLE jobs.mkv",
]


@pytest.mark.parametrize("path", HOSTILE)
async def test_any_path_survives_the_round_trip(jobs: JobRepository, path: str) -> None:
    job = await add(jobs, path)
    assert job.input_path == path
    assert await jobs.get_by_path(path) == job
    assert set(await jobs.known_versions("/lib")) == {path}
    assert await jobs.output_owner(job.output_path) == job.id
    assert await jobs.find(JobQuery(search=path[5:12])) == [job]


async def test_stamps_wider_than_sql_integers_are_kept(jobs: JobRepository) -> None:
    wide = FileStamp(size_bytes=5, mtime_ns=2**70, device=2**64 - 1, inode=2**127)
    file = found("/lib/a.mkv")
    (job,) = (await jobs.upsert_found([replace(file, media=replace(file.media, stamp=wide))])).added
    assert job.stamp == wide
    assert (await jobs.known_versions("/lib/"))["/lib/a.mkv"] == wide.version


async def test_new_job_has_the_values_of_its_file(jobs: JobRepository) -> None:
    job = await add(jobs, "/lib/a.mkv", device="dev:7")
    assert (job.state, job.kind, job.library_root) == (JobState.QUEUED, JobKind.LIBRARY, "/lib")
    assert (job.created_at, job.updated_at) == (START, START)
    assert (job.source_device, job.priority, job.attempt_count, job.progress) == ("dev:7", 0, 0, 0.0)


async def test_unchanged_files_are_left_alone_whatever_device_number_they_have_now(jobs: JobRepository, clock: SetClock) -> None:
    job = await put_into(jobs, await add(jobs, "/lib/a.mkv"), JobState.ANALYZING, JobState.SKIPPED)
    clock.advance(hours=1)
    file = found("/lib/a.mkv")
    remounted = replace(file, media=replace(file.media, stamp=replace(file.media.stamp, device=9, inode=1)))
    result = await jobs.upsert_found([file, remounted])
    assert (result.added, result.requeued, result.unchanged) == ((), (), 2)
    kept = await jobs.get(job.id)
    assert kept is not None
    assert (kept.state, kept.updated_at, kept.stamp.device) == (JobState.SKIPPED, job.updated_at, 9)


async def test_changed_file_is_queued_afresh(jobs: JobRepository, db: Database, clock: SetClock) -> None:
    job = await add(jobs, "/lib/a.mkv")
    await DecisionRepository(db, clock).add(job.id, skip_plan())
    await put_into(jobs, job, JobState.ANALYZING)
    await jobs.transition(job.id, JobState.FAILED, failure=failure(), attempt_count=3)
    result = await jobs.upsert_found([found("/lib/a.mkv", size_bytes=2000)])
    (again,) = result.requeued
    assert (again.id, again.state, again.attempt_count) == (job.id, JobState.QUEUED, 0)
    assert (again.decision, again.failure, again.stamp.size_bytes) == (None, None, 2000)


async def test_active_job_only_learns_that_its_file_changed(jobs: JobRepository) -> None:
    job = await put_into(jobs, await add(jobs, "/lib/a.mkv"), JobState.ANALYZING, JobState.ENCODING)
    result = await jobs.upsert_found([found("/lib/a.mkv", size_bytes=2000)])
    assert result.requeued == ()
    assert await jobs.get(job.id) == replace(job, source_changed=True)


async def test_archived_job_comes_back_only_when_its_file_changed(jobs: JobRepository) -> None:
    job = await put_into(jobs, await add(jobs, "/lib/a.mkv"), JobState.ANALYZING, JobState.SKIPPED)
    assert await jobs.archive([job.id]) == [job.id]
    assert (await jobs.upsert_found([found("/lib/a.mkv")])).unchanged == 1
    assert await jobs.find(JobQuery()) == []
    (back,) = (await jobs.upsert_found([found("/lib/a.mkv", mtime_ns=9)])).requeued
    assert (back.id, back.archived, back.state) == (job.id, False, JobState.QUEUED)


async def test_two_sources_never_share_an_output(jobs: JobRepository) -> None:
    files = [found(f"/lib/a.{ext}", output="/lib/a.out.mkv") for ext in ("mkv", "mp4", "avi")]
    files[2] = replace(files[2], spare_output_path=files[1].spare_output_path)
    result = await jobs.upsert_found(files)
    outputs = [job.output_path for job in result.added]
    assert outputs == ["/lib/a.out.mkv", "/lib/a.mp4-alchemist.mkv", "/lib/a.mp4-alchemist-2.mkv"]


async def test_an_output_never_stands_where_another_source_does(jobs: JobRepository) -> None:
    pair = [found("/lib/a.mkv", output="/lib/a.mp4"), found("/lib/a.mp4", output="/lib/a.mp4")]
    first, second = (await jobs.upsert_found(pair)).added
    assert (first.output_path, second.output_path) == ("/lib/a.mkv-alchemist.mkv", "/lib/a.mp4")
    source = await add(jobs, "/lib/b.mp4")
    await jobs.archive([source.id])  # its file is still there
    assert (await add(jobs, "/lib/b.mkv", output="/lib/b.mp4")).output_path == "/lib/b.mkv-alchemist.mkv"


async def test_a_file_met_twice_is_one_job(jobs: JobRepository) -> None:
    result = await jobs.upsert_found([found("/lib/a.mkv"), found("/lib/a.mkv")])
    assert (len(result.added), result.unchanged) == (1, 1)


async def test_archived_job_that_comes_back_gives_way_to_who_has_its_output_now(jobs: JobRepository) -> None:
    first = await add(jobs, "/lib/a.mkv", output="/lib/out.mkv")
    await jobs.archive([first.id])
    second = await add(jobs, "/lib/a.mp4", output="/lib/out.mkv")
    assert second.output_path == "/lib/out.mkv"
    (back,) = (await jobs.upsert_found([found("/lib/a.mkv", size_bytes=9, output="/lib/out.mkv")])).requeued
    assert back.output_path == "/lib/a.mkv-alchemist.mkv"


async def test_moving_to_an_output_of_another_job_is_refused_whole(jobs: JobRepository) -> None:
    first, second = await add(jobs, "/lib/a.mkv"), await add(jobs, "/lib/b.mkv")
    with pytest.raises(ConflictError) as caught:
        await jobs.transition(second.id, JobState.ANALYZING, output_path=first.output_path)
    assert caught.value.code == "OUTPUT_PATH_TAKEN"
    assert await jobs.get(second.id) == second
    await jobs.archive([first.id])
    moved = await jobs.transition(second.id, JobState.ANALYZING, output_path=first.output_path)
    assert moved is not None
    assert moved.output_path == first.output_path


async def test_output_counts_as_taken_when_it_is_another_source(jobs: JobRepository) -> None:
    job = await add(jobs, "/lib/a.avi", output="/lib/a.mkv")
    assert await jobs.is_output_taken("/lib/a.mkv", "/lib/b.avi")
    assert not await jobs.is_output_taken("/lib/a.mkv", "/lib/a.avi")
    assert await jobs.is_output_taken(job.input_path, "/lib/b.avi")
    assert not await jobs.is_output_taken("/lib/free.mkv", "/lib/b.avi")
    await jobs.archive([job.id])
    assert await jobs.is_output_taken(job.input_path, "/lib/b.avi")
    assert not await jobs.is_output_taken("/lib/a.mkv", "/lib/b.avi")


async def test_sizes_of_results_leave_out_what_is_no_result_of_another_file(jobs: JobRepository) -> None:
    for name, output in (("a.avi", "/lib/a.mkv"), ("b.mkv", "/lib/b.mkv"), ("c.avi", "/lib2/c.mkv"), ("d.avi", "/lib/d.mkv")):
        job = await add(jobs, f"/lib/{name}", output=output)
        await put_into(jobs, job, JobState.ANALYZING, JobState.ENCODING)
        if name != "d.avi":
            await jobs.transition(job.id, JobState.COMPLETED, output_size_bytes=500)
    assert await jobs.result_sizes("/lib") == {"/lib/a.mkv": 500}
    await jobs.archive([JobId(1)])  # its result is still there
    assert await jobs.result_sizes("/lib") == {"/lib/a.mkv": 500}


async def test_what_an_archived_job_made_stays_its_own(jobs: JobRepository) -> None:
    job = await add(jobs, "/lib/a.avi", output="/lib/a.out.mkv")
    await put_into(jobs, job, JobState.ANALYZING, JobState.ENCODING)
    await jobs.transition(job.id, JobState.COMPLETED, output_size_bytes=500)
    await jobs.archive([job.id])
    assert await jobs.output_owner("/lib/a.out.mkv") == job.id
    assert await jobs.is_output_taken("/lib/a.out.mkv", "/lib/a.mp4")
    seen = await jobs.upsert_found([found("/lib/a.out.mkv", size_bytes=500)])
    assert (seen.added, seen.unchanged) == ((), 1)
    namesake = await add(jobs, "/lib/a.mp4", output="/lib/a.out.mkv")
    assert namesake.output_path == "/lib/a.mp4-alchemist.mkv"
    with pytest.raises(ConflictError):
        await jobs.amend(namesake.id, output_path="/lib/a.out.mkv")


async def test_outputs_are_looked_up_by_their_index(db: Database) -> None:
    sql = (
        "EXPLAIN QUERY PLAN SELECT id FROM jobs"
        " WHERE kind = 'library' AND (archived = 0 OR state = 'completed') AND output_path IN ('a', 'b')"
    )
    steps = await db.read(lambda connection: [row[-1] for row in connection.sql(sql).fetchall()])
    assert any("USING INDEX jobs_one_per_output" in step for step in steps)


async def test_result_of_a_completed_job_is_not_taken_for_a_source(jobs: JobRepository) -> None:
    job = await add(jobs, "/lib/a.avi", output="/lib/a.mkv")
    await put_into(jobs, job, JobState.ANALYZING, JobState.ENCODING)
    await jobs.transition(job.id, JobState.COMPLETED, output_size_bytes=500)
    assert (await jobs.upsert_found([found("/lib/a.mkv", size_bytes=500)])).added == ()
    assert len((await jobs.upsert_found([found("/lib/a.mkv", size_bytes=501)])).added) == 1


async def test_claims_go_by_priority_then_age_then_id(jobs: JobRepository, clock: SetClock) -> None:
    old, young = await add(jobs, "/lib/old.mkv"), await add(jobs, "/lib/young.mkv")
    clock.advance(seconds=1)
    urgent = await add(jobs, "/lib/urgent.mkv")
    await jobs.set_priority(urgent.id, 5)
    assert [job.id for job in await jobs.peek_claimable(10, now=clock.now())] == [urgent.id, old.id, young.id]
    assert [await jobs.queue_position(job.id) for job in (urgent, old, young)] == [1, 2, 3]
    claimed = []
    while (job := await claim_first(jobs, clock.now())) is not None:
        assert (job.state, job.phase) == (JobState.ANALYZING, Phase.PROBING)
        claimed.append(job.id)
    assert claimed == [urgent.id, old.id, young.id]
    assert await jobs.queue_position(old.id) is None


async def test_claims_leave_out_busy_devices_and_retries_that_are_not_due(jobs: JobRepository, clock: SetClock) -> None:
    on_disk = await add(jobs, "/lib/a.mkv", device="dev:1")
    nowhere = await add(jobs, "/lib/b.mkv")
    later = await add(jobs, "/lib/c.mkv")
    await put_into(jobs, later, JobState.ANALYZING)
    due = clock.now() + timedelta(minutes=5)
    await jobs.transition(later.id, JobState.QUEUED, not_before=due, attempt_count=1)
    busy = frozenset({"dev:1"})
    assert [j.id for j in await jobs.peek_claimable(9, now=clock.now(), without_devices=busy)] == [nowhere.id]
    assert [j.id for j in await jobs.peek_claimable(9, now=clock.now(), without_devices={""})] == [on_disk.id]
    clock.advance(minutes=5)
    waiting = [j.id for j in await jobs.peek_claimable(9, now=clock.now())]
    assert waiting == [on_disk.id, nowhere.id, later.id]
    claimed = await jobs.transition(later.id, JobState.ANALYZING, expected=frozenset({JobState.QUEUED}))
    assert claimed is not None
    assert (claimed.not_before, claimed.attempt_count) == (None, 1)


async def test_moves_are_compare_and_set(jobs: JobRepository) -> None:
    job = await add(jobs, "/lib/a.mkv")
    only_queued = frozenset({JobState.QUEUED})
    assert await jobs.transition(job.id, JobState.ANALYZING, expected=only_queued) is not None
    assert await jobs.transition(job.id, JobState.ANALYZING, expected=only_queued) is None
    assert await jobs.transition(job.id, JobState.CANCELLED, expected=only_queued) is None
    assert await jobs.transition(JobId(999), JobState.CANCELLED) is None
    assert await jobs.transition(job.id, JobState.CANCELLED) is not None


async def test_progress_is_taken_from_active_jobs_only(jobs: JobRepository, clock: SetClock) -> None:
    job = await add(jobs, "/lib/a.mkv")
    assert await jobs.set_progress(job.id, 10.0, Phase.ENCODING) is None
    await put_into(jobs, job, JobState.ANALYZING, JobState.ENCODING)
    clock.advance(seconds=5)
    moved = await jobs.set_progress(job.id, 10.0, Phase.VERIFYING)
    assert moved is not None
    assert (moved.progress, moved.phase, moved.updated_at) == (10.0, Phase.VERIFYING, START)
    done = await jobs.transition(job.id, JobState.COMPLETED, output_size_bytes=3, vmaf_score=95.5)
    assert done is not None
    assert (done.progress, done.phase, done.output_size_bytes, done.vmaf_score) == (100.0, None, 3, 95.5)


async def test_interrupted_jobs_are_queued_again(jobs: JobRepository) -> None:
    ran = await put_into(jobs, await add(jobs, "/lib/a.mkv"), JobState.ANALYZING, JobState.ENCODING)
    await jobs.set_progress(ran.id, 40.0, Phase.ENCODING)
    done = await put_into(jobs, await add(jobs, "/lib/b.mkv"), JobState.ANALYZING, JobState.SKIPPED)
    assert [job.id for job in await jobs.active()] == [ran.id]
    (again,) = await jobs.requeue_interrupted()
    assert (again.id, again.state, again.progress, again.phase) == (ran.id, JobState.QUEUED, 0.0, None)
    assert await jobs.get(done.id) == done


async def test_requeue_and_archive_leave_active_jobs_alone(jobs: JobRepository) -> None:
    active = await put_into(jobs, await add(jobs, "/lib/a.mkv"), JobState.ANALYZING)
    failed = await put_into(jobs, await add(jobs, "/lib/b.mkv"), JobState.ANALYZING)
    await jobs.transition(failed.id, JobState.FAILED, failure=failure(), attempt_count=2)
    ids = [active.id, failed.id, JobId(77)]
    (again,) = await jobs.requeue(ids)
    assert (again.id, again.state, again.attempt_count, again.failure) == (failed.id, JobState.QUEUED, 0, None)
    assert await jobs.archive(ids) == [failed.id]
    assert await jobs.requeue(ids) == []
    assert await jobs.get(active.id) == active


async def test_purge_deletes_terminal_jobs_of_the_named_states_only(jobs: JobRepository) -> None:
    terminal = {}
    for state in (JobState.SKIPPED, JobState.FAILED, JobState.CANCELLED):
        job = await put_into(jobs, await add(jobs, f"/lib/{state}.mkv"), JobState.ANALYZING, state)
        terminal[state] = job.id
    queued = await add(jobs, "/lib/q.mkv")
    active = await put_into(jobs, await add(jobs, "/lib/r.mkv"), JobState.ANALYZING)
    assert await jobs.archive_states({JobState.SKIPPED, JobState.QUEUED}) == [terminal[JobState.SKIPPED]]
    assert await jobs.purge(frozenset(JobState), archived=True) == 1
    assert await jobs.purge({JobState.FAILED, JobState.QUEUED, JobState.ANALYZING}, archived=False) == 1
    left = await jobs.list_ids(JobQuery(archived=False))
    assert set(left) == {terminal[JobState.CANCELLED], queued.id, active.id}
    assert list(await jobs.list_ids(JobQuery(archived=True))) == []


async def test_conversions_may_share_paths_and_stay_out_of_library_questions(jobs: JobRepository) -> None:
    library = await add(jobs, "/lib/a.mkv")
    file = found("/lib/a.mkv")
    conversions = [await jobs.add_conversion(file) for _ in range(2)]
    assert {job.kind for job in conversions} == {JobKind.CONVERSION}
    assert await jobs.get_by_path("/lib/a.mkv") == library
    assert len(await jobs.known_versions("/lib")) == 1


async def test_known_versions_stay_within_the_folder(jobs: JobRepository) -> None:
    for path in ("/lib/a.mkv", "/lib/sub/b.mkv", "/lib2/c.mkv", "/lib.mkv"):
        await add(jobs, path)
    assert await jobs.known_versions("/lib") == {"/lib/a.mkv": stamp().version, "/lib/sub/b.mkv": stamp().version}
    assert len(await jobs.known_versions("/")) == 4


async def test_counts_name_every_state(jobs: JobRepository) -> None:
    await put_into(jobs, await add(jobs, "/lib/a.mkv"), JobState.ANALYZING)
    await add(jobs, "/lib/b.mkv")
    counts = await jobs.count_by_state()
    assert {state: n for state, n in counts.items() if n} == {JobState.QUEUED: 1, JobState.ANALYZING: 1}
    assert set(counts) == set(JobState)
