"""The health page: starting, stopping and following a check, and what it found."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from alchemist_desktop.domain.health import DEPTH_SENTENCES, Depth, HealthCategory
from alchemist_desktop.ui.health_words import CATEGORY_WORDS
from alchemist_desktop.ui.pages.health import HealthPage
from tests.ui.conftest import OpenWindow, health_page
from tests.ui.health_support import make_check, some_checks
from tests.ui.support import World, until

pytestmark = pytest.mark.anyio


def kinds(page: HealthPage) -> dict[str, list[str]]:
    """The tree as it is shown: files by the heading they stand under."""
    shown = {}
    for number in range(page.tree.topLevelItemCount()):
        parent = page.tree.topLevelItem(number)
        assert parent is not None
        children = [parent.child(row) for row in range(parent.childCount())]
        shown[parent.text(0)] = [child.text(0) for child in children if child is not None]
    return shown


async def test_a_library_that_was_never_checked_says_so_and_can_be_checked(open_window: OpenWindow, world: World) -> None:
    page = health_page(open_window(world))
    await until(lambda: page.empty.title == "Not checked yet")
    assert page.depth_text.text() == DEPTH_SENTENCES[Depth.SAMPLE]
    page.empty.clicked.emit()
    assert world.health.started == [(Depth.SAMPLE, False)]
    assert page.run.text() == "Stop"


async def test_the_chosen_depth_and_the_wish_to_wait_are_passed_on(open_window: OpenWindow, world: World) -> None:
    page = health_page(open_window(world))
    page.choose_depth(Depth.FULL)
    page.waits.setChecked(True)
    page.run.click()
    assert world.health.started == [(Depth.FULL, True)]
    assert page.depth_text.text() == DEPTH_SENTENCES[Depth.FULL]
    assert not any(button.isEnabled() for button in page.depths.buttons())


async def test_progress_is_shown_and_the_check_can_be_stopped_and_taken_up_again(open_window: OpenWindow, world: World) -> None:
    page = health_page(open_window(world))
    page.run.click()
    world.health.move(total=200, checked=50, current_path="/media/films/a.mkv")
    await until(lambda: page.bar.value() == 50)
    assert (page.bar.maximum(), page.bar.isVisible()) == (200, True)
    assert page.progress_text.text() == "50 of 200 files – /media/films/a.mkv"
    world.health.move(is_waiting=True)
    await until(lambda: "waiting for running jobs" in page.progress_text.text())
    page.run.click()
    await until(lambda: world.health.cancels == 1)
    await until(lambda: page.run.text() == "Go on")
    assert not page.bar.isVisible()
    page.choose_depth(Depth.HEADER)
    assert page.run.text() == "Check library"


async def test_nothing_found_is_good_news(open_window: OpenWindow, world: World) -> None:
    page = health_page(open_window(world))
    page.run.click()
    world.health.move(total=3, checked=3)
    world.health.complete([])
    await until(lambda: page.empty.title == "Nothing found")
    assert page.empty.isVisible()
    assert page.summary_text.text().startswith("3 files checked, nothing found.")


async def test_findings_are_listed_by_kind_with_the_words_of_whoever_noticed(open_window: OpenWindow, world: World) -> None:
    world.health.found = some_checks()
    world.health.total_checked = 100
    page = health_page(open_window(world))
    await until(lambda: page.tree.topLevelItemCount() == 4)
    assert kinds(page) == {
        "Damaged or no media  1": ["caf�.mkv"],
        "Cut off  2": ["Meridian (1994).mkv", "Umbra (2011).mp4"],
        "Damaged picture  1": ["S01E03.mkv"],
        "Must not be read  1": ["private.mkv"],
    }
    assert not page.again.isEnabled()
    page.tree.choose("/media/series/Low Tide/S01E03.mkv")
    text = page.details.toPlainText()
    assert "/media/series/Low Tide/S01E03.mkv" in text
    assert "error while decoding MB 15 9" in text
    assert "get the file again" in text
    assert page.again.isEnabled()


async def test_every_kind_has_a_name_in_the_list(open_window: OpenWindow, world: World) -> None:
    world.health.found = [make_check(f"/media/{kind}.mkv", kind, "Something.") for kind in HealthCategory]
    world.health.total_checked = 7
    page = health_page(open_window(world))
    await until(lambda: page.tree.topLevelItemCount() == len(HealthCategory))
    assert set(kinds(page)) == {f"{name}  1" for name in CATEGORY_WORDS.values()}


async def test_a_healed_file_leaves_the_list_after_it_was_checked_again(open_window: OpenWindow, world: World) -> None:
    world.health.found = some_checks()[:2]
    world.health.total_checked = 2
    window = open_window(world)
    page = health_page(window)
    await until(lambda: page.tree.topLevelItemCount() == 1)
    path = world.health.found[0].path
    page.tree.choose(path)
    page.again.click()
    assert not page.again.isEnabled()
    await until(lambda: kinds(page) == {"Cut off  1": ["Umbra (2011).mp4"]})
    assert world.health.rechecked == [path]
    assert window.message_bar.text() == "Meridian (1994).mkv: nothing is wrong any more."


async def test_a_check_that_fails_is_told_and_can_be_tried_again(open_window: OpenWindow, world: World) -> None:
    world.health.found = some_checks()[:1]
    world.health.total_checked = 1
    world.health.heals = False
    window = open_window(world)
    page = health_page(window)
    await until(lambda: page.tree.topLevelItemCount() == 1)
    page.tree.choose(world.health.found[0].path)
    page.again.click()
    await until(lambda: window.message_bar.text() == "The file is not there any more.")
    assert page.again.isEnabled()


async def test_what_was_chosen_stays_chosen_when_more_is_found(open_window: OpenWindow, world: World) -> None:
    world.health.found = some_checks()[:2]
    world.health.total_checked = 2
    page = health_page(open_window(world))
    await until(lambda: page.tree.topLevelItemCount() == 1)
    chosen = world.health.found[1]
    page.tree.choose(chosen.path)
    page.tree.show_checks(some_checks())
    assert page.tree.chosen() == chosen
    page.tree.show_checks([])
    assert page.tree.chosen() is None
    assert page.details.toPlainText() == ""


class Opener(QWidget):
    """Stands in for the desktop."""

    opened = Signal(QUrl)


async def test_the_folder_of_a_file_is_opened(
    open_window: OpenWindow, world: World, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("films ü")
    found = make_check(str(folder / "a.mkv"), HealthCategory.CORRUPT_FILE, "The file is empty.")
    gone = replace(found, path="/nowhere/b.mkv")
    world.health.found, world.health.total_checked = [found, gone], 2
    window = open_window(world)
    page = health_page(window)
    await until(lambda: page.tree.topLevelItemCount() == 1)
    desktop, urls = Opener(), list[QUrl]()
    desktop.opened.connect(urls.append)
    QDesktopServices.setUrlHandler("file", desktop, "opened")  # type: ignore[arg-type]  # its stub wants bytes, it wants text
    try:
        page.tree.choose(found.path)
        page.open.click()
        page.tree.choose(gone.path)
        page.open.click()
    finally:
        QDesktopServices.unsetUrlHandler("file")
    assert [url.toLocalFile() for url in urls] == [str(folder)]
    assert window.message_bar.text() == "The folder /nowhere cannot be opened."
