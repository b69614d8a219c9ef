"""A scan of a library in which nothing changed costs one look at each file, and no more."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from alchemist_desktop.domain.job import JobState
from tests.support.core import jobs_of, open_test_core, process, quick_settings
from tests.support.media import make_clip
from tests.support.opens import watched_opens

pytestmark = pytest.mark.anyio


def _library(tmp_path: Path) -> Path:
    library = tmp_path / "library"
    (library / "series").mkdir(parents=True)
    first = make_clip(library / "a.mkv", duration_s=0.5)
    for name in ("b.mkv", "series/c.mkv", "series/d.mkv"):
        shutil.copyfile(first, library / name)
    return library


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who opens files of other processes")
async def test_no_media_file_is_opened_when_nothing_changed(tmp_path: Path) -> None:
    library = _library(tmp_path)
    settings = quick_settings(transcode={"min_file_size_mb": 50})
    async with open_test_core(tmp_path / "home", settings) as core:
        with watched_opens(library) as opened:
            jobs = await process(core, library)
            assert {job.state for job in jobs.values()} == {JobState.SKIPPED}
            assert opened() == {"a.mkv", "b.mkv", "c.mkv", "d.mkv"}
            status = await core.scanner.scan_folder(str(library))
            await process(core, library)
            assert (status.files_found, status.files_added) == (4, 0)
            assert opened() == set()
            os.utime(library / "b.mkv", ns=(1, 1))
            await process(core, library)
            assert opened() == {"b.mkv"}


async def test_every_file_counts_as_found_whether_it_changed_or_not(tmp_path: Path) -> None:
    library = _library(tmp_path)
    async with open_test_core(tmp_path / "home", quick_settings(), start=False) as core:
        first = await core.scanner.scan_folder(str(library))
        shutil.copyfile(library / "a.mkv", library / "new.mkv")
        (library / "series/c.mkv").unlink()
        second = await core.scanner.scan_folder(str(library))
    assert (first.files_found, first.files_added) == (4, 4)
    assert (second.files_found, second.files_added) == (4, 1)


async def test_what_a_scan_could_not_look_into_is_counted(tmp_path: Path) -> None:
    library = _library(tmp_path)
    (library / "turning").symlink_to("turning")
    settings = quick_settings(scanner={"follow_symlinks": True})
    async with open_test_core(tmp_path / "home", settings, start=False) as core:
        assert (await core.scanner.scan_folder(str(library))).unreadable == 1
        assert (await core.scanner.scan_folder(str(tmp_path / "not mounted"))).unreadable == 1
        assert (await core.scanner.scan_folder(str(library / "series"))).unreadable == 0


async def test_a_result_beside_its_source_is_known_by_its_size_until_it_changes(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    make_clip(library / "a.mp4", duration_s=0.5)
    settings = quick_settings(files={"output_suffix": "-small"})
    renamed = quick_settings(files={"output_suffix": "-new"})  # under which the name of the result says nothing any more
    async with open_test_core(tmp_path / "home", settings) as core:
        jobs = await process(core, library)
        assert jobs["a.mp4"].state is JobState.COMPLETED
    async with open_test_core(tmp_path / "home", renamed, start=False) as core:
        assert await core.parts.stores.jobs.result_sizes(str(library)) == {
            str(library / "a-small.mkv"): (library / "a-small.mkv").stat().st_size
        }
        status = await core.scanner.scan_folder(str(library))
        assert (status.files_found, status.files_added) == (2, 0)
        with (library / "a-small.mkv").open("ab") as result:
            result.write(b"x")
        assert (await core.scanner.scan_folder(str(library))).files_added == 1
        assert set(await jobs_of(core)) == {"a.mp4", "a-small.mkv"}
