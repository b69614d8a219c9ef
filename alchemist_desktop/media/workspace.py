"""Where work files and originals in the trash lie, and the tidying of work folders that a crash left behind."""

import contextlib
import re
import secrets
import shutil
from collections.abc import Collection, Iterable
from pathlib import Path

from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.library import WORK_FOLDER
from alchemist_desktop.media.disk import make_dirs, same_volume

_MARKER = ".owner"
_JOB_FOLDER = re.compile(r"(\d+)-[0-9a-f]{12}")


class Workspace:
    """Names and makes the folders a job works in.

    They lie in `.alchemist` of the library root when that is on the volume of the file concerned, else in `.alchemist`
    beside the file, so that moving into place is a rename. `owner` identifies this installation: on a shared volume only
    folders that carry its name are ever removed.
    """

    def __init__(self, owner: str) -> None:
        self._owner = owner

    def create_work_dir(self, job_id: JobId, output_path: str, root: str | None) -> str:
        """A new, empty folder for the work files of a job, on the volume of `output_path`."""
        folder = _base(output_path, root) / "work" / _new_name(job_id)
        make_dirs(str(folder))
        (folder / _MARKER).write_text(self._owner, encoding="utf-8")
        return str(folder)

    def trash_path(self, job_id: JobId, path: str, root: str | None) -> str:
        """A place in the trash for the file at `path`, on its own volume and under its own name; nothing is made yet."""
        return str(_base(path, root) / "trash" / _new_name(job_id) / Path(path).name)

    def discard(self, work_dir: str) -> None:
        """Remove a work folder with everything in it, if it is ours; its empty parents go too."""
        folder = Path(work_dir)
        if not self._owns(folder):
            return
        for content in folder.iterdir():
            if content.name != _MARKER:  # last, so that an interrupted removal can still be told to be ours
                shutil.rmtree(content) if content.is_dir() and not content.is_symlink() else content.unlink()
        (folder / _MARKER).unlink()
        remove_empty_folders(folder)

    def clean_work(self, folders: Iterable[str], known_job_ids: Collection[JobId]) -> list[str]:
        """Remove this installation's leftovers below `folders` (library roots, folders of outputs); returns what went.

        Work of the jobs in `known_job_ids` stays. Folders that cannot be read or removed are left for the next start.
        """
        removed = []
        for work in {Path(folder) / WORK_FOLDER / "work" for folder in folders}:
            with contextlib.suppress(OSError):
                for candidate in sorted(work.iterdir()):
                    if self._is_leftover(candidate, known_job_ids):
                        self.discard(str(candidate))
                        removed.append(str(candidate))
        return removed

    def _is_leftover(self, folder: Path, known_job_ids: Collection[JobId]) -> bool:
        match = _JOB_FOLDER.fullmatch(folder.name)
        return match is not None and JobId(int(match[1])) not in known_job_ids and self._owns(folder)

    def _owns(self, folder: Path) -> bool:
        try:
            return not folder.is_symlink() and (folder / _MARKER).read_text(encoding="utf-8") == self._owner
        except (OSError, UnicodeDecodeError):
            return False


def is_trash_path(path: str) -> bool:
    """Whether `path` has the form of a place this program gives to files in the trash."""
    parents = [parent.name for parent in Path(path).parents[:3]]
    return len(parents) == 3 and _JOB_FOLDER.fullmatch(parents[0]) is not None and parents[1:] == ["trash", WORK_FOLDER]


def remove_empty_folders(folder: Path) -> None:
    """Remove `folder` and its empty parents up to and including `.alchemist`."""
    for candidate in (folder, *folder.parents[:2]):
        try:
            candidate.rmdir()
        except OSError:
            return


def _base(path: str, root: str | None) -> Path:
    beside = Path(path).parent
    home = Path(root) if root is not None and same_volume(root, str(beside)) else beside
    return home / WORK_FOLDER


def _new_name(job_id: JobId) -> str:
    return f"{job_id}-{secrets.token_hex(6)}"
