"""Tells which files of a folder any process on this machine opens; Linux only."""

import ctypes
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_OPENED = 0x20
_IS_FOLDER = 0x40000000
_HEAD = struct.Struct("iIII")
_BUFFER_BYTES = 1 << 20


@contextmanager
def watched_opens(root: Path) -> Iterator[Callable[[], set[str]]]:
    """A function that returns the names of the files below `root` that were opened since it was called last."""
    libc = ctypes.CDLL(None, use_errno=True)
    watch = libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
    assert watch >= 0, os.strerror(ctypes.get_errno())
    try:
        for folder in (root, *(path for path in root.rglob("*") if path.is_dir())):
            assert libc.inotify_add_watch(watch, os.fsencode(folder), _OPENED) >= 0, os.strerror(ctypes.get_errno())
        yield lambda: set(_opened(watch))
    finally:
        os.close(watch)


def _opened(watch: int) -> Iterator[str]:
    try:
        data = os.read(watch, _BUFFER_BYTES)
    except BlockingIOError:
        return
    while data:
        _, mask, _, length = _HEAD.unpack_from(data)
        name, data = data[_HEAD.size : _HEAD.size + length], data[_HEAD.size + length :]
        if not mask & _IS_FOLDER:
            yield os.fsdecode(name.rstrip(b"\0"))
