"""Files that arrive in watched folders are told once, complete, whatever way they came."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from alchemist_desktop.domain.library import WORK_FOLDER
from alchemist_desktop.system.settling import Settled
from alchemist_desktop.system.watch import FolderWatcher, RootFound, RootLost, WatchedRoot, WatchEvent, WatchPace, is_on_network

pytestmark = pytest.mark.anyio

_PACE = WatchPace(settle_poll_s=0.1, quiet_s=0.3, check_s=0.3, retry_s=0.2)


class Reports:
    """What the watcher told so far; `until` waits for what is to come."""

    def __init__(self) -> None:
        self.events: list[WatchEvent] = []
        self._came = asyncio.Event()

    def __call__(self, event: WatchEvent) -> None:
        self.events.append(event)
        self._came.set()

    async def until(self, wanted: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not wanted():
                self._came.clear()
                await self._came.wait()

    @property
    def settled(self) -> list[str]:
        return [event.path for event in self.events if isinstance(event, Settled)]

    def has(self, kind: type[WatchEvent]) -> bool:
        return any(isinstance(event, kind) for event in self.events)


@asynccontextmanager
async def watching(*roots: Path, is_recursive: bool = True) -> AsyncIterator[Reports]:
    """A running watcher of `roots` that takes mkv files, proved to be awake by a file in each root that exists."""
    reports = Reports()
    watched = [WatchedRoot(path=str(root), is_recursive=is_recursive) for root in roots]
    watcher = FolderWatcher(watched, accepts=lambda path: path.endswith(".mkv"), report=reports, pace=_PACE)
    task = asyncio.create_task(watcher.run())
    try:
        for root in roots:
            if root.is_dir():
                await wake(root, reports)
        yield reports
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def wake(root: Path, reports: Reports) -> None:
    """Write a file again and again until it is noticed: only then does the watch surely run."""
    film = root / "wake.mkv"
    for _ in range(20):
        await asyncio.sleep(0.1)
        film.write_bytes(b"x")
        deadline = asyncio.get_running_loop().time() + 2
        while asyncio.get_running_loop().time() < deadline:
            await asyncio.sleep(0.05)
            if str(film) in reports.settled:
                return
    pytest.fail("The watch never ran.")


async def test_a_new_file_is_told_once_with_how_it_looks(tmp_path: Path) -> None:
    async with watching(tmp_path) as reports:
        (tmp_path / "sub").mkdir()
        film = tmp_path / "sub" / "Film é.mkv"
        film.write_bytes(b"123")
        (tmp_path / "note.txt").write_bytes(b"123")
        await reports.until(lambda: str(film) in reports.settled)
        last = reports.events[-1]
    assert isinstance(last, Settled)
    assert (last.root, last.stamp.size_bytes, last.stamp.inode) == (str(tmp_path), 3, film.stat().st_ino)
    assert reports.settled.count(str(film)) == 1
    assert not any(path.endswith(".txt") for path in reports.settled)


async def test_a_file_is_told_only_when_its_writer_is_done(tmp_path: Path) -> None:
    film = tmp_path / "film.mkv"
    async with watching(tmp_path) as reports:
        with film.open("wb") as file:
            for _ in range(15):
                file.write(b"x" * 1000)
                file.flush()
                await asyncio.sleep(0.1)
                assert str(film) not in reports.settled
        await reports.until(lambda: str(film) in reports.settled)
        last = reports.events[-1]
    assert isinstance(last, Settled)
    assert last.stamp.size_bytes == 15_000


async def test_a_folder_that_is_moved_in_brings_its_files(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    root.mkdir()
    (elsewhere / "Season 1").mkdir(parents=True)
    (elsewhere / WORK_FOLDER).mkdir()
    for name in ("Season 1/e1.mkv", "Season 1/e2.mkv", f"{WORK_FOLDER}/work.mkv", "cover.jpg"):
        (elsewhere / name).write_bytes(b"x")
    async with watching(root) as reports:
        elsewhere.rename(root / "Show")
        wanted = {str(root / "Show" / "Season 1" / name) for name in ("e1.mkv", "e2.mkv")}
        await reports.until(lambda: wanted <= set(reports.settled))
    assert not any(WORK_FOLDER in path for path in reports.settled)


async def test_the_programs_own_work_is_not_noticed(tmp_path: Path) -> None:
    async with watching(tmp_path) as reports:
        (tmp_path / WORK_FOLDER / "work").mkdir(parents=True)
        (tmp_path / WORK_FOLDER / "work" / "draft.mkv").write_bytes(b"x")
        (tmp_path / "done.mkv").write_bytes(b"x")
        await reports.until(lambda: str(tmp_path / "done.mkv") in reports.settled)
    assert not any(WORK_FOLDER in path for path in reports.settled)


async def test_a_root_that_is_not_recursive_keeps_to_its_own_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    async with watching(tmp_path, is_recursive=False) as reports:
        (tmp_path / "sub" / "deep.mkv").write_bytes(b"x")
        (tmp_path / "new").mkdir()
        (tmp_path / "new" / "deep.mkv").write_bytes(b"x")
        (tmp_path / "top.mkv").write_bytes(b"x")
        await reports.until(lambda: str(tmp_path / "top.mkv") in reports.settled)
    assert not any("deep" in path for path in reports.settled)


async def test_a_missing_root_harms_only_itself_and_is_found_when_it_comes(tmp_path: Path) -> None:
    good, missing = tmp_path / "good", tmp_path / "missing"
    good.mkdir()
    async with watching(good, missing) as reports:
        await reports.until(lambda: reports.has(RootLost))
        (good / "film.mkv").write_bytes(b"x")
        await reports.until(lambda: str(good / "film.mkv") in reports.settled)
        missing.mkdir()
        await reports.until(lambda: RootFound(root=str(missing)) in reports.events)
        (missing / "late.mkv").write_bytes(b"x")
        await reports.until(lambda: str(missing / "late.mkv") in reports.settled)
    lost = [event for event in reports.events if isinstance(event, RootLost)]
    assert [event.root for event in lost] == [str(missing)]
    assert "not there" in lost[0].reason


async def test_a_root_that_is_replaced_is_watched_again(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    async with watching(root) as reports:
        shutil.rmtree(root)
        await reports.until(lambda: reports.has(RootLost))
        root.mkdir()
        await reports.until(lambda: reports.has(RootFound))
        (root / "film.mkv").write_bytes(b"x")
        await reports.until(lambda: str(root / "film.mkv") in reports.settled)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are text")
async def test_a_name_that_is_not_utf8_leads_to_a_scan(tmp_path: Path) -> None:
    async with watching(tmp_path) as reports:
        (tmp_path / os.fsdecode(b"caf\xe9.mkv")).write_bytes(b"x")
        await reports.until(lambda: reports.has(RootLost))
        await reports.until(lambda: reports.has(RootFound))
        (tmp_path / "after.mkv").write_bytes(b"x")
        await reports.until(lambda: str(tmp_path / "after.mkv") in reports.settled)


def test_a_local_folder_is_not_on_the_network(tmp_path: Path) -> None:
    assert not is_on_network(str(tmp_path))
