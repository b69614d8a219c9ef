"""The whole program as a child process: start it, look into its database, kill it, find what it leaves behind."""

import fcntl
import os
import re
import signal
import sqlite3
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import psutil
import tomlkit

from alchemist_desktop.domain.settings import Settings

_LISTENING = re.compile(r"listening on (https?://127\.0\.0\.1:\d+)")
_POLL_S = 0.02

Overrides = Mapping[str, Mapping[str, object]]
"""Section → key → value, as in the configuration file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRecord:
    """What the database says of one job."""

    id: int
    input_path: str
    output_path: str
    state: str
    phase: str | None
    failure_code: str | None


class Program:
    """One installation with a home of its own, of which one process runs at a time.

    Calls: `start`, then `wait`, `wait_ready`, `terminate` or `kill9`, then perhaps `start` again. As a context manager it
    kills what still runs. Everything about its jobs is read from the database file, whether it runs or not.
    `variables` are set in its environment besides those that keep its files in `home`; None takes one of these away.
    """

    def __init__(self, home: Path, overrides: Overrides | None = None, variables: Mapping[str, str | None] | None = None) -> None:
        self.home = home
        self._variables = variables or {}
        self._output = home / "output.txt"
        self._process: psutil.Popen | None = None
        self._started_micros = 0
        self.database = home / "alchemist.db"
        home.mkdir(parents=True, exist_ok=True)
        self.configure(overrides or {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.is_running:
            for child in self.kill9():
                _kill(child)

    def configure(self, overrides: Overrides) -> None:
        """Write the whole configuration: every default, with `overrides` laid over it."""
        content: dict[str, Any] = Settings().model_dump(mode="json", exclude_none=True)
        for section, values in overrides.items():
            content[section] |= values
        (self.home / "config.toml").write_text(tomlkit.dumps(content), encoding="utf-8")

    def start(self, *args: str | Path, terminal: int | None = None) -> None:
        """Run `python -m alchemist_desktop` with `args`; what it writes replaces the output of the run before.

        With `terminal`, the descriptor of one, it runs in a session of its own there, and what it writes goes there too.
        """
        assert not self.is_running, "the program runs already"
        self._started_micros = time.time_ns() // 1000
        with self._output.open("wb") as output:
            self._process = psutil.Popen(
                [sys.executable, "-m", "alchemist_desktop", *map(str, args)],
                env=self.environment(),
                cwd=self.home,
                stdin=subprocess.DEVNULL if terminal is None else terminal,
                stdout=output if terminal is None else terminal,
                stderr=subprocess.STDOUT,
                start_new_session=terminal is not None,
                preexec_fn=None if terminal is None else lambda: _control(terminal),
            )

    def environment(self) -> dict[str, str]:
        """What every process of this installation is started with."""
        # Without these the program would find this machine's own settings and folders.
        folders = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"), self.home)
        own = {
            "ALCHEMIST_CONFIG_PATH": self.home / "config.toml",
            "ALCHEMIST_DB_PATH": self.database,
            "ALCHEMIST_DATA_DIR": self.home / "data",
            "ALCHEMIST_TEMP_DIR": self.home / "temp",
            "ALCHEMIST_LOG_DIR": self.home / "logs",
        }
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("ALCHEMIST_")},
            **{name: str(path) for name, path in (folders | own).items()},
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHONUNBUFFERED": "1",
            **self._variables,
        }
        return {name: value for name, value in environment.items() if value is not None}

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        return self._running().pid

    @property
    def output(self) -> str:
        """Everything the current or last run wrote, both streams together."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    def wait(self, timeout_s: float) -> int:
        """The exit code, when the program has ended by itself."""
        assert self._process is not None, "the program was not started"
        try:
            return int(self._process.wait(timeout_s))
        except (psutil.TimeoutExpired, subprocess.TimeoutExpired):
            raise AssertionError(f"still running after {timeout_s} s; it wrote:\n{self.output[-4000:]}") from None

    def wait_ready(self, timeout_s: float = 60.0) -> str:
        """The address it listens on, as soon as it has told it."""
        self.wait_until(lambda: _LISTENING.search(self.output) is not None, timeout_s)
        match = _LISTENING.search(self.output)
        assert match is not None
        return match[1]

    def wait_until(self, condition: Callable[[], bool], timeout_s: float) -> None:
        """Poll `condition` while the program runs; fails with the program's words when it ends first or time is up."""
        deadline_s = time.monotonic() + timeout_s
        while not condition():
            assert self.is_running, f"the program ended too early; it wrote:\n{self.output[-4000:]}"
            assert time.monotonic() < deadline_s, f"nothing within {timeout_s} s; it wrote:\n{self.output[-4000:]}"
            time.sleep(_POLL_S)

    def terminate(self, timeout_s: float = 20.0) -> int:
        """Ask it to end, as a service manager does; returns the exit code."""
        self._running().terminate()
        return self.wait(timeout_s)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal, if it still runs."""
        if self.is_running:
            self._running().send_signal(number)

    def kill9(self) -> list[psutil.Process]:
        """Kill it without a warning; returns the processes it had started and that lived at that moment."""
        process = self._running()
        process.send_signal(signal.SIGSTOP)  # so that no child starts between the look and the kill
        children: list[psutil.Process] = process.children(recursive=True)
        process.kill()
        process.wait(10.0)
        return children

    def _running(self) -> psutil.Popen:
        assert self._process is not None, "the program does not run"
        assert self.is_running, "the program does not run"
        return self._process

    def ffmpeg_children(self) -> list[psutil.Process]:
        return [child for child in self._running().children(recursive=True) if is_ffmpeg(child)]

    def jobs(self) -> list[JobRecord]:
        """Every job that is not archived, oldest first; none before the database has its tables."""
        rows = self.query(
            "SELECT id, input_path, output_path, state, phase, failure_code FROM jobs WHERE NOT archived ORDER BY id"
        )
        names = ("id", "input_path", "output_path", "state", "phase", "failure_code")
        return [JobRecord(**dict(zip(names, row, strict=True))) for row in rows]

    def active_phases(self) -> set[str]:
        """What the jobs came to in the current or last run; what an earlier run left in the database does not count.

        A journaled replacement counts as "replacing".
        """
        since = self._started_micros
        phases = {phase for (phase,) in self.query("SELECT phase FROM jobs WHERE phase IS NOT NULL AND updated_at > ?", since)}
        is_replacing = bool(self.query("SELECT 1 FROM replacements WHERE created_at > ?", since))
        return phases | ({"replacing"} if is_replacing else set())

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Read from the database; nothing when there is none yet."""
        try:
            connection = sqlite3.connect(f"file:{quote(str(self.database))}?mode=ro", uri=True)
        except sqlite3.OperationalError:
            return []
        try:
            connection.text_factory = os.fsdecode
            return connection.execute(sql, values).fetchall()
        except sqlite3.OperationalError as error:
            if "no such table" in str(error) or "unable to open" in str(error):
                return []
            raise
        finally:
            connection.close()


def is_ffmpeg(process: psutil.Process) -> bool:
    """Whether this is a live FFmpeg; one that has just ended, or is about to become it, is not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE and "ffmpeg" in process.name().lower()
    except psutil.NoSuchProcess:
        return False


def ffmpeg_working_in(folder: Path) -> list[psutil.Process]:
    """Every FFmpeg on this machine that has a path below `folder` among its arguments."""
    found = []
    for process in psutil.process_iter():
        try:
            works_here = is_ffmpeg(process) and any(str(folder) in part for part in process.cmdline())
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        if works_here:
            found.append(process)
    return found


def still_alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Those that run; `psutil` tells a reused process number from the old process by its start time."""
    return [process for process in processes if process.is_running() and _status(process) != psutil.STATUS_ZOMBIE]


def _status(process: psutil.Process) -> str:
    try:
        return str(process.status())
    except psutil.NoSuchProcess:
        return psutil.STATUS_ZOMBIE


def _control(terminal: int) -> None:
    """In the child: make the terminal the one whose end ends it."""
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return
