"""Recipes for the corpus: files that are cut, flipped, unfinished, mislabelled or no media at all."""

import shutil
import subprocess
from functools import partial
from pathlib import Path

from tests.support.bitstreams import flip_bits, zero_tail
from tests.support.corpus_containers import AC3
from tests.support.corpus_recipe import DONE, FAILED, NO_JOB, PICTURE, SKIPPED, TONE, X264, Recipe, clip, content, damaged, ffmpeg
from tests.support.media import ffmpeg_path, make_clip

LONG = clip(duration_s=8.0, size="160x90")  # half of it is more than the tolerance for a missing end


def recipes() -> list[Recipe]:
    return [*_cut(), *_broken(), *_unfinished(), *_mislabelled(), *_no_file()]


def _half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def _cut() -> list[Recipe]:
    index_first = clip(duration_s=8.0, size="160x90", extra=("-movflags", "+faststart"))
    return [
        Recipe(
            name="cut.mkv",
            build=damaged(LONG, _half, suffix=".mkv"),
            expect=FAILED,
            why="the header announces the full length, half is there",
        ),
        Recipe(
            name="cut.mp4",
            build=damaged(LONG, _half, suffix=".mp4"),
            expect=FAILED,
            why="the index at the end is gone",
        ),
        Recipe(
            name="cut index first.mp4",
            build=damaged(index_first, _half, suffix=".mp4"),
            expect=FAILED,
            why="the index lists samples that are not there",
        ),
        Recipe(
            name="cut.avi",
            build=damaged(LONG, _half, suffix=".avi"),
            expect=FAILED | DONE,
            why="the index at the end is gone; the header still announces every frame",
        ),
        Recipe(
            name="cut.ts",
            build=damaged(LONG, _half, suffix=".ts"),
            expect=DONE | FAILED,
            why="a transport stream announces no length, so a cut recording is simply shorter",
        ),
        Recipe(
            name="preallocated.mkv",
            build=damaged(LONG, partial(zero_tail, keep=0.5), suffix=".mkv"),
            expect=FAILED,
            why="a download that stopped: full size, zeros at the end",
        ),
        Recipe(
            name="header only.mkv",
            build=damaged(LONG, lambda data: data[:600], suffix=".mkv"),
            expect=FAILED | SKIPPED,
            why="nothing but the header",
        ),
    ]


def _broken() -> list[Recipe]:
    flips = partial(flip_bits, count=40, seed=7)
    few = partial(flip_bits, count=2, seed=5)
    return [
        Recipe(
            name="flipped.mkv",
            build=damaged(LONG, flips, suffix=".mkv"),
            expect=FAILED | DONE,
            why="many flipped bits in the payload",
        ),
        Recipe(
            name="flipped.ts",
            build=damaged(LONG, flips, suffix=".ts"),
            expect=FAILED | DONE,
            why="bad reception",
        ),
        Recipe(
            name="slightly flipped.mp4",
            build=damaged(LONG, few, suffix=".mp4"),
            expect=FAILED | DONE,
            why="two flipped bits in the payload",
        ),
        Recipe(
            name="garbage at the end.mkv",
            build=damaged(clip(), lambda data: data + b"\xde\xad\xbe\xef" * 4000, suffix=".mkv"),
            expect=DONE | FAILED,
            why="the film is whole, something else follows",
        ),
        Recipe(
            name="garbage before.ts",
            build=damaged(clip(), lambda data: b"\x00\x47junk" * 50 + data, suffix=".ts"),
            expect=DONE | FAILED,
            why="the recording starts in the middle of a packet",
        ),
    ]


def _unfinished() -> list[Recipe]:
    fragments = ("-movflags", "+frag_keyframe+empty_moov+default_base_moof", "-g", "10")
    return [
        Recipe(name="no duration.mkv", build=_through_pipe, expect=DONE, why="written to a pipe: no length, no index"),
        Recipe(
            name="no duration.flv",
            build=clip(extra=("-flvflags", "no_duration_filesize")),
            expect=DONE,
            why="a recorded stream without a length",
        ),
        Recipe(
            name="fragmented.mp4",
            build=ffmpeg(*PICTURE, *TONE, *X264, "-c:a", "aac", *fragments),
            expect=DONE,
            why="fragmented MP4",
        ),
    ]


def _through_pipe(out: Path, bench: Path) -> None:
    argv = [ffmpeg_path(), "-nostdin", "-v", "error", *PICTURE, *TONE, *X264, *AC3, "-f", "matroska", "pipe:1"]
    with out.open("wb") as sink:
        subprocess.run(argv, stdout=sink, check=True)


def _mislabelled() -> list[Recipe]:
    jpeg = ffmpeg("-f", "lavfi", "-i", "testsrc=s=320x180", "-frames:v", "1", "-f", "image2")
    return [
        Recipe(name="empty.mkv", build=content(b""), expect=FAILED, why="no bytes"),
        Recipe(name="one byte.mp4", build=content(b"\0"), expect=FAILED, why="one byte"),
        Recipe(name="zeros.mkv", build=content(bytes(200_000)), expect=FAILED, why="only zeros"),
        Recipe(name="text.mkv", build=content(b"This is no film.\n" * 500), expect=FAILED | SKIPPED, why="a text file"),
        Recipe(name="photo.mp4", build=jpeg, expect=FAILED | SKIPPED, why="a JPEG with a film's extension"),
        Recipe(name="really matroska.avi", build=_matroska_as_avi, expect=DONE, why="the extension lies about the container"),
    ]


def _matroska_as_avi(out: Path, bench: Path) -> None:
    shutil.copy(make_clip(bench / "film.mkv", duration_s=1.2), out)


def _no_file() -> list[Recipe]:
    return [
        Recipe(
            name="folder.mkv",
            build=lambda out, bench: out.mkdir(),
            expect=NO_JOB,
            why="a folder with a film's extension",
        ),
        Recipe(
            name="dangling.mkv",
            build=lambda out, bench: out.symlink_to("nowhere.mkv"),
            expect=NO_JOB,
            why="a link to a file that is gone",
        ),
    ]
