"""The event loop: asyncio on Qt's own loop, with callbacks run in batches so that the server and the window share it well.

qasync alone makes one Qt timer per callback and never stops the timers of cancelled ones; under load that costs two
thirds of the throughput and makes the window stutter. `tests/bench/loop.py` measures the difference.
"""

import asyncio
import ctypes
import heapq
import math
import sys
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Qt, QTimer, Signal
from qasync import QEventLoop

_M_ARENA_MAX = -8  # of mallopt, in malloc.h
_SLICE_S = 0.004  # longest run of callbacks before Qt gets a turn, to paint and to read input
_LONGEST_WAIT_MS = 24 * 3600 * 1000  # QTimer counts in 32 bits; a longer wait is simply armed again
_SWEEP_FROM = 100  # cancelled timers that are worth a sweep


class _Waker(QObject):
    """Carries a wake-up from any thread to the loop's thread."""

    woken = Signal()


class BatchedQtLoop(QEventLoop):  # type: ignore[misc]  # qasync has no type information
    """qasync's loop with one Qt timer for everything that is ready and one for everything that waits.

    A nested Qt loop (a blocking dialog, say) inside a callback delays the other tasks until it ends, and does not break
    them. Everything but `call_soon_threadsafe` belongs to the thread of the application object.
    """

    def __init__(self, app: QCoreApplication) -> None:
        self._handles: deque[asyncio.Handle] = deque()
        self._timers: list[asyncio.TimerHandle] = []
        self._cancelled_timers = 0
        self._is_armed = False
        self._is_draining = False
        self._fatal: BaseException | None = None
        self._drain_timer = QTimer()
        self._drain_timer.setSingleShot(True)
        self._drain_timer.timeout.connect(self._drain)
        self._wait_timer = QTimer()
        self._wait_timer.setSingleShot(True)
        self._wait_timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._wait_timer.timeout.connect(self._move_due)
        self._waker = _Waker()
        self._waker.woken.connect(self._arm, Qt.ConnectionType.QueuedConnection)
        super().__init__(app)
        self.set_default_executor(ThreadPoolExecutor(thread_name_prefix="worker"))

    # Scheduling

    def call_soon(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.Handle:
        self._check_closed()
        handle = asyncio.Handle(callback, args, self, context)
        self._add_callback(handle)
        return handle

    def call_soon_threadsafe(self, callback: Callable[..., object], *args: Any, context: Context | None = None) -> asyncio.Handle:
        self._check_closed()
        handle = asyncio.Handle(callback, args, self, context)
        self._handles.append(handle)
        self._waker.woken.emit()
        return handle

    def call_later(
        self, delay: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(
        self, when: float, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.TimerHandle:
        self._check_closed()
        timer = asyncio.TimerHandle(when, callback, args, self, context)
        timer._scheduled = True  # type: ignore[attr-defined]  # it is in the heap now; asyncio's own flag for that
        heapq.heappush(self._timers, timer)
        if self._timers[0] is timer:
            self._await_first()
        return timer

    def _add_callback(self, handle: asyncio.Handle, delay: float = 0) -> asyncio.Handle:
        """Where qasync and asyncio's signal handling hand over what is to run; they never give a delay here."""
        self._handles.append(handle)
        if not self._is_armed:
            self._arm()
        return handle

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        if not handle._scheduled:  # type: ignore[attr-defined]  # already on its way to run
            return
        self._cancelled_timers += 1
        if self._cancelled_timers >= _SWEEP_FROM and self._cancelled_timers * 2 > len(self._timers):
            self._timers = [timer for timer in self._timers if not timer.cancelled()]
            heapq.heapify(self._timers)
            self._cancelled_timers = 0

    # Running

    def _arm(self) -> None:
        self._is_armed = True
        self._drain_timer.start(0)

    def _drain(self) -> None:
        """Run what was ready when this began, for a slice of time at most; the rest waits until Qt had its turn."""
        self._is_armed = False
        if self._is_draining or not self.is_running():
            return
        self._is_draining = True
        try:
            deadline_s = time.monotonic() + _SLICE_S
            for _ in range(len(self._handles)):
                handle = self._handles.popleft()
                if not handle.cancelled():
                    handle._run()
                if time.monotonic() > deadline_s:
                    break
        except (SystemExit, KeyboardInterrupt) as error:
            self._fatal = error  # Qt would swallow it; `run_forever` raises it instead
            self.stop()
        finally:
            self._is_draining = False
            if self._handles and not self._is_armed:
                self._arm()

    def _move_due(self) -> None:
        """Make every timer ready whose time has come, and wait for the next one."""
        now_s = self.time()
        while self._timers and (self._timers[0].cancelled() or self._timers[0].when() <= now_s):
            timer = heapq.heappop(self._timers)
            timer._scheduled = False  # type: ignore[attr-defined]  # see call_at
            if timer.cancelled():
                self._cancelled_timers -= 1
            else:
                self._add_callback(timer)
        self._await_first()

    def _await_first(self) -> None:
        if self._timers:
            wait_ms = math.ceil((self._timers[0].when() - self.time()) * 1000)
            self._wait_timer.start(min(max(wait_ms, 0), _LONGEST_WAIT_MS))

    def run_forever(self) -> None:
        """As asyncio's, async generator hooks and SystemExit included."""
        if self._handles:
            self._arm()
        old_hooks = sys.get_asyncgen_hooks()
        sys.set_asyncgen_hooks(firstiter=self._asyncgen_firstiter_hook, finalizer=self._asyncgen_finalizer_hook)
        try:
            super().run_forever()
        finally:
            sys.set_asyncgen_hooks(*old_hooks)
            fatal, self._fatal = self._fatal, None
        if fatal is not None:
            raise fatal

    def close(self) -> None:
        """As asyncio's; waits for the default executor's threads."""
        super().close()
        self._drain_timer.stop()
        self._wait_timer.stop()
        self._handles.clear()
        self._timers.clear()


def make_loop(app: QCoreApplication) -> asyncio.AbstractEventLoop:
    """The program's event loop; `app` is a QApplication, or a QCoreApplication where there is no window."""
    _share_one_heap()
    return BatchedQtLoop(app)


def _share_one_heap() -> None:
    """glibc gives each thread a heap of its own, up to eight for each core, which fill up with gaps: over 100,000 requests the
    program grew by a tenth, with one heap it stays as it is. Other C libraries do not know the call."""
    if sys.platform == "linux":
        with suppress(AttributeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)
