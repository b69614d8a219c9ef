"""The job table at a million rows against the same table at a hundred: both should feel alike."""

import asyncio
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from alchemist_desktop.app.loop import make_loop
from alchemist_desktop.domain.attempt import JobProgress
from alchemist_desktop.domain.events import JobListChanged
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Phase
from alchemist_desktop.ui.main_window import MainWindow
from alchemist_desktop.ui.options import UiOptions
from alchemist_desktop.ui.pages.queue import QueuePage
from tests.bench.harness import Result, best_s
from tests.bench.screen import application
from tests.ui.support import RESOURCES, VastJobs, World, make_world, until

MANY, FEW = 1_000_000, 100
ROUNDS = 15
HITCH_ROUNDS = 3  # the worst of the best: one disturbance from outside is no fault of ours
TICK_S = 0.005
LONGEST_HITCH_MS = 50.0  # three frames: less is not noticed


def run() -> Sequence[Result]:
    app = application()
    with asyncio.Runner(loop_factory=lambda: make_loop(app)) as runner, TemporaryDirectory() as folder:
        few, _ = runner.run(_measure(FEW, Path(folder)))
        many, hitch_ms = runner.run(_measure(MANY, Path(folder)))
    results = [Result(name=f"job table: {name}", unit="ms", ours=many[name], yardstick=few[name], at_most=2.0) for name in few]
    hitch = Result(name="job table: worst hitch, new order", unit="ms", ours=hitch_ms, yardstick=LONGEST_HITCH_MS, at_most=1.0)
    return [*results, hitch]


async def _measure(count: int, folder: Path) -> tuple[dict[str, float], float]:
    """Milliseconds of what a person does with the table, and the worst hitch while a new order arrives."""
    world = make_world(vast=count)
    options = UiOptions(settings_file=folder / f"{count}.ini", resources=RESOURCES, use_tray=False)
    window = MainWindow(world.services, world.events, options)
    window.show()
    page = window.page(0)
    assert isinstance(page, QueuePage)
    await until(lambda: page.model.rowCount() == count and page.model.job_at(0))
    work: dict[str, Callable[[], object]] = {
        "paint": lambda: page.view.viewport().grab(),
        "jump and paint": lambda: _jump(page),
        "progress of one row": lambda: _move(page),
    }
    times = {name: best_s(each, rounds=ROUNDS) * 1000 for name, each in work.items()}
    hitch_ms = min([await _worst_hitch_ms(world, page) for _ in range(HITCH_ROUNDS)])
    window.shut_down()
    return times, hitch_ms


def _jump(page: QueuePage) -> None:
    bar = page.view.verticalScrollBar()
    bar.setValue(bar.maximum() if bar.value() == 0 else 0)
    page.view.viewport().grab()


def _move(page: QueuePage) -> None:
    job = page.model.job_at(0)
    assert job is not None
    page.model.set_progress(JobProgress(job_id=job.id, phase=Phase.ENCODING, percent=50.0))
    page.view.viewport().grab()


async def _worst_hitch_ms(world: World, page: QueuePage) -> float:
    """How late a short timer fires at worst while the order is read anew and rows far apart have changed places."""
    service = world.jobs
    assert isinstance(service, VastJobs)
    ids = service.ids.copy()
    ids[0], ids[-1], ids[len(ids) // 2] = ids[-1], ids[len(ids) // 2], JobId(ids[0])
    service.ids, service.newest_first = ids, ids[::-1]
    page.view.selectRow(1)
    shown = page.model.ids
    world.events.publish(JobListChanged())
    worst_s, before = 0.0, time.perf_counter()
    while page.model.ids is shown:
        await asyncio.sleep(TICK_S)
        now = time.perf_counter()
        worst_s, before = max(worst_s, now - before - TICK_S), now
    return worst_s * 1000


if __name__ == "__main__":
    from tests.bench.harness import report

    print(report(run()))
