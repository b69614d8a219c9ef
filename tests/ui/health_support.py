"""The library's health in memory, for the page that shows it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from alchemist_desktop.domain.errors import ConflictError, NotFoundError
from alchemist_desktop.domain.events import (
    Event,
    HealthChecked,
    HealthScanCompleted,
    HealthScanProgressed,
    HealthScanStarted,
    ProgressEvent,
)
from alchemist_desktop.domain.health import Depth, HealthCategory, HealthCheck, HealthIssue, HealthStatus, HealthSummary
from alchemist_desktop.domain.job import FileStamp, Job
from alchemist_desktop.services.library_health import LibraryHealthService

NOW = datetime.now(UTC)


class Publisher(Protocol):
    def publish(self, event: Event | ProgressEvent) -> None: ...


def make_check(path: str, category: HealthCategory, summary: str, raw_output: str = "") -> HealthCheck:
    return HealthCheck(
        path=path,
        stamp=FileStamp(size_bytes=1000, mtime_ns=1),
        depth=Depth.SAMPLE,
        checked_at=NOW,
        issue=HealthIssue(category=category, summary=summary, raw_output=raw_output),
    )


def some_checks() -> list[HealthCheck]:
    """Something of most kinds."""
    cut = "The file is cut off: 62 % of it is there."
    return [
        make_check(
            "/media/films/Meridian (1994)/Meridian (1994).mkv", HealthCategory.TRUNCATED_FILE, cut, "6,200 of 10,000 bytes"
        ),
        make_check("/media/films/Umbra (2011)/Umbra (2011).mp4", HealthCategory.TRUNCATED_FILE, cut),
        make_check(
            "/media/series/Low Tide/S01E03.mkv",
            HealthCategory.CORRUPT_VIDEO,
            "Some of the picture cannot be decoded. FFmpeg: error while decoding MB 15 9",
            "[h264] corrupted macroblock 15 9 (total_coeff=-1)\n[h264] error while decoding MB 15 9\n(17 more lines)",
        ),
        make_check("/media/films/caf\udce9.mkv", HealthCategory.CORRUPT_FILE, "The file is empty."),
        make_check("/srv/nas/private.mkv", HealthCategory.PERMISSION_ERROR, "The file must not be read."),
    ]


class MemoryHealth(LibraryHealthService):
    """Remembers what was asked for; tests move the pass along."""

    def __init__(self, events: Publisher) -> None:
        self.events = events
        self.found: list[HealthCheck] = []
        self.total_checked = 0
        self.unfinished: Depth | None = None
        self.started: list[tuple[Depth, bool]] = []
        self.cancels = 0
        self.rechecked: list[str] = []
        self.refuses = False
        self.heals = True
        self._status = HealthStatus()

    def status(self) -> HealthStatus:
        return self._status

    async def summary(self) -> HealthSummary:
        last_run = NOW - timedelta(minutes=5) if self.total_checked else None
        return HealthSummary(
            total_checked=self.total_checked, issues_found=len(self.found), last_run=last_run, unfinished=self.unfinished
        )

    async def issues(self) -> list[tuple[HealthCheck, Job | None]]:
        return [(check, None) for check in self.found]

    def start(self, depth: Depth = Depth.SAMPLE, *, fresh: bool = False, yields_to_jobs: bool = False) -> None:
        if self.refuses:
            raise ConflictError("A health check of the library is running already.", code="HEALTH_SCAN_IN_PROGRESS")
        self.started.append((depth, yields_to_jobs))
        self._status = HealthStatus(is_running=True, depth=depth)
        self.events.publish(HealthScanStarted(status=self._status))

    def move(self, **changes: object) -> None:
        self._status = replace(self._status, **changes)  # type: ignore[arg-type]  # members of HealthStatus
        self.events.publish(HealthScanProgressed(status=self._status))

    def complete(self, found: Sequence[HealthCheck]) -> None:
        self.found = list(found)
        self.total_checked = max(self._status.checked, 1)
        self._status = replace(self._status, is_running=False)
        self.events.publish(HealthScanCompleted(status=self._status))

    async def cancel(self) -> None:
        self.cancels += 1
        self.unfinished = self._status.depth
        self.complete(self.found)

    async def check_file(self, path: str, depth: Depth | None = None) -> HealthCheck:
        self.rechecked.append(path)
        if not self.heals:
            raise NotFoundError("The file is not there any more.", code="HEALTH_FILE_MISSING", path=path)
        check = next(check for check in self.found if check.path == path)
        self.found.remove(check)
        self.events.publish(HealthChecked(path=path))
        return replace(check, issue=None)
