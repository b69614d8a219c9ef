"""Sleep is held off exactly while jobs run."""

import asyncio
from pathlib import Path

import pytest

from alchemist_desktop.app.keep_awake import KeepAwake
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.system.power import SleepInhibitor
from tests.support.core import open_test_core, process, quick_settings, until_state
from tests.support.media import make_clip


class RecordingInhibitor(SleepInhibitor):
    """Notes what it was asked."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def hold(self, reason: str) -> None:
        self.calls.append("hold")

    def release(self) -> None:
        self.calls.append("release")

    @property
    def is_holding(self) -> bool:
        return bool(self.calls) and self.calls[-1] == "hold"


@pytest.mark.anyio
async def test_sleep_is_held_off_while_a_job_runs(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    make_clip(library / "film.mkv", duration_s=3)
    inhibitor = RecordingInhibitor()
    held: list[bool] = []
    async with open_test_core(tmp_path, quick_settings()) as core:
        with KeepAwake(core.bus, core.engine, inhibitor):
            await core.scanner.scan_folder(str(library))
            held.append(inhibitor.is_holding)
            core.engine.wake()
            await until_state(core, "film.mkv", JobState.ENCODING)
            held.append(inhibitor.is_holding)
            await process(core, library)
            await asyncio.sleep(0.1)
            held.append(inhibitor.is_holding)
            inhibitor.hold("left over")
    assert held == [False, True, False]
    assert inhibitor.calls[-1] == "release"
