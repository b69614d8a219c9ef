"""The window as a whole: head, messages, theme, closing, dropping, and what it remembers."""

import os
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton

from alchemist_desktop.domain.engine_state import EngineMode, ScanStatus
from alchemist_desktop.domain.events import EngineIdle, ScanCompleted, ScanProgressed
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.wording import size
from alchemist_desktop.ui import words
from alchemist_desktop.ui.colors import DARK, LIGHT
from alchemist_desktop.ui.main_window import MainWindow
from alchemist_desktop.ui.models.job_cells import Column
from alchemist_desktop.ui.options import ThemeChoice, UiOptions
from alchemist_desktop.ui.pages.registry import PAGES
from alchemist_desktop.ui.timed_pause import TimedPause, tomorrow_morning
from alchemist_desktop.ui.tray import Tray
from alchemist_desktop.ui.tray_icon import TrayState
from alchemist_desktop.ui.widgets.engine_bar import EngineBar
from tests.ui.conftest import OpenWindow, library_page, queue_page
from tests.ui.support import World, make_world, until

# The offscreen platform says these of every dialog and of every tray icon.
pytestmark = [pytest.mark.anyio, pytest.mark.qt_log_ignore("This plugin does not support", "systemTrayWindowChanged")]


def bar_of(window: MainWindow) -> EngineBar:
    bar = window.findChild(EngineBar)
    assert bar is not None
    return bar


def press(window: MainWindow, text: str) -> None:
    """Press the button of the dialog that is open."""
    box = next(box for box in window.findChildren(QMessageBox) if box.isVisible())
    next(button for button in box.findChildren(QPushButton) if button.text() == text).click()


def tray_of(window: MainWindow) -> Tray:
    assert window.tray is not None
    return window.tray


def look(tray: Tray) -> TrayState:
    return tray.state


def drop(window: MainWindow, *urls: QUrl) -> None:
    data = QMimeData()
    data.setUrls(urls)
    action, button, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(QDropEvent(QPointF(5, 5), action, data, button, keys))


# Head


async def test_the_head_shows_figures_and_state(open_window: OpenWindow, world: World) -> None:
    bar = bar_of(open_window(world))
    await until(lambda: bar.queued.text() == "37")
    assert (bar.active.text(), bar.done.text(), bar.failed.text()) == ("1", "1", "1")
    job = world.jobs.jobs[JobId(3)]
    await until(lambda: bar.saved.text() == size(job.stamp.size_bytes - (job.output_size_bytes or 0)))
    world.engine.set(active_jobs=1)
    assert (bar.state.text(), bar.sentence.text()) == ("Running", "1 of 2 slots busy")
    world.engine.set(disk_blocked=True, disk_block_reason="/media has 3 GB left.")
    assert bar.sentence.text() == "/media has 3 GB left."


