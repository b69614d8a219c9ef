"""The hardware page: the matrix, what its cells mean, probing again and choosing a device."""

from collections.abc import Callable
from typing import cast

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtWidgets import QLabel, QPlainTextEdit
from pytestqt.modeltest import ModelTester

from alchemist_desktop.domain.capability import SetAside
from alchemist_desktop.domain.events import HardwareChanged
from alchemist_desktop.domain.hardware import Wish
from alchemist_desktop.domain.profile import OutputCodec
from alchemist_desktop.ui.main_window import MainWindow
from alchemist_desktop.ui.models.hardware_table import HardwareTable
from alchemist_desktop.ui.options import ThemeChoice
from alchemist_desktop.ui.pages.hardware import HardwarePage
from alchemist_desktop.ui.pages.registry import PAGES
from alchemist_desktop.ui.theme import Theme
from tests.support.hardware import NVIDIA_0, MemoryHardware, encoder_on, matrix, two_cards
from tests.ui.conftest import OpenWindow
from tests.ui.support import RESOURCES, World, until

pytestmark = pytest.mark.anyio


def hardware_page(window: MainWindow) -> HardwarePage:
    place = PAGES.index(HardwarePage)
    window.navigation.setCurrentRow(place)
    page = window.page(place)
    assert isinstance(page, HardwarePage)
    return page


def texts(page: HardwarePage) -> list[list[str]]:
    model = page.model
    return [[str(model.index(r, c).data()) for c in range(model.columnCount())] for r in range(model.rowCount())]


def said(page: HardwarePage) -> str:
    parts = [label.text() for label in page.details.meaning.findChildren(QLabel)]
    parts += [view.toPlainText() for view in page.details.meaning.findChildren(QPlainTextEdit)]
    return "\n".join(parts)


async def test_the_matrix_shows_every_device_the_cpu_and_what_is_not_there(world: World, open_window: OpenWindow) -> None:
    world.hardware.found = two_cards()
    page = hardware_page(open_window(world))
    works, failed, none = "✓ Works", "✕ Failed", "–"
    assert texts(page) == [
        ["NVIDIA RTX 4070", works, works, works, works, works, none],
        ["NVIDIA GTX 1660", failed, failed, works, works, works, none],
        ["CPU", works, works, works, works, works, none],
        ["AMD – not there", none, none, none, none, none, none],
    ]
    assert [page.model.headerData(c, Qt.Orientation.Horizontal) for c in range(4)] == [
        "Device",
        "AV1 8 bit",
        "AV1 10 bit",
        "HEVC 8 bit",
    ]
    assert page.ffmpeg.text() == "9.0.2 – /opt/ffmpeg/bin/ffmpeg"
    assert page.reason.text().startswith("NVIDIA RTX 4070 encodes the most: AV1, HEVC, H.264.")


async def test_a_cell_tells_what_it_means_in_words_and_in_ffmpegs(world: World, open_window: OpenWindow) -> None:
    world.hardware.found = two_cards()
    page = hardware_page(open_window(world))
    page.table.setCurrentIndex(page.model.index(1, 1))
    assert "NVIDIA GTX 1660, AV1 8 bit" in said(page)
    assert "This card does not encode this codec." in said(page)
    assert "No capable devices found" in said(page)
    page.table.setCurrentIndex(page.model.index(3, 0))
    assert "No AMD graphics were found" in said(page)
    page.table.setCurrentIndex(page.model.index(2, 6))
    assert "H.264 is written in 8 bit only" in said(page)


async def test_what_failed_in_jobs_is_shown_as_left_aside(world: World, open_window: OpenWindow) -> None:
    world.hardware.found = two_cards()
    page = hardware_page(open_window(world))
    world.hardware.aside = (SetAside(encoder=encoder_on(NVIDIA_0, OutputCodec.HEVC), reason="It failed 3 times in a row."),)
    world.events.publish(HardwareChanged())
    assert texts(page)[0][1:6] == ["✓ Works", "✓ Works", "! Left aside", "! Left aside", "✓ Works"]
    assert "hevc_nvenc is left aside" in page.reason.text()


async def test_the_log_has_a_line_for_every_trial(world: World, open_window: OpenWindow) -> None:
    world.hardware.found = two_cards()
    page = hardware_page(open_window(world))
    log = page.details.log.texts()
    assert log.count("av1_nvenc") == 4
    assert log.count("✕") == 2
    assert "av1_nvenc works at 10 bit." in log


async def test_probing_again_shows_what_it_found(world: World, open_window: OpenWindow) -> None:
    page = hardware_page(open_window(world))
    assert texts(page) == []
    assert page.reason.text() == "The hardware is being examined. Jobs start as soon as that is done."
    assert not page.probe.isEnabled()
    world.hardware.found = matrix()
    world.events.publish(HardwareChanged())
    assert [row[0] for row in texts(page)] == ["CPU"]
    world.hardware.on_probe = lambda: setattr(world.hardware, "found", two_cards())
    page.probe.click()
    assert not page.probe.isEnabled()
    await until(page.probe.isEnabled)
    assert world.hardware.calls == [("probe",)]
    assert len(texts(page)) == 4


async def test_a_device_is_chosen_in_the_list(world: World, open_window: OpenWindow) -> None:
    world.hardware.found = two_cards()
    page = hardware_page(open_window(world))
    titles = [page.device.itemText(n) for n in range(page.device.count())]
    assert titles == ["The best device, and others beside it", "NVIDIA RTX 4070", "NVIDIA GTX 1660", "The CPU alone"]
    page.device.setCurrentIndex(2)
    page.device.activated.emit(2)
    await until(lambda: world.hardware.calls)
    assert world.hardware.calls == [("choose", None, "/dev/nvidia1")]
    assert world.hardware.wish == Wish(device="/dev/nvidia1")
    page.device.setCurrentIndex(3)
    page.device.activated.emit(3)
    await until(lambda: len(world.hardware.calls) == 2)
    assert world.hardware.calls[-1] == ("choose", "cpu", None)


def test_the_model_keeps_qts_rules(qtmodeltester: ModelTester) -> None:
    service = MemoryHardware(two_cards())
    model = HardwareTable(Theme(ThemeChoice.LIGHT, RESOURCES))
    model.show_state(service.state())
    check = cast("Callable[[HardwareTable], None]", qtmodeltester.check)  # pytest-qt does not annotate it
    check(model)
    assert model.rowCount(model.index(0, 0)) == 0
    assert model.rowCount(QModelIndex()) == 4
    spoken = model.index(1, 1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "NVIDIA GTX 1660, AV1 8 bit: failed. This card does not encode this codec."
