"""Brings originals back from the trash, and removes those whose time has come."""

import hashlib
import os
from pathlib import Path

from alchemist_desktop.domain.errors import BugError, ConflictError, NotFoundError
from alchemist_desktop.domain.library import WORK_FOLDER
from alchemist_desktop.domain.replacement import TrashEntry
from alchemist_desktop.media.disk import same_volume, stamp_or_none
from alchemist_desktop.media.moves import is_same_content, keep_aside, move, move_over
from alchemist_desktop.media.replace import is_like
from alchemist_desktop.media.workspace import is_trash_path, remove_empty_folders


def restore(entry: TrashEntry) -> str | None:
    """Put the original back byte for byte; its output goes to the trash in turn, and the path there is returned.

    None when the output was no longer there. Interrupted, it is finished by calling it again. Raises ConflictError
    (`UNDO_PATH_TAKEN`) when another file stands at the original's path, NotFoundError (`UNDO_NOT_IN_TRASH`) when the original
    is gone.
    """
    undone = undone_path(entry)
    if not Path(entry.trash_path).exists():
        _check_is_restored(entry, undone)
    elif entry.output_path == entry.original_path:
        _swap_back(entry, undone)
    else:
        try:
            move(entry.trash_path, entry.original_path)
        except FileExistsError as error:
            raise _path_taken(entry) from error
    if entry.output_path != entry.original_path and _is_output(entry):
        move(entry.output_path, undone)
    remove_empty_folders(Path(entry.trash_path).parent)
    return undone if Path(undone).exists() else None


def is_trash_there(entry: TrashEntry) -> bool:
    """Whether the trash folder that holds the original can be seen now; not so while its volume is not mounted."""
    return Path(entry.trash_path).parents[1].is_dir()


def purge(entry: TrashEntry) -> None:
    """Destroy the original in the trash for good; a no-op when it is gone already."""
    if not is_trash_path(entry.trash_path):
        raise BugError(f"{entry.trash_path} does not lie in a trash folder")
    Path(entry.trash_path).unlink(missing_ok=True)
    remove_empty_folders(Path(entry.trash_path).parent)


def undone_path(entry: TrashEntry) -> str:
    """Where the output goes when the original comes back: in the trash, on its own volume; the same at every call."""
    trash = Path(entry.trash_path).parents[1]
    if not same_volume(str(trash), entry.output_path):
        trash = Path(entry.output_path).parent / WORK_FOLDER / "trash"
    digest = hashlib.sha256(os.fsencode(entry.trash_path)).hexdigest()[:12]
    return str(trash / f"{entry.job_id}-{digest}" / Path(entry.output_path).name)


def _swap_back(entry: TrashEntry, undone: str) -> None:
    path = entry.original_path
    if os.path.lexists(path) and not is_same_content(entry.trash_path, path):
        if not _is_output(entry):
            raise _path_taken(entry)
        if not Path(undone).exists():
            keep_aside(path, undone)
        if os.path.lexists(path):
            move_over(entry.trash_path, path)
            return
    move(entry.trash_path, path)


def _is_output(entry: TrashEntry) -> bool:
    present = stamp_or_none(entry.output_path)
    return present is not None and (entry.output_stamp is None or is_like(present, entry.output_stamp))


def _check_is_restored(entry: TrashEntry, undone: str) -> None:
    """Raise unless an earlier call already moved the original back."""
    present = stamp_or_none(entry.original_path)
    is_back = present is not None and present.size_bytes == entry.size_bytes
    if not is_back or (entry.output_path == entry.original_path and not Path(undone).exists()):
        raise NotFoundError(
            f"The original of {entry.original_path} is no longer in the trash.", code="UNDO_NOT_IN_TRASH", path=entry.trash_path
        )


def _path_taken(entry: TrashEntry) -> ConflictError:
    return ConflictError(
        f"Another file stands at {entry.original_path}; move it away, then undo again.",
        code="UNDO_PATH_TAKEN",
        path=entry.original_path,
    )
