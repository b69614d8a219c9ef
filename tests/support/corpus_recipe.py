"""What a recipe for one hard file is, and the few ways in which recipes build their file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from alchemist_desktop.domain.job import JobState
from tests.support.media import make_clip, run_ffmpeg

Build = Callable[[Path, Path], None]
"""Writes the file to the first path; the second is an empty folder for things needed on the way."""

DONE = frozenset({JobState.COMPLETED})
SKIPPED = frozenset({JobState.SKIPPED})
FAILED = frozenset({JobState.FAILED})
NO_JOB: frozenset[JobState] = frozenset()

X264 = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", "-pix_fmt", "yuv420p")
PICTURE = ("-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=1.2,noise=alls=12:allf=t")
TONE = ("-f", "lavfi", "-i", "sine=f=440:d=1.2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One file of the corpus: its name below the corpus folder, how to make it, how its job may end, and why it is here."""

    name: str
    build: Build
    expect: frozenset[JobState]
    why: str


def clip(
    video: Sequence[str] = X264,
    audio: Sequence[str] | None = ("-c:a", "aac", "-b:a", "96k"),
    extra: Sequence[str] = (),
    *,
    duration_s: float = 1.2,
    size: str = "320x180",
    fps: str = "25",
) -> Build:
    """The usual moving picture and tone, encoded as told."""

    def build(out: Path, bench: Path) -> None:
        make_clip(out, duration_s=duration_s, size=size, fps=fps, video=video, audio=audio, extra=extra)

    return build


def ffmpeg(*args: str) -> Build:
    """FFmpeg with these arguments and the file as its output."""

    def build(out: Path, bench: Path) -> None:
        run_ffmpeg([*args, out])

    return build


def damaged(make: Build, damage: Callable[[bytes], bytes], *, suffix: str) -> Build:
    """What `make` writes into a file with this suffix, passed through `damage`."""

    def build(out: Path, bench: Path) -> None:
        whole = bench / f"whole{suffix}"
        make(whole, bench)
        out.write_bytes(damage(whole.read_bytes()))

    return build


def content(data: bytes) -> Build:
    """These very bytes."""

    def build(out: Path, bench: Path) -> None:
        out.write_bytes(data)

    return build
