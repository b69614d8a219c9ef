"""How one order of rows turns into another in the fewest steps a view can follow; pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from alchemist_desktop.domain.ids import JobId

_CHUNK = 16_384  # compared at once; small enough that another thread gets its turn in between


class ChangeKind(StrEnum):
    """The steps views know, from nothing to starting over."""

    NONE = "none"
    INSERT = "insert"
    REMOVE = "remove"
    MOVE = "move"
    RESET = "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChange:
    """One step. INSERT and REMOVE concern `count` rows from `first`; MOVE takes row `first` to row `target`.

    After a RESET `places` tells where the rows are now that were to be kept in sight.
    """

    kind: ChangeKind
    first: int = 0
    count: int = 0
    target: int = 0
    places: Mapping[JobId, int] = field(default_factory=lambda: MappingProxyType({}))


def order_change(old: Sequence[JobId], new: Sequence[JobId], keep: frozenset[JobId] = frozenset()) -> OrderChange:
    """The step from `old` to `new`. Neither may change meanwhile; long lists are best compared in a thread."""
    head = _common_head(old, new)
    if head == len(old) == len(new):
        return OrderChange(kind=ChangeKind.NONE)
    tail = _common_tail(old, new, head)
    if head + tail == len(old):
        return OrderChange(kind=ChangeKind.INSERT, first=head, count=len(new) - len(old))
    if head + tail == len(new):
        return OrderChange(kind=ChangeKind.REMOVE, first=head, count=len(old) - len(new))
    last = len(old) - tail - 1
    if len(old) == len(new):
        if old[head] == new[last] and old[head + 1 : last + 1] == new[head:last]:
            return OrderChange(kind=ChangeKind.MOVE, first=head, target=last)
        if old[last] == new[head] and old[head:last] == new[head + 1 : last + 1]:
            return OrderChange(kind=ChangeKind.MOVE, first=last, target=head)
    places = {job_id: row for row, job_id in enumerate(new) if job_id in keep} if keep else {}
    return OrderChange(kind=ChangeKind.RESET, places=MappingProxyType(places))


def _common_head(old: Sequence[JobId], new: Sequence[JobId]) -> int:
    limit, at = min(len(old), len(new)), 0
    while at < limit and old[at : at + _CHUNK] == new[at : at + _CHUNK]:
        at = min(at + _CHUNK, limit)
    while at < limit and old[at] == new[at]:
        at += 1
    return at


def _common_tail(old: Sequence[JobId], new: Sequence[JobId], head: int) -> int:
    limit, at = min(len(old), len(new)) - head, 0
    while at + _CHUNK <= limit and _tail_part(old, at) == _tail_part(new, at):
        at += _CHUNK
    while at < limit and old[-1 - at] == new[-1 - at]:
        at += 1
    return at


def _tail_part(ids: Sequence[JobId], at: int) -> Sequence[JobId]:
    end = len(ids) - at
    return ids[end - _CHUNK : end]
