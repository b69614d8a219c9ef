"""Looks into folders on behalf of a person who searches for media; blocking, and bounded in everything it does."""

import os
import string
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path, PurePath

from alchemist_desktop.domain.folder_view import FolderEntry, FolderPreview, FolderView, MediaHint, PreviewReport, Recommendation
from alchemist_desktop.media.forbidden_folders import is_forbidden

IsMedia = Callable[[str], bool]

_TELLING_NAMES = frozenset(
    {"movies", "movie", "tv", "shows", "series", "anime", "media", "videos", "plex", "emby", "jellyfin", "library", "downloads"}
)
_MOST_CHILDREN = 10_000
_LOOKED_INTO = 50  # children whose content is looked at
_ENTRIES_FOR_HINT = 64
_MOST_RECOMMENDED = 16
_PREVIEW_ENTRIES, _PREVIEW_FILES, _PREVIEW_S = 10_000, 200, 10.0
_SAMPLES = 5


def top_folder() -> str:
    """Where browsing begins."""
    if sys.platform == "win32":
        return next((drive for drive in _drives()), "C:\\")
    return "/"


def browse(path: str, is_media: IsMedia) -> FolderView:
    """The folders in a folder. One that is not there or cannot be read is told as such, not raised."""
    shown = os.path.abspath(path)  # noqa: PTH100  # links are shown as they are named
    parents = tuple((parent.name or str(parent), str(parent)) for parent in reversed([PurePath(shown), *PurePath(shown).parents]))
    try:
        children, is_complete = _child_folders(shown)
    except (OSError, ValueError) as error:
        return FolderView(path=shown, is_readable=False, parents=parents, warnings=(_sentence(shown, error),))
    children.sort(key=lambda child: Path(child).name.lower())
    entries = tuple(_entry(child, is_media, look=place < _LOOKED_INTO) for place, child in enumerate(children))
    warnings = () if is_complete else (f"Only the first {_MOST_CHILDREN} entries of this folder were looked at.",)
    return FolderView(path=shown, is_readable=True, parents=parents, entries=entries, warnings=warnings)


def media_hint(path: str, is_media: IsMedia) -> MediaHint:
    """How likely a folder holds media, from its name and a short look into it."""
    if PurePath(path).name.lower() in _TELLING_NAMES:
        return MediaHint.HIGH
    try:
        with os.scandir(path) as entries:
            children = list(islice(entries, _ENTRIES_FOR_HINT))
    except (OSError, ValueError):
        return MediaHint.LOW if os.path.lexists(path) else MediaHint.UNKNOWN
    files = sum(is_media(child.path) for child in children)
    folders = [child.path for child in children if _is_dir(child)]
    for folder in folders[:8]:
        if files >= 3:
            break
        files += sum(is_media(path) for path in _names_in(folder))
    if files >= 3:
        return MediaHint.HIGH
    return MediaHint.MEDIUM if files or len(folders) > 5 else MediaHint.LOW


def recommend(known: Sequence[str], is_media: IsMedia) -> list[Recommendation]:
    """The folders that are registered already, and likely ones where volumes are usually mounted; best first."""
    found = {path: Recommendation(path=path, label=_label(path), reason="Configured already.", hint=media_hint(path, is_media))
             for path in known if not is_forbidden(path)}  # fmt: skip
    for root in _mount_roots():
        for child in islice(_names_in(root), _LOOKED_INTO):
            if child in found or is_forbidden(child) or not Path(child).is_dir():
                continue
            hint = media_hint(child, is_media)
            if hint in {MediaHint.HIGH, MediaHint.MEDIUM}:
                found[child] = Recommendation(path=child, label=_label(child), reason=f"Found in {root}.", hint=hint)
    order = list(MediaHint)
    return sorted(found.values(), key=lambda item: (order.index(item.hint), item.label.lower()))[:_MOST_RECOMMENDED]


