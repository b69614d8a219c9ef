"""Pictures of the health page: `python -m tests.ui.health_screenshots OUTDIR`; per theme one of each state, side by side."""

import asyncio
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_API", "pyside6")

from PySide6.QtGui import QPainter, QPixmap

from alchemist_desktop.domain.health import Depth
from alchemist_desktop.ui.main_window import MainWindow
from alchemist_desktop.ui.options import ThemeChoice, UiOptions
from alchemist_desktop.ui.pages.health import HealthPage
from alchemist_desktop.ui.pages.registry import PAGES
from tests.ui.health_support import some_checks
from tests.ui.support import RESOURCES, make_world
from tests.ui.taking import take


async def shoot(folder: Path, theme: ThemeChoice, settings: Path) -> None:
    world = make_world(folders=("/media/films", "/media/series"))
    options = UiOptions(settings_file=settings, resources=RESOURCES, theme=theme, use_tray=False)
    window = MainWindow(world.services, world.events, options)
    window.resize(1120, 640)
    window.show()
    window.navigation.setCurrentRow(PAGES.index(HealthPage))
    page = window.page(PAGES.index(HealthPage))
    assert isinstance(page, HealthPage)
    pictures = [await _grab(window)]
    page.choose_depth(Depth.FULL)
    page.run.click()
    world.health.found = some_checks()[:2]
    world.health.total_checked = 4120
    world.health.move(total=18_420, checked=4120, issues=2, current_path="/media/series/The Cartographer/Season 2/S02E07.mkv")
    await asyncio.sleep(2.0)  # until the list is read again
    pictures.append(await _grab(window))
    world.health.move(checked=18_420, issues=5)
    world.health.complete(some_checks())
    await asyncio.sleep(0.3)
    page.tree.choose("/media/series/Low Tide/S01E03.mkv")
    pictures.append(await _grab(window))
    world.health.complete([])
    pictures.append(await _grab(window))
    _join(pictures).save(str(folder / f"health-{theme}.png"))
    window.shut_down()


async def _grab(window: MainWindow) -> QPixmap:
    await asyncio.sleep(0.4)
    return window.grab()


def _join(pictures: list[QPixmap]) -> QPixmap:
    """Two by two."""
    width, height = pictures[0].width(), pictures[0].height()
    whole = QPixmap(2 * width + 16, 2 * height + 16)
    whole.fill()
    painter = QPainter(whole)
    for number, picture in enumerate(pictures):
        painter.drawPixmap(number % 2 * (width + 16), number // 2 * (height + 16), picture)
    painter.end()
    return whole


async def _main(folder: Path) -> None:
    with TemporaryDirectory() as scratch:
        for theme in (ThemeChoice.LIGHT, ThemeChoice.DARK):
            await shoot(folder, theme, Path(scratch) / f"{theme}.ini")


if __name__ == "__main__":
    take(_main, Path(sys.argv[1]))
