"""The analysis pass: decisions ahead of their turn, also while the engine is paused."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from alchemist_desktop.app.core import Core
from alchemist_desktop.domain.events import DecisionMade, JobChanged
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.engine.analysis import AnalysisPass
from tests.support.core import collect, jobs_of, open_test_core, quick_settings, until
from tests.support.media import make_clip

pytestmark = pytest.mark.anyio

HEVC = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error", "-pix_fmt", "yuv420p")


@asynccontextmanager
async def analysing(core: Core) -> AsyncIterator[None]:
    task = asyncio.create_task(AnalysisPass(core.parts, core.engine).keep())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def make_library(folder: Path) -> Path:
    folder.mkdir()
    make_clip(folder / "encode.mkv", duration_s=1)
    make_clip(folder / "skip.mkv", duration_s=1, video=HEVC)
    (folder / "broken.mkv").write_bytes(b"no film" * 100)
    return folder


async def test_a_paused_engine_still_knows_what_it_would_do(tmp_path: Path) -> None:
    library = make_library(tmp_path / "library")
    async with open_test_core(tmp_path, quick_settings()) as core:
        await core.services.engine.pause()
        facts = collect(core)
        async with analysing(core):
            await core.scanner.scan_folder(str(library))
            jobs = await until(
                core, lambda jobs: jobs["encode.mkv"].decision is not None and jobs["broken.mkv"].state.is_terminal
            )
            jobs = await until(core, lambda jobs: not any(job.state.is_active for job in jobs.values()))
    assert {name: job.state for name, job in jobs.items()} == {
        "encode.mkv": JobState.QUEUED,
        "skip.mkv": JobState.SKIPPED,
        "broken.mkv": JobState.FAILED,
    }
    assert jobs["encode.mkv"].duration_s == pytest.approx(1.0, abs=0.1)
    assert sum(isinstance(fact, DecisionMade) for fact in facts) == 2
    told = [fact.job.state for fact in facts if isinstance(fact, JobChanged) and fact.state_changed]
    assert sorted(told) == sorted([JobState.ANALYZING] * 3 + [JobState.QUEUED, JobState.SKIPPED, JobState.FAILED])
    assert sorted(path.name for path in library.iterdir()) == ["broken.mkv", "encode.mkv", "skip.mkv"]


async def test_analysis_and_engine_share_a_queue_without_losing_a_job(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    clip = make_clip(tmp_path / "clip.mkv", duration_s=0.4, size="64x64")
    for number in range(15):
        shutil.copy(clip, library / f"{number}.mkv")
    async with open_test_core(tmp_path, quick_settings()) as core, analysing(core):
        await core.scanner.scan_folder(str(library))
        core.engine.wake()
        jobs = await until(core, lambda jobs: all(job.state.is_terminal for job in jobs.values()))
    assert [job.state for job in jobs.values()] == [JobState.COMPLETED] * 15
    assert [job.attempt_count for job in jobs.values()] == [1] * 15


async def test_an_analysed_job_can_be_cancelled(tmp_path: Path) -> None:
    library = make_library(tmp_path / "library")
    async with open_test_core(tmp_path, quick_settings()) as core:
        await core.services.engine.pause()
        await core.scanner.scan_folder(str(library))
        job = (await jobs_of(core))["encode.mkv"]
        assert await core.parts.stores.jobs.transition(job.id, JobState.ANALYZING) is not None
        assert await core.services.jobs.cancel(job.id)
        assert (await jobs_of(core))["encode.mkv"].state is JobState.CANCELLED
        assert not await core.services.jobs.cancel(job.id)
