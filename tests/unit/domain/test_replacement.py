"""Which originals leave the trash, and when."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.domain.ids import JobId, TrashId
from alchemist_desktop.domain.replacement import TrashEntry, choose_purge

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def entry(number: int, *, age_days: float = 1, size_bytes: int = 10, gone: bool = False) -> TrashEntry:
    return TrashEntry(
        id=TrashId(number),
        job_id=JobId(number),
        original_path=f"/{number}.mkv",
        trash_path=f"/.alchemist/trash/{number}-0/{number}.mkv",
        output_path=f"/{number}-alchemist.mkv",
        size_bytes=size_bytes,
        created_at=NOW - timedelta(days=age_days),
        purged_at=NOW if gone else None,
    )


def test_entries_past_their_retention_go_and_others_stay() -> None:
    entries = [entry(1, age_days=29.9), entry(2, age_days=30), entry(3, age_days=400)]
    assert [e.id for e in choose_purge(entries, NOW, 30, 0)] == [3, 2]


def test_a_retention_of_no_days_empties_the_trash() -> None:
    assert [e.id for e in choose_purge([entry(1, age_days=0)], NOW, 0, 0)] == [1]


def test_the_oldest_go_until_the_rest_fits_the_budget() -> None:
    entries = [entry(1, age_days=1), entry(2, age_days=3), entry(3, age_days=2)]
    assert [e.id for e in choose_purge(entries, NOW, 30, 20)] == [2]
    assert [e.id for e in choose_purge(entries, NOW, 30, 19)] == [2, 3]
    assert choose_purge(entries, NOW, 30, 30) == []


def test_what_is_gone_already_is_neither_chosen_nor_counted() -> None:
    assert choose_purge([entry(1, age_days=99, gone=True), entry(2)], NOW, 30, 10) == []


_ENTRIES = st.lists(st.tuples(st.floats(0, 100, allow_nan=False), st.integers(0, 1000), st.booleans()), max_size=12).map(
    lambda rows: [entry(n, age_days=age, size_bytes=size, gone=gone) for n, (age, size, gone) in enumerate(rows)]
)


@given(_ENTRIES, st.integers(0, 60), st.integers(1, 3000))
def test_what_stays_fits_the_budget_and_is_younger_than_what_goes(
    entries: list[TrashEntry], retention_days: int, budget_bytes: int
) -> None:
    chosen = choose_purge(entries, NOW, retention_days, budget_bytes)
    kept = [e for e in entries if e.is_in_trash and e not in chosen]
    assert sum(e.size_bytes for e in kept) <= budget_bytes
    assert all(e.created_at > NOW - timedelta(days=retention_days) for e in kept)
    assert all(old.created_at <= young.created_at for old in chosen for young in kept)
    assert choose_purge(kept, NOW, retention_days, budget_bytes) == []
