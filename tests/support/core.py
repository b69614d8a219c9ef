"""The whole program below its faces, inside a test: real database, real FFmpeg, the Qt loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from alchemist_desktop.app.core import Core, open_core
from alchemist_desktop.app.lifetime import running_engine
from alchemist_desktop.app.options import Options
from alchemist_desktop.app.paths import Paths
from alchemist_desktop.domain.events import Event, Published
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.domain.queries import JobQuery
from alchemist_desktop.domain.settings import Settings

LIMIT_S = 120.0


def quick_settings(**sections: dict[str, object]) -> Settings:
    """Settings under which every small clip is worth encoding, and quickly; `sections` change members."""
    base: dict[str, dict[str, object]] = {
        "transcode": {
            "min_file_size_mb": 0,
            "size_reduction_threshold": 0.0,
            "min_bpp_threshold": 0.0,
            "predict_size": False,
            "output_codec": "hevc",
            "quality_profile": "speed",
        },
        "hardware": {"cpu_preset": "faster"},
        "system": {"min_free_space_gb": 0},
    }
    for name, members in sections.items():
        base[name] = {**base.get(name, {}), **members}
    return Settings.model_validate(base)


@asynccontextmanager
async def open_test_core(home: Path, settings: Settings, *, start: bool = True) -> AsyncIterator[Core]:
    """A core whose files lie in `home`; with `start` its engine works."""
    options = Options(
        config_path=str(home / "config.toml"), data_dir=str(home / "data"), temp_dir=str(home / "temp"), is_headless=True
    )
    paths = Paths.from_options(options)
    async with open_core(options, paths, settings) as core:
        if start:
            async with running_engine(core, watch=False):
                yield core
        else:
            yield core


async def jobs_of(core: Core) -> dict[str, Job]:
    """Every job by the name of its source."""
    jobs = await core.parts.stores.jobs.find(JobQuery(limit=None))
    return {Path(job.input_path).name: job for job in jobs}


async def process(core: Core, folder: Path) -> dict[str, Job]:
    """Scan `folder`, wait until every job has ended, and return them by name."""
    await core.scanner.scan_folder(str(folder))
    core.engine.wake()
    await until(core, lambda jobs: all(job.state.is_terminal or job.not_before is not None for job in jobs.values()))
    await until(core, lambda _: core.engine.status.active_jobs == 0)  # until then the last attempt is not on record
    return await jobs_of(core)


async def until(core: Core, is_reached: Callable[[dict[str, Job]], bool]) -> dict[str, Job]:
    """Wait for the job list to come to some state; fails after two minutes with what it was then."""
    try:
        async with asyncio.timeout(LIMIT_S):
            while not is_reached(jobs := await jobs_of(core)):
                await asyncio.sleep(0.05)
            return jobs
    except TimeoutError:
        states = {name: str(job.state) for name, job in (await jobs_of(core)).items()}
        raise AssertionError(f"the jobs stayed at {states}") from None


async def until_state(core: Core, name: str, *states: JobState) -> Job:
    """Wait until the job of the file `name` is in one of `states`."""
    jobs = await until(core, lambda jobs: name in jobs and jobs[name].state in states)
    return jobs[name]


def collect(core: Core) -> list[Event]:
    """Every fact from now on."""
    facts: list[Event] = []

    def take(published: Published) -> None:
        if isinstance(published.event, Event):
            facts.append(published.event)

    core.bus.subscribe(take)
    return facts
