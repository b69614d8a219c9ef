"""Child processes through Qt: output, ends of every kind, stopping, freezing, and dying with the program."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QCoreApplication

from alchemist_desktop.app.loop import make_loop
from alchemist_desktop.media.qprocess import STDERR_TAIL_BYTES, LineSplitter, QtProcessRunner
from tests.support.fake_ffmpeg import install

pytestmark = pytest.mark.anyio
unix_only = pytest.mark.skipif(sys.platform == "win32", reason="signals are those of Unix")


@pytest.fixture
def anyio_backend(qapp: QCoreApplication) -> tuple[str, dict[str, Any]]:
    return "asyncio", {"loop_factory": lambda: make_loop(qapp)}


@pytest.fixture
def runner() -> QtProcessRunner:
    return QtProcessRunner(quit_grace_s=0.3, terminate_grace_s=0.3)


@pytest.fixture
def fake(tmp_path: Path) -> str:
    return install(tmp_path)


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


class _Lines(list[str]):
    """Collects lines, and can be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived = asyncio.Event()

    def __call__(self, line: str) -> None:
        self.append(line)
        self.arrived.set()


async def _until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(20):
        while not is_so():
            await asyncio.sleep(0.01)


async def test_lines_of_both_streams_arrive_and_the_exit_code_too(runner: QtProcessRunner) -> None:
    out, err = _Lines(), _Lines()
    code = r"import sys; sys.stdout.buffer.write(b'a\rb\r\n\nc\xe9'); print('e', file=sys.stderr); sys.exit(3)"
    outcome = await runner.start(_python(code), on_stdout_line=out, on_stderr_line=err).wait()
    assert out == ["a", "b", "c\udce9"]
    assert err == ["e"]
    assert (outcome.exit_code, outcome.stopped, outcome.stderr_tail.strip(), outcome.is_success) == (3, False, "e", False)
    assert outcome.argv[0] == sys.executable


async def test_a_missing_program_is_told(runner: QtProcessRunner) -> None:
    process = runner.start(["/no/such/ffmpeg"])
    outcome = await process.wait()
    assert outcome.start_error is not None
    assert "/no/such/ffmpeg" in outcome.start_error
    assert (outcome.exit_code, outcome.is_success, process.pid) == (None, False, 0)
    await process.stop()
    process.kill()
    process.suspend()


@unix_only
async def test_any_file_name_arrives_as_argument(runner: QtProcessRunner, tmp_path: Path) -> None:
    out = _Lines()
    name = os.fsdecode(b"caf\xe9 'x'\n.mkv")
    argv = _python("import os,sys; print(os.fsencode(sys.argv[1]).hex())")
    outcome = await runner.start([*argv, name], on_stdout_line=out).wait()
    assert outcome.is_success
    assert out == [os.fsencode(name).hex()]


@unix_only
async def test_a_crash_has_no_exit_code(runner: QtProcessRunner) -> None:
    outcome = await runner.start(_python("import os; os.kill(os.getpid(), 9)")).wait()
    assert (outcome.exit_code, outcome.stopped, outcome.is_success) == (None, False, False)


