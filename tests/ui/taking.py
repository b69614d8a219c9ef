"""How programs that take screenshots run."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from alchemist_desktop.app.loop import make_loop


def take(pictures: Callable[[Path], Coroutine[Any, Any, None]], folder: Path) -> None:
    """Run `pictures` with the folder for its files."""
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    with asyncio.Runner(loop_factory=lambda: make_loop(app)) as runner:
        runner.run(pictures(folder))
