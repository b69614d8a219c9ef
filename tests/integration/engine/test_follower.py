"""Following the jobs of some folders to their ends, told line by line."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from alchemist_desktop.app.core import Core
from alchemist_desktop.app.follower import Follower
from alchemist_desktop.app.requests import run_folders
from alchemist_desktop.domain.attempt import JobProgress
from alchemist_desktop.domain.errors import InvalidRequestError
from alchemist_desktop.domain.events import JobChanged, JobProgressed
from alchemist_desktop.domain.job import JobState, Phase
from alchemist_desktop.domain.wording import size
from tests.support.core import jobs_of, open_test_core, quick_settings
from tests.support.media import make_clip

pytestmark = pytest.mark.anyio


async def told(core: Core, folder: Path) -> tuple[list[str], int]:
    """The sentences of a run over `folder`, and how many files it says are not done."""
    lines: list[dict[str, Any]] = [line async for line in run_folders(core, [str(folder)])]
    return [line["text"] for line in lines if "text" in line], lines[-1]["failed"]


async def test_each_job_is_told_once_and_the_sums_at_the_end(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    make_clip(library / "good.mkv", duration_s=1)
    (library / "bad.mkv").write_bytes(b"this is no media file" * 50)
    async with open_test_core(tmp_path, quick_settings()) as core:
        texts, not_done = await told(core, library)
        again, still_not_done = await told(core, library)
        good = (await jobs_of(core))["good.mkv"]
        details = await core.services.jobs.details(good.id)
        (saved_bytes,) = {
            job.stamp.size_bytes - (job.output_size_bytes or 0) for job in (await jobs_of(core)).values() if job.encoder
        }
    assert texts[0].endswith("2 media files, 2 new")
    assert sorted(text.split("] ")[1][:18] for text in texts[1:3]) == ["completed  good.mk", "failed     bad.mkv"]
    assert any(text.endswith(f"job {good.id})") for text in texts[1:3])
    assert texts[3] == f"Done: 1 completed, 1 failed. Smaller by {size(saved_bytes)}; originals are kept."
    assert (details.is_original_kept, details.can_undo) == (True, False)
    assert (not_done, len(texts)) == (1, 4)
    assert (again[-1], still_not_done) == (texts[3], 1)


async def test_it_does_not_wait_for_an_engine_that_is_paused(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    make_clip(library / "film.mkv", duration_s=1)
    async with open_test_core(tmp_path, quick_settings()) as core:
        await core.services.engine.pause()
        texts, not_done = await told(core, library)
    assert texts[-2:] == ["The engine is paused.", "Done: 1 queued."]
    assert not_done == 1


async def test_it_does_not_wait_for_a_volume_that_is_full(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    make_clip(library / "film.mkv", duration_s=1)
    async with open_test_core(tmp_path, quick_settings(system={"min_free_space_gb": 1_000_000})) as core:
        texts, not_done = await told(core, library)
    assert "GiB must remain" in texts[-2]
    assert not_done == 1


async def test_passing_values_name_the_file(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    make_clip(library / "film.mkv", duration_s=1)
    async with open_test_core(tmp_path, quick_settings(), start=False) as core:
        await core.scanner.scan_folder(str(library))
        job = (await jobs_of(core))["film.mkv"]
        with Follower(core, [str(library)]) as follower:
            core.bus.publish(JobChanged(job=replace(job, state=JobState.ENCODING), state_changed=True))
            core.bus.publish(JobProgressed(progress=JobProgress(job_id=job.id, phase=Phase.ENCODING, percent=40.0, speed=2.0)))
            line = await anext(follower.lines())
    assert line == {"progress": "film.mkv 40 % 2.0x"}


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="needs rights that can be missing")
async def test_a_folder_without_rights_is_not_an_empty_one(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir(mode=0o000)
    async with open_test_core(tmp_path, quick_settings(), start=False) as core:
        with pytest.raises(InvalidRequestError, match="cannot be read"):
            await told(core, library)
