"""What a person sees who looks for media folders: listings, hints and previews."""

from dataclasses import dataclass
from enum import StrEnum


class MediaHint(StrEnum):
    """How likely a folder holds media, best first; the values are sent."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderEntry:
    """A folder within a folder; `warning` tells why it cannot be entered."""

    name: str
    path: str
    is_readable: bool
    is_hidden: bool
    hint: MediaHint
    warning: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderView:
    """A folder as a browser shows it; `parents` holds names and paths from the top down to the folder itself."""

    path: str
    is_readable: bool
    parents: tuple[tuple[str, str], ...]
    entries: tuple[FolderEntry, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """A folder worth a look, and why."""

    path: str
    label: str
    reason: str
    hint: MediaHint


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderPreview:
    """What a scan of one folder would find, as far as the budget went."""

    path: str
    exists: bool
    is_readable: bool
    media_files: int
    sample_files: tuple[str, ...]
    hint: MediaHint
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviewReport:
    """The previews of some folders; `is_truncated` tells that the budget ended before the folders did."""

    folders: tuple[FolderPreview, ...]
    is_truncated: bool
    warnings: tuple[str, ...] = ()

    @property
    def total_media_files(self) -> int:
        return sum(folder.media_files for folder in self.folders)
