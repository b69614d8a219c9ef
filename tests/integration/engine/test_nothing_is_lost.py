"""Whatever happens to source, output and trash while a job runs or afterwards: the right word for it, and no file is lost."""

import asyncio
import errno
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from alchemist_desktop.app.core import Core
from alchemist_desktop.domain.errors import ConflictError, KnownError, NotFoundError
from alchemist_desktop.domain.events import JobChanged, Published
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Job, JobState, Phase
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.engine.steps.put_in_place import explain_error
from tests.support.core import jobs_of, open_test_core, process, quick_settings, until_state
from tests.support.inventory import digest
from tests.support.media import make_clip
from tests.support.wrapped_ffmpeg import WrappedFfmpeg

pytestmark = pytest.mark.anyio

IN_PLACE: dict[str, object] = {"delete_source": True, "in_place": True}
ENDED = (JobState.COMPLETED, JobState.FAILED, JobState.SKIPPED)


class Place:
    """A library with one film."""

    def __init__(self, folder: Path) -> None:
        self.home = folder
        self.library = folder / "library"
        self.library.mkdir()
        self.film = make_clip(self.library / "film.mkv", duration_s=1)
        self.newer = make_clip(folder / "newer.mkv", duration_s=1.5)
        self.ffmpeg = WrappedFfmpeg(folder / "ffmpeg")

    def settings(self, **files: object) -> Settings:
        return quick_settings(files={**IN_PLACE, **files}, hardware={"cpu_preset": "faster", "ffmpeg_path": self.ffmpeg.path})

    def replace_film(self) -> None:
        shutil.copy(self.newer, self.home / "incoming")
        (self.home / "incoming").replace(self.film)

    def trashed(self) -> list[Path]:
        return [path for path in self.library.rglob(".alchemist/trash/*/*") if path.is_file()]

    def visible(self) -> list[str]:
        return sorted(path.name for path in self.library.iterdir() if not path.name.startswith("."))

    def work_left(self) -> list[Path]:
        return list(self.home.rglob(".alchemist/work/*"))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


async def run_with(core: Core, place: Place, phase: Phase, act: Callable[[], None]) -> Job:
    """Process the film, with `act` done when its job enters `phase`; the job when it has ended or waits for a retry."""
    acted: list[bool] = []

    def on_event(published: Published) -> None:
        match published.event:
            case JobChanged(job=job) if job.phase is phase and not acted:
                acted.append(True)
                act()

    core.bus.subscribe(on_event)
    job = (await process(core, place.library))["film.mkv"]
    assert acted, "the phase was never entered"
    return job


@pytest.mark.parametrize("phase", [Phase.ENCODING, Phase.VERIFYING, Phase.REPLACING])
async def test_a_source_replaced_meanwhile_wins(place: Place, phase: Phase) -> None:
    async with open_test_core(place.home, place.settings()) as core:
        job = await run_with(core, place, phase, place.replace_film)
    assert job.failure is not None
    assert job.failure.code == "source_changed"
    assert digest(place.film) == digest(place.newer)
    assert (place.visible(), place.trashed(), place.work_left()) == (["film.mkv"], [], [])


async def test_a_source_replaced_while_it_is_compared_wins(place: Place) -> None:
    place.ffmpeg.become("held decode")
    async with open_test_core(place.home, place.settings()) as core:
        await core.scanner.scan_folder(str(place.library))
        core.engine.wake()
        async with asyncio.timeout(60):
            while not place.ffmpeg.is_frozen:
                await asyncio.sleep(0.02)
        place.replace_film()
        place.ffmpeg.release()
        job = await until_state(core, "film.mkv", *ENDED)
    assert job.failure is not None
    assert job.failure.code == "source_changed"
    assert digest(place.film) == digest(place.newer)


@pytest.mark.parametrize("phase", [Phase.VERIFYING, Phase.REPLACING])
async def test_a_source_deleted_meanwhile_is_said_to_be_missing(place: Place, phase: Phase) -> None:
    async with open_test_core(place.home, place.settings()) as core:
        job = await run_with(core, place, phase, place.film.unlink)
    assert job.failure is not None
    assert job.failure.code == "source_missing"
    assert (place.visible(), place.trashed(), place.work_left()) == ([], [], [])


async def test_an_output_folder_that_was_removed_is_made_again(place: Place) -> None:
    out = place.home / "out"
    out.mkdir()
    settings = place.settings(in_place=False, delete_source=False, output_root=str(out))
    async with open_test_core(place.home, settings) as core:
        job = await run_with(core, place, Phase.REPLACING, out.rmdir)
    assert job.state is JobState.COMPLETED, job.failure
    assert out in Path(job.output_path).parents
    assert Path(job.output_path).is_file()


async def test_an_output_folder_that_cannot_be_used_leaves_the_source_alone(place: Place) -> None:
    out = place.home / "out"
    out.mkdir()
    before = digest(place.film)

    def spoil() -> None:
        out.rmdir()
        out.write_bytes(b"a file where the folder should be")

    settings = place.settings(in_place=False, output_root=str(out))
    async with open_test_core(place.home, settings) as core:
        job = await run_with(core, place, Phase.REPLACING, spoil)
        assert await core.parts.stores.journal.open_entries() == []
    assert job.failure is not None
    assert job.failure.code == "finalize_failed"
    assert digest(place.film) == before
    assert place.work_left() == []


