"""What happens when people, scans, settings and jobs meet at an awkward moment: nobody's file and nobody's word is lost."""

import asyncio
import logging
import os
import shutil
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from alchemist_desktop.app.core import Core
from alchemist_desktop.domain.attempt import Outcome
from alchemist_desktop.domain.events import DecisionMade, Published
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.domain.library import FoundFile, MediaFile
from alchemist_desktop.engine.analysis import AnalysisPass
from alchemist_desktop.engine.children import JobChildren
from alchemist_desktop.engine.claims import ClaimDesk
from alchemist_desktop.engine.context import JobContext
from alchemist_desktop.engine.disk_guard import DiskGuard
from alchemist_desktop.engine.finish import JobFinisher
from alchemist_desktop.engine.recovery import recover
from alchemist_desktop.engine.steering import JobSteering
from alchemist_desktop.engine.stranded import StrandedJobs
from alchemist_desktop.media.disk import free_bytes, stamp_of
from alchemist_desktop.services.jobs import ActiveJobsError
from alchemist_desktop.storage.connection import Connection
from tests.support.core import jobs_of, open_test_core, process, quick_settings, until
from tests.support.inventory import digest
from tests.support.media import make_clip

pytestmark = pytest.mark.anyio

MP4_IN_PLACE: dict[str, object] = {
    "delete_source": True,
    "in_place": True,
    "output_extension": "mp4",
    "replace_strategy": "replace",
}


def make_library(tmp_path: Path, *names: str) -> Path:
    library = tmp_path / "library"
    library.mkdir()
    for name in names:
        make_clip(library / name, duration_s=1)
    return library


async def queued_job(core: Core, library: Path) -> Job:
    await core.scanner.scan_folder(str(library))
    (job,) = (await jobs_of(core)).values()
    return job


async def state_of(core: Core, job: Job) -> JobState:
    now = await core.parts.stores.jobs.get(job.id)
    assert now is not None
    return now.state


@pytest.mark.parametrize("is_late", [False, True])
async def test_a_source_is_never_replaced_by_the_result_of_its_namesake(tmp_path: Path, is_late: bool) -> None:
    library = make_library(tmp_path, "a.mkv")
    newcomer = make_clip(tmp_path / "a.mp4", duration_s=1.5)
    originals = {digest(library / "a.mkv"), digest(newcomer)}
    async with open_test_core(tmp_path / "home", quick_settings(files=MP4_IN_PLACE)) as core:
        await core.services.engine.pause()
        if is_late:
            await core.scanner.scan_folder(str(library))
        shutil.move(newcomer, library)
        await core.scanner.scan_folder(str(library))
        await core.services.engine.resume()
        jobs = await process(core, library)
        assert {job.state for job in jobs.values()} == {JobState.COMPLETED}
        assert len({job.output_path for job in jobs.values()}) == 2
        trash = [path for path in library.rglob(".alchemist/trash/*/*") if path.is_file()]
        assert {digest(path) for path in trash} == originals
        for job in jobs.values():
            await core.services.jobs.undo(job.id)
    assert {digest(path) for path in library.glob("*.m*")} == originals


async def test_a_result_is_named_as_the_settings_are_when_its_job_runs(tmp_path: Path) -> None:
    library = make_library(tmp_path, "a.mkv")
    async with open_test_core(tmp_path / "home", quick_settings(), start=False) as core:
        assert (await queued_job(core, library)).output_path.endswith("a-alchemist.mkv")
    async with open_test_core(tmp_path / "home", quick_settings(files={"output_extension": "mp4"})) as core:
        job = (await process(core, library))["a.mkv"]
    assert job.state is JobState.COMPLETED
    assert sorted(path.name for path in library.glob("a*")) == ["a-alchemist.mp4", "a.mkv"]


async def test_a_file_that_changed_in_the_queue_is_not_encoded_twice(tmp_path: Path) -> None:
    library = make_library(tmp_path, "a.mkv")
    async with open_test_core(tmp_path / "home", quick_settings()) as core:
        await core.services.engine.pause()
        await queued_job(core, library)
        os.utime(library / "a.mkv", ns=(1, 1))
        await core.services.engine.resume()
        await until(core, lambda jobs: jobs["a.mkv"].state.is_terminal)
        job = (await process(core, library))["a.mkv"]
    assert job.state is JobState.COMPLETED
    assert job.stamp == stamp_of(job.input_path)