def preview(folders: Sequence[str], is_media: IsMedia) -> PreviewReport:
    """What lies in some folders, within one budget for all of them."""
    budget = _Budget()
    previews = tuple(_preview(folder, is_media, budget) for folder in folders)
    warnings = ("The folders are large: only a part of them was looked at.",) if budget.is_spent else ()
    return PreviewReport(folders=previews, is_truncated=budget.is_spent, warnings=warnings)


class _Budget:
    """How much may still be looked at."""

    def __init__(self) -> None:
        self._entries = _PREVIEW_ENTRIES
        self._files = _PREVIEW_FILES
        self._ends_s = time.monotonic() + _PREVIEW_S
        self.is_spent = False

    def take(self, *, is_file: bool) -> bool:
        self._entries -= 1
        self._files -= is_file
        self.is_spent = self.is_spent or self._entries < 0 or self._files < 0 or time.monotonic() > self._ends_s
        return not self.is_spent


def _preview(folder: str, is_media: IsMedia, budget: _Budget) -> FolderPreview:
    exists = _is_folder(folder)
    is_readable = exists and os.access(folder, os.R_OK | os.X_OK)
    files = list(_media_below(folder, is_media, budget)) if is_readable and exists else []
    warnings = []
    if not exists:
        warnings.append(f"{folder} is not a folder.")
    elif not is_readable:
        warnings.append(f"{folder} cannot be read.")
    elif not files and not budget.is_spent:
        warnings.append("No media files were found.")
    return FolderPreview(
        path=folder,
        exists=exists,
        is_readable=is_readable,
        media_files=len(files),
        sample_files=tuple(files[:_SAMPLES]),
        hint=media_hint(folder, is_media),
        warnings=tuple(warnings),
    )


def _media_below(folder: str, is_media: IsMedia, budget: _Budget) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not is_forbidden(str(Path(place, name))))
        for name in sorted(names):
            path = str(Path(place, name))
            is_file = is_media(path)
            if not budget.take(is_file=is_file):
                return
            if is_file:
                yield path
        if not budget.take(is_file=False):
            return


def _entry(path: str, is_media: IsMedia, *, look: bool) -> FolderEntry:
    name = PurePath(path).name
    warning = None
    if is_forbidden(path):
        warning = "This folder belongs to the system."
    elif not os.access(path, os.R_OK | os.X_OK):
        warning = "This folder cannot be read."
    hint = MediaHint.UNKNOWN
    if warning is None:
        hint = media_hint(path, is_media) if look else MediaHint.LOW
    is_hidden = name.startswith(".")
    return FolderEntry(name=name, path=path, is_readable=warning is None, is_hidden=is_hidden, hint=hint, warning=warning)


def _child_folders(path: str) -> tuple[list[str], bool]:
    """The folders, and whether every entry was looked at."""
    with os.scandir(path) as entries:
        children = list(islice(entries, _MOST_CHILDREN + 1))
    return [child.path for child in children[:_MOST_CHILDREN] if _is_dir(child)], len(children) <= _MOST_CHILDREN


def _is_folder(path: str) -> bool:
    try:
        return Path(path).is_dir()
    except OSError:  # a name too long for the system
        return False


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False


def _names_in(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(entry.path for entry in islice(entries, _ENTRIES_FOR_HINT))
    except (OSError, ValueError):
        return []


def _mount_roots() -> Iterable[str]:
    home = Path.home()
    if sys.platform == "win32":
        return [*_drives(), str(home)]
    if sys.platform == "darwin":
        return ["/Volumes", str(home)]
    return ["/media", "/mnt", "/srv", "/data", str(home)]


def _drives() -> list[str]:
    return [f"{letter}:\\" for letter in string.ascii_uppercase if Path(f"{letter}:\\").exists()]


def _label(path: str) -> str:
    return PurePath(path).name or path


def _sentence(path: str, error: OSError | ValueError) -> str:
    match error:
        case FileNotFoundError():
            return f"{path} does not exist."
        case NotADirectoryError():
            return f"{path} is not a folder."
        case PermissionError():
            return f"{path} cannot be read with the rights of this program."
    return f"{path} cannot be read."
