"""A small sample library, made on the spot: something to try the program with that nobody would miss."""

import subprocess
from pathlib import Path

from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.media.ffmpeg import find_ffmpeg

_FILM = "testsrc2=s=1280x720:r=25:d=8,noise=alls=18:allf=t"
_CLIPS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "Films/Test Pattern (2024)/Test Pattern (2024).mkv",
        ("-f", "lavfi", "-i", _FILM, "-f", "lavfi", "-i", "sine=f=330:d=8", "-c:v", "libx264", "-preset", "ultrafast",
         "-crf", "12", "-pix_fmt", "yuv420p", "-c:a", "flac", "-metadata:s:a:0", "language=eng"),
    ),
    (
        "Series/Signals/Season 01/Signals - s01e01 - Bars.mp4",
        ("-f", "lavfi", "-i", "smptehdbars=s=1280x720:r=24:d=8,noise=alls=25:allf=t", "-f", "lavfi", "-i", "sine=f=220:d=8",
         "-c:v", "mpeg4", "-q:v", "2", "-c:a", "aac"),
    ),
    (
        "Home Videos/2009-07 Holiday.avi",
        ("-f", "lavfi", "-i", "mandelbrot=s=640x480:r=25:end_scale=0.1,trim=duration=8,noise=alls=15:allf=t",
         "-c:v", "mjpeg", "-q:v", "3", "-pix_fmt", "yuvj420p", "-an"),
    ),
    (
        "Films/Already Small (2023)/Already Small (2023).mkv",
        ("-f", "lavfi", "-i", "testsrc2=s=1280x720:r=25:d=5", "-c:v", "libsvtav1", "-preset", "12", "-crf", "40", "-an"),
    ),
)  # fmt: skip


def make_demo_library(folder: Path) -> str:
    """Make the sample library in `folder`; files that are there already stay. Returns its path.

    Raises KnownError when FFmpeg cannot make a clip.
    """
    root = folder.expanduser().absolute()
    ffmpeg = find_ffmpeg(None).path
    for name, arguments in _CLIPS:
        clip = root / name
        if clip.exists():
            continue
        clip.parent.mkdir(parents=True, exist_ok=True)
        argv = [ffmpeg, "-hide_banner", "-nostdin", "-v", "error", "-y", *arguments, str(clip)]
        done = subprocess.run(argv, capture_output=True, check=False)
        if done.returncode != 0:
            raise KnownError(
                f"The sample clip {name} could not be made: {done.stderr.decode(errors='replace')[-300:]}", code="DEMO_FAILED"
            )
    return str(root)
