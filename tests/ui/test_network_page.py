"""The network page: what it says of the server, and what its switches do."""

import asyncio

import pytest

from alchemist_desktop.domain.events import NetworkChanged
from alchemist_desktop.domain.network import NetworkStatus
from alchemist_desktop.domain.settings import Server
from alchemist_desktop.ui.main_window import MainWindow
from alchemist_desktop.ui.pages.network import NetworkPage, status_sentence
from alchemist_desktop.ui.pages.registry import PAGES
from tests.ui.conftest import OpenWindow
from tests.ui.support import World

pytestmark = pytest.mark.anyio

FINGERPRINT = ":".join(["AB"] * 32)


def _page(window: MainWindow) -> NetworkPage:
    number = PAGES.index(NetworkPage)
    window.navigation.setCurrentRow(number)
    page = window.page(number)
    assert isinstance(page, NetworkPage)
    return page


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (NetworkStatus(), "does not listen"),
        (NetworkStatus(error="Port 3000 is taken."), "Port 3000 is taken."),
        (NetworkStatus(url="http://127.0.0.1:3000"), "from this computer alone"),
        (NetworkStatus(url="http://127.0.0.1:3000", is_lan=True), "whole network"),
    ],
)
async def test_every_state_has_its_sentence(status: NetworkStatus, words: str) -> None:
    assert words in status_sentence(status)


async def test_the_fingerprint_is_shown_as_soon_as_there_is_one(world: World, open_window: OpenWindow) -> None:
    page = _page(open_window(world))
    assert (page.fingerprint.isVisible(), page.hint.isVisible()) == (False, False)
    status = NetworkStatus(url="https://127.0.0.1:3000", port=3000, fingerprint=FINGERPRINT)
    world.events.publish(NetworkChanged(status=status))
    assert (page.fingerprint.isVisible(), page.hint.isVisible()) == (True, True)
    assert FINGERPRINT in page.fingerprint.text().replace("\u200b", "")
    assert "https://127.0.0.1:3000" in page.state.text()


async def test_the_switches_change_the_settings_and_follow_them(world: World, open_window: OpenWindow) -> None:
    page = _page(open_window(world))
    assert (page.lan.isChecked(), page.tls.isChecked()) == (False, False)
    page.lan.click()
    await _until_server(world, Server(lan=True))
    page.tls.click()
    await _until_server(world, Server(lan=True, tls=True))
    await world.settings.change(lambda settings: settings.model_copy(update={"server": Server()}))
    assert (page.lan.isChecked(), page.tls.isChecked()) == (False, False)


async def _until_server(world: World, wanted: Server) -> None:
    async with asyncio.timeout(5):
        while world.settings.current.server != wanted:
            await asyncio.sleep(0.01)
