"""Folders that hold media files, the files found in them, and the names of results."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from zlib import crc32

from alchemist_desktop.domain.ids import ProfileId, WatchDirId
from alchemist_desktop.domain.job import FileStamp, Job
from alchemist_desktop.domain.settings import Files

WORK_FOLDER = ".alchemist"  # in a library root: work/ and trash/ lie in it; never scanned
_LONGEST_NAME_BYTES = 255


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """One media file met by a scan."""

    path: str
    stamp: FileStamp
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A media file on its way into the queue. `spare_output_path` is used when another live job owns `output_path`."""

    media: MediaFile
    output_path: str
    spare_output_path: str
    profile_id: ProfileId | None
    source_device: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class UpsertResult:
    """What became of found files: new jobs, jobs queued again because their file changed, how many were left as they are,
    and those for which both output paths belong to other jobs."""

    added: tuple[Job, ...] = ()
    requeued: tuple[Job, ...] = ()
    unchanged: int = 0
    collided: tuple[FoundFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchDir:
    """A folder that is watched, or a library folder that carries a profile."""

    id: WatchDirId
    path: str
    is_recursive: bool
    profile_id: ProfileId | None
    created_at: datetime


def root_of(path: str, roots: Iterable[str]) -> str | None:
    """The most specific of `roots` that contains `path`, or None."""
    parents = {str(parent) for parent in PurePath(path).parents}
    return max((root for root in roots if str(PurePath(root)) in parents), key=len, default=None)


def output_path_for(source: str, root: str | None, files: Files, *, is_taken: Callable[[str], bool] | None = None) -> str:
    """Where the result of `source` goes.

    `<folder>/<stem><suffix>.<extension>`; under `files.output_root` the tree below `root` is mirrored. With `in_place` and
    `delete_source` the suffix is left out, so the result takes the source's name. A path for which `is_taken` answers True
    (another source's result, say) gets the source's own extension into its name. Names too long for a file system are cut.
    """
    path = PurePath(source)
    folder = path.parent
    if files.output_root:
        folder = PurePath(files.output_root)
        if root is not None:
            folder = folder / path.parent.relative_to(root)
    in_place = files.in_place and files.delete_source
    suffix = "" if in_place else files.output_suffix
    output = str(folder / fitting_name(path.stem, f"{suffix}.{files.output_extension}"))
    if output == source and not in_place:
        output = str(folder / fitting_name(path.stem, f"-alchemist.{files.output_extension}"))
    if output != source and is_taken is not None and is_taken(output):
        output = str(folder / fitting_name(path.stem, f"{path.suffix}{suffix}.{files.output_extension}"))
    return output


def fitting_name(stem: str, ending: str) -> str:
    """`stem` + `ending`. Where that is too long for a file system the stem is cut, and a checksum of the whole one added, so
    that two long names that begin alike stay two."""
    name = f"{stem}{ending}"
    if _size_of(name) <= _LONGEST_NAME_BYTES:
        return name
    mark = f"~{crc32(stem.encode(errors='surrogatepass')):08x}{ending}"
    while stem and _size_of(stem + mark) > _LONGEST_NAME_BYTES:
        stem = stem[:-1]
    return stem + mark


def _size_of(name: str) -> int:
    return len(name.encode(errors="replace"))  # a byte that is no UTF-8 counts as one


def is_generated_name(path: str, files: Files) -> bool:
    """Whether the name is one this program gives to its results, so that it is never taken as a source."""
    pure = PurePath(path)
    suffix = files.output_suffix or "-alchemist"
    return pure.suffix.lower() == f".{files.output_extension.lower()}" and pure.stem.endswith(suffix)
