"""One process that probes files for another, and ends with it."""

import ctypes
import importlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from multiprocessing import connection
from multiprocessing.context import SpawnProcess

from alchemist_desktop.domain.probe import Probe, ProbeFailure

Read = Callable[[str], Probe | ProbeFailure]

_START_LIMIT_S = 60.0  # for starting Python and loading the libraries, on a busy machine with a slow disk
_PR_SET_PDEATHSIG = 1


class ProbeWorker:
    """The parent's side of one worker process, which is started when it is needed and again after it was lost.

    `ask` blocks and is for one thread at a time; `kill` may be called from any thread, and ends a running `ask`.
    """

    def __init__(self, read: Read) -> None:
        self._read = read  # runs in the worker, so it must be a function of a module
        self._process: SpawnProcess | None = None
        self._connection: connection.Connection | None = None

    def ask(self, path: str, timeout_s: float, is_unwanted: Callable[[], bool]) -> Probe | ProbeFailure | None:
        """The probe of `path`, or why there is none; None once nobody wants it any more.

        A process may be killed for reasons that are not the file's, so a file is blamed only when it happens again.
        """
        failure = None
        for _ in range(2):
            if is_unwanted():
                return None
            process, pipe = self._running()
            if is_unwanted():  # `kill` may have come before there was a process
                return None
            try:
                pipe.send(path)
                if not pipe.poll(timeout_s):
                    self.kill()
                    message = f"The analysis did not end within {timeout_s:g} seconds."
                    return ProbeFailure(path=path, code="probe_timeout", error=message)
                answer: Probe | ProbeFailure = pipe.recv()
                return answer
            except (EOFError, OSError):
                failure = _failure_of_lost(process, path)
        return None if is_unwanted() else failure

    def kill(self) -> None:
        process = self._process
        if process is not None:
            process.kill()

    def _running(self) -> tuple[SpawnProcess, connection.Connection]:
        if self._process is not None and self._connection is not None and self._process.is_alive():
            return self._process, self._connection
        self._discard()
        # Spawned, not forked: a copy of a process with threads and a window is not safe to run in.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_work, args=(theirs, self._read, os.getpid()), name="probe", daemon=True)
        process.start()
        theirs.close()
        self._process, self._connection = process, ours
        if ours.poll(_START_LIMIT_S):
            self._await_ready(ours)
        return process, ours

    def _await_ready(self, pipe: connection.Connection) -> None:
        try:
            pipe.recv()
        except (EOFError, OSError):
            return  # it ended while it started; the first question will tell

    def _discard(self) -> None:
        if self._connection is not None:
            self._connection.close()
        if self._process is not None:
            self._process.join()
            self._process.close()
        self._process = self._connection = None

    def close(self) -> None:
        """End the process and free what belongs to it; only when no `ask` runs."""
        self.kill()
        self._discard()


def _failure_of_lost(process: SpawnProcess, path: str) -> ProbeFailure:
    """A crash is the file's doing; an exception, which Python has told on stderr, is a fault of ours."""
    process.join()
    code = process.exitcode or 0
    if code == 1:
        return ProbeFailure(path=path, code="analysis_failed", error="The analysis ended with a fault of the program.")
    message = f"Reading the file crashed the demuxer (exit code {code})."
    return ProbeFailure(path=path, code="corrupt_or_unreadable_media", error=message)


def _work(pipe: connection.Connection, read: Read, parent_pid: int) -> None:
    """The worker's life: paths in, probes out, until the parent goes away."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the parent
    _end_with_parent(parent_pid)
    importlib.import_module("alchemist_desktop.media.probe_reader")  # before the first time limit runs
    pipe.send("ready")
    while True:
        try:
            path = pipe.recv()
        except EOFError:
            return
        pipe.send(read(path))


def _end_with_parent(parent_pid: int) -> None:
    """The kernel's way where there is one, which ends even a process that hangs; else a thread that waits for it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.name == "posix" and os.getppid() != parent_pid:
        os._exit(1)
    threading.Thread(target=_wait_for_parent, name="parent watch", daemon=True).start()


def _wait_for_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)
