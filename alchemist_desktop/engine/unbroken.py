"""Work that must not be left half done when the task that asked for it is cancelled."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def to_its_end(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which goes on to its end even when this task is cancelled meanwhile; the cancellation waits.

    So no file moves after the program has given its lock back.
    """
    running = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        if not running.cancelled():
            await asyncio.wait((running,))
        raise
