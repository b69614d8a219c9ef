"""A window that is closed where there is no tray, and a desktop that just quits its programs: both end well."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.program import Program

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]


@pytest.mark.parametrize("way", ["close", "quit"])
def test_it_ends_by_itself_and_frees_the_database(tmp_path: Path, way: str) -> None:
    program = Program(tmp_path / "home", {"server": {"enabled": False}})
    environment = program.environment() | {"PYTHONPATH": str(ROOT) + os.pathsep + os.environ.get("PYTHONPATH", "")}
    argv = [sys.executable, str(Path(__file__).with_name("window_program.py")), way]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == 0, done.stderr
    assert not program.database.with_name(program.database.name + ".instance").exists()
    assert program.query("PRAGMA integrity_check") == [("ok",)]
