"""A window over in-memory services, on the program's own loop."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from alchemist_desktop.app.loop import make_loop
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.ui.main_window import MainWindow
from alchemist_desktop.ui.options import ThemeChoice, UiOptions
from alchemist_desktop.ui.pages.health import HealthPage
from alchemist_desktop.ui.pages.library import LibraryPage
from alchemist_desktop.ui.pages.queue import QueuePage
from alchemist_desktop.ui.pages.registry import PAGES
from tests.ui.support import RESOURCES, World, make_job, make_world

OpenWindow = Callable[..., MainWindow]


@pytest.fixture
def anyio_backend(qapp: QApplication) -> tuple[str, dict[str, Any]]:
    qapp.setQuitOnLastWindowClosed(False)
    return "asyncio", {"loop_factory": lambda: make_loop(qapp)}


@pytest.fixture
def options(tmp_path: Path) -> UiOptions:
    return UiOptions(settings_file=tmp_path / "window.ini", resources=RESOURCES, theme=ThemeChoice.LIGHT, use_tray=False)


@pytest.fixture
def world() -> World:
    """Forty jobs: 1 encodes, 2 failed, 3 is completed, the others wait."""
    special: dict[int, JobState] = {1: JobState.ENCODING, 2: JobState.FAILED, 3: JobState.COMPLETED}
    jobs: list[Job] = [make_job(number, special.get(number, JobState.QUEUED)) for number in range(1, 41)]
    return make_world(jobs)


@pytest.fixture
def open_window(qtbot: QtBot, options: UiOptions) -> Iterator[OpenWindow]:
    """Opens windows (on a running loop only) and puts them away."""
    opened: list[MainWindow] = []

    def build(world: World, given: UiOptions = options) -> MainWindow:
        window = MainWindow(world.services, world.events, given)
        qtbot.addWidget(window, before_close_func=lambda _: window.bridge.stop())
        opened.append(window)
        window.show()
        return window

    yield build
    for window in opened:
        window.shut_down()


def queue_page(window: MainWindow) -> QueuePage:
    page = window.page(0)
    assert isinstance(page, QueuePage)
    return page


def library_page(window: MainWindow) -> LibraryPage:
    window.navigation.setCurrentRow(1)
    page = window.page(1)
    assert isinstance(page, LibraryPage)
    return page


def health_page(window: MainWindow) -> HealthPage:
    number = PAGES.index(HealthPage)
    window.navigation.setCurrentRow(number)
    page = window.page(number)
    assert isinstance(page, HealthPage)
    return page
