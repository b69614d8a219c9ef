"""Pictures of the hardware page: `python -m tests.ui.screenshots_hardware OUTDIR`."""

import asyncio
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_API", "pyside6")


from alchemist_desktop.domain.capability import SetAside, Vendor
from alchemist_desktop.domain.hardware import Absence, HardwareMatrix
from alchemist_desktop.domain.profile import OutputCodec
from alchemist_desktop.ui.main_window import MainWindow
from alchemist_desktop.ui.options import ThemeChoice, UiOptions
from alchemist_desktop.ui.pages.hardware import HardwarePage
from alchemist_desktop.ui.pages.registry import PAGES
from tests.support.hardware import INTEL, NO_AMD, NVIDIA_0, encoder_on, failed, matrix, passed
from tests.ui.support import RESOURCES, make_world
from tests.ui.taking import take

_NO_AV1 = "[av1_vaapi @ 0x5594] No usable encoding profile found.\n[vost#0:0/av1_vaapi] Error while opening encoder"
_NO_MFX = "[{}_qsv @ 0x55f6] Error creating a MFX session: -9."
_ABSENT = "No card was found. If there is one, install NVIDIA's driver; in a container, pass the GPU through."


def busy_machine() -> HardwareMatrix:
    every = tuple(OutputCodec)
    qsv, vaapi = INTEL.backends
    trials = [
        *passed(NVIDIA_0, *every),
        *(trial for codec in every for trial in failed(INTEL, codec, words=_NO_MFX.format(codec), backend=qsv)),
        *failed(INTEL, OutputCodec.AV1, words=_NO_AV1, backend=vaapi),
        *passed(INTEL, OutputCodec.HEVC, OutputCodec.H264, backend=vaapi),
    ]
    return matrix([NVIDIA_0, INTEL], trials, [NO_AMD])


def bare_machine() -> HardwareMatrix:
    intel = "No Intel graphics were found: this system shows no render node (/dev/dri/renderD…). Is the driver loaded?"
    absences = [Absence(vendor=Vendor.NVIDIA, reason=_ABSENT), Absence(vendor=Vendor.INTEL, reason=intel), NO_AMD]
    return matrix(absences=absences)


async def shoot(folder: Path, theme: ThemeChoice, scratch: Path) -> None:
    for name, found, place in (("", busy_machine(), (1, 1)), ("-cpu-only", bare_machine(), (1, 0)), ("-pending", None, None)):
        world = make_world()
        world.hardware.found = found
        if not name:
            reason = "It failed 3 times in a row, at last so: EncodePicture failed!: device not exist (4): (no details)"
            world.hardware.aside = (SetAside(encoder=encoder_on(NVIDIA_0, OutputCodec.H264), reason=reason),)
        options = UiOptions(settings_file=scratch / f"{theme}{name}.ini", resources=RESOURCES, theme=theme, use_tray=False)
        window = MainWindow(world.services, world.events, options)
        window.show()
        window.navigation.setCurrentRow(PAGES.index(HardwarePage))
        page = window.page(PAGES.index(HardwarePage))
        assert isinstance(page, HardwarePage)
        if place is not None:
            page.table.setCurrentIndex(page.model.index(*place))
        await _save(window, folder / f"hardware{name}-{theme}.png")
        if not name:
            page.details.setCurrentIndex(1)
            await _save(window, folder / f"hardware-log-{theme}.png")
        window.shut_down()


async def _save(window: MainWindow, path: Path) -> None:
    await asyncio.sleep(0.4)
    window.grab().save(str(path))


async def _main(folder: Path) -> None:
    with TemporaryDirectory() as scratch:
        for theme in (ThemeChoice.LIGHT, ThemeChoice.DARK):
            await shoot(folder, theme, Path(scratch))


if __name__ == "__main__":
    take(_main, Path(sys.argv[1]))
