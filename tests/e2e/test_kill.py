"""The whole program is killed without a warning again and again, at random moments of real work; nothing may be lost.

Every fifth of the kills waits for one phase of a job, so that short phases are hit too; the others come after a delay drawn
from the length of an undisturbed run. The seed is fixed: a failure can be looked at again.
"""

import os
import random
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from tests.support.program import Overrides, Program, ffmpeg_working_in, still_alive
from tests.support.shelf import Shelf

KILLS = int(os.environ.get("ALCHEMIST_KILLS", "100"))
CLIPS = 4
KILLS_BETWEEN_REFILLS = 6  # fewer than the attempts a job has, so that no job gives up
PHASES = ("encoding", "verifying", "replacing")
RUN_LIMIT_S = 120.0
ORPHAN_LIMIT_S = 5.0
POLL_S = 0.002

CONFIG: Overrides = {
    "transcode": {
        "size_reduction_threshold": 0.0,
        "min_bpp_threshold": 0.0,
        "min_file_size_mb": 0,
        "quality_profile": "speed",
        "predict_size": False,
    },
    "hardware": {"preferred_vendor": "cpu", "cpu_preset": "faster"},
    "files": {"delete_source": True, "in_place": True, "source_disposal": "trash", "replace_strategy": "replace"},
    "system": {"min_free_space_gb": 0},
    "server": {"enabled": False},
    "engine": {"max_attempts": 10},
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(60 + 20 * KILLS)]


class Timetable:
    """How long an undisturbed run takes, and each phase in it; learnt by watching one."""

    def __init__(self) -> None:
        self.total_s = 0.0
        self.phase_s: dict[str, float] = {}

    def watch(self, program: Program) -> None:
        """Follow the running program to its end."""
        seen: Counter[str] = Counter()
        began_s = time.monotonic()
        samples = 0
        while program.is_running:
            samples += 1
            seen.update(program.active_phases())
            time.sleep(POLL_S)
        self.total_s = time.monotonic() - began_s
        # All jobs of the run together, so divided by their number.
        self.phase_s = {phase: self.total_s * count / samples / CLIPS for phase, count in seen.items()}


class Siege:
    """Kills the program, checks what it left, starts it again; knows which phases were hit."""

    def __init__(self, program: Program, shelf: Shelf, timetable: Timetable, seed: int) -> None:
        self.hits: Counter[str] = Counter()
        self._program = program
        self._shelf = shelf
        self._timetable = timetable
        self._chance = random.Random(seed)

    def start(self) -> None:
        self._program.start("run", self._shelf.folder)

    def strike(self) -> bool:
        """One kill, with all checks and the restart; False when the program was done before the moment came."""
        if not self._wait_for_the_moment():
            return False
        children = self._program.kill9()
        self.hits.update(self._program.active_phases() or {"no phase"})
        self._check()
        self.start()
        _assert_gone(children)
        return True

    def _wait_for_the_moment(self) -> bool:
        phase = self._chance.choice((None, None, *PHASES))
        if phase is None:
            delay_s = self._chance.uniform(0.0, self._timetable.total_s)
        else:
            while self._program.is_running and phase not in self._program.active_phases():
                time.sleep(POLL_S)
            delay_s = self._chance.uniform(0.0, self._timetable.phase_s.get(phase, 0.0))
        until_s = time.monotonic() + delay_s
        while self._program.is_running and time.monotonic() < until_s:
            time.sleep(POLL_S)
        return self._program.is_running

    def settle(self) -> None:
        """Let the running program end by itself: now everything must be done."""
        while self._program.wait(RUN_LIMIT_S) != 0:
            # A machine under pressure may refuse an encoder its memory: such a job waits for another try, at most twice.
            assert _make_retries_due(self._program.database) > 0, self._program.output[-4000:]
            self._check()
            self.start()
        self._check()
        assert {job.state for job in self._program.jobs()} == {"completed"}
        assert self._shelf.unfinished() == []
        assert self._shelf.leftovers() == []

    def _check(self) -> None:
        assert self._shelf.losses() == []
        assert self._shelf.halves() == []
        assert _integrity(self._program.database) == "ok"


def _make_retries_due(database: Path) -> int:
    """Let the jobs that wait for another try run at once; how many there were."""
    with closing(sqlite3.connect(database)) as connection, connection:
        return connection.execute("UPDATE jobs SET not_before = NULL WHERE not_before IS NOT NULL").rowcount


def _integrity(database: Path) -> str:
    if not database.exists():
        return "ok"
    connection = sqlite3.connect(f"file:{database}?mode=ro", uri=True)
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        connection.close()


def _assert_gone(children: list[psutil.Process]) -> None:
    """No process of the killed run may live on after the restart."""
    until_s = time.monotonic() + ORPHAN_LIMIT_S
    while still_alive(children) and time.monotonic() < until_s:
        time.sleep(0.05)
    assert [process.cmdline() for process in still_alive(children)] == []


def test_killed_again_and_again_nothing_is_lost(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "library", clip_s=3.0, size="426x240")
    timetable = Timetable()
    with Program(tmp_path / "home", CONFIG) as program:
        siege = Siege(program, shelf, timetable, seed=20240229)
        shelf.refill(CLIPS)
        siege.start()
        timetable.watch(program)
        siege.settle()
        assert set(PHASES) <= set(timetable.phase_s), "the undisturbed run did not show every phase"

        kills = 0
        while kills < KILLS:
            shelf.refill(CLIPS)
            siege.start()
            struck = 0
            while struck < KILLS_BETWEEN_REFILLS and kills + struck < KILLS and siege.strike():
                struck += 1
            kills += struck
            siege.settle()

        assert ffmpeg_working_in(shelf.folder) == []
        print(f"{kills} kills: {dict(siege.hits)}")
        if KILLS >= 20:
            assert set(PHASES) <= set(siege.hits), f"some phase was never hit: {dict(siege.hits)}"
