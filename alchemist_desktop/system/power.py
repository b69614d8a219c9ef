"""Keeps the machine awake while it encodes."""

import logging
import os
import shutil
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any

_log = logging.getLogger(__name__)

_ES_CONTINUOUS = 0x80000000
_ES_SYSTEM_REQUIRED = 0x00000001


class SleepInhibitor(ABC):
    """Holds sleep off between `hold` and `release`; both may be called again and again. For one thread.

    The hold ends by itself when this process dies. Where it cannot be had the machine may sleep; that is no error.
    """

    @abstractmethod
    def hold(self, reason: str) -> None:
        """Keep the machine awake from now on; `reason` is shown by the system."""

    @abstractmethod
    def release(self) -> None:
        """Let the machine sleep again."""

    @property
    @abstractmethod
    def is_holding(self) -> bool: ...


class NoInhibitor(SleepInhibitor):
    """For systems on which sleep cannot be held off."""

    def hold(self, reason: str) -> None:
        _log.debug("Sleep cannot be held off here: %s", reason)

    def release(self) -> None:
        """Nothing is held."""

    @property
    def is_holding(self) -> bool:
        return False


class ProcessInhibitor(SleepInhibitor):
    """Sleep is held off for as long as a child process lives, and that lives until its standard input closes."""

    def __init__(self, argv_for: Callable[[str], Sequence[str]]) -> None:
        self._argv_for = argv_for
        self._child: subprocess.Popen[bytes] | None = None

    def hold(self, reason: str) -> None:
        if self.is_holding:
            return
        self.release()
        try:
            self._child = subprocess.Popen(
                self._argv_for(reason), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
        except OSError as error:
            _log.debug("Sleep cannot be held off: %s", error)

    def release(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        child.stdin.close()
        child.terminate()
        try:
            child.wait(2)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    @property
    def is_holding(self) -> bool:
        return self._child is not None and self._child.poll() is None


class WindowsInhibitor(SleepInhibitor):
    """Tells Windows that the calling thread needs the machine."""

    def __init__(self, set_state: Callable[[int], Any]) -> None:
        self._set_state = set_state
        self._is_holding = False

    def hold(self, reason: str) -> None:
        _log.debug("Holding sleep off: %s", reason)
        self._is_holding = bool(self._set_state(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED))

    def release(self) -> None:
        if self._is_holding:
            self._set_state(_ES_CONTINUOUS)
            self._is_holding = False

    @property
    def is_holding(self) -> bool:
        return self._is_holding


def _systemd_argv(reason: str) -> Sequence[str]:
    # `cat` ends with our end of its input, so even a killed program holds nothing
    what = ["--what=idle:sleep", "--who=Alchemist Desktop", f"--why={reason}", "--mode=block"]
    return ["systemd-inhibit", *what, "cat"]


def _caffeinate_argv(_: str) -> Sequence[str]:
    return ["caffeinate", "-i", "-w", str(os.getpid())]


def make_inhibitor() -> SleepInhibitor:
    """What this system has."""
    if sys.platform == "win32":
        import ctypes

        return WindowsInhibitor(ctypes.windll.kernel32.SetThreadExecutionState)
    argv_for = _caffeinate_argv if sys.platform == "darwin" else _systemd_argv
    return ProcessInhibitor(argv_for) if shutil.which(argv_for("")[0]) else NoInhibitor()
