"""What the program tells about itself and its machine."""

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from alchemist_desktop import __version__
from alchemist_desktop.domain.capability import FfmpegInfo
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.storage.database import Database
from alchemist_desktop.system.gpu_load import GpuLoad, GpuMeter

_LOAD_IS_FRESH_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemInfo:
    """Facts about the program and its machine."""

    version: str
    os_version: str
    is_docker: bool
    telemetry_enabled: bool
    ffmpeg_version: str
    ffmpeg_path: str
    cpu_count: int
    total_memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemLoad:
    """How busy the machine is; percents are 0..100."""

    cpu_percent: float
    memory_used_bytes: int
    memory_total_bytes: int
    uptime_s: float
    gpu: GpuLoad = field(default_factory=GpuLoad)


class SystemService:
    """Facts and load."""

    def __init__(
        self, *, ffmpeg: FfmpegInfo, database: Database, clock: Clock, settings: Callable[[], Settings], gpu: GpuMeter
    ) -> None:
        self._gpu = gpu
        self._ffmpeg = ffmpeg
        self._database = database
        self._clock = clock
        self._settings = settings
        self._started_s = clock.monotonic_s()
        self._load: SystemLoad | None = None

    def info(self) -> SystemInfo:
        return SystemInfo(
            version=__version__,
            os_version=f"{platform.system()} {platform.release()}",
            is_docker=Path("/.dockerenv").exists(),
            telemetry_enabled=self._settings().system.enable_telemetry,
            ffmpeg_version=self._ffmpeg.version or "Unknown",
            ffmpeg_path=self._ffmpeg.path,
            cpu_count=os.cpu_count() or 1,
            total_memory_bytes=psutil.virtual_memory().total,
        )

    def load(self) -> SystemLoad:
        """At most half a second old."""
        uptime_s = self.uptime_s()
        if self._load is None or uptime_s - self._load.uptime_s > _LOAD_IS_FRESH_S:
            memory = psutil.virtual_memory()
            self._load = SystemLoad(
                cpu_percent=psutil.cpu_percent(interval=None),
                memory_used_bytes=memory.total - memory.available,
                memory_total_bytes=memory.total,
                uptime_s=uptime_s,
                gpu=self._gpu.read(),
            )
        return self._load

    def uptime_s(self) -> float:
        return self._clock.monotonic_s() - self._started_s

    async def is_database_ready(self) -> bool:
        return await self._database.check()
