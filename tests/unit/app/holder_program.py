"""A program that takes a database's lock, says whether it got it, and keeps it until it is killed."""

import os
import signal
import sys
from pathlib import Path

from alchemist_desktop.app.single_instance import InstanceLock


def main() -> None:
    lock = InstanceLock(Path(sys.argv[1]))
    is_held = lock.acquire()
    child = fork_worker() if sys.argv[2:] == ["--fork"] else 1
    sys.stdout.write(f"{is_held} {child}\n")
    sys.stdout.flush()
    if is_held:
        signal.pause()


def fork_worker() -> int:
    """A forked child that does nothing; returns when it runs."""
    its_end, our_end = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(our_end, b"x")
        signal.pause()
    os.read(its_end, 1)
    return child


if __name__ == "__main__":
    main()