@pytest.mark.parametrize("code", ["disk_full", "source_missing"])
async def test_a_cancelled_analysis_does_not_bring_its_job_back(tmp_path: Path, code: str) -> None:
    library = make_library(tmp_path, "a.mkv")
    async with open_test_core(tmp_path / "home", quick_settings(), start=False) as core:
        waiting = await queued_job(core, library)
        job = await core.parts.stores.jobs.transition(waiting.id, JobState.ANALYZING)
        assert job is not None
        assert await core.services.jobs.cancel(job.id)
        context = JobContext(core.parts, job, core.parts.settings())
        await JobFinisher(core.parts).finish(context, Outcome(state=JobState.FAILED, explanation=explain(code)))
        assert await state_of(core, job) is JobState.CANCELLED
        await ClaimDesk(core.parts).give_back(job)
        assert await state_of(core, job) is JobState.CANCELLED


async def test_a_cancel_that_meets_a_claim_given_back_counts(tmp_path: Path) -> None:
    library = make_library(tmp_path, "a.mkv")
    async with open_test_core(tmp_path / "home", quick_settings(), start=False) as core:
        waiting = await queued_job(core, library)
        job = await core.parts.stores.jobs.transition(waiting.id, JobState.ANALYZING)
        assert job is not None
        cancelling = JobSteering(core.parts, core.engine).cancel([job.id])
        cancelled, _ = await asyncio.gather(cancelling, give_back_after_a_look(core, job))
        assert cancelled == 1
        assert await state_of(core, job) is JobState.CANCELLED


async def give_back_after_a_look(core: Core, job: Job) -> None:
    """Ask the database right behind the cancel's first try."""
    await asyncio.sleep(0)
    await ClaimDesk(core.parts).give_back(job)


@pytest.mark.parametrize("is_ahead_of_its_turn", [False, True])
async def test_a_job_whose_end_could_not_be_stored_is_queued_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, is_ahead_of_its_turn: bool
) -> None:
    library = make_library(tmp_path, "a.mkv")
    settings = quick_settings(transcode={"min_file_size_mb": 50})
    async with open_test_core(tmp_path / "home", settings, start=False) as core:
        job = await queued_job(core, library)
        await core.database.write(refuse_skips)
        analysis = AnalysisPass(core.parts, core.engine)
        async with working(core, analysis if is_ahead_of_its_turn else None):
            await until_logged(caplog, "could not be stored")
            stranded = StrandedJobs(
                core.parts, lambda job_id: core.engine.context(job_id) is not None or analysis.is_looking_at(job_id)
            )
            assert await state_of(core, job) is JobState.ANALYZING
            assert await stranded.queue_again() == 0  # it might be a job that was just claimed
            await core.database.write(allow_skips)
            assert await stranded.queue_again() == 1
            if is_ahead_of_its_turn:
                core.engine.start()  # its turn comes
            core.engine.wake()
            await until(core, lambda jobs: jobs["a.mkv"].state is JobState.SKIPPED)
    assert any("nothing worked on it" in record.getMessage() for record in caplog.records)


async def test_the_analysis_tells_which_jobs_it_works_on(tmp_path: Path) -> None:
    library = make_library(tmp_path, "a.mkv")
    async with open_test_core(tmp_path / "home", quick_settings(), start=False) as core:
        job = await queued_job(core, library)
        analysis = AnalysisPass(core.parts, core.engine)
        seen: list[bool] = []

        def look(published: Published) -> None:
            if isinstance(published.event, DecisionMade):
                seen.append(analysis.is_looking_at(job.id))

        core.bus.subscribe(look)
        async with working(core, analysis):
            await until(core, lambda jobs: bool(seen) and jobs["a.mkv"].state is JobState.QUEUED)
        assert seen == [True]
        assert not analysis.is_looking_at(job.id)


async def test_a_job_somebody_works_on_is_not_stranded(tmp_path: Path) -> None:
    library = make_library(tmp_path, "a.mkv")
    async with open_test_core(tmp_path / "home", quick_settings(), start=False) as core:
        job = await queued_job(core, library)
        await core.parts.stores.jobs.transition(job.id, JobState.ANALYZING)
        stranded = StrandedJobs(core.parts, lambda job_id: job_id == job.id)
        assert [await stranded.queue_again() for _ in range(3)] == [0, 0, 0]
        assert await state_of(core, job) is JobState.ANALYZING


@asynccontextmanager
async def working(core: Core, analysis: AnalysisPass | None) -> AsyncIterator[None]:
    """The analysis, or the engine without it."""
    if analysis is None:
        core.engine.start()
    task = asyncio.create_task(analysis.keep() if analysis is not None else asyncio.sleep(0))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await core.engine.stop()


async def until_logged(caplog: pytest.LogCaptureFixture, words: str) -> None:
    async with asyncio.timeout(60):
        while not any(words in record.getMessage() for record in caplog.records):
            await asyncio.sleep(0.05)


def refuse_skips(db: Connection) -> None:
    db.sql(
        "CREATE TRIGGER refuse_skips BEFORE UPDATE OF state ON jobs WHEN NEW.state = 'skipped'"
        " BEGIN SELECT RAISE(ABORT, 'disk I/O error'); END"
    )


