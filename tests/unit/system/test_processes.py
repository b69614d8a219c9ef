"""Children that outlive the program are found again, and nothing else is ever ended."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from alchemist_desktop.system.processes import ChildRecord, ChildRegistry, kill_orphans

_STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
_POLITE = "import time; print('up', flush=True); time.sleep(600)"


ARGUMENTS = ("-c", _POLITE)


def start(program: str) -> subprocess.Popen[bytes]:
    child = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline().strip() == b"up"
    return child


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    with start(_POLITE) as child:
        yield child
        child.kill()


@pytest.fixture
def stubborn() -> Iterator[subprocess.Popen[bytes]]:
    with start(_STUBBORN) as child:
        yield child
        child.kill()


def record_of(pid: int) -> ChildRecord:
    process = psutil.Process(pid)
    return ChildRecord(pid=pid, started_s=process.create_time(), arguments=tuple(process.cmdline()[1:]))


def test_the_next_run_finds_a_child_that_still_runs(tmp_path: Path, child: subprocess.Popen[bytes]) -> None:
    ChildRegistry(tmp_path / "children").note(child.pid, ARGUMENTS)
    (leftover,) = ChildRegistry(tmp_path / "children").leftovers()
    assert leftover.pid == child.pid


def test_children_that_ended_or_were_forgotten_are_no_leftovers(tmp_path: Path, child: subprocess.Popen[bytes]) -> None:
    registry = ChildRegistry(tmp_path / "children")
    registry.note(child.pid, ARGUMENTS)
    registry.forget(child.pid)
    registry.forget(child.pid)
    assert ChildRegistry(tmp_path / "children").leftovers() == ()
    registry.note(child.pid, ARGUMENTS)
    child.kill()
    child.wait()
    assert ChildRegistry(tmp_path / "children").leftovers() == ()
    registry.note(child.pid, ARGUMENTS)
    assert registry.leftovers() == ()


def test_a_damaged_list_counts_as_empty(tmp_path: Path, child: subprocess.Popen[bytes]) -> None:
    for content in ("", "{", '[{"pid": 1}]', "[1]", "7"):
        (tmp_path / "children").write_text(content)
        assert ChildRegistry(tmp_path / "children").leftovers() == ()
    registry = ChildRegistry(tmp_path / "children")
    registry.note(child.pid, ARGUMENTS)
    assert len(registry.leftovers()) == 1


def test_orphans_are_ended_by_force_if_need_be(child: subprocess.Popen[bytes], stubborn: subprocess.Popen[bytes]) -> None:
    records = [record_of(child.pid), record_of(stubborn.pid)]
    psutil.Process(child.pid).suspend()
    assert set(kill_orphans(records, patience_s=0.5)) == set(records)
    assert not psutil.pid_exists(child.pid) or psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE
    assert kill_orphans(records) == ()


def test_a_later_process_with_the_same_pid_is_left_alone(child: subprocess.Popen[bytes]) -> None:
    record = record_of(child.pid)
    others = [replace(record, started_s=record.started_s - 60), replace(record, arguments=("-i", "other.mkv"))]
    assert kill_orphans(others, patience_s=0.2) == ()
    assert child.poll() is None


def test_the_next_run_ends_what_the_last_one_left(tmp_path: Path, child: subprocess.Popen[bytes]) -> None:
    ChildRegistry(tmp_path / "children").note(child.pid, ARGUMENTS)
    assert [record.pid for record in ChildRegistry(tmp_path / "children").end_leftovers(patience_s=2.0)] == [child.pid]
    assert not psutil.pid_exists(child.pid)
    assert ChildRegistry(tmp_path / "children").end_leftovers() == ()


def test_a_launcher_before_the_program_does_not_hide_it(tmp_path: Path) -> None:
    argv = ["/bin/sh", "-c", 'exec "$@"', "sh", sys.executable, "-c", _POLITE]
    with subprocess.Popen(argv, stdout=subprocess.PIPE) as child:
        ChildRegistry(tmp_path / "children").note(child.pid, ARGUMENTS)
        assert child.stdout is not None
        assert child.stdout.readline().strip() == b"up"
        assert len(ChildRegistry(tmp_path / "children").leftovers()) == 1
        child.kill()


def test_a_list_that_cannot_be_written_stops_nobody(tmp_path: Path, child: subprocess.Popen[bytes]) -> None:
    registry = ChildRegistry(tmp_path / "no such folder" / "children")
    registry.note(child.pid, ARGUMENTS)
    assert len(registry.leftovers()) == 1
