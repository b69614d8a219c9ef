"""A real encode that lasts as long as a replay needs it, on any machine."""

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from tests.support.program import ffmpeg_working_in

_TURN_S, _REST_S = 0.03, 0.5


class LongEncode:
    """Lets whatever FFmpeg encodes one file run a small part of the time only, so that it moves but does not get done
    before `finish`. Also a context manager, which finishes. POSIX only."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._is_finished = threading.Event()
        self._thread = threading.Thread(target=self._run, name="long encode")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.finish()

    def finish(self) -> None:
        """Let it go on at full speed."""
        self._is_finished.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._is_finished.wait(_TURN_S):
            encodes = [process for process in ffmpeg_working_in(self._file) if _writes(process)]
            _for_each(encodes, psutil.Process.suspend)
            self._is_finished.wait(_REST_S)
            _for_each(encodes, psutil.Process.resume)


def _writes(process: psutil.Process) -> bool:
    """Checks of a file read it only."""
    try:
        return "-y" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


def _for_each(processes: list[psutil.Process], action: Callable[[psutil.Process], None]) -> None:
    for process in processes:
        try:
            action(process)
        except psutil.NoSuchProcess:
            continue
