"""What became of the files below some folders, counted in the database."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from alchemist_desktop.domain.job import JobState
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.found_files import below

_IS_BELOW = "archived = 0 AND input_path >= CAST(? AS TEXT) AND input_path < CAST(? AS TEXT)"


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderCounts:
    """Live jobs by state; those that wait for their next try are counted in `waiting_for_retry` and not as queued."""

    by_state: Counter[JobState] = field(default_factory=Counter)
    waiting_for_retry: int = 0

    @property
    def unfinished(self) -> int:
        """Jobs that are queued now or run."""
        return sum(count for state, count in self.by_state.items() if not state.is_terminal)

    @property
    def not_done(self) -> int:
        """Jobs that are not at the end they should come to."""
        done = self.by_state[JobState.COMPLETED] + self.by_state[JobState.SKIPPED]
        return self.by_state.total() + self.waiting_for_retry - done


class FolderJobs:
    """Sums over the jobs whose sources lie below one of some folders; no row leaves the database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def counts(self, roots: Sequence[str]) -> FolderCounts:
        return await self._db.read(_counts, _distinct(roots))

    async def saved_bytes(self, roots: Sequence[str]) -> int:
        """What the completed ones among them saved."""
        return await self._db.read(_saved_bytes, _distinct(roots))


def _distinct(roots: Sequence[str]) -> list[tuple[bytes, bytes]]:
    """The ranges of paths; a folder within another is left out, or its files would count twice."""
    ranges = sorted({below(root) for root in roots})
    return [one for one in ranges if not any(a <= one[0] and one[1] <= b for a, b in ranges if (a, b) != one)]


def _counts(db: Connection, ranges: list[tuple[bytes, bytes]]) -> FolderCounts:
    by_state: Counter[JobState] = Counter()
    waiting = 0
    for first, last in ranges:
        sql = (
            f"SELECT state, count(*), sum(state = 'queued' AND not_before IS NOT NULL) FROM jobs WHERE {_IS_BELOW} GROUP BY state"
        )
        for state, count, retries in db.sql(sql, (first, last)):
            by_state[JobState(state)] += count - retries
            waiting += retries
    return FolderCounts(by_state=by_state, waiting_for_retry=waiting)


def _saved_bytes(db: Connection, ranges: list[tuple[bytes, bytes]]) -> int:
    sql = (
        "SELECT coalesce(sum(input_size_bytes - output_size_bytes), 0) FROM stats WHERE id IN (SELECT max(s.id) FROM stats s"
        f" WHERE s.job_id IN (SELECT id FROM jobs WHERE {_IS_BELOW} AND state = 'completed') GROUP BY s.job_id)"
    )
    return sum(int(db.sql(sql, bounds).fetchone()[0]) for bounds in ranges)
