"""What could be gained in a library besides encoding: files that are there twice, and tracks that cost more than they give."""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath

from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import FileStamp, JobState

COMMENTARY_WORDS = ("commentary", "director", "description", "descriptive")
LOSSY_BPS_PER_CHANNEL = 64_000  # what a good lossy codec needs; the measure of what a lossless track wastes
_SAME_LENGTH_S = 0.5


class RecommendationKind(StrEnum):
    """Kinds of advice; the values are sent."""

    REMUX_ONLY = "remux_only_candidate"
    WASTEFUL_AUDIO = "wasteful_audio_layout"
    COMMENTARY = "commentary_cleanup_candidate"


@dataclass(frozen=True, slots=True, kw_only=True)
class LikeFile:
    """A library file of which there is another one with exactly its size. `digest` is that of samples of its content, None
    where they could not be read yet."""

    job_id: JobId
    path: str
    state: JobState
    stamp: FileStamp
    duration_s: float | None
    digest: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateGroup:
    """Files that are one and the same, by path. `is_proved` when their content was compared, not size and length alone."""

    files: tuple[LikeFile, ...]
    is_proved: bool

    @property
    def stem(self) -> str:
        return PurePath(self.files[0].path).stem.lower()

    @property
    def freed_bytes(self) -> int:
        """What keeping one of them would free; names of one file on the disk (hard links) take no room of their own."""
        places = {(file.stamp.device, file.stamp.inode) if file.stamp.inode else file.path for file in self.files}
        return self.files[0].stamp.size_bytes * (len(places) - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """One piece of advice about one file."""

    kind: RecommendationKind
    path: str
    summary: str
    freed_bytes: int

    @property
    def title(self) -> str:
        return _TITLES[self.kind]

    @property
    def suggested_action(self) -> str:
        return _ACTIONS[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntelligenceReport:
    """Everything that was found. `counts` are of all files, `recommendations` those that free the most of each kind;
    `unsampled` files are still to be compared by their content."""

    duplicates: tuple[DuplicateGroup, ...] = ()
    recommendations: tuple[Recommendation, ...] = ()
    counts: dict[RecommendationKind, int] = field(default_factory=dict)
    unsampled: int = 0

    @property
    def total_duplicates(self) -> int:
        """Files that could go."""
        return sum(len(group.files) - 1 for group in self.duplicates)


_TITLES = {
    RecommendationKind.REMUX_ONLY: "Needs another container only",
    RecommendationKind.WASTEFUL_AUDIO: "Lossless sound",
    RecommendationKind.COMMENTARY: "Commentary track",
}
_ACTIONS = {
    RecommendationKind.REMUX_ONLY: "Let it be remuxed: that takes seconds and keeps the quality.",
    RecommendationKind.WASTEFUL_AUDIO: "Use a profile that encodes sound, if you do not need it lossless.",
    RecommendationKind.COMMENTARY: "Strip sound tracks by their title if nobody listens to them.",
}


def group_duplicates(files: Iterable[LikeFile]) -> list[DuplicateGroup]:
    """The groups with the most files first. Names play no part: `01.mkv` is in every season.

    Equal samples make files equal unless their lengths differ; without samples size and length must agree exactly.
    """
    groups = []
    for same_size in _by(files, lambda file: file.stamp.size_bytes):
        for compared in _by((f for f in same_size if f.digest is not None), lambda file: file.digest):
            groups += [DuplicateGroup(files=part, is_proved=True) for part in _by_length(compared)]
        unread = [file for file in same_size if file.digest is None and file.duration_s is not None]
        groups += [DuplicateGroup(files=part, is_proved=False) for part in _by(unread, lambda file: file.duration_s)]
    found = [group for group in groups if len(group.files) > 1]
    return sorted(found, key=lambda group: (-len(group.files), group.stem, group.files[0].path))


def _by(files: Iterable[LikeFile], key: Callable[[LikeFile], Hashable]) -> list[tuple[LikeFile, ...]]:
    parts: dict[Hashable, list[LikeFile]] = {}
    for file in files:
        parts.setdefault(key(file), []).append(file)
    return [tuple(sorted(part, key=lambda file: file.path)) for part in parts.values()]


def _by_length(files: Sequence[LikeFile]) -> list[tuple[LikeFile, ...]]:
    """Parts of equal length; a file whose length nobody knows yet goes with the first."""
    parts: list[list[LikeFile]] = []
    for file in sorted(files, key=lambda file: (file.duration_s is None, file.duration_s or 0.0)):
        last_s = parts[-1][-1].duration_s if parts else None
        if file.duration_s is None and parts:
            parts[0].append(file)
        elif last_s is not None and file.duration_s is not None and file.duration_s - last_s <= _SAME_LENGTH_S:
            parts[-1].append(file)
        else:
            parts.append([file])
    return [tuple(sorted(part, key=lambda file: file.path)) for part in parts]
