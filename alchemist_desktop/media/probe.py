"""Probes media files in worker processes, so that a demuxer that crashes or hangs costs one file and not the program.

PyAV is loaded in the workers only: importing this module does not import it.
"""

import asyncio
import queue
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata

from alchemist_desktop.domain.errors import UnavailableError
from alchemist_desktop.domain.probe import Probe, ProbeFailure
from alchemist_desktop.media.probe_worker import ProbeWorker, Read

_READER_REVISION = 2  # raised whenever the same file would now be described differently
PROBER_VERSION = f"av-{metadata.version('av')}/{_READER_REVISION}"
"""Goes into the key of cached probes."""


def probe_file(path: str) -> Probe | ProbeFailure:
    """Probe `path` in this very process; a file that hangs or crashes the demuxer takes the caller along."""
    from alchemist_desktop.media.probe_reader import read_file

    return read_file(path)


class ProbePool:
    """Worker processes that probe files, each started with its first one; more files than workers wait for their turn.

    `probe` may be awaited from many tasks at once and never raises for a bad file. Cancelling it ends the worker's work on
    that file. `close` kills the workers, and `probe` then raises UnavailableError. The workers also end by themselves when
    this process dies, however it does.
    """

    def __init__(self, *, workers: int, timeout_s: float, read: Read = probe_file) -> None:
        self._timeout_s = timeout_s
        self._is_closed = False
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="probe")  # one thread waits for each worker
        self._workers = [ProbeWorker(read) for _ in range(workers)]
        self._idle: queue.LifoQueue[ProbeWorker] = queue.LifoQueue()  # so that a started one is preferred
        for worker in self._workers:
            self._idle.put(worker)

    async def probe(self, path: str) -> Probe | ProbeFailure:
        if self._is_closed:
            raise _closing(path)
        request = _Request()
        future = self._threads.submit(self._ask, path, request)
        try:
            return await asyncio.wrap_future(future)
        except asyncio.CancelledError:
            request.cancel()
            raise

    def _ask(self, path: str, request: "_Request") -> Probe | ProbeFailure:
        worker = self._idle.get_nowait()  # there are as many workers as threads
        try:
            request.worker = worker
            answer = worker.ask(path, self._timeout_s, lambda: self._is_closed or request.is_cancelled)
            if answer is None:
                raise _closing(path)
            return answer
        finally:
            request.worker = None
            self._idle.put(worker)

    def close(self) -> None:
        """End the workers; probes that still run raise UnavailableError."""
        self._is_closed = True
        for worker in self._workers:
            worker.kill()
        self._threads.shutdown(wait=True)
        for worker in self._workers:
            worker.close()


def _closing(path: str) -> UnavailableError:
    return UnavailableError("The program is closing; files are no longer analysed.", path=path)


class _Request:
    """What a task that waits for a probe and the thread that works on it know of each other."""

    def __init__(self) -> None:
        self.worker: ProbeWorker | None = None
        self.is_cancelled = False

    def cancel(self) -> None:
        self.is_cancelled = True
        worker = self.worker
        if worker is not None:
            worker.kill()
