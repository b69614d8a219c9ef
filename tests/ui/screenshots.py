"""Pictures of the window with a made-up library: `python -m tests.ui.screenshots OUTDIR`."""

import asyncio
import os
import sys
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_API", "pyside6")


from alchemist_desktop.domain.engine_state import ScanStatus
from alchemist_desktop.domain.events import ScanCompleted, ScanProgressed
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.ui.main_window import MainWindow
from alchemist_desktop.ui.options import ThemeChoice, UiOptions
from alchemist_desktop.ui.pages.library import LibraryPage
from alchemist_desktop.ui.pages.queue import QueuePage
from tests.ui.support import NOW, RESOURCES, World, film_details, make_job, make_world
from tests.ui.taking import take

_FAILURES = (
    explain("disk_full", error="/media/films: No space left on device."),
    explain("verification_failed", error="The result ends 41 s before its source."),
    explain("corrupt_or_unreadable_media", error="Invalid data found when processing input"),
)
_SKIPS = (
    explain("bpp_below_threshold", bpp=0.043, threshold=0.1),
    explain("already_target_codec", codec="av1", bit_depth=10),
    explain("below_min_file_size", size_mb=31, threshold_mb=50),
)


def library() -> list[Job]:
    """Jobs in every state, as after an evening of work."""
    running = [make_job(n, JobState.ENCODING, progress=0.0) for n in (1, 2)]
    analyzing = [make_job(3, JobState.ANALYZING)]
    done = [make_job(n, JobState.COMPLETED) for n in range(4, 190)]
    failed = [make_job(n, JobState.FAILED, failure=_FAILURES[n % 3]) for n in (6, 11, 19)]
    skipped = [make_job(n, JobState.SKIPPED, decision=_SKIPS[n % 3]) for n in range(7, 160, 5)]
    cancelled = [make_job(13, JobState.CANCELLED, failure=explain("cancelled"))]
    queued = [make_job(n, priority=10 if n < 205 else 0, updated_at=NOW - timedelta(days=1)) for n in range(200, 2600)]
    by_id = {job.id: job for job in (*running, *analyzing, *done, *queued, *skipped, *failed, *cancelled)}
    return list(by_id.values())


async def shoot(folder: Path, theme: ThemeChoice, settings: Path) -> None:
    world = make_world(library(), ("/media/films", "/media/series", "/srv/nas/recordings"))
    for job_id in (1, 6, 4):
        world.jobs.details_of[JobId(job_id)] = film_details(world.jobs.jobs[JobId(job_id)])
    world.engine.set(active_jobs=2)
    window = _open(world, theme, settings)
    page = window.page(0)
    assert isinstance(page, QueuePage)
    await _settle()
    world.progress(1, 62.4, speed=2.3, eta_s=1480.0, expected_output_bytes=5_900_000_000)
    world.progress(2, 8.0, speed=0.9, eta_s=9300.0, is_suspended=True)
    page.view.selectRow(0)
    await _save(window, folder / f"queue-running-{theme}.png")
    page.filters.choose("Failed")
    await _settle()
    page.view.selectRow(0)
    page.details.tabs.setCurrentIndex(2)
    window.notices.warn("Job 13 is running; cancel it before it is removed.")
    await _save(window, folder / f"queue-failed-{theme}.png")
    window.message_bar.hide()
    page.filters.choose("Completed")
    await _settle()
    page.view.selectRow(0)
    page.details.tabs.setCurrentIndex(1)
    await _save(window, folder / f"queue-completed-{theme}.png")
    page.filters.search.setText("no such film")
    await asyncio.sleep(0.4)
    await _save(window, folder / f"queue-nothing-found-{theme}.png")
    window.navigation.setCurrentRow(1)
    library_page = window.page(1)
    assert isinstance(library_page, LibraryPage)
    status = ScanStatus(is_running=True, files_found=18_420, files_added=37, current_folder="/srv/nas/recordings/2024/Concerts")
    world.events.publish(ScanProgressed(status=status))
    library_page.folders.setCurrentRow(1)
    library_page.watch.setChecked(True)
    await _save(window, folder / f"library-{theme}.png")
    world.events.publish(ScanCompleted(status=ScanStatus(files_found=18_422, files_added=37, unreadable=3)))
    await _save(window, folder / f"library-scanned-{theme}.png")
    window.shut_down()


async def shoot_empty(folder: Path, theme: ThemeChoice, settings: Path) -> None:
    world = make_world(folders=())
    world.engine.set(manual_paused=True)
    window = _open(world, theme, settings)
    await _save(window, folder / f"queue-empty-{theme}.png")
    window.navigation.setCurrentRow(1)
    await _save(window, folder / f"library-empty-{theme}.png")
    window.shut_down()


def _open(world: World, theme: ThemeChoice, settings: Path) -> MainWindow:
    options = UiOptions(settings_file=settings, resources=RESOURCES, theme=theme, use_tray=False)
    window = MainWindow(world.services, world.events, options)
    window.show()
    return window


async def _settle() -> None:
    await asyncio.sleep(0.35)


async def _save(window: MainWindow, path: Path) -> None:
    await _settle()
    window.grab().save(str(path))


async def _main(folder: Path) -> None:
    with TemporaryDirectory() as scratch:
        for theme in (ThemeChoice.LIGHT, ThemeChoice.DARK):
            await shoot(folder, theme, Path(scratch) / f"{theme}.ini")
            await shoot_empty(folder, theme, Path(scratch) / f"{theme}-empty.ini")


if __name__ == "__main__":
    take(_main, Path(sys.argv[1]))
