"""A file counts as complete only when it has come to rest."""

from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.domain.job import FileStamp
from alchemist_desktop.system.settling import Settled, SettleTracker


def stamp(size: int, mtime: int = 0) -> FileStamp:
    return FileStamp(size_bytes=size, mtime_ns=mtime)


def tracker(*paths: str, polls: int = 2, quiet_s: float = 2.0) -> SettleTracker:
    made = SettleTracker(polls=polls, quiet_s=quiet_s)
    for path in paths:
        made.note(path, "/root")
    return made


def test_a_file_settles_after_enough_equal_looks_over_enough_time() -> None:
    files = tracker("/root/a")
    assert files.observe({"/root/a": stamp(5)}, 0) == []
    assert files.observe({"/root/a": stamp(5)}, 1) == []
    assert files.observe({"/root/a": stamp(5)}, 2) == [Settled(path="/root/a", root="/root", stamp=stamp(5))]
    assert files.pending == ()


def test_looks_in_quick_succession_are_not_enough() -> None:
    files = tracker("/root/a")
    for now_s in (0.0, 0.1, 0.2, 1.9):
        assert files.observe({"/root/a": stamp(5)}, now_s) == []
    assert len(files.observe({"/root/a": stamp(5)}, 2.0)) == 1


def test_time_alone_is_not_enough() -> None:
    files = tracker("/root/a")
    files.observe({"/root/a": stamp(5)}, 0)
    assert files.observe({"/root/a": stamp(5)}, 100) == []
    assert len(files.observe({"/root/a": stamp(5)}, 101)) == 1


def test_a_change_of_size_or_time_starts_over() -> None:
    files = tracker("/root/a")
    for now_s, look in enumerate([stamp(5), stamp(5), stamp(6), stamp(6), stamp(6, 1), stamp(6, 1)]):
        assert files.observe({"/root/a": look}, now_s) == []
    assert len(files.observe({"/root/a": stamp(6, 1)}, 7)) == 1


def test_noting_again_does_not_start_over() -> None:
    files = tracker("/root/a")
    files.observe({"/root/a": stamp(5)}, 0)
    files.observe({"/root/a": stamp(5)}, 1)
    files.note("/root/a", "/root")
    assert len(files.observe({"/root/a": stamp(5)}, 2)) == 1


def test_gone_forgotten_and_empty_files_never_settle() -> None:
    files = tracker("/root/gone", "/root/forgotten", "/root/empty")
    files.forget("/root/forgotten")
    files.forget("/root/never noted")
    looks = {"/root/gone": None, "/root/forgotten": stamp(5), "/root/empty": stamp(0)}
    assert [files.observe(looks, now_s) for now_s in range(5)] == [[]] * 5
    assert files.pending == ()


def test_a_file_that_could_not_be_looked_at_stays_pending() -> None:
    files = tracker("/root/a")
    files.observe({}, 0)
    assert files.pending == ("/root/a",)


@given(st.lists(st.tuples(st.floats(0.1, 5), st.integers(1, 3) | st.none()), max_size=30), st.integers(1, 4), st.floats(0, 6))
def test_whatever_settles_was_the_same_in_its_last_looks(
    looks: list[tuple[float, int | None]], polls: int, quiet_s: float
) -> None:
    files = tracker("/root/a", polls=polls, quiet_s=quiet_s)
    now_s, history = 0.0, []
    for pause_s, size in looks:
        now_s += pause_s
        history.append((now_s, size))
        if files.observe({"/root/a": None if size is None else stamp(size)}, now_s):
            same = history[-polls - 1 :]
            assert len(same) == polls + 1
            assert {look for _, look in same} == {size}
            quiet = [look for at_s, look in history if at_s >= now_s - quiet_s]
            assert set(quiet) == {size}
            return
