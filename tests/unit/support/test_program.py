"""The harness itself: it can only be trusted to find leftovers if it finds ones that are there."""

import sqlite3
import subprocess
import tomllib
from pathlib import Path

import psutil
import pytest

from tests.support.media import ffmpeg_path
from tests.support.program import Program, ffmpeg_working_in, is_ffmpeg, still_alive


def test_configuration_is_complete_and_holds_the_overrides(tmp_path: Path) -> None:
    Program(tmp_path / "home", {"transcode": {"output_codec": "hevc"}, "files": {"in_place": True}})
    config = tomllib.loads((tmp_path / "home" / "config.toml").read_text(encoding="utf-8"))
    assert config["transcode"]["output_codec"] == "hevc"
    assert config["files"]["in_place"] is True
    assert config["scanner"]["directories"] == []


def test_before_the_first_start_there_are_no_jobs(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    assert not program.is_running
    assert program.jobs() == []
    assert program.active_phases() == set()


def test_undecodable_paths_come_back_as_they_are(tmp_path: Path) -> None:
    program = Program(tmp_path / "home")
    with sqlite3.connect(program.database) as connection:
        connection.execute("CREATE TABLE jobs (id, input_path, output_path, state, phase, failure_code, archived)")
        connection.execute("INSERT INTO jobs VALUES (1, CAST(? AS TEXT), 'o', 'queued', NULL, NULL, 0)", (b"/m/caf\xe9.mkv",))
    connection.close()
    assert [job.input_path for job in program.jobs()] == ["/m/caf\udce9.mkv"]


def test_a_left_over_ffmpeg_is_found_by_its_folder(tmp_path: Path) -> None:
    out = tmp_path / "out.mkv"
    argv = [ffmpeg_path(), "-nostdin", "-v", "error", "-re", "-f", "lavfi", "-i", "testsrc2=d=60", "-y", str(out)]
    with subprocess.Popen(argv) as child:
        try:
            found = ffmpeg_working_in(tmp_path)
            assert [process.pid for process in found] == [child.pid]
            assert ffmpeg_working_in(tmp_path / "elsewhere") == []
            assert still_alive(found) == found
        finally:
            child.kill()
    assert still_alive(found) == []
    assert not is_ffmpeg(found[0])


def test_other_programs_are_no_ffmpeg() -> None:
    assert not is_ffmpeg(psutil.Process())


def test_a_program_that_ends_early_is_told_with_its_words(tmp_path: Path) -> None:
    with Program(tmp_path / "home") as program:
        program.start("no-such-command")
        assert program.wait(60) != 0
        with pytest.raises(AssertionError, match="ended too early"):
            program.wait_ready(5)
