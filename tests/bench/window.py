"""How long the window takes to stand on the screen, and how much memory it holds then, in a process of its own."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.harness import Result

MOST_S = 1.5
MOST_MB = 160.0
ROUNDS = 3


def run() -> Sequence[Result]:
    runs = [_start() for _ in range(ROUNDS)]
    shown_s, resident_mb = min(each["shown_s"] for each in runs), max(each["resident_mb"] for each in runs)
    return [
        Result(name="window: from start to shown", unit="s", ours=shown_s, yardstick=MOST_S, at_most=1.0),
        Result(name="window: resident memory, idle", unit="MB", ours=resident_mb, yardstick=MOST_MB, at_most=1.0),
    ]


def _start() -> dict[str, float]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "QT_API": "pyside6", "STARTED_S": str(time.time())}
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.window"], env=environment, capture_output=True, check=True, timeout=60
    )
    values: dict[str, float] = json.loads(done.stdout)
    return values


def _child() -> None:
    """Show the window over 100,000 jobs, look at the clock when it is painted, and at the memory two seconds later."""
    from PySide6.QtWidgets import QApplication

    from alchemist_desktop.app.loop import make_loop
    from alchemist_desktop.ui.main_window import MainWindow
    from alchemist_desktop.ui.options import UiOptions

    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)

    async def show(folder: Path) -> dict[str, float]:
        from tests.ui.support import RESOURCES, make_world

        world = make_world(vast=100_000)
        window = MainWindow(
            world.services, world.events, UiOptions(settings_file=folder / "w.ini", resources=RESOURCES, use_tray=False)
        )
        window.show()
        window.grab()
        shown_s = time.time() - float(os.environ["STARTED_S"])
        await asyncio.sleep(2)
        import psutil

        resident_mb = psutil.Process().memory_info().rss / 1e6
        window.shut_down()
        return {"shown_s": shown_s, "resident_mb": resident_mb}

    with asyncio.Runner(loop_factory=lambda: make_loop(app)) as runner, TemporaryDirectory() as folder:
        sys.stdout.write(json.dumps(runner.run(show(Path(folder)))))


if __name__ == "__main__":
    _child()
