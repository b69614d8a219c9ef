"""Self-test, telemetry and updates on the wire."""

from datetime import datetime

from alchemist_desktop.api.schemas.encoding import JsonObject, rfc3339_exact
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.services.selftest import SelftestReport
from alchemist_desktop.services.system_info import SystemInfo, SystemLoad
from alchemist_desktop.services.updates import UpdateStatus

_MIB = 1024**2


def selftest_json(report: SelftestReport) -> JsonObject:
    stages = [
        {"name": stage.name, "success": stage.is_success, "duration_ms": stage.duration_ms, "message": stage.message}
        for stage in report.stages
    ]
    return {"success": report.error is None, "stages": stages, "error": report.error}


def update_json(status: UpdateStatus) -> JsonObject:
    return {
        "current_version": status.current_version,
        "channel": status.channel,
        "latest_version": status.latest_version,
        "update_available": status.is_update_available,
        "release_url": status.release_url,
        "checked_at": rfc3339_exact(status.checked_at),
        "install_type": status.install_type,
        "can_self_update": False,
        "action": status.action,
        "guidance": status.guidance,
        "guidance_command": None,
        "verification_status": "manifest_unavailable",
        "verification_error": None,
        "asset": None,
    }


def telemetry_json(
    runtime_id: str, now: datetime, info: SystemInfo, load: SystemLoad, active_jobs: int, settings: Settings
) -> JsonObject:
    return {
        "runtime_id": runtime_id,
        "timestamp": rfc3339_exact(now),
        "version": info.version,
        "os_version": info.os_version,
        "is_docker": info.is_docker,
        "uptime_seconds": int(load.uptime_s),
        "cpu_count": info.cpu_count,
        "memory_total_mb": info.total_memory_bytes // _MIB,
        "active_jobs": active_jobs,
        "concurrent_limit": settings.transcode.concurrent_jobs,
    }