async def test_a_flood_leaves_only_its_end(runner: QtProcessRunner, fake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_FFMPEG", "flood")
    outcome = await runner.start([fake, "-"]).wait()
    assert outcome.exit_code == 187
    assert len(outcome.stderr_tail) <= STDERR_TAIL_BYTES
    assert outcome.stderr_tail.rstrip().endswith("maybe incorrect parameters")
    assert "line 19999 of" in outcome.stderr_tail


async def test_stop_asks_with_q_and_a_clean_end_still_counts_as_stopped(fake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_FFMPEG", "hang")
    patient = QtProcessRunner(quit_grace_s=20)
    lines = _Lines()
    process = patient.start([fake, "-"], on_stdout_line=lines)
    await lines.arrived.wait()
    await process.stop()
    outcome = await process.wait()
    assert (outcome.exit_code, outcome.stopped, outcome.is_success) == (0, True, False)


@unix_only
async def test_stop_ends_a_process_that_ignores_everything(
    runner: QtProcessRunner, fake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_FFMPEG", "stubborn")
    lines = _Lines()
    process = runner.start([fake, "-"], on_stdout_line=lines)
    await lines.arrived.wait()
    await process.stop()
    outcome = await process.wait()
    assert (outcome.exit_code, outcome.stopped) == (None, True)


async def test_a_frozen_process_rests_goes_on_and_can_be_stopped(fake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_FFMPEG", "hang")
    lines = _Lines()
    process = QtProcessRunner(quit_grace_s=20).start([fake, "-"], on_stdout_line=lines)
    await lines.arrived.wait()
    system = psutil.Process(process.pid)
    process.suspend()
    await _until(lambda: system.status() == psutil.STATUS_STOPPED)
    process.resume()
    await _until(lambda: system.status() != psutil.STATUS_STOPPED)
    process.suspend()
    await process.stop()
    assert (await process.wait()).exit_code == 0
    process.suspend()
    process.resume()


async def test_a_cancelled_wait_kills_the_process(runner: QtProcessRunner) -> None:
    process = runner.start(_python("import time; time.sleep(600)"))
    system = psutil.Process(process.pid)
    waiting = asyncio.create_task(process.wait())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert not system.is_running()
    assert (await process.wait()).stopped


async def test_a_process_nobody_holds_runs_to_its_end(runner: QtProcessRunner, tmp_path: Path) -> None:
    mark = tmp_path / "done"
    pid = runner.start([*_python("import sys, pathlib; pathlib.Path(sys.argv[1]).touch()"), str(mark)]).pid
    await _until(mark.exists)
    assert mark.exists()
    await _until(lambda: not psutil.pid_exists(pid))
    await asyncio.sleep(0.2)  # its end is told through this loop, which must not be closed before


async def test_a_line_for_line_reader_sees_every_progress_line(
    runner: QtProcessRunner, fake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_FFMPEG_FRAMES", "2000")
    lines = _Lines()
    outcome = await runner.start([fake, "-"], on_stdout_line=lines).wait()
    assert outcome.is_success
    assert [line for line in lines if line.startswith("frame=")] == [f"frame={n}" for n in range(1, 2001)]


@unix_only
async def test_low_priority_is_set_for_the_child(runner: QtProcessRunner) -> None:
    out = _Lines()
    code = "import os, time; time.sleep(0.2); print(os.getpriority(os.PRIO_PROCESS, 0))"
    await runner.start(_python(code), on_stdout_line=out, low_priority=True).wait()
    assert int(out[0]) == max(10, os.getpriority(os.PRIO_PROCESS, 0))


_PARENT = """
import asyncio, os, sys
from PySide6.QtCore import QCoreApplication
from alchemist_desktop.app.loop import make_loop
from alchemist_desktop.media.qprocess import QtProcessRunner

async def main():
    lines = asyncio.Queue()
    process = QtProcessRunner().start([sys.executable, "-c", "import time; print(1, flush=True); time.sleep(600)"],
                                      on_stdout_line=lines.put_nowait)
    await lines.get()
    print(process.pid, flush=True)
    os.kill(os.getpid(), 9)

app = QCoreApplication([])
with asyncio.Runner(loop_factory=lambda: make_loop(app)) as runner:
    runner.run(main())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a child die with its parent in this way")
async def test_children_die_when_the_program_is_killed() -> None:
    done = await asyncio.to_thread(subprocess.run, [sys.executable, "-c", _PARENT], stdout=subprocess.PIPE, check=False)
    assert done.returncode == -9
    pid = int(done.stdout)
    await _until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@given(st.lists(st.binary(max_size=30)), st.data())
def test_lines_do_not_depend_on_how_the_bytes_arrive(parts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(parts)
    expected = [line.decode(errors="surrogateescape") for line in whole.replace(b"\r", b"\n").split(b"\n") if line]
    got: list[str] = []
    splitter = LineSplitter(got.append)
    for part in parts:
        splitter.feed(part)
    splitter.flush()
    assert got == expected


def test_a_line_without_end_is_handed_over_in_pieces() -> None:
    got: list[str] = []
    splitter = LineSplitter(got.append)
    for _ in range(100):
        splitter.feed(b"x" * 10_000)
    assert "".join(got).startswith("x" * 70_000)
    assert max(map(len, got)) < 100_000