def allow_skips(db: Connection) -> None:
    db.sql("DROP TRIGGER refuse_skips")


async def test_a_restart_that_meets_the_start_of_its_job_is_refused(tmp_path: Path) -> None:
    library = make_library(tmp_path, "a.mkv")
    async with open_test_core(tmp_path / "home", quick_settings(), start=False) as core:
        job = await queued_job(core, library)
        starting = core.parts.stores.jobs.transition(job.id, JobState.ANALYZING)
        outcomes = await asyncio.gather(core.services.jobs.restart(job.id), starting, return_exceptions=True)
        assert isinstance(outcomes[0], ActiveJobsError)
        assert await state_of(core, job) is JobState.ANALYZING


async def test_nothing_a_stopped_job_starts_lives_on(tmp_path: Path) -> None:
    async with open_test_core(tmp_path / "home", quick_settings(), start=False) as core:
        children = JobChildren(core.parts.runner, low_priority=False)
        await children.stop()
        async with asyncio.timeout(30):
            outcome = await children.start([sys.executable, "-c", "import time; time.sleep(600)"]).wait()
    assert outcome.stopped
    assert not outcome.is_success


async def test_what_an_interrupted_job_wrote_beside_its_output_is_removed(tmp_path: Path) -> None:
    source = tmp_path / "a.mkv"
    source.write_bytes(b"film")
    media = MediaFile(path=str(source), stamp=stamp_of(str(source)), root=str(tmp_path))
    output = str(tmp_path / "out" / "a.mkv")
    found = FoundFile(media=media, output_path=output, spare_output_path=output, profile_id=None, source_device=None)
    async with open_test_core(tmp_path / "home", quick_settings(), start=False) as core:
        job = await core.parts.stores.jobs.add_conversion(found)
        await core.parts.stores.jobs.transition(job.id, JobState.ANALYZING)
        folder = Path(core.parts.workspace.create_work_dir(job.id, job.output_path, job.library_root))
        await recover(core.parts)
        assert await state_of(core, job) is JobState.QUEUED
    assert not folder.exists()


async def test_an_original_comes_back_though_its_job_was_deleted(tmp_path: Path) -> None:
    library = make_library(tmp_path, "a.mkv")
    before = digest(library / "a.mkv")
    files: dict[str, object] = {"delete_source": True, "in_place": True}
    async with open_test_core(tmp_path / "home", quick_settings(files=files)) as core:
        job = (await process(core, library))["a.mkv"]
        assert digest(library / "a.mkv") != before
        assert await core.services.jobs.purge_history(frozenset({JobState.COMPLETED}), archived=False) == 1
        await core.services.jobs.undo(job.id)
    assert digest(library / "a.mkv") == before


@pytest.mark.skipif(sys.platform != "linux", reason="`/proc` is a volume of its own there")
async def test_jobs_of_two_volumes_that_write_to_one_count_together(tmp_path: Path) -> None:
    library = make_library(tmp_path, "a.mkv")
    async with open_test_core(tmp_path / "home", quick_settings(), start=False) as core:
        job = await queued_job(core, library)
    free = free_bytes(job.output_path)
    assert free is not None
    large = replace(job, source_device="dev:other", stamp=replace(job.stamp, size_bytes=free))
    guard = DiskGuard()
    assert await guard.refuse(job, [large], 1) is not None
    assert await guard.refuse(job, [replace(large, output_path="/proc/out.mkv")], 1) == await guard.refuse(job, [], 1)


async def test_a_source_with_other_names_is_noticed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    library = make_library(tmp_path, "a.mkv")
    os.link(library / "a.mkv", tmp_path / "seed.mkv")
    files: dict[str, object] = {"delete_source": True}
    with caplog.at_level(logging.WARNING):
        async with open_test_core(tmp_path / "home", quick_settings(files=files)) as core:
            job = (await process(core, library))["a.mkv"]
    assert job.state is JobState.COMPLETED
    assert any("1 besides this one" in record.getMessage() for record in caplog.records)


async def test_the_balanced_mode_starts_one_job_for_each_disk(tmp_path: Path) -> None:
    async with open_test_core(tmp_path, quick_settings(), start=False) as core:
        library = tmp_path / "library"
        library.mkdir()
        for number in range(3):
            (library / f"{number}.mkv").write_bytes(b"film")
        await core.scanner.scan_folder(str(library))
        jobs = await jobs_of(core)
        desk, disk = ClaimDesk(core.parts), jobs["0.mkv"].source_device
        running = [replace(jobs["0.mkv"], source_device="dev:other")]
        assert (claimed := (await desk.claim(running, is_one_per_device=True)).job) is not None
        assert claimed.source_device == disk
        assert (await desk.claim([*running, claimed], is_one_per_device=True)).job is None
        assert (await desk.claim([*running, claimed], is_one_per_device=False)).job is not None
