"""However the program is asked to stop, and whatever it does then: it ends soon and cleanly, and no work is lost."""

import os
import pty
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.support.media import make_clip
from tests.support.program import Overrides, Program, ffmpeg_working_in, still_alive
from tests.support.wrapped_ffmpeg import WrappedFfmpeg

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

LIMIT_S = 20.0  # generous, for a busy machine; the program's own patience is far shorter


class House:
    """A library with two clips, an FFmpeg that can be frozen, and the program that works on them."""

    def __init__(self, folder: Path) -> None:
        self.library = folder / "library"
        self.library.mkdir()
        self.ffmpeg = WrappedFfmpeg(folder / "ffmpeg", "frozen encode")
        make_clip(self.library / "one.mkv", duration_s=1)
        shutil.copy(self.library / "one.mkv", self.library / "two.mkv")
        self.program = Program(folder / "home", self._config())

    def _config(self) -> Overrides:
        return {
            "transcode": {"size_reduction_threshold": 0.0, "min_bpp_threshold": 0.0, "min_file_size_mb": 0, "predict_size": False},
            "hardware": {"preferred_vendor": "cpu", "cpu_preset": "faster", "ffmpeg_path": self.ffmpeg.path},
            "files": {"delete_source": True, "in_place": True},
            "system": {"min_free_space_gb": 0},
            "scanner": {"directories": [str(self.library)]},
        }

    def serve(self) -> str:
        """Start it as a server with the library's jobs queued; returns its address."""
        self.program.start("scan", self.library)
        assert self.program.wait(60.0) == 0, self.program.output
        self.program.start("serve", "--port", "0")
        return self.program.wait_ready()

    def wait_frozen(self) -> None:
        self.program.wait_until(lambda: self.ffmpeg.is_frozen, 60.0)

    def assert_nothing_is_left(self, children: list[psutil.Process]) -> None:
        assert {job.state for job in self.program.jobs()} == {"queued"}
        _, alive = psutil.wait_procs(children, timeout=5.0)  # multiprocessing's own tracker ends a moment later
        assert [process.cmdline() for process in still_alive(alive)] == []
        assert ffmpeg_working_in(self.library) == []
        assert sorted(path.name for path in self.library.iterdir()) == ["one.mkv", "two.mkv"]
        assert "Traceback" not in self.program.output, self.program.output


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    with house.program:
        yield house


def children_of(program: Program) -> list[psutil.Process]:
    return list(psutil.Process(program.pid).children(recursive=True))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize(("command", "code"), [("serve", 0), ("run", 130)])
def test_a_signal_ends_it_while_it_encodes(house: House, command: str, code: int, number: signal.Signals) -> None:
    house.serve() if command == "serve" else house.program.start("run", house.library)
    house.wait_frozen()
    children = children_of(house.program)
    os.kill(house.program.pid, number)
    assert house.program.wait(LIMIT_S) == code
    house.assert_nothing_is_left(children)


def test_it_ends_while_it_verifies(house: House) -> None:
    house.ffmpeg.become("frozen decode")
    house.program.start("run", house.library)
    house.wait_frozen()
    children = children_of(house.program)
    assert house.program.terminate(LIMIT_S) == 130
    house.assert_nothing_is_left(children)


def test_it_ends_with_an_open_event_stream_and_a_suspended_job(house: House) -> None:
    url = house.serve()
    house.wait_frozen()
    with httpx.Client(base_url=url) as client:
        setup = {"username": "somebody", "password": "long enough", "directories": [str(house.library)], "concurrent_jobs": 2}
        session = client.post("/api/setup/complete", json=setup)
        assert session.status_code == 200, session.text
        with client.stream("GET", "/api/events", timeout=LIMIT_S) as events:
            assert events.status_code == 200
            children = children_of(house.program)
            for child in children:
                if child.name() == "sleep":  # the encode, as it is when its job is suspended
                    child.suspend()
            assert house.program.terminate(LIMIT_S) == 0
            assert "event: " in "\n".join(events.iter_lines())
    house.assert_nothing_is_left(children)


def test_it_ends_while_it_scans(house: House) -> None:
    big = house.library.parent / "big"
    for folder in range(200):
        (big / str(folder)).mkdir(parents=True)
        for file in range(100):
            (big / str(folder) / f"{file}.mkv").write_bytes(b"x")
    house.program.start("scan", big)
    house.program.wait_until(lambda: house.program.query("SELECT 1 FROM jobs LIMIT 1") != [], 60.0)
    code = house.program.terminate(LIMIT_S)
    assert code in {130, 0}
    assert "Traceback" not in house.program.output, house.program.output
    assert {job.state for job in house.program.jobs()} == {"queued"}


@pytest.mark.parametrize("delay_s", [0.9, 1.2, 1.5, 1.8])
def test_it_ends_while_it_starts(house: House, delay_s: float) -> None:
    house.program.start("serve", "--port", "0")
    lock = house.program.database.with_name(house.program.database.name + ".lock")
    house.program.wait_until(lock.exists, 60.0)
    time.sleep(delay_s - 0.9)
    assert house.program.terminate(LIMIT_S) == 0
    assert "Traceback" not in house.program.output, house.program.output
    house.ffmpeg.become("plain")
    house.program.start("run", house.library)
    assert house.program.wait(60.0) == 0, house.program.output


def test_a_second_signal_forces_the_end(house: House) -> None:
    house.ffmpeg.become("unkillable encode")
    house.serve()
    house.wait_frozen()
    children = children_of(house.program)
    for _ in range(2):
        house.program.signal(signal.SIGINT)
        time.sleep(0.1)
    assert house.program.wait(LIMIT_S) == 130
    _, alive = psutil.wait_procs(children, timeout=LIMIT_S)
    assert still_alive(alive) == []
    house.ffmpeg.become("plain")
    house.program.start("run", house.library)
    assert house.program.wait(60.0) == 0, house.program.output


def test_a_closed_terminal_ends_it(house: House) -> None:
    master, slave = pty.openpty()
    house.program.start("run", house.library, terminal=slave)
    os.close(slave)
    house.wait_frozen()
    children = children_of(house.program)
    os.close(master)
    assert house.program.wait(LIMIT_S) == 130
    house.assert_nothing_is_left(children)


def test_children_that_outlive_a_killed_program_are_ended_by_the_next_start(house: House) -> None:
    house.ffmpeg.become("unkillable encode")
    house.program.start("run", house.library)
    house.wait_frozen()
    children = house.program.kill9()
    orphans = [child for child in still_alive(children) if any("unkillable.py" in part for part in child.cmdline())]
    assert orphans != []
    house.ffmpeg.become("plain")
    house.program.start("run", house.library)
    assert house.program.wait(60.0) == 0, house.program.output
    assert still_alive(orphans) == []
    assert {job.state for job in house.program.jobs()} == {"completed"}
