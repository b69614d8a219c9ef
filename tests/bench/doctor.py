"""How soon a health check of 10,000 files ends when it is cancelled, at each stage and depth."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication

from alchemist_desktop.app.core import Core
from alchemist_desktop.app.loop import make_loop
from alchemist_desktop.domain.health import Depth
from alchemist_desktop.domain.settings import Scanner, Settings
from tests.bench.harness import Result
from tests.support.core import open_test_core
from tests.support.media import make_clip

FILES = 10_000
MOST_S = 1.0
_EXAMINED = 60  # files before the cancel comes
_LISTING_S = 0.02  # after the start; listing so many files takes several times that


def run() -> Sequence[Result]:
    application = QCoreApplication.instance() or QCoreApplication([])
    with tempfile.TemporaryDirectory() as folder, asyncio.Runner(loop_factory=lambda: make_loop(application)) as runner:
        library = Path(folder) / "library"
        _fill(library)
        times = runner.run(_measure(Path(folder), library))
    return [
        Result(name=f"doctor: cancel, {stage}", unit="s", ours=took_s, yardstick=MOST_S, at_most=1.0)
        for stage, took_s in times.items()
    ]


def _fill(library: Path) -> None:
    library.mkdir()
    clip = make_clip(library / "00000.mkv", duration_s=2.0)
    for number in range(1, FILES):
        folder = library / f"{number // 100:03}"
        folder.mkdir(exist_ok=True)
        shutil.copyfile(clip, folder / f"{number:05}.mkv")


async def _measure(home: Path, library: Path) -> dict[str, float]:
    settings = Settings(scanner=Scanner(directories=(str(library),)))
    async with open_test_core(home, settings, start=False) as core:
        times = {"listing": await _cancel_s(core, Depth.HEADER, lambda: asyncio.sleep(_LISTING_S))}
        for depth in Depth:
            times[str(depth)] = await _cancel_s(core, depth, lambda: _until_some_are_examined(core))
        await _go_on(core)
    return times


async def _until_some_are_examined(core: Core) -> None:
    while core.doctor.status.checked < _EXAMINED:
        await asyncio.sleep(0.005)


async def _cancel_s(core: Core, depth: Depth, until: Callable[[], Awaitable[None]]) -> float:
    core.doctor.start(depth, fresh=True)
    await until()
    start_s = time.perf_counter()
    await core.doctor.cancel()
    return time.perf_counter() - start_s


async def _go_on(core: Core) -> None:
    """The same depth again: what was stored counts and is not looked at twice."""
    stored = core.doctor.status.checked
    core.doctor.start(Depth.FULL)
    while not core.doctor.status.total:
        await asyncio.sleep(0.005)
    if core.doctor.status.total != FILES or core.doctor.status.checked < stored - 2:
        raise RuntimeError(f"the check began anew: {core.doctor.status}")
    await core.doctor.cancel()
