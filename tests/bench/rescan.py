"""A scan of a library in which nothing changed, against the barest walk that looks at every file."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from alchemist_desktop.domain.job import FileStamp
from alchemist_desktop.domain.library import MediaFile, is_generated_name
from alchemist_desktop.domain.settings import MEDIA_EXTENSIONS, Files
from alchemist_desktop.media.walk import WalkRules, walk
from tests.bench.harness import Result, best_s

FILES = 100_000
FILES_PER_FOLDER = 20
ROUNDS = 5

Scan = Callable[[str, Mapping[str, FileStamp]], int]
"""Walks a root and returns how many files are new or changed, given what is known."""


def run() -> Sequence[Result]:
    with tempfile.TemporaryDirectory() as root:
        make_tree(Path(root))
        known = known_stamps(root)
        return [compare("rescan", root, known, scan_by_walk)]


def compare(name: str, root: str, known: Mapping[str, FileStamp], scan: Scan) -> Result:
    """Time `scan` over an unchanged tree; it must find nothing."""

    def ours() -> None:
        changed = scan(root, known)
        if changed or len(known) != FILES:
            raise RuntimeError(f"{changed} of {len(known)} files count as changed")

    yardstick = best_s(lambda: bare_walk(root), rounds=ROUNDS)
    return Result(name=name, unit="s", ours=best_s(ours, rounds=ROUNDS), yardstick=yardstick, at_most=2.0)


def make_tree(root: Path) -> None:
    for number in range(FILES):
        if number % FILES_PER_FOLDER == 0:
            folder = root / f"Series {number // 1000:03}" / f"Season {number // FILES_PER_FOLDER % 50:02}"
            folder.mkdir(parents=True)
        (folder / f"Episode {number:06} - A title of common length.mkv").touch()


def scan_by_walk(root: str, known: Mapping[str, FileStamp]) -> int:
    return sum(1 for _ in _walk(root, known))


def known_stamps(root: str) -> dict[str, FileStamp]:
    return {file.path: file.stamp for file in _walk(root, {})}


def _walk(root: str, known: Mapping[str, FileStamp]) -> Iterator[MediaFile]:
    files = Files()
    rules = WalkRules(extensions=MEDIA_EXTENSIONS, is_generated=lambda path: is_generated_name(path, files))
    return walk(root, rules, is_cancelled=lambda: False, on_folder=_ignore, on_error=_fail, known=known)


def _ignore(folder: str) -> None: ...


def _fail(path: str, error: OSError) -> None:
    raise error


def bare_walk(root: str) -> int:
    """Every folder listed and every file looked at, nothing else."""
    total = 0
    folders = [root]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    folders.append(entry.path)
                else:
                    total += entry.stat().st_size
    return total