async def test_pause_and_start(open_window: OpenWindow, world: World) -> None:
    window = open_window(world)
    bar = bar_of(window)
    await until(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    await until(lambda: bar.state.text() == "Paused")
    assert bar.toggle.text() == "Start"
    bar.toggle.click()
    await until(lambda: bar.state.text() == "Running")
    assert world.engine.calls == ["pause", "resume_all"]


async def test_drain_freeze_and_mode(open_window: OpenWindow, world: World) -> None:
    window = open_window(world)
    window.engine_actions.drain.trigger()
    await until(lambda: bar_of(window).state.text() == "Finishing")
    window.engine_actions.toggle.trigger()
    await until(lambda: bar_of(window).state.text() == "Running")
    window.engine_actions.suspend.trigger()
    await until(lambda: bar_of(window).state.text() == "Paused")
    bar_of(window).modes.actions()[2].trigger()
    await until(lambda: world.engine.status().mode is EngineMode.THROUGHPUT)
    assert world.engine.calls == ["drain", "stop_drain", "resume_all", "suspend_all", "set_mode"]
    assert bar_of(window).mode.text() == "Full speed"


async def test_a_timed_pause_goes_on_by_itself(open_window: OpenWindow, world: World) -> None:
    window = open_window(world)
    pause = window.engine_actions.timed_pause
    window.engine_actions.pause_short.trigger()
    await until(lambda: pause.until is not None)
    assert world.engine.status().manual_paused
    pause.start(datetime.now() - timedelta(seconds=1))
    pause.look()
    await until(lambda: not world.engine.status().manual_paused)
    assert pause.until is None


async def test_a_timed_pause_is_forgotten_when_somebody_starts_the_engine(open_window: OpenWindow, world: World) -> None:
    window = open_window(world)
    window.engine_actions.pause_long.trigger()
    await until(lambda: window.engine_actions.timed_pause.until is not None)
    world.engine.set(manual_paused=False)
    assert window.engine_actions.timed_pause.until is None


def test_a_timed_pause_ends_by_the_clock(qapp: QApplication) -> None:
    now = datetime(2030, 1, 1, 23, 30)
    ended: list[bool] = []
    pause = TimedPause(lambda: now)
    pause.ended.connect(lambda: ended.append(True))
    pause.start(tomorrow_morning(now))
    now = datetime(2030, 1, 2, 5, 59)
    pause.look()
    assert ended == []
    now = datetime(2030, 1, 2, 6, 0)
    pause.look()
    pause.look()
    assert ended == [True]


# Navigation and messages


async def test_every_page_has_its_keys(open_window: OpenWindow, world: World) -> None:
    window = open_window(world)
    await until(window.isActiveWindow)
    for row, key in enumerate((Qt.Key.Key_1, Qt.Key.Key_2)):
        QTest.keyClick(window, key, Qt.KeyboardModifier.ControlModifier)
        assert window.navigation.currentRow() == row
        assert window.page(row).isVisible()
    assert window.navigation.count() == len(PAGES)


async def test_bad_news_stays_and_its_details_can_be_copied(open_window: OpenWindow, world: World) -> None:
    window = open_window(world)
    window.notices.fail("Something went wrong.", "Traceback: line 1")
    window.notices.tell("Queued 1 file.")
    assert window.message_bar.text() == "Something went wrong."
    copy = next(b for b in window.message_bar.findChildren(QPushButton) if b.text() == "Copy details")
    copy.click()
    assert QGuiApplication.clipboard().text() == "Something went wrong.\n\nTraceback: line 1"
    window.message_bar.hide()
    window.notices.tell("Queued 1 file.")
    assert window.message_bar.text() == "Queued 1 file."
    assert not copy.isVisible()


# Look and memory


async def test_the_theme_can_be_switched_while_running(open_window: OpenWindow, world: World) -> None:
    window = open_window(world)
    assert QApplication.palette().color(QPalette.ColorRole.Base).name() == LIGHT.surface
    before = window.styleSheet()
    window.theme.choose(ThemeChoice.DARK)
    assert QApplication.palette().color(QPalette.ColorRole.Base).name() == DARK.surface
    assert window.styleSheet() != before
    window.theme.choose(ThemeChoice.SYSTEM)
    is_dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
    assert window.theme.colors is (DARK if is_dark else LIGHT)


async def test_size_and_columns_are_remembered(open_window: OpenWindow, world: World, options: UiOptions) -> None:
    first = open_window(world)
    first.resize(first.width(), 600)
    queue_page(first).view.horizontalHeader().resizeSection(Column.CODEC, 123)
    first.shut_down()
    second = open_window(world)
    assert second.height() == 600
    assert queue_page(second).view.columnWidth(Column.CODEC) == 123
    assert options.settings_file.exists()


async def test_a_spoiled_memory_is_ignored(open_window: OpenWindow, world: World, options: UiOptions) -> None:
    options.settings_file.write_text("[layout]\nwindow=nonsense\nqueue_columns=@Variant(x\n", encoding="utf-8")
    assert open_window(world).isVisible()


# Closing


async def test_without_a_tray_closing_asks_to_quit(open_window: OpenWindow, world: World) -> None:
    window = open_window(world)
    asked: list[bool] = []
    window.quit_requested.connect(lambda: asked.append(True))
    window.close()
    assert asked == [True]


async def test_with_a_tray_closing_hides_and_says_so_once(open_window: OpenWindow, world: World, options: UiOptions) -> None:
    window = open_window(world, replace(options, use_tray=True))
    asked: list[bool] = []
    window.quit_requested.connect(lambda: asked.append(True))
    window.close()
    assert not window.isVisible()
    assert asked == []
    assert not window.memory.is_first_time("hidden_to_tray")
    tray_of(window).open_wanted.emit()
    assert window.isVisible()
    tray_of(window).quit_wanted.emit()
    assert asked == [True]


async def test_after_the_shut_down_no_event_is_heard(open_window: OpenWindow, world: World) -> None:
    window = open_window(world)
    window.shut_down()
    assert world.events.receiver_count == 0
    world.jobs.change(2, state=JobState.QUEUED)


# Tray


async def test_the_tray_tells_what_goes_on(open_window: OpenWindow, world: World, options: UiOptions) -> None:
    tray = tray_of(open_window(world, replace(options, use_tray=True)))
    assert look(tray) is TrayState.IDLE
    job = world.jobs.change(4, state=JobState.ENCODING)
    world.progress(4, 40.0)
    await until(lambda: tray.percent == 40.0)
    assert look(tray) is TrayState.WORKING
    assert tray.current_text == f"{words.file_name(job.input_path)}: 40 %"
    world.engine.set(manual_paused=True)
    assert look(tray) is TrayState.PAUSED
    world.engine.set(manual_paused=False)
    world.jobs.change(4, state=JobState.FAILED, failure=explain("disk_full", error="x"))
    assert look(tray) is TrayState.ATTENTION
    assert tray.current_text == "Nothing is running"
    tray.open_wanted.emit()
    assert look(tray) is TrayState.IDLE
    world.events.publish(EngineIdle())


# Dropping and the library


async def test_dropped_files_are_queued_whatever_their_name(open_window: OpenWindow, world: World, tmp_path: Path) -> None:
    window = open_window(world)
    odd = os.fsdecode(b"caf\xe9 #1.mkv") if sys.platform == "linux" else "café #1.mkv"  # only there a name may be no text
    paths = [tmp_path / name for name in ("film.mkv", odd, "outside.mkv")]
    for path in paths:
        path.touch()
    drop(window, *(QUrl.fromEncoded(path.as_uri().encode()) for path in paths))
    await until(lambda: len(world.jobs.asked("enqueue_path")) == 3)
    assert world.jobs.asked("enqueue_path") == [(str(path),) for path in paths]
    await until(lambda: window.message_bar.text() == "The file lies in no library folder.")


async def test_dropped_folders_become_libraries_after_a_question(open_window: OpenWindow, tmp_path: Path) -> None:
    world = make_world(folders=())
    window = open_window(world)
    drop(window, QUrl.fromLocalFile(str(tmp_path)))
    await until(lambda: any(box.isVisible() for box in window.findChildren(QMessageBox)))
    assert world.settings.current.scanner.directories == ()
    press(window, "Add folder")
    await until(lambda: world.settings.current.scanner.directories == (str(tmp_path),))
    await until(lambda: world.scans.starts == 1)


async def test_a_folder_is_chosen_in_a_dialog_that_does_not_block(open_window: OpenWindow, tmp_path: Path) -> None:
    world = make_world(folders=())
    window = open_window(world)
    library_page(window).empty.clicked.emit()
    dialog = window.findChild(QFileDialog)
    assert dialog is not None
    dialog.fileSelected.emit(str(tmp_path))
    dialog.close()
    await until(lambda: world.settings.current.scanner.directories == (str(tmp_path),))


async def test_folders_are_listed_and_removed_after_a_question(open_window: OpenWindow) -> None:
    world = make_world(folders=("/media/films", "/media/caf\udce9"))
    page = library_page(open_window(world))
    assert [page.folders.item(row).text() for row in range(page.folders.count())] == ["/media/films", "/media/caf�"]
    assert not page.remove.isEnabled()
    page.folders.setCurrentRow(1)
    page.remove.click()
    box = page.findChild(QMessageBox)
    assert box is not None
    next(b for b in box.findChildren(QPushButton) if b.text() == "Remove folder").click()
    await until(lambda: world.settings.current.scanner.directories == ("/media/films",))
    assert page.folders.count() == 1


async def test_scanning_and_watching(open_window: OpenWindow, world: World) -> None:
    page = library_page(open_window(world))
    page.scan.click()
    assert world.scans.starts == 1
    status = ScanStatus(is_running=True, files_found=1200, files_added=3, current_folder="/media/films/U")
    world.scans.state = status
    world.events.publish(ScanProgressed(status=status))
    await until(lambda: page.scan_text.text() == "Scanning: 1,200 files found, 3 new – /media/films/U")
    page.scan.click()
    await until(lambda: world.scans.cancels == 1)
    world.events.publish(ScanCompleted(status=ScanStatus(files_found=1300, files_added=4)))
    assert page.scan_text.text() == "Last scan: 1,300 files found, 4 new"
    assert not page.scan_bar.isVisible()
    world.events.publish(ScanCompleted(status=ScanStatus(files_found=1300, unreadable=2)))
    assert page.scan_text.text().endswith("0 new. 2 files or folders could not be read; the log names them.")
    page.watch.click()
    await until(lambda: world.settings.current.scanner.watch_enabled)
