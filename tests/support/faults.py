"""Runs a call in a process of its own that dies at the n-th change of the file system, or on a volume that cannot do it all."""

import errno
import multiprocessing
import os
import sys
from collections.abc import Callable
from typing import Any

KILLED = 9
_CHANGES = frozenset(
    {"os.chmod", "os.chown", "os.link", "os.mkdir", "os.remove", "os.rename", "os.rmdir", "os.setxattr", "os.utime", "open"}
)


def run_apart(call: Callable[..., object], *args: object, die_at: int | None = None, volume: str = "plain") -> int:
    """The exit code of `call(*args)` in a fresh process: 0, 1 when it raised, KILLED when it died before change `die_at`.

    `volume` is plain, "no_links" (hard links are refused) or "union" (neither link nor rename between folders, as on a volume
    that joins several disks).
    """
    if sys.platform == "win32":
        process = multiprocessing.get_context("spawn").Process(target=_run, args=(call, args, die_at, volume))
    else:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([call.__module__, __name__])
        process = context.Process(target=_run, args=(call, args, die_at, volume))
    process.start()
    process.join()
    code = process.exitcode
    process.close()
    assert code is not None
    return code


def _run(call: Callable[..., object], args: tuple[object, ...], die_at: int | None, volume: str) -> None:
    changes = 0

    def hook(event: str, details: tuple[Any, ...]) -> None:
        nonlocal changes
        if event not in _CHANGES or (event == "open" and not _writes(details)):
            return
        _refuse(event, details, volume)
        changes += 1
        if changes == die_at:
            os._exit(KILLED)

    sys.addaudithook(hook)
    call(*args)


def _writes(details: tuple[Any, ...]) -> bool:
    flags = details[2]
    return bool(flags & (os.O_WRONLY | os.O_RDWR))


def _refuse(event: str, details: tuple[Any, ...], volume: str) -> None:
    if event == "os.link" and volume == "no_links":
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))
    crosses = event in {"os.link", "os.rename"} and os.path.dirname(details[0]) != os.path.dirname(details[1])  # noqa: PTH120
    if crosses and volume == "union":
        raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))
