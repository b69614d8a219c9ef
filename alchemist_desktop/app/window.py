"""The window as a part of the program's life."""

import asyncio
from types import TracebackType
from typing import Self

from alchemist_desktop.app.core import Core
from alchemist_desktop.ui.main_window import MainWindow
from alchemist_desktop.ui.options import ThemeChoice, UiOptions


class WindowFace:
    """Async context manager around the main window. `stop` is set when the person asks to quit."""

    def __init__(self, core: Core, *, theme: ThemeChoice, minimized: bool, stop: asyncio.Event) -> None:
        options = UiOptions(
            settings_file=core.paths.state_file,
            resources=core.paths.resources,
            theme=theme,
        )
        self._window = MainWindow(core.services, core.bus, options)
        self._window.quit_requested.connect(stop.set)
        self._minimized = minimized

    def bring_forward(self) -> None:
        """Bring the window to the front."""
        self._window.bring_forward()

    async def __aenter__(self) -> Self:
        if not self._minimized or self._window.tray is None:
            self._window.show()
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._window.shut_down()
        self._window.deleteLater()

    def hide(self) -> None:
        """Out of sight at once; the rest of the program still needs a moment to end."""
        self._window.hide()
