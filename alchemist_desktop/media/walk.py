"""Walks a library folder and yields its media files; one system call per media file, none for anything else."""

import fnmatch
import os
import re
import stat
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path, PurePath
from types import MappingProxyType

from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.domain.job import ContentVersion, FileStamp
from alchemist_desktop.domain.library import WORK_FOLDER, MediaFile

SYSTEM_FOLDERS = frozenset(
    {WORK_FOLDER, "@eadir", "$recycle.bin", "system volume information", "#recycle", "#snapshot", "@recycle", "lost+found"}
)
SAMPLE_FOLDERS = frozenset({"sample", "samples", "trailer", "trailers"})
LARGEST_SAMPLE_BYTES = 250 * 2**20  # what is larger is a film, whatever its name ends in

_SAMPLE_STEM = re.compile(r"(?:.*[-._])?(?:sample|trailer)", re.IGNORECASE | re.DOTALL)
_DVD_MENU = re.compile(r"(?:VIDEO_TS|VTS_\d\d_0)\.VOB", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkRules:
    """Which files of a folder count. `extensions` are without dots; `exclude_globs` match a name or a whole path, with `/`
    between folders, whatever the case; `is_generated` tells the program's own results by their path.
    """

    extensions: Collection[str]
    exclude_globs: tuple[str, ...] = ()
    follow_symlinks: bool = False
    include_samples: bool = False
    is_generated: Callable[[str], bool] | None = None
    recursive: bool = True
    extension_set: frozenset[str] = field(init=False, repr=False, compare=False)
    _excluded: re.Pattern[str] | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "extension_set", frozenset(ext.lower().lstrip(".") for ext in self.extensions))
        pattern = "|".join(fnmatch.translate(glob) for glob in self.exclude_globs)
        object.__setattr__(self, "_excluded", re.compile(pattern, re.IGNORECASE) if pattern else None)

    def takes_folder(self, path: str, name: str) -> bool:
        """Whether the walk goes into a folder below the root."""
        folded = name.casefold()
        if name.startswith(".") or folded in SYSTEM_FOLDERS or folded.endswith(".trickplay"):
            return False
        if folded in SAMPLE_FOLDERS and not self.include_samples:
            return False
        return self._excluded is None or not self._is_excluded(f"{path}/", name)

    def takes_file(self, path: str, name: str) -> bool:
        """Whether a file counts by its name alone; `is_sample` is the one rule that needs its size."""
        stem, _, extension = name.lower().rpartition(".")
        if extension not in self.extension_set or not stem or name[0] == ".":
            return False
        if self._excluded is not None and self._is_excluded(path, name):
            return False
        if extension == "vob" and _DVD_MENU.fullmatch(name):
            return False
        return self.is_generated is None or not self.is_generated(path)

    def is_sample(self, name: str, size_bytes: int) -> bool:
        """Whether a file is a sample or trailer that does not count."""
        if self.include_samples or size_bytes > LARGEST_SAMPLE_BYTES:
            return False
        return _SAMPLE_STEM.fullmatch(name.rpartition(".")[0]) is not None

    def _is_excluded(self, path: str, name: str) -> bool:
        assert self._excluded is not None
        return bool(self._excluded.match(name) or self._excluded.match(path.replace(os.sep, "/")))


def _ignore(unchanged: int) -> None: ...


def walk(
    root: str,
    rules: WalkRules,
    *,
    is_cancelled: Callable[[], bool],
    on_folder: Callable[[str], None],
    on_error: Callable[[str, OSError], None],
    known: Mapping[str, ContentVersion] = MappingProxyType({}),
    on_unchanged: Callable[[int], None] = _ignore,
) -> Iterator[MediaFile]:
    """The media files below `root`, folder by folder in the order of their names.

    `on_folder` hears of each folder as it is entered, `on_error` of each folder or file that could not be read; the walk
    then goes on. Files that are still as `known` has them are not yielded, whatever their names; `on_unchanged` hears how
    many there were in a folder. Raises KnownError when `root` itself is not a folder that can be read.
    """
    try:
        os.scandir(root).close()
    except OSError as error:
        message = f"The folder {root} cannot be read ({error.strerror}). Is its volume mounted?"
        raise KnownError(message, code="LIBRARY_UNREADABLE", path=root) from error
    return _Walk(root, rules, on_error, known, on_unchanged).run(is_cancelled, on_folder)


