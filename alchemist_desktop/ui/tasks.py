"""Starts service coroutines from slots, keeps them alive, and tells about their failures."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.services.jobs import ActiveJobsError
from alchemist_desktop.ui.notices import Notices

_LOG = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class Tasks:
    """The window's one way to run a coroutine. Built while the loop runs. Callbacks run outside the coroutine, where Qt may
    be spun safely."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices
        self._loop = asyncio.get_running_loop()
        self._is_stopped = False
        self._running: set[asyncio.Task[Any]] = set()

    def run(
        self,
        coroutine: Coroutine[Any, Any, _Result],
        *,
        on_done: Callable[[_Result], None] | None = None,
        on_error: Callable[[BaseException], None] | None = None,
    ) -> None:
        """Run it on the loop; a failure is shown, and given to `on_error` as well (to tidy up, not to tell again)."""
        if self._is_stopped or not self._loop.is_running():  # Qt's timers outlive the loop when the desktop session ends
            coroutine.close()
            return
        task = self._loop.create_task(coroutine)
        self._running.add(task)

        def settle(done: asyncio.Task[_Result]) -> None:
            self._running.discard(done)
            if done.cancelled():
                return
            error = done.exception()
            if error is None:
                if on_done is not None:
                    on_done(done.result())
                return
            self._tell(error)
            if on_error is not None:
                on_error(error)

        task.add_done_callback(settle)

    def stop(self) -> None:
        """Cancel what still runs, which ends within the loop's next turns, and start nothing more."""
        self._is_stopped = True
        for task in self._running:
            task.cancel()

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, KnownError | ActiveJobsError):
            _LOG.info("refused: %s", error.message)
            self._notices.warn(error.message)
            return
        _LOG.error("a task of the window failed", exc_info=error)
        self._notices.fail("Something went wrong.", "".join(traceback.format_exception(error)))
