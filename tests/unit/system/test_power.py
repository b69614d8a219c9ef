"""Sleep is held off while it is asked for, and no longer than the program lives."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from alchemist_desktop.system.power import NoInhibitor, ProcessInhibitor, SleepInhibitor, WindowsInhibitor, make_inhibitor

_UNTIL_INPUT_ENDS = "import sys; sys.stdin.read()"


def holding_argv(_: str) -> Sequence[str]:
    return [sys.executable, "-c", _UNTIL_INPUT_ENDS]


def children() -> set[int]:
    return {child.pid for child in psutil.Process().children() if child.status() != psutil.STATUS_ZOMBIE}


def test_a_child_lives_from_hold_to_release() -> None:
    before = children()
    inhibitor = ProcessInhibitor(holding_argv)
    states: list[bool] = []
    for _ in range(2):
        inhibitor.hold("encoding")
        inhibitor.hold("encoding")
        assert len(children() - before) == 1
        states.append(inhibitor.is_holding)
        inhibitor.release()
        inhibitor.release()
        states.append(inhibitor.is_holding)
        assert children() == before
    assert states == [True, False] * 2


def test_a_child_that_could_not_hold_is_tried_again() -> None:
    before = children()
    starts: list[str] = []

    def ending_argv(reason: str) -> Sequence[str]:
        starts.append(reason)
        return [sys.executable, "-c", ""]

    inhibitor = ProcessInhibitor(ending_argv)
    inhibitor.hold("encoding")
    deadline = time.monotonic() + 20
    while inhibitor.is_holding and time.monotonic() < deadline:
        time.sleep(0.02)
    inhibitor.hold("encoding")
    inhibitor.release()
    assert len(starts) == 2
    assert children() == before


def test_a_missing_program_means_no_hold(tmp_path: Path) -> None:
    inhibitor = ProcessInhibitor(lambda _: [str(tmp_path / "missing")])
    inhibitor.hold("encoding")
    assert not inhibitor.is_holding
    inhibitor.release()


def test_the_hold_ends_when_the_program_is_killed() -> None:
    program = (
        "import sys, time\n"
        "from alchemist_desktop.system.power import ProcessInhibitor\n"
        f"inhibitor = ProcessInhibitor(lambda _: [sys.executable, '-c', {_UNTIL_INPUT_ENDS!r}])\n"
        "inhibitor.hold('encoding')\n"
        "print('held', flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == b"held"
        (holder,) = psutil.Process(child.pid).children()
        child.kill()
    gone, alive = psutil.wait_procs([holder], timeout=20)
    assert (len(gone), len(alive)) == (1, 0)


def test_windows_is_told_of_both_ends() -> None:
    states: list[int] = []
    inhibitor = WindowsInhibitor(lambda state: states.append(state) or 1)  # type: ignore[func-returns-value]
    inhibitor.hold("encoding")
    assert inhibitor.is_holding
    inhibitor.release()
    inhibitor.release()
    assert states == [0x80000001, 0x80000000]
    assert not inhibitor.is_holding


def test_windows_may_refuse() -> None:
    inhibitor = WindowsInhibitor(lambda _: 0)
    inhibitor.hold("encoding")
    assert not inhibitor.is_holding


def test_every_system_gets_one_that_can_be_called() -> None:
    inhibitors: list[SleepInhibitor] = [make_inhibitor(), NoInhibitor()]
    for inhibitor in inhibitors:
        inhibitor.hold("test")
        inhibitor.release()
        assert not inhibitor.is_holding
