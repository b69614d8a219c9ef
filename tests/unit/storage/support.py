"""What the storage tests build their cases from."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from shutil import copy

from alchemist_desktop.domain.attempt import AttemptOutcome, EncodeAttempt, EncodeStats
from alchemist_desktop.domain.capability import Backend, Encoder
from alchemist_desktop.domain.explanation import Explanation, explain
from alchemist_desktop.domain.ids import AttemptId, JobId
from alchemist_desktop.domain.job import FileStamp, Job, JobState, Phase
from alchemist_desktop.domain.library import FoundFile, MediaFile
from alchemist_desktop.domain.plan import Action, Plan, Quality, VideoEncode
from alchemist_desktop.domain.profile import CpuPreset, OutputCodec, QualityProfile
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.jobs import JobRepository
from alchemist_desktop.storage.schema import MIGRATIONS, migrate

START = datetime(2025, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


@dataclass
class SetClock:
    """A `Clock` that moves only by `advance`."""

    time: datetime = field(default=START)

    def now(self) -> datetime:
        return self.time

    def local_now(self) -> datetime:
        return self.time.replace(tzinfo=None)

    def monotonic_s(self) -> float:
        return self.time.timestamp()

    def advance(self, **by: float) -> None:
        self.time += timedelta(**by)


def stamp(size_bytes: int = 1000, mtime_ns: int = 1) -> FileStamp:
    return FileStamp(size_bytes=size_bytes, mtime_ns=mtime_ns, device=7, inode=42)


def found(
    path: str, *, size_bytes: int = 1000, mtime_ns: int = 1, output: str | None = None, device: str | None = None
) -> FoundFile:
    pure = PurePath(path)
    return FoundFile(
        media=MediaFile(path=path, stamp=stamp(size_bytes, mtime_ns), root="/lib"),
        output_path=output or str(pure.with_name(f"{pure.stem}-alchemist.mkv")),
        spare_output_path=str(pure.with_name(f"{pure.name}-alchemist.mkv")),
        profile_id=None,
        source_device=device,
    )


async def claim_first(jobs: JobRepository, now: datetime) -> Job | None:
    """What the engine does when it has room for one more job."""
    waiting = await jobs.peek_claimable(1, now=now)
    if not waiting:
        return None
    return await jobs.transition(waiting[0].id, JobState.ANALYZING, phase=Phase.PROBING, expected=frozenset({JobState.QUEUED}))


async def add(jobs: JobRepository, path: str, **details: object) -> Job:
    result = await jobs.upsert_found([found(path, **details)])  # type: ignore[arg-type]
    return result.added[0]


async def put_into(jobs: JobRepository, job: Job, *states: JobState) -> Job:
    """Lead a job through these states; each must be allowed."""
    for state in states:
        moved = await jobs.transition(job.id, state)
        assert moved is not None
        job = moved
    return job


def skip_plan(code: str = "already_target_codec") -> Plan:
    return Plan(action=Action.SKIP, explanation=explain(code))


def transcode_plan(quality: QualityProfile = QualityProfile.BALANCED) -> Plan:
    encoder = Encoder(name="libsvtav1", codec=OutputCodec.AV1, backend=Backend.CPU)
    video = VideoEncode(
        encoder=encoder,
        quality=Quality(word=quality, preset=CpuPreset.MEDIUM),
        pixel_format="yuv420p10le",
        bit_depth=10,
        width=320,
        height=180,
    )
    return Plan(action=Action.TRANSCODE, explanation=explain("transcode_h264_source", bpp=0.2), video=video)


def failure(text: str = "No space left") -> Explanation:
    return explain("disk_full" if "space" in text else "unknown_failure", error=text)


def attempt(job_id: JobId, *, number: int = 1) -> EncodeAttempt:
    """A run that ended well, its command and words in bytes that are no UTF-8."""
    return EncodeAttempt(
        id=AttemptId(0),
        job_id=job_id,
        attempt_number=number,
        started_at=None,
        finished_at=START,
        outcome=AttemptOutcome.COMPLETED,
        command=("ffmpeg", "-i", "/lib/caf\udce9.mkv"),
        stderr_tail="bad \udc80 bytes\n",
    )


def stats(job_id: JobId, *, before: int = 1000, after: int = 400, at: datetime = START, **more: object) -> EncodeStats:
    values: dict[str, object] = {
        "encode_time_s": 50.0,
        "encode_speed": 2.0,
        "avg_bitrate_kbps": 800.0,
        "vmaf_score": None,
        "output_codec": "av1",
        "encoder": "libsvtav1",
        "duration_s": 100.0,
    }
    return EncodeStats(
        job_id=job_id,
        input_path="/lib/a.mkv",
        input_size_bytes=before,
        output_size_bytes=after,
        compression_ratio=1 - after / before,
        created_at=at,
        **(values | more),  # type: ignore[arg-type]
    )


def connect_before(name: str, folder: Path) -> Connection:
    """A new database, `a.db` in `folder`, as it was before this migration; those it knows are in `before`."""
    before, path = folder / "before", str(folder / "a.db")
    before.mkdir()
    for migration in MIGRATIONS.glob("[0-9]*.py"):
        if migration.stem < name:
            copy(migration, before)
    connection = Connection(path)
    migrate(connection, path, before)
    return connection
