"""What a start does about the end before it: finish, take back, wait or clean up, and never lose a file."""

import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alchemist_desktop.app.core import Core
from alchemist_desktop.domain.attempt import EncodeStats
from alchemist_desktop.domain.job import Job, JobState, Phase
from alchemist_desktop.domain.replacement import Replacement, SourceDisposal
from alchemist_desktop.engine.recovery import recover, retry_waiting
from alchemist_desktop.media.disk import stamp_of
from alchemist_desktop.media.replace import advance, prepare
from tests.support.core import jobs_of, open_test_core, quick_settings
from tests.support.replacements import SOURCE, WORK, content_of

pytestmark = pytest.mark.anyio


@dataclass(frozen=True)
class Interrupted:
    """A job whose replacement was journaled when the program ended."""

    job: Job
    replacement: Replacement

    @property
    def source(self) -> bytes | None:
        return content_of(self.replacement.source_path)

    @property
    def output(self) -> bytes | None:
        return content_of(self.replacement.output_path)

    @property
    def trash(self) -> bytes | None:
        return content_of(self.replacement.trash_path)


async def running_job(core: Core, library: Path) -> Job:
    library.mkdir(exist_ok=True)
    (library / "film.avi").write_bytes(SOURCE)
    await core.scanner.scan_folder(str(library))
    return await set_running(core, (await jobs_of(core))["film.avi"])


async def set_running(core: Core, job: Job) -> Job:
    analysing = await core.parts.stores.jobs.transition(job.id, JobState.ANALYZING, phase=Phase.PROBING)
    assert analysing is not None
    running = await core.parts.stores.jobs.transition(job.id, JobState.ENCODING, phase=Phase.REPLACING)
    assert running is not None
    return running


async def interrupt(core: Core, library: Path) -> Interrupted:
    job = await running_job(core, library)
    folder = core.parts.workspace.create_work_dir(job.id, job.output_path, job.library_root)
    work = Path(folder) / "output.mkv"
    work.write_bytes(WORK)
    made = prepare(
        workspace=core.parts.workspace,
        job_id=job.id,
        source_path=job.input_path,
        source_stamp=stamp_of(job.input_path),
        work_path=str(work),
        output_path=job.output_path,
        disposal=SourceDisposal.TRASH,
        root=job.library_root,
    )
    await core.parts.stores.journal.put(made, figures(job))
    return Interrupted(job, made)


