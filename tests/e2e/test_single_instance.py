"""One program for each database: a second start hands its request over, waits, or says who is in the way."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.media import make_clip
from tests.support.program import Overrides, Program
from tests.support.wrapped_ffmpeg import WrappedFfmpeg

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]

LIMIT_S = 60.0


class House:
    """A library, the program, and second starts of it."""

    def __init__(self, folder: Path) -> None:
        self.library = folder / "library"
        self.library.mkdir()
        self.ffmpeg = WrappedFfmpeg(folder / "ffmpeg")
        self.source = make_clip(self.library / "one.mkv", duration_s=1)
        self.program = Program(folder / "home", self._config())

    def _config(self) -> Overrides:
        return {
            "transcode": {"size_reduction_threshold": 0.0, "min_bpp_threshold": 0.0, "min_file_size_mb": 0, "predict_size": False},
            "hardware": {"preferred_vendor": "cpu", "cpu_preset": "faster", "ffmpeg_path": self.ffmpeg.path},
            "files": {"delete_source": True, "in_place": True},
            "system": {"min_free_space_gb": 0},
        }

    def serve(self) -> str:
        self.program.start("serve", "--port", "0")
        return self.program.wait_ready()

    def second(self, *args: str | Path, text: str = "") -> subprocess.CompletedProcess[str]:
        """Another process of the same installation, run to its end."""
        argv = [sys.executable, "-m", "alchemist_desktop", *map(str, args)]
        return subprocess.run(
            argv, env=self.program.environment(), input=text, capture_output=True, text=True, timeout=LIMIT_S, check=False
        )


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    with house.program:
        yield house


def test_requests_are_handed_to_the_server_that_runs(house: House) -> None:
    house.serve()
    plan = house.second("plan", "--json", house.library)
    assert plan.returncode == 0, plan.stderr
    assert [row["decision"] for row in json.loads(plan.stdout)] == ["transcode"]
    assert house.program.jobs() == []

    before = house.source.read_bytes()
    ran = house.second("run", house.library)
    assert ran.returncode == 0, ran.stderr
    assert "completed  one.mkv" in ran.stdout
    (job,) = house.program.jobs()
    assert (job.state, house.source.read_bytes() == before) == ("completed", False)

    undone = house.second("undo", str(job.id))
    assert undone.returncode == 0, undone.stderr
    assert house.source.read_bytes() == before
    again = house.second("undo", str(job.id))
    assert (again.returncode, again.stderr) == (1, "This job left no original in the trash.\n")

    scanned = house.second("scan", house.library)
    assert (scanned.returncode, scanned.stderr) == (0, "")
    assert "1 media files, 0 new" in scanned.stdout
    assert house.program.is_running


def test_set_up_reaches_the_server_that_runs(house: House) -> None:
    house.serve()
    first = house.second("setup", "--username", "somebody", "--password-stdin", "--library", house.library, text="long enough\n")
    assert first.returncode == 0, first.stderr
    second = house.second("setup", "--username", "somebody", "--password-stdin", text="long enough\n")
    assert second.returncode == 1
    assert "set up already" in second.stderr
    assert house.program.query("SELECT username FROM users") == [("somebody",)]


def test_a_second_server_is_refused_and_told_who_is_in_the_way(house: House) -> None:
    house.serve()
    second = house.second("serve", "--port", "0")
    assert second.returncode == 1
    assert f"process {house.program.pid} " in second.stderr
    assert "Traceback" not in second.stderr
    window = house.second("--minimized")
    assert (window.returncode, window.stderr) == (1, "The program runs already, without a window.\n")


def test_a_lock_left_by_a_killed_program_does_not_block(house: House) -> None:
    house.serve()
    house.program.kill9()
    ran = house.second("run", house.library)
    assert ran.returncode == 0, ran.stderr


def test_two_runs_at_once_both_come_to_their_end(house: House) -> None:
    other = house.library.parent / "other"
    other.mkdir()
    make_clip(other / "two.mkv", duration_s=1)
    house.program.start("run", house.library)
    second = house.second("run", other)  # the first may be starting, working or ending when this one asks
    assert second.returncode == 0, second.stderr
    assert house.program.wait(LIMIT_S) == 0, house.program.output
    assert {job.state for job in house.program.jobs()} == {"completed"}
    assert len(house.program.jobs()) == 2


def test_a_failed_file_and_one_that_waits_for_a_retry_count_as_not_done(house: House) -> None:
    (house.library / "two\x1b[2J.mkv").write_bytes(b"this is no media file" * 50)
    house.ffmpeg.become("full")
    ran = house.second("run", house.library)
    assert ran.returncode == 1
    assert "will retry" in ran.stdout
    assert "1 failed, 1 waiting for another try" in ran.stdout
    assert "\x1b" not in ran.stdout
    assert {job.state for job in house.program.jobs()} == {"failed", "queued"}
    assert house.source.is_file()


def test_an_ended_server_leaves_its_askers_with_a_sentence(house: House) -> None:
    house.ffmpeg.become("frozen encode")
    house.serve()
    argv = [sys.executable, "-m", "alchemist_desktop", "run", str(house.library)]
    with subprocess.Popen(argv, env=house.program.environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as asker:
        house.program.wait_until(lambda: house.ffmpeg.is_frozen, LIMIT_S)
        assert house.program.terminate() == 0
        _, words = asker.communicate(timeout=LIMIT_S)
    assert asker.returncode == 1
    assert "ended before it had answered" in words
    assert "Traceback" not in words
