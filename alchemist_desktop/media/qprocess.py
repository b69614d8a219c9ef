"""Runs child processes through QProcess; the only module outside the window and the start-up code that knows Qt."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Sequence

import psutil
from PySide6.QtCore import QByteArray, QProcess

from alchemist_desktop.domain.ports import ProcessOutcome
from alchemist_desktop.media.launch import launch_argv

STDERR_TAIL_BYTES = 32 * 1024
_LONGEST_LINE_BYTES = 64 * 1024
_NICENESS = 10

LineReceiver = Callable[[str], None]


class LineSplitter:
    """Cuts a byte stream into lines at `\\n` and `\\r` and hands each to `receiver`; empty lines are left out.

    A line that grows past 64 KiB is handed over in pieces, so that a flood without line ends costs no memory.
    """

    def __init__(self, receiver: LineReceiver | None) -> None:
        self._receiver = receiver
        self._rest = b""

    def feed(self, data: bytes) -> None:
        if self._receiver is None:
            return
        *lines, self._rest = (self._rest + data).replace(b"\r", b"\n").split(b"\n")
        for line in lines:
            self._emit(line)
        if len(self._rest) > _LONGEST_LINE_BYTES:
            self.flush()

    def flush(self) -> None:
        """Hand over what came after the last line end."""
        rest, self._rest = self._rest, b""
        self._emit(rest)

    def _emit(self, line: bytes) -> None:
        if line and self._receiver is not None:
            self._receiver(line.decode(errors="surrogateescape"))


class QtRunningProcess:
    """A child process under QProcess, for the loop's thread only. It lives until it has ended, whoever still holds it."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        on_stdout_line: LineReceiver | None,
        on_stderr_line: LineReceiver | None,
        quit_grace_s: float,
        terminate_grace_s: float,
    ) -> None:
        self._argv = tuple(argv)
        self._stdout = LineSplitter(on_stdout_line)
        self._stderr = LineSplitter(on_stderr_line)
        self._tail = bytearray()
        self._quit_grace_s = quit_grace_s
        self._terminate_grace_s = terminate_grace_s
        self._stopped = False
        self._system: psutil.Process | None = None
        self._ended: asyncio.Future[ProcessOutcome] = asyncio.get_running_loop().create_future()
        self._process = QProcess()
        self._process.readyReadStandardOutput.connect(self._on_stdout)
        self._process.readyReadStandardError.connect(self._on_stderr)
        self._process.errorOccurred.connect(self._on_error)
        self._process.finished.connect(self._on_finished)

    def start(self, *, low_priority: bool, on_end: Callable[[], None]) -> None:
        """Start the program; `on_end` is called once, when the outcome is known. To be called once."""
        self._ended.add_done_callback(lambda _: on_end())
        program, *arguments = launch_argv(self._argv)
        self._process.start(program, arguments)
        if self.pid:
            with contextlib.suppress(psutil.Error):
                self._system = psutil.Process(self.pid)
                if low_priority:
                    _lower_priority(self._system)

    @property
    def pid(self) -> int:
        return self._process.processId()

    async def wait(self) -> ProcessOutcome:
        try:
            await asyncio.wait((self._ended,))
        except asyncio.CancelledError:
            self.kill()
            await asyncio.wait((self._ended,), timeout=self._terminate_grace_s)
            raise
        return self._ended.result()

    async def stop(self) -> None:
        if self._ended.done():
            return
        self._stopped = True
        self.resume()
        self._process.write(QByteArray(b"q"))
        if await self._ends_within(self._quit_grace_s):
            return
        if sys.platform != "win32":  # there it only posts a window message, which FFmpeg never reads
            self._process.terminate()
            if await self._ends_within(self._terminate_grace_s):
                return
        self.kill()
        await asyncio.wait((self._ended,))

    def kill(self) -> None:
        if not self._ended.done():
            self._stopped = True
            self._process.kill()

    def suspend(self) -> None:
        if self._system is not None and not self._ended.done():
            with contextlib.suppress(psutil.NoSuchProcess):
                self._system.suspend()

    def resume(self) -> None:
        if self._system is not None and not self._ended.done():
            with contextlib.suppress(psutil.NoSuchProcess):
                self._system.resume()

    async def _ends_within(self, limit_s: float) -> bool:
        done, _ = await asyncio.wait((self._ended,), timeout=limit_s)
        return bool(done)

    def _on_stdout(self) -> None:
        self._stdout.feed(bytes(self._process.readAllStandardOutput().data()))

    def _on_stderr(self) -> None:
        data = bytes(self._process.readAllStandardError().data())
        self._tail += data
        del self._tail[:-STDERR_TAIL_BYTES]
        self._stderr.feed(data)

    def _on_error(self, error: QProcess.ProcessError) -> None:
        # Every other error is followed by `finished`; a program that could not be started never finishes.
        if error is QProcess.ProcessError.FailedToStart:
            self._resolve(exit_code=None, start_error=f"{self._argv[0]}: {self._process.errorString()}")

    def _on_finished(self, exit_code: int, exit_status: QProcess.ExitStatus) -> None:
        self._on_stdout()
        self._on_stderr()
        self._stdout.flush()
        self._stderr.flush()
        has_exited = exit_status is QProcess.ExitStatus.NormalExit
        self._resolve(exit_code=exit_code if has_exited else None)

    def _resolve(self, *, exit_code: int | None, start_error: str | None = None) -> None:
        if self._ended.done():
            return
        outcome = ProcessOutcome(
            argv=self._argv,
            exit_code=exit_code,
            stopped=self._stopped,
            stderr_tail=self._tail.decode(errors="replace"),
            start_error=start_error,
        )
        self._ended.set_result(outcome)


class QtProcessRunner:
    """A `ProcessRunner` for an asyncio loop that runs on Qt's. It keeps every child's object until the child has ended."""

    def __init__(self, *, quit_grace_s: float = 5.0, terminate_grace_s: float = 3.0) -> None:
        self._quit_grace_s = quit_grace_s
        self._terminate_grace_s = terminate_grace_s
        self._running: set[QtRunningProcess] = set()

    def start(
        self,
        argv: Sequence[str],
        *,
        on_stdout_line: LineReceiver | None = None,
        on_stderr_line: LineReceiver | None = None,
        low_priority: bool = False,
    ) -> QtRunningProcess:
        process = QtRunningProcess(
            argv,
            on_stdout_line=on_stdout_line,
            on_stderr_line=on_stderr_line,
            quit_grace_s=self._quit_grace_s,
            terminate_grace_s=self._terminate_grace_s,
        )
        self._running.add(process)
        process.start(low_priority=low_priority, on_end=lambda: self._running.discard(process))
        return process


def _lower_priority(process: psutil.Process) -> None:
    """Let other programs go first. At once after the start, so that every thread of the child inherits it."""
    if sys.platform == "win32":
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS)
        return
    process.nice(max(_NICENESS, process.nice()))
    if sys.platform == "linux":
        process.ionice(psutil.IOPRIO_CLASS_IDLE)
