"""A made-up machine with graphics cards, under the whole program."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from alchemist_desktop.app.core import Core
from alchemist_desktop.domain.hardware import Device, Found
from alchemist_desktop.domain.job import Job
from tests.support import gpu_ffmpeg
from tests.support.core import jobs_of, open_test_core, process, quick_settings
from tests.support.hardware import NO_AMD, NVIDIA_0, NVIDIA_1
from tests.support.media import ffmpeg_path, make_clip

EVERY = ["av1", "hevc", "h264"]
TWO_CARDS: dict[str, Any] = {"cards": {"0": EVERY, "1": ["hevc", "h264"]}}


@dataclass
class Machine:
    """`devices` are what the program finds, `config` is how they behave; both may be changed while it runs."""

    home: Path
    config: dict[str, Any]
    devices: Sequence[Device] = (NVIDIA_0, NVIDIA_1)
    library: Path = field(init=False)

    def __post_init__(self) -> None:
        self.library = self.home / "library"
        self.library.mkdir(exist_ok=True)
        self.ffmpeg = gpu_ffmpeg.install(self.home, ffmpeg_path(), self.config)

    def film(self, name: str = "film.mkv") -> Path:
        return make_clip(self.library / name, duration_s=1.0)

    def configure(self, **changes: Any) -> None:
        self.config = {**self.config, **changes}
        gpu_ffmpeg.configure(self.home, self.config)

    def encodes(self) -> list[tuple[str, str]]:
        """Encoder and device of every real job's encode so far."""
        return [(run["encoder"], run["device"]) for run in gpu_ffmpeg.runs(self.home) if not run["is_trial"]]

    def find(self) -> Found:
        return Found(devices=tuple(self.devices), absences=(NO_AMD,))

    @asynccontextmanager
    async def core(self, *, start: bool = True, **sections: dict[str, object]) -> AsyncIterator[Core]:
        """The program on this machine; HEVC is wanted unless `sections` say otherwise."""
        hardware = {"ffmpeg_path": self.ffmpeg, **sections.pop("hardware", {})}
        settings = quick_settings(**{**sections, "hardware": hardware})
        async with open_test_core(self.home, settings, start=start, find=self.find) as core:
            yield core

    async def process(self, core: Core) -> dict[str, Job]:
        """Scan the library and wait until every job has ended and its attempts are on record."""
        await process(core, self.library)
        async with asyncio.timeout(30):
            while core.engine.contexts():
                await asyncio.sleep(0.02)
        return await jobs_of(core)
