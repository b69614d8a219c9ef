"""A program on the Qt loop: says what it does, and ends when it gets SIGTERM."""

import asyncio
import signal
import sys

from PySide6.QtCore import QCoreApplication

from alchemist_desktop.app.loop import make_loop


async def wait_for_signal() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    sys.stdout.write("idle\n")
    sys.stdout.flush()
    await stop.wait()
    sys.stdout.write("stopped\n")


def main() -> None:
    app = QCoreApplication([])
    with asyncio.Runner(loop_factory=lambda: make_loop(app)) as runner:
        runner.run(wait_for_signal())


if __name__ == "__main__":
    main()
