"""A scan of a library in which nothing changed, database included, against the barest walk that looks at every file."""

import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from alchemist_desktop.app.core import Core
from alchemist_desktop.domain.settings import Settings
from tests.bench.harness import Result
from tests.support.core import open_test_core

FILES = 100_000
FILES_PER_FOLDER = 20
ROUNDS = 7


def run() -> Sequence[Result]:
    with tempfile.TemporaryDirectory() as home:
        library = Path(home) / "library"
        make_tree(library)
        times = asyncio.run(_measure(Path(home) / "program", library))
    ours_s, bare_s = map(min, zip(*times, strict=True))
    return [Result(name="rescan of 100,000 files", unit="s", ours=ours_s, yardstick=bare_s, at_most=2.0)]


def make_tree(root: Path) -> None:
    for number in range(FILES):
        if number % FILES_PER_FOLDER == 0:
            folder = root / f"Series {number // 1000:03}" / f"Season {number // FILES_PER_FOLDER % 50:02}"
            folder.mkdir(parents=True)
        (folder / f"Episode {number:06} - A title of common length.mkv").touch()


async def _measure(home: Path, library: Path) -> list[tuple[float, float]]:
    """Seconds of our scan and of the bare walk, in turns."""
    async with open_test_core(home, Settings(), start=False) as core:
        first = await core.scanner.scan_folder(str(library))
        if first.files_added != FILES:
            raise RuntimeError(f"the first scan took in {first.files_added} of {FILES} files")
        return [(await _rescan_s(core, library), _bare_walk_s(library)) for _ in range(ROUNDS)]


async def _rescan_s(core: Core, library: Path) -> float:
    start = time.perf_counter()
    status = await core.scanner.scan_folder(str(library))
    elapsed_s = time.perf_counter() - start
    if (status.files_found, status.files_added) != (FILES, 0):
        raise RuntimeError(f"the scan met {status.files_found} files and took in {status.files_added}")
    return elapsed_s


def _bare_walk_s(library: Path) -> float:
    """Every folder listed and every file looked at, nothing else."""
    start = time.perf_counter()
    total = 0
    folders = [str(library)]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    folders.append(entry.path)
                else:
                    total += entry.stat().st_size
    return time.perf_counter() - start
