"""Puts a verified output in place of, or beside, its source, step by step so that any interruption can be finished.

The engine stores what `prepare` returns, calls `advance` until it returns, and then stores that it is done. `advance` looks
at the files alone: as long as the work file is there nothing irrevocable has happened, and when it is gone the output is whole
under its final name. Calls raise OSError as the system gave it (no space, no right); calling again later goes on.
"""

import os
from pathlib import Path

from alchemist_desktop.domain.errors import BugError, ConflictError, KnownError, UnavailableError
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import FileStamp
from alchemist_desktop.domain.replacement import Replacement, SourceDisposal
from alchemist_desktop.media.disk import copy_metadata, fsync_dir, fsync_file, make_dirs, stamp_of, stamp_or_none
from alchemist_desktop.media.moves import is_same_content, keep_aside, move, move_over, part_path
from alchemist_desktop.media.workspace import Workspace

_COARSEST_MTIME_NS = 2_000_000_000  # FAT counts times in steps of two seconds


def prepare(
    *,
    workspace: Workspace,
    job_id: JobId,
    source_path: str,
    source_stamp: FileStamp,
    work_path: str,
    output_path: str,
    disposal: SourceDisposal,
    root: str | None,
    replace_existing: bool = False,
    sidecars: tuple[tuple[str, str], ...] = (),
) -> Replacement:
    """Make the verified `work_path` durable, give it the source's metadata and write down everything `advance` will do.

    `root` is the library root, whose trash is used. Nothing under a final name is touched. Raises UnavailableError
    `source_missing`, or ConflictError `source_changed`, `output_already_exists` or `output_path_matches_input`.
    """
    source = os.path.realpath(source_path) if Path(source_path).is_symlink() else source_path
    output = source if _names_same_place(output_path, source_path) else output_path
    present = stamp_or_none(source)
    if present is None:
        raise UnavailableError(f"{source} is not there any more.", code="source_missing", path=source)
    if present != source_stamp:
        raise _source_changed(source)
    if output == source and disposal is SourceDisposal.KEEP:
        raise ConflictError("The output would overwrite its own source.", code="output_path_matches_input", path=source)
    replaced = _existing_output(output, replace_existing=replace_existing) if output != source else None
    _make_durable(source, work_path, sidecars)
    return Replacement(
        job_id=job_id,
        source_path=source,
        source_stamp=source_stamp,
        work_path=work_path,
        work_stamp=stamp_of(work_path),
        output_path=output,
        disposal=disposal,
        trash_path=workspace.trash_path(job_id, source, root) if disposal is SourceDisposal.TRASH else None,
        replaced_trash_path=workspace.trash_path(job_id, output, root) if replaced else None,
        replaced_stamp=replaced,
        sidecars=sidecars,
    )


def advance(replacement: Replacement) -> None:
    """Do whatever is still missing. Returns when the output is durable in its place and the source disposed of.

    Raises ConflictError `source_changed` (then call `abandon`) or `output_already_exists` while nothing irrevocable has
    happened; KnownError `finalize_failed` when the output is neither at its work path nor in its place; and UnavailableError
    `source_missing` when nothing of it all can be seen, as when a volume is not mounted: then keep the entry and try later.
    """
    if Path(replacement.work_path).exists():
        _check_source(replacement)
        _check_output(replacement)
        for work_path, final_path in replacement.sidecars:
            _place_sidecar(work_path, final_path)
        _place_output(replacement)
    elif not _is_in_place(replacement):
        raise _output_gone(replacement)
    _dispose_of_source(replacement)


def can_abandon(replacement: Replacement) -> bool:
    """False when the output is in its place and the source is not: from there it only goes forward."""
    if Path(replacement.work_path).exists() or not _is_in_place(replacement):
        return True
    return not replacement.is_in_place and stamp_or_none(replacement.source_path) == replacement.source_stamp


def abandon(replacement: Replacement) -> tuple[str, ...]:
    """Take back what `advance` did before it failed, and remove the work file; only when `can_abandon` says so.

    Returns the files in the trash whose place somebody else has taken, so that they can be recorded there. Raises OSError;
    calling it again then goes on.
    """
    if not can_abandon(replacement):
        raise BugError(f"The result for {replacement.source_path} is in its place already.")
    work = Path(replacement.work_path)
    if not work.exists() and _is_in_place(replacement):
        move(replacement.output_path, replacement.work_path)
    for work_path, final_path in replacement.sidecars:
        if work.exists() and not Path(work_path).exists():
            Path(final_path).unlink(missing_ok=True)
    asides = ((replacement.trash_path, replacement.source_path), (replacement.replaced_trash_path, replacement.output_path))
    left = tuple(aside for aside, home in asides if aside is not None and not _take_back(aside, home))
    Path(part_path(replacement.output_path)).unlink(missing_ok=True)
    work.unlink(missing_ok=True)
    return left


