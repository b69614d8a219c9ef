"""Nothing in the window spins Qt from inside, and every picture it names is there."""

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication

import alchemist_desktop.ui
from alchemist_desktop.ui.options import ThemeChoice
from alchemist_desktop.ui.style_sheet import style_sheet
from alchemist_desktop.ui.theme import Theme
from alchemist_desktop.ui.tray_icon import TrayState, tray_icon
from tests.ui.support import RESOURCES

SOURCES = sorted(Path(alchemist_desktop.ui.__file__).parent.rglob("*.py"))
SPINNING = re.compile(r"\.exec_?\(|processEvents|waitForFinished|\.wait\(")


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_nothing_spins_qt(source: Path) -> None:
    assert SPINNING.findall(source.read_text(encoding="utf-8")) == []


def test_every_icon_that_is_named_exists_and_can_be_drawn(qapp: QApplication) -> None:
    text = "\n".join(source.read_text(encoding="utf-8") for source in SOURCES)
    named = {name for call in re.findall(r"icon\(([^)]*)", text) for name in re.findall(r'"([a-z_]+)"', call)}
    named |= set(re.findall(r'icon(?:_name)?\s?=\s?"([a-z_]+)"', text))
    assert {"pause", "play", "folder_add", "app"} <= named
    theme = Theme(ThemeChoice.LIGHT, RESOURCES)
    for name in named:
        image = theme.icon(name).pixmap(32, 32).toImage()
        assert any(image.pixelColor(x, y).alpha() for x in range(32) for y in range(32)), name


@pytest.mark.parametrize("theme", [ThemeChoice.LIGHT, ThemeChoice.DARK])
def test_every_picture_of_the_style_sheet_is_there(qapp: QApplication, theme: ThemeChoice) -> None:
    colors = Theme(theme, RESOURCES).colors
    pictures = [Path(url) for url in re.findall(r'url\("([^"]+)"\)', style_sheet(colors, RESOURCES))]
    assert len(pictures) == 2
    assert all(not QIcon(str(picture)).pixmap(16, 16).isNull() for picture in pictures)


def test_every_state_of_the_tray_looks_different(qapp: QApplication) -> None:
    sign = Theme(ThemeChoice.LIGHT, RESOURCES).icon("app")
    images = [tray_icon(sign, state, 40).pixmap(22, 22).toImage() for state in TrayState]
    images.append(tray_icon(sign, TrayState.WORKING, 90).pixmap(22, 22).toImage())
    assert all(one != other for number, one in enumerate(images) for other in images[number + 1 :])
