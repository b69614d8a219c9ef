"""The health of files: how deep a check looks, what it may find, and what that means for the person who owns the file."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from alchemist_desktop.domain.job import FileStamp


class Depth(StrEnum):
    """How thoroughly a file is looked at, from quick to thorough; each depth includes those before it."""

    HEADER = "header"
    PACKETS = "packets"
    SAMPLE = "sample"
    FULL = "full"

    @property
    def rank(self) -> int:
        return list(Depth).index(self)

    def covers(self, other: "Depth") -> bool:
        """Whether a check of this depth finds all that one of the `other` finds."""
        return self.rank >= other.rank


# What each depth costs and finds: shown beside the choice.
DEPTH_SENTENCES: Mapping[Depth, str] = MappingProxyType(
    {
        Depth.HEADER: "Opens each file and looks where it really ends. Finds files that are empty, cut off or no media at all.",
        Depth.PACKETS: "Reads each file whole and compares its checksums, where it has any. Finds a damaged structure as well,"
        " and in Matroska files with checksums every changed bit.",
        Depth.SAMPLE: "Reads each file whole, and decodes its beginning, a piece of the middle and its end. Finds what the"
        " structure tells, and damage in those places.",
        Depth.FULL: "Decodes every picture and every sound. Finds all that decoders notice; those of HEVC and VP9 hide small"
        " damage, which only checksums tell.",
    }
)


class HealthCategory(StrEnum):
    """What is wrong with a file; the values are stored and sent."""

    CORRUPT_FILE = "corrupt_file"
    TRUNCATED_FILE = "truncated_file"
    MISSING_KEYFRAME = "missing_keyframe"
    CORRUPT_AUDIO = "corrupt_audio"
    CORRUPT_VIDEO = "corrupt_video"
    PERMISSION_ERROR = "permission_error"
    UNKNOWN = "unknown"


_ADVICE: Mapping[HealthCategory, str] = MappingProxyType(
    {
        HealthCategory.CORRUPT_FILE: "Play it; if that fails, get the file again.",
        HealthCategory.TRUNCATED_FILE: "Its end is missing: get the file again.",
        HealthCategory.MISSING_KEYFRAME: "It may play with a broken picture at first; remux it or get it again.",
        HealthCategory.CORRUPT_AUDIO: "Listen at the place that is named; get the file again if it disturbs.",
        HealthCategory.CORRUPT_VIDEO: "Look at the place that is named; get the file again if it disturbs.",
        HealthCategory.PERMISSION_ERROR: "Give the program the right to read the file and its folder.",
        HealthCategory.UNKNOWN: "See whether it is there and plays; check it again later.",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthIssue:
    """What a check found: one sentence, and the words of whoever noticed it."""

    category: HealthCategory
    summary: str
    raw_output: str = ""

    @property
    def advice(self) -> str:
        return _ADVICE[self.category]


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """What is known of the health of one file as it was (`stamp`), from the deepest check of it."""

    path: str
    stamp: FileStamp
    depth: Depth
    checked_at: datetime
    issue: HealthIssue | None = None

    def after(self, newer: "HealthCheck") -> "HealthCheck":
        """What is known once `newer` came to the same file: a shallow look does not undo what a deeper one found or proved."""
        is_same_file = (self.stamp.size_bytes, self.stamp.mtime_ns) == (newer.stamp.size_bytes, newer.stamp.mtime_ns)
        if not is_same_file or newer.issue is not None or newer.depth.covers(self.depth):
            return newer
        return replace(self, stamp=newer.stamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthRun:
    """One pass over the libraries; without `finished_at` it was interrupted, or runs."""

    id: int
    depth: Depth
    started_at: datetime
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthStatus:
    """The running pass, or the figures of the last one. `total` is None while the files are still being counted.

    `checked` includes what an interrupted pass had checked already; `unread` counts files that could not be judged now.
    """

    is_running: bool = False
    is_waiting: bool = False  # for running jobs to end
    depth: Depth = Depth.SAMPLE
    total: int | None = None
    checked: int = 0
    issues: int = 0
    unread: int = 0
    current_path: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthSummary:
    """Sums over all files that were ever checked and are still known; `last_run` is when the last pass began."""

    total_checked: int
    issues_found: int
    last_run: datetime | None
    unfinished: Depth | None = None  # the depth of an interrupted pass that can be taken up again
