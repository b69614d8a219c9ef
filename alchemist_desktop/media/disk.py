"""Facts about files and volumes, and making what was written to them durable."""

import contextlib
import os
import shutil
import sys
from pathlib import Path

from alchemist_desktop.domain.job import FileStamp

_RACES = 8  # how often another job may remove an empty folder from under us before it counts as an error


def stamp_of(path: str) -> FileStamp:
    """What identifies the content at `path` now. Raises OSError, FileNotFoundError above all."""
    stat = Path(path).stat()
    return FileStamp(size_bytes=stat.st_size, mtime_ns=stat.st_mtime_ns, device=stat.st_dev, inode=stat.st_ino)


def stamp_or_none(path: str) -> FileStamp | None:
    """The stamp of the file at `path`, or None when nothing is there. Other errors are raised."""
    try:
        return stamp_of(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def hard_links(path: str) -> int:
    """How many names the file has; more than one means that removing this name frees no space."""
    return Path(path).stat().st_nlink


def device_label(path: str) -> str | None:
    """A stable name of the volume `path` lies on, or None when that cannot be told."""
    stat = _nearest_stat(path)
    return None if stat is None else f"dev:{stat.st_dev}"


def same_volume(first: str, second: str) -> bool:
    """Whether both lie on one volume; a path that does not exist yet counts where its nearest parent is."""
    one, other = _nearest_stat(first), _nearest_stat(second)
    return one is not None and other is not None and one.st_dev == other.st_dev


def leads_out_of(path: str, root: str) -> bool:
    """Whether a link on the way takes `path` to somewhere that is not below `root`."""
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


def free_bytes(path: str) -> int | None:
    """Free space for this user on the volume that holds `path` or will hold it; None when that cannot be told."""
    for folder in (Path(path), *Path(path).parents):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            try:
                return shutil.disk_usage(folder).free
            except PermissionError:
                return None
    return None


def fsync_file(path: str) -> None:
    """Return when the content of `path` is on the disk."""
    # Only Windows wants a handle that may write, and a file's mode may forbid that to its owner.
    with Path(path).open("rb+" if sys.platform == "win32" else "rb") as file:
        os.fsync(file.fileno())


def fsync_dir(path: str) -> None:
    """Return when the names in folder `path` are on the disk; Windows needs and offers no such call."""
    if sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):  # some network volumes refuse it; their server decides
            os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_dirs(path: str) -> None:
    """Create folder `path` with its parents, each of them durable."""
    for _ in range(_RACES):
        # An empty parent was tidied away by another job, or a folder between the attempt to make it and the look at it.
        with contextlib.suppress(FileNotFoundError, FileExistsError):
            _make_dirs(Path(path))
            return
    _make_dirs(Path(path))


def _make_dirs(folder: Path) -> None:
    if folder.is_dir():
        return
    _make_dirs(folder.parent)
    folder.mkdir(exist_ok=True)
    fsync_dir(str(folder.parent))


def copy_metadata(source: str, target: str) -> None:
    """Give `target` the mode, the owner, the extended attributes and the times of `source`, as far as the system allows."""
    stat = Path(source).stat()
    if sys.platform != "win32":
        with contextlib.suppress(OSError):
            os.chown(target, stat.st_uid, stat.st_gid)
    with contextlib.suppress(OSError):
        Path(target).chmod(stat.st_mode & 0o7777)
    if sys.platform == "linux":
        _copy_attributes(source, target)
    with contextlib.suppress(OSError):
        os.utime(target, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def _copy_attributes(source: str, target: str) -> None:
    if sys.platform != "linux":
        return
    with contextlib.suppress(OSError):
        for name in os.listxattr(source):
            with contextlib.suppress(OSError):
                os.setxattr(target, name, os.getxattr(source, name))


def _nearest_stat(path: str) -> os.stat_result | None:
    """The stat of `path` or of its nearest parent that exists."""
    for candidate in (Path(path), *Path(path).parents):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            try:
                return candidate.stat()
            except PermissionError:
                return None
    return None
