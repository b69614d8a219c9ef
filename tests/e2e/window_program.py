"""The program with its window, which asks itself to end as soon as the window is there: `close` or `quit`."""

import asyncio
import os
import sys

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from alchemist_desktop.app.main import _run
from alchemist_desktop.app.options import Options
from alchemist_desktop.app.paths import Paths
from alchemist_desktop.app.programs import WindowStart, run_window


async def _program(way: str) -> int:
    options = Options.from_environment(os.environ).with_choices(server_port=0, is_headless=False)
    paths = Paths.from_options(options)
    running = asyncio.ensure_future(run_window(options, paths, WindowStart()))
    application = QCoreApplication.instance()
    assert isinstance(application, QApplication)
    while not (windows := [widget for widget in application.topLevelWidgets() if widget.isWindow() and widget.isVisible()]):
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
    if way == "close":
        for window in windows:
            window.close()
    else:
        application.exit()
    return await running


if __name__ == "__main__":
    _run(_program(sys.argv[1]), gui=True)
