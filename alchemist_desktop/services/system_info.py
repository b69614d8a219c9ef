"""What the program tells about itself and its machine."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemInfo:
    """Facts that do not change while the program runs."""

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


class SystemService:
    """Facts and load."""

    def info(self) -> SystemInfo:
        raise NotImplementedError

    def load(self) -> SystemLoad:
        """At most 500 ms old."""
        raise NotImplementedError

    def uptime_s(self) -> float:
        raise NotImplementedError

    async def is_database_ready(self) -> bool:
        raise NotImplementedError