def is_media_path(path: str, rules: WalkRules, *, root: str | None = None) -> bool:
    """Whether the walk of `root` would take this one file; without a root only the program's own folders are left out."""
    pure = PurePath(path)
    if any(part.casefold() in SYSTEM_FOLDERS for part in pure.parent.parts):
        return False
    if root is not None:
        below = pure.parent.relative_to(root).parts
        folders = (str(PurePath(root, *below[: depth + 1])) for depth in range(len(below)))
        if not all(rules.takes_folder(folder, name) for folder, name in zip(folders, below, strict=True)):
            return False
    return rules.takes_file(path, pure.name) and not rules.is_sample(pure.name, _size_bytes(path))


def _size_bytes(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


class _Walk:
    """One walk; folders still to be entered are on a stack, so that depth costs no recursion."""

    def __init__(
        self,
        root: str,
        rules: WalkRules,
        on_error: Callable[[str, OSError], None],
        known: Mapping[str, ContentVersion],
        on_unchanged: Callable[[int], None],
    ) -> None:
        self._root = root
        self._rules = rules
        self._on_error = on_error
        self._known = known
        self._on_unchanged = on_unchanged
        self._folders = [root]
        self._visited: set[tuple[int, int]] = set()

    def run(self, is_cancelled: Callable[[], bool], on_folder: Callable[[str], None]) -> Iterator[MediaFile]:
        while self._folders and not is_cancelled():
            folder = self._folders.pop()
            if self._rules.follow_symlinks and self._was_visited(folder):
                continue
            on_folder(folder)
            yield from self._changed_files(folder, is_cancelled)

    def _changed_files(self, folder: str, is_cancelled: Callable[[], bool]) -> Iterator[MediaFile]:
        follow = self._rules.follow_symlinks
        for entry in self._new_entries(folder):
            if is_cancelled():
                return
            path = entry.path
            try:
                status = entry.stat(follow_symlinks=follow)
            except OSError as error:
                self._on_error(path, error)
                continue
            if not self._rules.takes_file(path, entry.name) or self._rules.is_sample(entry.name, status.st_size):
                continue
            stamp = FileStamp(size_bytes=status.st_size, mtime_ns=status.st_mtime_ns, device=status.st_dev, inode=status.st_ino)
            yield MediaFile(path=path, stamp=stamp, root=self._root)

    def _was_visited(self, folder: str) -> bool:
        """Whether links led here before, which is how loops end."""
        try:
            status = Path(folder).stat()
        except OSError as error:
            self._on_error(folder, error)
            return True
        key = (status.st_dev, status.st_ino)
        is_known = key in self._visited and status.st_ino != 0
        self._visited.add(key)
        return is_known

    def _new_entries(self, folder: str) -> list["os.DirEntry[str]"]:
        """The folder's files with a media file's extension that are not as they were known, in order; its folders go onto
        the stack. Most files of most scans are known, so those are told apart before anything else is looked at."""
        extensions, follow, known = self._rules.extension_set, self._rules.follow_symlinks, self._known
        files: list[os.DirEntry[str]] = []
        folders: list[str] = []
        unchanged = 0
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    version = known.get(entry.path)
                    if version is not None and version == _version(entry, follow):
                        unchanged += 1
                    elif entry.name.rpartition(".")[2].lower() in extensions and entry.is_file(follow_symlinks=follow):
                        files.append(entry)
                    elif entry.is_dir(follow_symlinks=follow) and self._enters(entry):
                        folders.append(entry.path)
        except OSError as error:
            self._on_error(folder, error)
        self._folders += sorted(folders, reverse=True)
        self._on_unchanged(unchanged)
        files.sort(key=attrgetter("name"))
        return files

    def _enters(self, folder: "os.DirEntry[str]") -> bool:
        rules = self._rules
        if not rules.recursive or (_is_junction(folder) and not rules.follow_symlinks):
            return False
        return rules.takes_folder(folder.path, folder.name)


def _version(entry: "os.DirEntry[str]", follow: bool) -> ContentVersion | None:
    try:
        status = entry.stat(follow_symlinks=follow)
    except OSError:  # it is looked at once more, as an unknown file is, and reported then
        return None
    return status.st_size, status.st_mtime_ns


if sys.platform == "win32":

    def _is_junction(entry: "os.DirEntry[str]") -> bool:
        """Windows' other kind of link to a folder; its attributes come with the listing."""
        return bool(entry.stat(follow_symlinks=False).st_file_attributes & stat.FILE_ATTRIBUTE_REPARSE_POINT)

else:

    def _is_junction(entry: "os.DirEntry[str]") -> bool:
        return False
