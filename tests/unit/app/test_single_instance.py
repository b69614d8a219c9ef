"""Only one program has a database open, and a dead one never blocks the next."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from alchemist_desktop.app.single_instance import InstanceLock

_PROGRAM = str(Path(__file__).with_name("holder_program.py"))


@contextmanager
def other_program(database: Path, *args: str) -> Iterator[tuple[subprocess.Popen[str], str, int]]:
    """Another process that tried to take the lock: itself, what it said, and its forked child's pid (or 1)."""
    with subprocess.Popen([sys.executable, _PROGRAM, str(database), *args], stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        answer, forked = child.stdout.readline().split()
        try:
            yield child, answer, int(forked)
        finally:
            child.kill()


def test_a_second_program_does_not_get_the_lock_and_learns_who_has_it(tmp_path: Path) -> None:
    database = tmp_path / "alchemist.db"
    lock = InstanceLock(database)
    with other_program(database) as (child, answer, _):
        assert answer == "True"
        assert not lock.acquire()
        holder = lock.holder()
        assert holder is not None
        assert holder.pid == child.pid
        assert str(child.pid) in holder.description


def test_a_killed_program_leaves_nothing_that_blocks(tmp_path: Path) -> None:
    database = tmp_path / "alchemist.db"
    lock = InstanceLock(database)
    with other_program(database) as (child, _, _):
        child.kill()
        child.wait()
    assert lock.holder() is None
    assert lock.acquire()
    lock.release()


@pytest.mark.skipif(sys.platform == "win32", reason="only there do processes fork")
def test_a_forked_worker_that_outlives_the_program_does_not_keep_the_lock(tmp_path: Path) -> None:
    database = tmp_path / "alchemist.db"
    with other_program(database, "--fork") as (child, _, worker):
        child.kill()
        child.wait()
        lock = InstanceLock(database)
        assert lock.acquire()
        os.kill(worker, signal.SIGKILL)
        lock.release()


def test_each_database_has_its_own_lock(tmp_path: Path) -> None:
    first, second = InstanceLock(tmp_path / "a.db"), InstanceLock(tmp_path / "b.db")
    assert first.acquire()
    assert second.acquire()
    first.release()
    second.release()


def test_release_lets_the_next_one_in(tmp_path: Path) -> None:
    first, second = InstanceLock(tmp_path / "a.db"), InstanceLock(tmp_path / "a.db")
    assert first.acquire()
    assert first.acquire()
    assert not second.acquire()
    first.release()
    assert second.acquire()
    second.release()


def test_only_this_user_can_read_the_secret(tmp_path: Path) -> None:
    lock = InstanceLock(tmp_path / "a.db")
    assert lock.acquire()
    lock.announce("somewhere", "very secret")
    holder = lock.holder()
    assert holder is not None
    assert holder.secret == "very secret"
    assert stat.S_IMODE((tmp_path / "a.db.instance").stat().st_mode) == 0o600
    lock.release()
    assert not (tmp_path / "a.db.instance").exists()


@pytest.mark.parametrize("content", ["", "{}", "not json", '{"pid": 1}', "[]", '{"pid": "x", "started_s": 0, "command": ""}'])
def test_a_damaged_information_file_means_nobody_is_known(tmp_path: Path, content: str) -> None:
    (tmp_path / "a.db.instance").write_text(content)
    assert InstanceLock(tmp_path / "a.db").holder() is None
