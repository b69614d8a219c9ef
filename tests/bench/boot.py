"""The real program over a library of 100,000 files: how long after its start the first encode runs."""

import os
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.harness import Result
from tests.bench.rescan import FILES, make_tree
from tests.support.core import quick_settings
from tests.support.media import make_clip
from tests.support.program import Program

MOST_S = 30.0


def run() -> Sequence[Result]:
    with tempfile.TemporaryDirectory() as folder:
        library = Path(folder) / "library"
        make_tree(library)
        settings = quick_settings(scanner={"directories": [str(library)]}).model_dump(mode="json", exclude_none=True)
        with Program(Path(folder) / "program", settings) as program:
            clip = make_clip(library / "000 first.mkv", duration_s=20.0, size="1280x720")
            first_s = _first_encode_s(program)
            _settle_every_job(program)
            os.utime(clip, ns=(1, 1))  # the one file that changed while the program was off
            known_s = _first_encode_s(program)
            program.kill9()
    return [
        Result(name="first encode, all files new", unit="s", ours=first_s, yardstick=MOST_S, at_most=1.0),
        Result(name="first encode, one file changed", unit="s", ours=known_s, yardstick=MOST_S, at_most=1.0),
    ]


def _first_encode_s(program: Program) -> float:
    start = time.perf_counter()
    program.start("serve", "--port", "0")
    program.wait_until(lambda: "encoding" in program.active_phases(), 4 * MOST_S)
    return time.perf_counter() - start


def _settle_every_job(program: Program) -> None:
    """Let the scan come to its end, then end every job, as a library that was worked through would have it."""
    program.wait_until(lambda: program.query("SELECT count(*) FROM jobs") == [(FILES + 1,)], 10 * MOST_S)
    program.kill9()
    connection = sqlite3.connect(program.database)
    try:
        connection.execute("UPDATE jobs SET state = 'skipped', phase = NULL, not_before = NULL")
        connection.commit()
    finally:
        connection.close()
