"""Scans, settings and watched folders at the same time: every scan keeps its figures, and none that was asked for is lost."""

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from alchemist_desktop.app.core import Core
from alchemist_desktop.domain.events import Event, ScanCompleted, ScanStarted
from alchemist_desktop.engine.watch import LibraryWatch
from tests.support.core import collect, jobs_of, open_test_core, quick_settings, until

pytestmark = pytest.mark.anyio


def folder_of(tmp_path: Path, name: str, files: int) -> Path:
    folder = tmp_path / name
    folder.mkdir()
    for number in range(files):
        (folder / f"{name}{number}.mkv").write_bytes(b"film")
    return folder.resolve()


def scan_facts(facts: list[Event]) -> list[type[Event]]:
    return [type(fact) for fact in facts if isinstance(fact, ScanStarted | ScanCompleted)]


@asynccontextmanager
async def watching(core: Core) -> AsyncIterator[None]:
    task = asyncio.create_task(LibraryWatch(core.parts, core.intake, core.scanner, wake_engine=core.engine.wake).keep())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def test_scans_asked_for_together_run_one_after_the_other(tmp_path: Path) -> None:
    library, first, second = (folder_of(tmp_path, name, files) for name, files in (("a", 1), ("b", 2), ("c", 3)))
    settings = quick_settings(scanner={"directories": (str(library),)})
    async with open_test_core(tmp_path / "home", settings, start=False) as core:
        facts = collect(core)
        scanned = await asyncio.gather(
            core.scanner.scan_folder(str(first)), core.scanner.run(), core.scanner.scan_folder(str(second))
        )
        assert [status.files_added for status in scanned] == [2, 1, 3]
        assert scan_facts(facts) == [ScanStarted, ScanCompleted] * 3


async def test_a_cancel_ends_the_scans_that_wait_as_well_and_no_later_one(tmp_path: Path) -> None:
    library, folder = folder_of(tmp_path, "a", 1), folder_of(tmp_path, "b", 2)
    settings = quick_settings(scanner={"directories": (str(library),)})
    async with open_test_core(tmp_path / "home", settings, start=False) as core:
        waiting = [asyncio.create_task(core.scanner.scan_folder(str(folder))) for _ in range(2)]
        await asyncio.sleep(0)
        core.scanner.start()
        await core.scanner.cancel()
        assert not core.scanner.status.is_running
        assert [status.files_added for status in await asyncio.gather(*waiting)] == [0, 0]
        assert await jobs_of(core) == {}
        assert (await core.scanner.run()).files_added == 1
        assert (await core.scanner.scan_folder(str(folder))).files_added == 2


async def test_a_scan_asked_for_during_a_scan_follows_it_with_the_roots_of_then(tmp_path: Path) -> None:
    old, new = folder_of(tmp_path, "a", 1), folder_of(tmp_path, "b", 1)
    settings = quick_settings(scanner={"directories": (str(old),)})
    async with open_test_core(tmp_path / "home", settings, start=False) as core:
        facts = collect(core)
        async with nothing_stored(core):
            assert core.scanner.start()
            while not core.scanner.status.is_running:
                await asyncio.sleep(0)
            await core.services.settings.add_library(str(new))
            assert [core.scanner.start() for _ in range(2)] == [False, False]  # one that follows is enough
        await core.scanner.run()
        assert set(await jobs_of(core)) == {"a0.mkv", "b0.mkv"}
        assert scan_facts(facts) == [ScanStarted, ScanCompleted] * 2


@asynccontextmanager
async def nothing_stored(core: Core) -> AsyncIterator[None]:
    """Writes to the database wait for the end of the block, and with them a scan that found something."""
    may_go_on = threading.Event()
    holding = asyncio.create_task(core.database.write(lambda _: may_go_on.wait()))
    try:
        await asyncio.sleep(0)
        yield
    finally:
        may_go_on.set()
        await holding


async def test_a_library_added_while_the_program_runs_is_scanned(tmp_path: Path) -> None:
    library = folder_of(tmp_path, "a", 1)
    settings = quick_settings(scanner={"scan_on_start": False})
    async with open_test_core(tmp_path / "home", settings, start=False) as core, watching(core):
        await asyncio.sleep(0)
        await core.services.settings.add_library(str(library))
        await until(core, lambda jobs: "a0.mkv" in jobs)


async def test_a_file_that_settles_while_the_settings_change_is_found(tmp_path: Path) -> None:
    library, elsewhere = folder_of(tmp_path, "a", 0), folder_of(tmp_path, "b", 1)
    scanner: dict[str, object] = {"directories": (str(library),), "watch_enabled": True, "scan_on_start": False}
    async with open_test_core(tmp_path / "home", quick_settings(scanner=scanner), start=False) as core, watching(core):
        await asyncio.sleep(1)  # the watch is in place
        shutil.move(elsewhere / "b0.mkv", library)
        await asyncio.sleep(1)  # noted, and far from settled
        await core.services.settings.replace(quick_settings(scanner=scanner, files={"output_suffix": "-new"}))
        await until(core, lambda jobs: "b0.mkv" in jobs)


async def test_the_watch_takes_what_a_scan_takes_and_nothing_else(tmp_path: Path) -> None:
    library, elsewhere = folder_of(tmp_path, "a", 0), folder_of(tmp_path, "b", 1)
    for name in (".hidden", "Sample", "Season 1"):
        (library / name).mkdir()
    scanner: dict[str, object] = {"directories": (str(library),), "watch_enabled": True, "scan_on_start": False}
    async with open_test_core(tmp_path / "home", quick_settings(scanner=scanner), start=False) as core, watching(core):
        await asyncio.sleep(1)  # the watch is in place
        (library / "link.mkv").symlink_to(elsewhere / "b0.mkv")
        for name in (".hidden/one.mkv", "Sample/two.mkv", "Season 1/three.mkv"):
            shutil.copy(elsewhere / "b0.mkv", library / name)
        await until(core, lambda jobs: "three.mkv" in jobs)  # the last of those that settle together
        assert set(await jobs_of(core)) == {"three.mkv"}