def figures(job: Job) -> EncodeStats:
    return EncodeStats(
        job_id=job.id, input_path=job.input_path, input_size_bytes=len(SOURCE), output_size_bytes=len(WORK), compression_ratio=0.5,
        encode_time_s=1.0, encode_speed=1.0, avg_bitrate_kbps=1.0, vmaf_score=None, output_codec="hevc", encoder="libx265",
        duration_s=1.0, created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


async def state_of(core: Core, job: Job) -> JobState:
    now = await core.parts.stores.jobs.get(job.id)
    assert now is not None
    return now.state


def work_left(library: Path) -> list[Path]:
    return list(library.rglob(".alchemist/work/*"))


@pytest.mark.parametrize("is_moved", [False, True])
async def test_a_journaled_replacement_is_finished_and_its_folder_goes(tmp_path: Path, is_moved: bool) -> None:
    async with open_test_core(tmp_path, quick_settings(), start=False) as core:
        case = await interrupt(core, tmp_path / "library")
        if is_moved:
            advance(case.replacement)
        await recover(core.parts)
        assert await state_of(core, case.job) is JobState.COMPLETED
        assert (case.source, case.output, case.trash) == (None, WORK, SOURCE)
        assert await core.parts.stores.journal.open_entries() == []
        assert await core.parts.stores.trash.for_job(case.job.id) is not None
        assert work_left(tmp_path / "library") == []


async def test_a_source_that_changed_meanwhile_stays_and_its_job_is_queued(tmp_path: Path) -> None:
    async with open_test_core(tmp_path, quick_settings(), start=False) as core:
        case = await interrupt(core, tmp_path / "library")
        Path(case.replacement.source_path).write_bytes(b"newer")
        await recover(core.parts)
        assert await state_of(core, case.job) is JobState.QUEUED
        assert (case.source, case.output, case.trash) == (b"newer", None, None)
        assert await core.parts.stores.journal.open_entries() == []
        assert work_left(tmp_path / "library") == []


async def test_an_original_whose_place_is_taken_stays_on_record_in_the_trash(tmp_path: Path) -> None:
    async with open_test_core(tmp_path, quick_settings(), start=False) as core:
        case = await interrupt(core, tmp_path / "library")
        advance(case.replacement)
        Path(case.replacement.output_path).unlink()
        Path(case.replacement.source_path).write_bytes(b"somebody else's")
        await recover(core.parts)
        assert await state_of(core, case.job) is JobState.QUEUED
        entry = await core.parts.stores.trash.for_job(case.job.id)
        assert entry is not None
        assert content_of(entry.trash_path) == SOURCE
        assert case.source == b"somebody else's"


async def test_what_lies_on_a_volume_that_is_not_there_waits_for_it(tmp_path: Path) -> None:
    library, away = tmp_path / "library", tmp_path / "away"
    async with open_test_core(tmp_path, quick_settings(), start=False) as core:
        case = await interrupt(core, library)
        library.rename(away)
        for _ in range(2):
            await recover(core.parts)
            await retry_waiting(core.parts)
        waiting = await core.parts.stores.jobs.get(case.job.id)
        assert waiting is not None
        assert waiting.state is JobState.FAILED
        assert waiting.failure is not None
        assert waiting.failure.code == "finalize_failed"
        assert "both kept" in waiting.failure.detail
        assert len(await core.parts.stores.journal.open_entries()) == 1
        away.rename(library)
        await retry_waiting(core.parts)
        assert await state_of(core, case.job) is JobState.COMPLETED
        assert (case.source, case.output, case.trash) == (None, WORK, SOURCE)
        assert work_left(library) == []


async def test_a_restarted_job_does_not_run_while_its_result_waits(tmp_path: Path) -> None:
    library = tmp_path / "library"
    async with open_test_core(tmp_path, quick_settings(), start=False) as core:
        case = await interrupt(core, library)
        library.rename(tmp_path / "away")
        await recover(core.parts)
        await core.parts.stores.jobs.requeue([case.job.id])
        assert await core.parts.stores.jobs.peek_claimable(5, now=core.parts.clock.now()) == []
        (tmp_path / "away").rename(library)
        Path(case.replacement.source_path).write_bytes(b"newer")
        await retry_waiting(core.parts)
        assert [job.id for job in await core.parts.stores.jobs.peek_claimable(5, now=core.parts.clock.now())] == [case.job.id]
        assert case.source == b"newer"


async def test_an_error_of_the_file_system_keeps_everything_for_the_next_try(tmp_path: Path) -> None:
    library = tmp_path / "library"
    async with open_test_core(tmp_path, quick_settings(), start=False) as core:
        case = await interrupt(core, library)
        trash = library / ".alchemist" / "trash"
        trash.write_bytes(b"a file where the folder should be")
        await recover(core.parts)
        assert await state_of(core, case.job) is JobState.FAILED
        assert (case.source, case.output) == (SOURCE, WORK)
        assert len(await core.parts.stores.journal.open_entries()) == 1
        trash.unlink()
        await recover(core.parts)
        assert await state_of(core, case.job) is JobState.COMPLETED
        assert (case.source, case.output, case.trash) == (None, WORK, SOURCE)


async def test_work_files_of_this_installation_go_and_those_of_another_stay(tmp_path: Path) -> None:
    library = tmp_path / "library"
    async with open_test_core(tmp_path, quick_settings(), start=False) as core:
        job = await running_job(core, library)
        core.parts.workspace.create_work_dir(job.id, job.output_path, job.library_root)
        foreign = type(core.parts.workspace)("somebody else").create_work_dir(job.id, job.output_path, job.library_root)
        await recover(core.parts)
        assert work_left(library) == [Path(foreign)]
        assert await state_of(core, job) is JobState.QUEUED


async def test_a_job_that_ran_at_ten_violent_ends_in_a_row_is_not_started_again(tmp_path: Path) -> None:
    library = tmp_path / "library"
    async with open_test_core(tmp_path, quick_settings(), start=False) as core:
        job = await running_job(core, library)
        for _ in range(9):
            await recover(core.parts)
            assert await state_of(core, job) is JobState.QUEUED
            await set_running(core, job)
        await recover(core.parts)
        failed = await core.parts.stores.jobs.get(job.id)
        assert failed is not None
        assert failed.state is JobState.FAILED
        assert failed.failure is not None
        assert (failed.failure.code, failed.failure.measured["attempts"]) == ("interrupted", 10)
        await core.parts.stores.jobs.requeue([job.id])
        await set_running(core, job)
        await recover(core.parts)
        assert await state_of(core, job) is JobState.QUEUED


async def test_a_proper_end_in_between_starts_the_count_anew(tmp_path: Path) -> None:
    async with open_test_core(tmp_path, quick_settings(), start=False) as core:
        job = await running_job(core, tmp_path / "library")
        for _ in range(2):
            for _ in range(9):
                await recover(core.parts)
                await set_running(core, job)
            await core.parts.stores.jobs.transition(job.id, JobState.QUEUED)  # what a proper end leaves
            await recover(core.parts)
            await set_running(core, job)
        assert await state_of(core, job) is JobState.ENCODING


async def test_two_volumes_do_not_share_a_trash_budget_and_an_absent_one_is_left_alone(tmp_path: Path) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is only one volume")
    with_budget = quick_settings(files={"trash_budget_gb": 1, "trash_retention_days": 3650})
    second = other / f"alchemist-test-{tmp_path.name}-{tmp_path.stat().st_ino}"
    async with open_test_core(tmp_path, with_budget, start=False) as core:
        trash = core.parts.stores.trash
        try:
            for folder, names in ((tmp_path, ("a", "b")), (second, ("c",))):
                for name in names:
                    path = folder / ".alchemist" / "trash" / "1-0123456789ab" / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(b"x")
                    job = (await running_job(core, tmp_path / "library")) if not await jobs_of(core) else next(iter((await jobs_of(core)).values()))
                    await trash.add(job_id=job.id, original_path=name, trash_path=str(path), size_bytes=700 * 1024**2)
            gone = tmp_path / "absent" / ".alchemist" / "trash" / "1-0123456789ab" / "d"
            await trash.add(job_id=job.id, original_path="d", trash_path=str(gone), size_bytes=700 * 1024**2)
            assert await core.undoer.empty_trash() == 700 * 1024**2
            assert [entry.original_path for entry in await trash.present()] == ["b", "c", "d"]
            assert await core.undoer.empty_trash() == 0
        finally:
            shutil.rmtree(second, ignore_errors=True)


async def test_figures_of_a_given_up_replacement_do_not_count(tmp_path: Path) -> None:
    async with open_test_core(tmp_path, quick_settings(), start=False) as core:
        case = await interrupt(core, tmp_path / "library")
        changed = replace(case.replacement, source_stamp=replace(case.replacement.source_stamp, size_bytes=1))
        await core.parts.stores.journal.put(changed, figures(case.job))
        await recover(core.parts)
        assert await core.parts.stores.stats.for_job(case.job.id) is None
        assert case.source == SOURCE
