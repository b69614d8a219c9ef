"""Finds the FFmpeg to use and asks it what it was built with."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import imageio_ffmpeg

from alchemist_desktop.domain.capability import FfmpegInfo
from alchemist_desktop.domain.errors import KnownError

_ANSWER_LIMIT_S = 10.0
# A line of `-encoders` or `-filters`: flags, name, description.
_LISTED = re.compile(r"^ (?P<flags>[A-Z.]{2,6}) (?P<name>[^\s=]+) +\S", re.MULTILINE)


def find_ffmpeg(configured: str | None) -> FfmpegInfo:
    """The configured FFmpeg if one is named, else the one that came along, else the one on PATH.

    Blocks for some tens of milliseconds. Raises KnownError (FFMPEG_NOT_FOUND) with what was tried; a configured FFmpeg that
    does not run is not silently replaced by another.
    """
    failures = []
    for path in [configured] if configured else _candidates():
        try:
            return _ask(path)
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            failures.append(f"{path}: {error}")
    tried = "; ".join(failures) or "none was found"
    hint = "Correct the path to FFmpeg in the hardware settings" if configured else "Install FFmpeg, or name its path"
    raise KnownError(f"No FFmpeg could be started ({tried}). {hint}.", code="FFMPEG_NOT_FOUND", path=configured)


def _candidates() -> Iterator[str]:
    bundled = _bundled()
    if bundled is not None:
        yield bundled
    on_path = shutil.which("ffmpeg")
    if on_path is not None:
        yield on_path


def _bundled() -> str | None:
    """The executable inside the imageio-ffmpeg package, which some platforms' packages lack."""
    folder = Path(imageio_ffmpeg.__file__).parent / "binaries"
    found = sorted(path for path in folder.glob("ffmpeg-*") if path.is_file())
    return str(found[0]) if found else None


def _ask(path: str) -> FfmpegInfo:
    absolute = shutil.which(path)
    if absolute is None:
        raise ValueError("there is no such program")
    version = _answer(absolute, "-version").partition("\n")[0].strip()
    if not version.startswith("ffmpeg version"):
        raise ValueError("it is not FFmpeg")
    return FfmpegInfo(
        path=str(Path(absolute).absolute()),
        version=version,
        encoders=_listed(_answer(absolute, "-encoders")),
        filters=_listed(_answer(absolute, "-filters")),
    )


def _answer(path: str, question: str) -> str:
    done = subprocess.run(
        [path, "-hide_banner", question],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=_ANSWER_LIMIT_S,
        check=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),  # Windows: no console flashes up,
    )
    return done.stdout.decode(errors="replace")


def _listed(text: str) -> frozenset[str]:
    """The names in a listing; the legend above it has `=` in place of a name."""
    return frozenset(match["name"] for match in _LISTED.finditer(text))
