"""The library's services in memory: what they were asked for, and one fixed answer each."""

from alchemist_desktop.domain.errors import BusyError, ConflictError, NotFoundError
from alchemist_desktop.domain.health import Depth, HealthCategory, HealthCheck, HealthIssue, HealthStatus, HealthSummary
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.intelligence import DuplicateGroup, IntelligenceReport, LikeFile, Recommendation, RecommendationKind
from alchemist_desktop.domain.job import FileStamp, Job, JobState
from alchemist_desktop.domain.plan import Action
from alchemist_desktop.services.library_preview import LibraryPreview, PreviewSample
from tests.api.in_memory import NOON, make_job


def make_check(path: str) -> HealthCheck:
    issue = HealthIssue(category=HealthCategory.TRUNCATED_FILE, summary="The file is cut off.", raw_output="1 of 2 bytes")
    return HealthCheck(path=path, stamp=FileStamp(size_bytes=1, mtime_ns=1), depth=Depth.PACKETS, checked_at=NOON, issue=issue)


class InMemoryHealth:
    """One pass at a time, which never ends by itself."""

    def __init__(self) -> None:
        self.started: list[tuple[Depth, bool, bool]] = []
        self.current = HealthStatus()

    def status(self) -> HealthStatus:
        return self.current

    async def summary(self) -> HealthSummary:
        return HealthSummary(total_checked=7, issues_found=2, last_run=NOON)

    async def issues(self) -> list[tuple[HealthCheck, Job | None]]:
        return [(make_check("/media/film 1.mkv"), make_job(1, JobState.COMPLETED)), (make_check("/media/stray.mkv"), None)]

    def start(self, depth: Depth = Depth.SAMPLE, *, fresh: bool = False, yields_to_jobs: bool = False) -> None:
        if self.current.is_running:
            raise ConflictError("A health check of the library is running already.", code="HEALTH_SCAN_IN_PROGRESS")
        self.started.append((depth, fresh, yields_to_jobs))
        self.current = HealthStatus(is_running=True, depth=depth)

    async def cancel(self) -> None:
        self.current = HealthStatus()

    async def check_job(self, job_id: JobId) -> HealthCheck:
        if job_id != 1:
            raise NotFoundError(f"There is no job {job_id}.", code="JOB_NOT_FOUND")
        return make_check("/media/film 1.mkv")


class FixedIntelligence:
    """One pair of duplicates, one piece of advice."""

    async def report(self) -> IntelligenceReport:
        files = tuple(
            LikeFile(
                job_id=JobId(number),
                path=f"/media/Copy {number}.mkv",
                state=JobState.QUEUED,
                stamp=FileStamp(size_bytes=500, mtime_ns=1, inode=number),
                duration_s=10.0,
                digest="same",
            )
            for number in (1, 2, 3)
        )
        advice = Recommendation(
            kind=RecommendationKind.WASTEFUL_AUDIO, path="/media/a.mkv", summary="Its sound is lossless.", freed_bytes=42
        )
        return IntelligenceReport(
            duplicates=(DuplicateGroup(files=files, is_proved=True),),
            recommendations=(advice,),
            counts={RecommendationKind.WASTEFUL_AUDIO: 1},
        )


class FixedPreview:
    """Two files, one of which cannot be read."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []

    async def preview(self, path: str, max_files: int) -> LibraryPreview:
        self.asked.append((path, max_files))
        if path == "/busy":
            raise BusyError("Another preview is running.", code="PREVIEW_BUSY")
        return LibraryPreview(
            scanned=2,
            is_truncated=True,
            counts={Action.TRANSCODE: 1, None: 1},
            size_bytes={Action.TRANSCODE: 1000, None: 0},
            samples=(
                PreviewSample(path="/media/a.mkv", action=Action.TRANSCODE, reason="transcode_h264_source", size_bytes=1000),
                PreviewSample(path="/media/b.mkv", action=None, reason="Invalid data", size_bytes=0),
            ),
        )
