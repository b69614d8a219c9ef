"""Moving whole files: never over another file unnoticed, never a partial file under a final name, durable when done."""

import errno
import filecmp
import os
import shutil
from pathlib import Path

from alchemist_desktop.media.disk import copy_metadata, fsync_dir, fsync_file, make_dirs

_PART_SUFFIX = ".alchemist-part"
# A volume without hard links, or a union of several: there the rename decides.
_NO_LINK_ERRORS = frozenset(
    {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EXDEV, errno.EMLINK, errno.EINVAL}
)


def move(source: str, target: str) -> None:
    """Move `source` to `target`, where nothing may be. Interrupted, it is finished by calling it again.

    Raises FileExistsError when another file is at `target`.
    """
    make_dirs(str(Path(target).parent))
    if os.path.lexists(target):
        if not is_same_content(source, target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
    elif not _link(source, target):
        _rename(source, target)
    fsync_dir(str(Path(target).parent))
    Path(source).unlink(missing_ok=True)
    fsync_dir(str(Path(source).parent))


def keep_aside(path: str, aside: str) -> None:
    """Make the file at `path` available at `aside` too; where that is impossible, move it there."""
    make_dirs(str(Path(aside).parent))
    if not _link(path, aside):
        _rename(path, aside)
        fsync_dir(str(Path(path).parent))
    fsync_dir(str(Path(aside).parent))


def move_over(source: str, target: str) -> None:
    """Put `source` in place of what is at `target`, in one step of the file system."""
    try:
        Path(source).replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = _copy_beside(source, target)
        Path(part).replace(target)
    fsync_dir(str(Path(target).parent))
    Path(source).unlink(missing_ok=True)
    fsync_dir(str(Path(source).parent))


def is_same_content(source: str, target: str) -> bool:
    """Whether an interrupted move already brought the content of `source` to `target`."""
    if not Path(source).exists():
        return False
    return Path(source).samefile(target) or filecmp.cmp(source, target, shallow=False)


def part_path(target: str) -> str:
    """Where a copy that is to become `target` is written; one per target, so that a crash leaves at most one."""
    path = Path(target)
    name = os.fsencode(path.name)[:200]  # with the suffix still below the usual limit of 255 bytes
    return str(path.with_name(os.fsdecode(b"." + name) + _PART_SUFFIX))


def _link(source: str, target: str) -> bool:
    """Give the file at `source` a second name; False where the volume has no hard links."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno not in _NO_LINK_ERRORS:
            raise
        return False
    return True


def _rename(source: str, target: str) -> None:
    """Rename to a name that is free, by way of a copy across volumes."""
    try:
        Path(source).rename(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = _copy_beside(source, target)
        Path(part).rename(target)


def _copy_beside(source: str, target: str) -> str:
    """A flushed copy of `source`, metadata included, beside `target`."""
    part = part_path(target)
    shutil.copyfile(source, part)
    copy_metadata(source, part)
    fsync_file(part)
    return part
