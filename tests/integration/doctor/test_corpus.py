"""The doctor over the corpus of hard files: what is damaged is found at the depth that can find it, what is whole is not accused."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.domain.health import Depth, HealthCategory, HealthIssue
from alchemist_desktop.media.doctor import FileDoctor
from alchemist_desktop.media.probe import ProbePool
from alchemist_desktop.media.qprocess import QtProcessRunner
from tests.support.bitstreams import flip_bits
from tests.support.corpus import all_recipes, build_corpus
from tests.support.corpus_containers import AAC, SVT_AV1, VP9, X265
from tests.support.corpus_recipe import X264
from tests.support.media import ffmpeg_path, make_clip, run_ffmpeg

pytestmark = pytest.mark.anyio

CUT, FILE, PICTURE = HealthCategory.TRUNCATED_FILE, HealthCategory.CORRUPT_FILE, HealthCategory.CORRUPT_VIDEO
# What is wrong with a file of the corpus, by the depth of the check; None where that depth cannot know.
DAMAGED: dict[str, tuple[HealthCategory | None, ...]] = {
    "cut.mkv": (CUT, CUT, CUT, CUT),
    "cut.mp4": (CUT, CUT, CUT, CUT),
    "cut index first.mp4": (CUT, CUT, CUT, CUT),
    "cut.avi": (CUT, CUT, CUT, CUT),
    "cut.ts": (None, None, CUT, CUT),  # a transport stream announces no length
    "preallocated.mkv": (CUT, CUT, CUT, CUT),
    "header only.mkv": (CUT, CUT, CUT, CUT),
    "flipped.mkv": (None, FILE, PICTURE, PICTURE),  # its checksums tell before a decoder does
    "flipped.ts": (None, None, PICTURE, PICTURE),
    "empty.mkv": (FILE, FILE, FILE, FILE),
    "one byte.mp4": (FILE, FILE, FILE, FILE),
    "zeros.mkv": (FILE, FILE, FILE, FILE),
    "text.mkv": (FILE, FILE, FILE, FILE),
}
# Bits were changed, but into another valid picture: no decoder complains, and MP4 has no checksums.
BEYOND_PROOF = frozenset({"slightly flipped.mp4"})
NO_FILE = frozenset({"folder.mkv", "dangling.mkv"})
WHOLE = [recipe.name for recipe in all_recipes() if recipe.name not in {*DAMAGED, *NO_FILE}]


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("corpus")
    return {file.name: file.path for file in build_corpus(folder)}


@pytest.fixture
async def doctor(anyio_backend: object) -> AsyncIterator[FileDoctor]:
    pool = ProbePool(workers=2, timeout_s=60.0)
    yield FileDoctor(QtProcessRunner(), ffmpeg_path(), pool)
    pool.close()


async def examine_all(doctor: FileDoctor, paths: dict[str, Path], depth: Depth) -> dict[str, HealthIssue | None]:
    turns = asyncio.Semaphore(2)

    async def one(path: Path) -> HealthIssue | None:
        async with turns:
            return await doctor.examine(str(path), depth)

    return dict(zip(paths, await asyncio.gather(*map(one, paths.values())), strict=True))


@pytest.mark.parametrize("depth", Depth)
async def test_damage_is_found_at_the_depth_that_can_find_it(corpus: dict[str, Path], doctor: FileDoctor, depth: Depth) -> None:
    found = await examine_all(doctor, {name: corpus[name] for name in DAMAGED}, depth)
    assert {name: issue and issue.category for name, issue in found.items()} == {
        name: expected[depth.rank] for name, expected in DAMAGED.items()
    }
    assert all(issue is None or (issue.summary and issue.advice) for issue in found.values())


@pytest.mark.parametrize("depth", Depth)
async def test_no_whole_file_is_accused(corpus: dict[str, Path], doctor: FileDoctor, depth: Depth) -> None:
    found = await examine_all(doctor, {name: corpus[name] for name in WHOLE}, depth)
    assert len(found) > 100
    assert found.keys() >= BEYOND_PROOF
    assert {ascii(name): issue for name, issue in found.items() if issue is not None} == {}


async def test_of_a_file_that_is_gone_nothing_is_said(corpus: dict[str, Path], doctor: FileDoctor) -> None:
    with pytest.raises(KnownError) as caught:
        await doctor.examine(str(corpus["dangling.mkv"]), Depth.HEADER)
    assert caught.value.code == "HEALTH_CHECK_FAILED"


@pytest.mark.parametrize("video", [X264, X265, SVT_AV1, VP9], ids=["h264", "hevc", "av1", "vp9"])
async def test_two_flipped_bits_are_found_by_checksums_whatever_the_decoder_hides(
    tmp_path: Path, doctor: FileDoctor, video: tuple[str, ...]
) -> None:
    whole = make_clip(tmp_path / "whole.mkv", duration_s=2.0, video=video, audio=AAC)
    flipped = tmp_path / "flipped.mkv"
    flipped.write_bytes(flip_bits(whole.read_bytes(), count=2, seed=3))
    assert await doctor.examine(str(whole), Depth.PACKETS) is None
    assert await doctor.examine(str(flipped), Depth.HEADER) is None
    issue = await doctor.examine(str(flipped), Depth.PACKETS)
    assert issue is not None
    assert issue.category is FILE
    assert "checksum" in issue.summary
    deepest = await doctor.examine(str(flipped), Depth.FULL)
    assert deepest is not None
    assert deepest.category in {FILE, PICTURE, HealthCategory.CORRUPT_AUDIO}


async def test_damaged_sound_is_told_from_a_damaged_picture(tmp_path: Path, doctor: FileDoctor) -> None:
    whole = make_clip(
        tmp_path / "whole.mkv", duration_s=2.0, size="64x36", video=(*X264[:4], "-crf", "51"), audio=("-c:a", "flac")
    )
    flipped = tmp_path / "flipped.mkv"
    flipped.write_bytes(flip_bits(whole.read_bytes(), count=30, seed=2, keep_start=0.3))
    issue = await doctor.examine(str(flipped), Depth.FULL)
    assert issue is not None
    assert issue.category is HealthCategory.CORRUPT_AUDIO, issue.raw_output


async def test_samples_of_a_long_film_find_damage_where_they_look_and_accuse_nobody_else(
    tmp_path: Path, doctor: FileDoctor
) -> None:
    whole = make_clip(tmp_path / "whole.ts", duration_s=60.0, size="64x36", fps="10", video=X264)
    data = whole.read_bytes()
    middle, early = tmp_path / "middle.ts", tmp_path / "early.ts"
    middle.write_bytes(flip_bits(data, count=200, seed=1, keep_start=0.5, keep_end=0.45))
    early.write_bytes(flip_bits(data, count=200, seed=1, keep_start=0.2, keep_end=0.75))
    assert await doctor.examine(str(whole), Depth.SAMPLE) is None
    found = await doctor.examine(str(middle), Depth.SAMPLE)
    assert found is not None
    assert found.category in {PICTURE, HealthCategory.CORRUPT_AUDIO}
    assert await doctor.examine(str(early), Depth.SAMPLE) is None  # between the samples
    assert await doctor.examine(str(early), Depth.FULL) is not None


async def test_a_cancelled_check_leaves_no_ffmpeg_behind(tmp_path: Path, doctor: FileDoctor) -> None:
    clip, film = make_clip(tmp_path / "clip.mkv", duration_s=1.0, size="640x360", video=X264), tmp_path / "film.mkv"
    run_ffmpeg(["-stream_loop", "100", "-i", clip, "-c", "copy", film])

    def decoders() -> list[psutil.Process]:
        children = psutil.Process().children(recursive=True)
        return [child for child in children if child.name().startswith("ffmpeg")]

    task = asyncio.create_task(doctor.examine(str(film), Depth.FULL))
    async with asyncio.timeout(60):
        while not decoders() and not task.done():
            await asyncio.sleep(0.005)
    assert decoders()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert decoders() == []


AS_NOBODY = """
import asyncio, os, sys
from PySide6.QtCore import QCoreApplication
from alchemist_desktop.app.loop import make_loop
from alchemist_desktop.domain.health import Depth
from alchemist_desktop.media.doctor import FileDoctor
from alchemist_desktop.media.qprocess import QtProcessRunner

async def main():
    issue = await FileDoctor(QtProcessRunner(), "ffmpeg", None).examine(sys.argv[1], Depth.FULL)
    print(issue.category)

if os.geteuid() == 0:
    os.setgroups([])
    os.setuid(65534)
with asyncio.Runner(loop_factory=lambda app=QCoreApplication([]): make_loop(app)) as runner:
    runner.run(main())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="modes do not keep anybody from reading there")
def test_a_file_that_must_not_be_read_is_told_as_such(tmp_path: Path) -> None:
    secret = Path("/tmp") / f"{tmp_path.parent.name}-{tmp_path.name}-secret.mkv"  # where any user may come
    make_clip(tmp_path / "film.mkv", duration_s=0.4).rename(secret)
    try:
        secret.chmod(0)
        argv = [sys.executable, "-c", AS_NOBODY, str(secret)]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, "HOME": "/tmp"})
    finally:
        secret.unlink()
    assert done.stdout.strip() == "permission_error", done.stderr
