"""Tells when a file that is being written has come to rest; pure, the time is given."""

from collections.abc import Mapping
from dataclasses import dataclass

from alchemist_desktop.domain.job import FileStamp


@dataclass(slots=True)
class _Pending:
    root: str
    stamp: FileStamp | None = None
    same_polls: int = 0
    unchanged_since_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """A file that no longer changes, and the watched folder it lies in."""

    path: str
    root: str
    stamp: FileStamp


class SettleTracker:
    """Files that were noticed and are watched until their size and time stay the same.

    Calls: `note` for every sign of life, and now and then `observe` with a look at each of `pending`. A file is settled
    when it looked the same in `polls` looks after the first, over at least `quiet_s`. It is then no longer pending.
    """

    def __init__(self, *, polls: int = 2, quiet_s: float = 2.0) -> None:
        self._polls = polls
        self._quiet_s = quiet_s
        self._files: dict[str, _Pending] = {}

    @property
    def pending(self) -> tuple[str, ...]:
        return tuple(self._files)

    def note(self, path: str, root: str) -> None:
        self._files.setdefault(path, _Pending(root))

    def forget(self, path: str) -> None:
        self._files.pop(path, None)

    def observe(self, stamps: Mapping[str, FileStamp | None], now_s: float) -> list[Settled]:
        """What has settled, given how each pending file looks now; None means that it is gone.

        A file without a stamp could not be looked at and stays pending. An empty one is dropped once it rests: it is
        noticed again when something is written.
        """
        settled = []
        for path, stamp in stamps.items():
            file = self._files.get(path)
            if file is None:
                continue
            if stamp is None:
                del self._files[path]
            elif stamp != file.stamp:
                file.stamp, file.same_polls, file.unchanged_since_s = stamp, 0, now_s
            else:
                file.same_polls += 1
                if file.same_polls >= self._polls and now_s - file.unchanged_since_s >= self._quiet_s:
                    del self._files[path]
                    if stamp.size_bytes > 0:
                        settled.append(Settled(path=path, root=file.root, stamp=stamp))
        return settled
