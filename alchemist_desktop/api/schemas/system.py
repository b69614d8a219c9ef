"""The program and its machine on the wire."""

from alchemist_desktop.api.schemas.encoding import JsonObject
from alchemist_desktop.domain.engine_state import EngineStatus
from alchemist_desktop.services.system_info import SystemInfo, SystemLoad

_MIB = 1024**2
_GIB = 1024**3


def health_json(version: str, uptime_s: float) -> JsonObject:
    minutes, seconds = divmod(int(uptime_s), 60)
    hours, minutes = divmod(minutes, 60)
    return {
        "status": "ok",
        "version": version,
        "uptime": f"{hours}h {minutes}m {seconds}s",
        "uptime_seconds": int(uptime_s),
    }


def system_info_json(info: SystemInfo) -> JsonObject:
    return {
        "version": info.version,
        "os_version": info.os_version,
        "is_docker": info.is_docker,
        "telemetry_enabled": info.telemetry_enabled,
        "ffmpeg_version": info.ffmpeg_version or "Unknown",
        "cpu_count": info.cpu_count,
        "total_memory_gb": info.total_memory_bytes // _GIB,
    }


def resources_json(load: SystemLoad, engine: EngineStatus) -> JsonObject:
    total = load.memory_total_bytes
    return {
        "cpu_percent": load.cpu_percent,
        "memory_used_mb": load.memory_used_bytes // _MIB,
        "memory_total_mb": total // _MIB,
        "memory_percent": 100.0 * load.memory_used_bytes / total if total else 0.0,
        "uptime_seconds": int(load.uptime_s),
        "active_jobs": engine.active_jobs,
        "concurrent_limit": engine.concurrent_limit,
        "cpu_count": engine.cpu_count,
        "gpu_utilization": load.gpu.percent,
        "gpu_memory_percent": load.gpu.memory_percent,
    }