def is_like(found: FileStamp | None, wanted: FileStamp) -> bool:
    """Whether a file in a place of ours is the wanted one; it may have crossed volumes, and lost the finer part of its time."""
    if found is None or found.size_bytes != wanted.size_bytes:
        return False
    return abs(found.mtime_ns - wanted.mtime_ns) <= _COARSEST_MTIME_NS


def _is_in_place(replacement: Replacement) -> bool:
    return is_like(stamp_or_none(replacement.output_path), replacement.work_stamp)


def _source_changed(path: str) -> ConflictError:
    return ConflictError(f"{path} changed while the job ran.", code="source_changed", path=path)


def _output_exists(path: str) -> ConflictError:
    return ConflictError(f"There is already a file at {path}.", code="output_already_exists", path=path)


def _output_gone(replacement: Replacement) -> KnownError:
    path = replacement.output_path
    known = (replacement.source_path, path, replacement.trash_path)
    if not any(place is not None and os.path.lexists(place) for place in known):
        return UnavailableError(f"Nothing is left at {path}; is its volume there?", code="source_missing", path=path)
    message = f"The result of {replacement.source_path} is no longer at {path}."
    return KnownError(message, code="finalize_failed", path=path)


def _names_same_place(output_path: str, source_path: str) -> bool:
    """Whether both names are one directory entry: equal, or equal but for case on a volume that ignores it."""
    if output_path == source_path:
        return True
    if output_path.casefold() != source_path.casefold() or not Path(output_path).exists():
        return False
    return Path(output_path).samefile(source_path)


def _existing_output(output: str, *, replace_existing: bool) -> FileStamp | None:
    if not os.path.lexists(output):
        return None
    if not replace_existing or not Path(output).is_file() or Path(output).is_symlink():
        raise _output_exists(output)
    return stamp_of(output)


def _make_durable(source: str, work_path: str, sidecars: tuple[tuple[str, str], ...]) -> None:
    copy_metadata(source, work_path)
    for path in (work_path, *(sidecar for sidecar, _ in sidecars)):
        fsync_file(path)
        fsync_dir(str(Path(path).parent))


def _check_source(replacement: Replacement) -> None:
    """Raise unless the source is as the job found it, or the very steps below have moved it."""
    present = stamp_or_none(replacement.source_path)
    if present == replacement.source_stamp:
        return
    if replacement.is_in_place:
        if present is None and replacement.trash_path is not None and Path(replacement.trash_path).exists():
            return
        if present is not None and is_same_content(replacement.work_path, replacement.output_path):
            return
    raise _source_changed(replacement.source_path)


def _check_output(replacement: Replacement) -> None:
    """Raise when a file that was not there at `prepare` stands in the output's place."""
    output = replacement.output_path
    if replacement.is_in_place or not os.path.lexists(output):
        return
    if replacement.replaced_stamp is not None and stamp_or_none(output) == replacement.replaced_stamp:
        return
    if Path(output).is_symlink() or not is_same_content(replacement.work_path, output):
        raise _output_exists(output)


def _place_sidecar(work_path: str, final_path: str) -> None:
    if not Path(work_path).exists():
        return
    try:
        move(work_path, final_path)
    except FileExistsError as error:
        raise _output_exists(final_path) from error


def _place_output(replacement: Replacement) -> None:
    work, output = replacement.work_path, replacement.output_path
    displaced, aside = replacement.replaced_stamp, replacement.replaced_trash_path
    if replacement.is_in_place:
        displaced, aside = replacement.source_stamp, replacement.trash_path
    make_dirs(str(Path(output).parent))
    if displaced is not None and stamp_or_none(output) == displaced:
        if aside is not None and not Path(aside).exists():
            keep_aside(output, aside)
        if stamp_or_none(output) == displaced:
            move_over(work, output)
            return
    try:
        move(work, output)
    except FileExistsError as error:
        raise _output_exists(output) from error


def _dispose_of_source(replacement: Replacement) -> None:
    """Take the source out of its place, unless another file stands there by now: that one is not ours to touch."""
    source = replacement.source_path
    if replacement.is_in_place or replacement.disposal is SourceDisposal.KEEP:
        return
    if stamp_or_none(source) != replacement.source_stamp:
        return
    if replacement.trash_path is not None:
        move(source, replacement.trash_path)
    else:
        Path(source).unlink()
        fsync_dir(str(Path(source).parent))


def _take_back(aside: str, home: str) -> bool:
    """Undo `keep_aside`; False when another file has taken the place, so that the one aside has to stay."""
    if not Path(aside).exists():
        return True
    try:
        move(aside, home) if not Path(home).exists() else _drop_second_name(aside, home)
    except FileExistsError:
        return False
    return True


def _drop_second_name(aside: str, home: str) -> None:
    if not is_same_content(aside, home):
        raise FileExistsError(home)
    Path(aside).unlink()