async def test_a_trash_that_cannot_be_used_takes_the_output_back(place: Place) -> None:
    trash = place.library / ".alchemist" / "trash"
    before = digest(place.film)
    async with open_test_core(place.home, place.settings(in_place=False)) as core:
        job = await run_with(core, place, Phase.REPLACING, lambda: trash.symlink_to("/dev/null"))
        assert await core.parts.stores.journal.open_entries() == []
    assert job.state is JobState.FAILED
    assert digest(place.film) == before
    assert (place.visible(), place.work_left()) == (["film.mkv"], [])


async def test_a_full_disk_is_named_and_tried_again(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    place.ffmpeg.become("full")
    before = digest(place.film)
    async with open_test_core(place.home, place.settings()) as core:
        job = (await process(core, place.library))["film.mkv"]
    assert job.failure is not None
    assert job.failure.code == "disk_full"
    assert (job.state, job.not_before is None) == (JobState.QUEUED, False)
    assert digest(place.film) == before
    assert (place.visible(), place.work_left()) == (["film.mkv"], [])
    said = [record.getMessage() for record in caplog.records if getattr(record, "job_id", None) == job.id]
    assert said[0].startswith(f"{place.film} is encoding (lib")
    assert any(line.startswith("FFmpeg: ") and "No space left on device" in line for line in said)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.ENOSPC, "disk_full"),
        (errno.EACCES, "permission_denied"),
        (errno.EROFS, "permission_denied"),
        (errno.EIO, "finalize_failed"),
    ],
)
async def test_errors_of_the_file_system_have_their_codes(number: int, code: str) -> None:
    error = OSError(number, os.strerror(number), "/library/film.mkv")
    explanation = explain_error(error)
    assert explanation.code == code
    assert os.strerror(number) in explanation.detail
    assert explain_error(KnownError("Something else.", code="DATABASE_FULL")).detail == "Something else."


async def test_undo_works_when_the_output_was_deleted(place: Place) -> None:
    before = digest(place.film)
    async with open_test_core(place.home, place.settings()) as core:
        job = (await process(core, place.library))["film.mkv"]
        Path(job.output_path).unlink()
        assert await core.services.jobs.undo(job.id) == str(place.film)
    assert digest(place.film) == before
    assert place.trashed() == []


async def test_undo_does_not_touch_a_file_that_took_the_place(place: Place) -> None:
    before = digest(place.film)
    async with open_test_core(place.home, place.settings()) as core:
        job = (await process(core, place.library))["film.mkv"]
        place.replace_film()
        with pytest.raises(ConflictError) as caught:
            await core.services.jobs.undo(job.id)
        assert caught.value.code == "UNDO_PATH_TAKEN"
        assert digest(place.film) == digest(place.newer)
        place.film.rename(place.home / "elsewhere.mkv")
        await core.services.jobs.undo(job.id)
    assert digest(place.film) == before


async def test_undoing_twice_is_refused_and_scans_leave_the_original_alone(place: Place) -> None:
    before = digest(place.film)
    async with open_test_core(place.home, place.settings()) as core:
        job = (await process(core, place.library))["film.mkv"]
        outcomes = await asyncio.gather(*(core.services.jobs.undo(job.id) for _ in range(2)), return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [str, NotFoundError]
        later = (await process(core, place.library))["film.mkv"]
    assert later.state is JobState.SKIPPED
    assert later.decision is not None
    assert later.decision.code == "replacement_undone"
    assert digest(place.film) == before


async def test_a_cancelled_undo_goes_to_its_end(place: Place) -> None:
    before = digest(place.film)
    async with open_test_core(place.home, place.settings()) as core:
        job = (await process(core, place.library))["film.mkv"]
        undoing = asyncio.create_task(core.services.jobs.undo(job.id))
        while not core.undoer.is_busy:
            await asyncio.sleep(0)
        undoing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await undoing
        assert (await jobs_of(core))["film.mkv"].state is JobState.SKIPPED
    assert digest(place.film) == before


async def test_after_its_time_an_original_is_gone_and_undo_says_so(place: Place) -> None:
    async with open_test_core(place.home, place.settings(trash_retention_days=30)) as core:
        job = (await process(core, place.library))["film.mkv"]
        assert await core.undoer.empty_trash() == 0
        old = core.parts.clock.now() - timedelta(days=31)
        await core.database.write(lambda db: db.sql("UPDATE trash SET created_at = ?", (round(old.timestamp() * 1e6),)))
        assert await core.undoer.empty_trash() > 0
        assert place.trashed() == []
        with pytest.raises(NotFoundError) as caught:
            await core.services.jobs.undo(job.id)
        assert caught.value.code == "UNDO_NOT_IN_TRASH"
    assert place.film.is_file()


async def test_undo_of_a_job_that_is_not_there_says_so(place: Place) -> None:
    async with open_test_core(place.home, place.settings(), start=False) as core:
        with pytest.raises(NotFoundError) as caught:
            await core.services.jobs.undo(JobId(99))
    assert (caught.value.code, caught.value.message) == ("JOB_NOT_FOUND", "There is no job 99.")
