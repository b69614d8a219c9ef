"""Media files made at test time with the FFmpeg the program ships with."""

import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import imageio_ffmpeg


@cache
def ffmpeg_path() -> str:
    return str(imageio_ffmpeg.get_ffmpeg_exe())


def run_ffmpeg(args: Sequence[str | Path]) -> None:
    """Run FFmpeg with `args` (inputs, options, outputs); fails the test with FFmpeg's words when it fails."""
    argv = [ffmpeg_path(), "-hide_banner", "-nostdin", "-v", "error", "-y", *map(str, args)]
    done = subprocess.run(argv, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")


def make_clip(
    path: Path,
    *,
    duration_s: float = 2.0,
    size: str = "320x180",
    fps: str = "25",
    video: Sequence[str] = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "10", "-pix_fmt", "yuv420p"),
    audio: Sequence[str] | None = ("-c:a", "aac", "-b:a", "96k"),
    extra: Sequence[str] = (),
) -> Path:
    """A moving test picture (with noise, so that it costs bits) and a tone; `audio` None leaves the sound out."""
    args: list[str | Path] = ["-f", "lavfi", "-i", f"testsrc2=s={size}:r={fps}:d={duration_s},noise=alls=12:allf=t"]
    if audio is not None:
        args += ["-f", "lavfi", "-i", f"sine=f=440:d={duration_s}"]
    args += [*video]
    args += [*audio] if audio is not None else ["-an"]
    run_ffmpeg([*args, *extra, path])
    return path
