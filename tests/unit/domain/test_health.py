"""What is known of a file after several checks of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from alchemist_desktop.domain.health import DEPTH_SENTENCES, Depth, HealthCategory, HealthCheck, HealthIssue
from alchemist_desktop.domain.job import FileStamp

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
CUT = HealthIssue(category=HealthCategory.TRUNCATED_FILE, summary="It is cut off.")
FINE = HealthCheck(path="/a.mkv", stamp=FileStamp(size_bytes=10, mtime_ns=1), depth=Depth.FULL, checked_at=NOON)


def later(depth: Depth, issue: HealthIssue | None = None, **stamp: int) -> HealthCheck:
    return replace(FINE, depth=depth, issue=issue, checked_at=NOON + timedelta(hours=1), stamp=replace(FINE.stamp, **stamp))


def test_each_depth_covers_those_before_it() -> None:
    order = list(Depth)
    for (n, one), (m, other) in product(enumerate(order), repeat=2):
        assert one.covers(other) == (n >= m)
    assert set(DEPTH_SENTENCES) == set(Depth)


@pytest.mark.parametrize("depth", Depth)
def test_every_category_has_advice(depth: Depth) -> None:
    assert all(HealthIssue(category=category, summary="x").advice for category in HealthCategory)


def test_a_shallow_look_does_not_undo_a_deep_one() -> None:
    damaged = replace(FINE, issue=CUT)
    assert damaged.after(later(Depth.HEADER)).issue == CUT
    assert damaged.after(later(Depth.HEADER)).depth is Depth.FULL
    assert FINE.after(later(Depth.PACKETS)).depth is Depth.FULL


def test_a_look_as_deep_clears_a_file_and_a_finding_always_counts() -> None:
    damaged = replace(FINE, issue=CUT)
    assert damaged.after(later(Depth.FULL)).issue is None
    assert FINE.after(later(Depth.HEADER, CUT)) == later(Depth.HEADER, CUT)


@pytest.mark.parametrize("change", [{"size_bytes": 11}, {"mtime_ns": 2}])
def test_of_a_changed_file_only_the_new_check_counts(change: dict[str, int]) -> None:
    damaged = replace(FINE, issue=CUT)
    newer = later(Depth.HEADER, None, **change)
    assert damaged.after(newer) == newer


def test_a_new_inode_is_no_new_file() -> None:
    moved = later(Depth.HEADER, inode=99)
    kept = replace(FINE, issue=CUT).after(moved)
    assert (kept.issue, kept.stamp) == (CUT, moved.stamp)
