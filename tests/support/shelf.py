"""A library of small clips that is refilled again and again, and the proof that nothing on it was lost or half done."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av

from alchemist_desktop.domain.library import WORK_FOLDER
from tests.support.inventory import digest, frame_count
from tests.support.media import make_clip

# One whose result takes the very same name, and two whose result gets another one.
_SUFFIXES = (".mkv", ".mp4", ".avi")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One clip as it was put on the shelf."""

    path: Path
    sha256: str
    frames: int

    @property
    def result(self) -> Path:
        return self.path.with_suffix(".mkv")


class Shelf:
    """The library folder with all sources there ever were; results replace them in place, originals go to the trash."""

    def __init__(self, folder: Path, *, clip_s: float = 2.0, size: str = "320x180") -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        self.sources: list[Source] = []
        self._clip_s = clip_s
        self._size = size
        self._numbers: Iterator[int] = itertools.count()
        self._frames_of_results: dict[tuple[Path, int, int], int] = {}

    def refill(self, count: int) -> None:
        """Put `count` new clips on the shelf."""
        for number in itertools.islice(self._numbers, count):
            path = self.folder / f"clip {number}{_SUFFIXES[number % len(_SUFFIXES)]}"
            make_clip(path, duration_s=self._clip_s, size=self._size, audio=("-c:a", "ac3"))
            self.sources.append(Source(path=path, sha256=digest(path), frames=frame_count(path)))

    def losses(self) -> list[str]:
        """Sources that are neither in their place nor in the trash, unchanged to the last bit."""
        trash = {file.name: file for file in self._trash()}
        return [
            str(source.path)
            for source in self.sources
            if not _is(source.path, source) and not _is(trash.get(source.path.name), source)
        ]

    def halves(self) -> list[str]:
        """Files under a final name that are neither a source nor a result of full length, and files nobody asked for."""
        by_place = {place: source for source in self.sources for place in (source.path, source.result)}
        return [str(path) for path in self._visible() if not self._is_whole(path, by_place.get(path))]

    def unfinished(self) -> list[str]:
        """Sources whose result is not in place or whose original is not in the trash."""
        trash = {file.name: file for file in self._trash()}
        return [
            str(source.path)
            for source in self.sources
            if not _is(trash.get(source.path.name), source) or self._frames(source.result) != source.frames
        ]

    def leftovers(self) -> list[str]:
        """Whatever lies in the work folder."""
        return [str(path) for path in (self.folder / WORK_FOLDER / "work").rglob("*")]

    def _visible(self) -> list[Path]:
        return [path for path in self.folder.rglob("*") if path.is_file() and self.folder / WORK_FOLDER not in path.parents]

    def _trash(self) -> list[Path]:
        return [path for path in (self.folder / WORK_FOLDER / "trash").rglob("*") if path.is_file()]

    def _is_whole(self, path: Path, source: Source | None) -> bool:
        if source is None:
            return False
        return _is(path, source) if path != source.result else _is(path, source) or self._frames(path) == source.frames

    def _frames(self, path: Path) -> int:
        """How many frames decode; -1 for a file that is not there or breaks off. Remembered while the file stays as it is."""
        try:
            stat = path.stat()
            key = (path, stat.st_mtime_ns, stat.st_size)
            if key not in self._frames_of_results:
                self._frames_of_results[key] = frame_count(path)
        except (OSError, av.FFmpegError):
            return -1
        return self._frames_of_results[key]


def _is(path: Path | None, source: Source) -> bool:
    return path is not None and path.is_file() and digest(path) == source.sha256
