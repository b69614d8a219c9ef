"""From one order of rows to another."""

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.ui.models.order_change import ChangeKind, OrderChange, order_change

orders = st.lists(st.integers(0, 12).map(JobId), unique=True, max_size=10)


def follow(old: Sequence[JobId], new: Sequence[JobId], change: OrderChange) -> list[JobId]:
    """What a view that knew `old` shows after the step; rows that come in are read from `new`."""
    rows = list(old)
    match change.kind:
        case ChangeKind.INSERT:
            rows[change.first : change.first] = new[change.first : change.first + change.count]
        case ChangeKind.REMOVE:
            del rows[change.first : change.first + change.count]
        case ChangeKind.MOVE:
            rows.insert(change.target, rows.pop(change.first))
        case ChangeKind.RESET:
            rows = list(new)
        case ChangeKind.NONE:
            pass
    return rows


@given(orders, orders)
def test_the_step_leads_to_the_new_order(old: list[JobId], new: list[JobId]) -> None:
    assert follow(old, new, order_change(old, new)) == new


@given(orders, st.data())
def test_one_row_more_or_moved_is_no_reset(old: list[JobId], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(old)))
    longer = [*old[:place], JobId(99), *old[place:]]
    assert order_change(old, longer).kind is ChangeKind.INSERT
    assert order_change(longer, old).kind is ChangeKind.REMOVE
    moved = [*old, JobId(99)]
    assert order_change(longer, moved).kind in {ChangeKind.MOVE, ChangeKind.NONE}


@given(orders, orders, st.frozensets(st.integers(0, 12).map(JobId)))
def test_a_reset_tells_the_places_of_what_is_kept(old: list[JobId], new: list[JobId], keep: frozenset[JobId]) -> None:
    change = order_change(old, new, keep)
    if change.kind is ChangeKind.RESET:
        assert dict(change.places) == {job_id: new.index(job_id) for job_id in keep if job_id in new}


def test_long_orders_are_compared_across_chunks() -> None:
    old = [JobId(number) for number in range(50_000)]
    new = [*old[:20_000], *old[20_010:]]
    assert order_change(old, new) == OrderChange(kind=ChangeKind.REMOVE, first=20_000, count=10)
    assert order_change(old, [*new[1:], new[0]]).kind is ChangeKind.RESET
    assert order_change(old, [old[-1], *old[:-1]]) == OrderChange(kind=ChangeKind.MOVE, first=49_999, target=0)
