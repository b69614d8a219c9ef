"""In-memory services and a hand-fed event source: a whole library of any size for the window to show."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alchemist_desktop.domain.attempt import AttemptOutcome, EncodeAttempt, EncodeStats, JobProgress, LogEntry
from alchemist_desktop.domain.capability import Backend, Encoder
from alchemist_desktop.domain.engine_state import EngineMode, EngineStatus, ScanStatus
from alchemist_desktop.domain.errors import InvalidRequestError, NotFoundError
from alchemist_desktop.domain.events import (
    EngineStatusChanged,
    Event,
    JobChanged,
    JobProgressed,
    JobRemoved,
    ProgressEvent,
    Published,
    SettingsChanged,
)
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import AttemptId, JobId
from alchemist_desktop.domain.job import FileStamp, Job, JobKind, JobState, Phase
from alchemist_desktop.domain.plan import (
    Action,
    AudioEncode,
    Estimate,
    Plan,
    Quality,
    StreamAction,
    StreamKind,
    StreamPlan,
    VideoEncode,
)
from alchemist_desktop.domain.probe import (
    AttachmentStream,
    AudioStream,
    DynamicRange,
    Probe,
    SubtitleStream,
    VideoStream,
)
from alchemist_desktop.domain.profile import CpuPreset, OutputCodec, QualityProfile
from alchemist_desktop.domain.queries import EnqueueResult, JobDetails, JobQuery, JobSort, JobTotals, Savings
from alchemist_desktop.domain.settings import Scanner, Settings
from alchemist_desktop.engine.bus import EventBus
from alchemist_desktop.services.container import Services
from alchemist_desktop.services.engine_control import EngineService
from alchemist_desktop.services.jobs import JobsService
from alchemist_desktop.services.network import NetworkService
from alchemist_desktop.services.scans import ScansService
from alchemist_desktop.services.settings import SettingsService
from alchemist_desktop.services.stats import StatsService
from tests.support.hardware import MemoryHardware
from tests.support.unused_services import unused_services
from tests.ui.health_support import MemoryHealth

RESOURCES = Path(__file__).parent.parent.parent / "resources"
NOW = datetime.now(UTC)
ENCODER = Encoder(name="libsvtav1", codec=OutputCodec.AV1, backend=Backend.CPU)
_FILMS = (
    "The Long Harbour", "Nightfall over Ostrava", "Seven Quiet Rooms", "Paper Lanterns", "A Field in Winter", "The Cartographer",
    "Meridian", "Low Tide", "Glass Orchard", "The Last Ferry", "Hollow Coast", "Umbra",
)  # fmt: skip
_CODECS = ("h264", "hevc", "mpeg2video", "vc1", "h264", "h264")


class FakeEvents:
    """An event source that tests speak through."""

    def __init__(self) -> None:
        self._receivers: list[Callable[[Published], None]] = []
        self._number = 0

    def subscribe(self, receiver: Callable[[Published], None]) -> Callable[[], None]:
        self._receivers.append(receiver)
        return lambda: self._receivers.remove(receiver) if receiver in self._receivers else None

    @property
    def last_number(self) -> int:
        return self._number

    @property
    def receiver_count(self) -> int:
        return len(self._receivers)

    def since(self, number: int) -> Sequence[Published] | None:
        return None

    def publish(self, event: Event | ProgressEvent) -> None:
        is_fact = isinstance(event, Event)
        self._number += is_fact
        for receiver in list(self._receivers):
            receiver(Published(number=self._number if is_fact else 0, event=event))


def make_job(job_id: int, state: JobState = JobState.QUEUED, **changes: object) -> Job:
    """A plausible job; the same id always gives the same file."""
    dice = random.Random(job_id)
    film = _FILMS[job_id % len(_FILMS)]
    size = dice.randrange(700_000_000, 42_000_000_000)
    is_done = state is JobState.COMPLETED
    job = Job(
        id=JobId(job_id),
        kind=JobKind.LIBRARY,
        input_path=f"/media/films/{film} ({1980 + job_id % 45})/{film} ({1980 + job_id % 45}) - {job_id:06}.mkv",
        output_path=f"/media/films/{film}-alchemist.mkv",
        library_root="/media/films",
        state=state,
        phase=Phase.ENCODING if state is JobState.ENCODING else None,
        priority=0,
        progress=100.0 if is_done else 0.0,
        attempt_count=int(is_done),
        stamp=FileStamp(size_bytes=size, mtime_ns=job_id),
        source_device=None,
        profile_id=None,
        decision=explain("transcode_h264_source", current_codec="h264", bpp=0.142, target_codec="av1"),
        failure=None,
        encoder="libsvtav1" if is_done else None,
        output_size_bytes=int(size * dice.uniform(0.22, 0.7)) if is_done else None,
        vmaf_score=dice.uniform(93, 97) if is_done else None,
        duration_s=dice.uniform(2500, 9000),
        video_codec=_CODECS[job_id % len(_CODECS)],
        archived=False,
        source_changed=False,
        not_before=None,
        created_at=NOW - timedelta(days=2),
        updated_at=NOW - timedelta(minutes=job_id),
    )
    return replace(job, **changes)  # type: ignore[arg-type]  # the caller names members of Job


class MemoryJobs(JobsService):
    """Jobs in a dictionary. `calls` records what was asked for, in order."""

    def __init__(self, jobs: Sequence[Job], events: FakeEvents) -> None:
        self.jobs = {job.id: job for job in jobs}
        self.events = events
        self.calls: list[tuple[object, ...]] = []
        self.details_of: dict[JobId, JobDetails] = {}

    async def list_ids(self, query: JobQuery) -> list[JobId]:
        self.calls.append(("list_ids", query))
        found = [job for job in self.jobs.values() if self._matches(job, query)]
        found.sort(key=_SORT_KEYS[query.sort], reverse=query.descending)
        return [job.id for job in found]

    async def get_many(self, ids: Sequence[JobId]) -> dict[JobId, Job]:
        self.calls.append(("get_many", tuple(ids)))
        return {job_id: self.jobs[job_id] for job_id in ids if job_id in self.jobs}

    async def details(self, job_id: JobId) -> JobDetails:
        self.calls.append(("details", job_id))
        if job_id not in self.jobs:
            raise NotFoundError("There is no such job.", code="JOB_NOT_FOUND")
        return replace(self.details_of.get(job_id, bare_details(self.jobs[job_id])), job=self.jobs[job_id])

    async def enqueue_path(self, path: str) -> EnqueueResult:
        self.calls.append(("enqueue_path", path))
        if "outside" in path:
            raise InvalidRequestError("The file lies in no library folder.", code="ENQUEUE_PATH_NOT_ALLOWED")
        return EnqueueResult(enqueued=True, message="Queued.")

    async def batch(self, action: str, job_ids: Sequence[JobId]) -> int:
        self.calls.append(("batch", action, tuple(job_ids)))
        for job_id in job_ids:
            if action == "delete":
                del self.jobs[job_id]
                self.events.publish(JobRemoved(job_id=job_id))
            else:
                self.change(job_id, state=JobState.CANCELLED if action == "cancel" else JobState.QUEUED)
        return len(job_ids)

    async def set_priority(self, job_id: JobId, priority: int) -> Job:
        self.calls.append(("set_priority", job_id, priority))
        return self.change(job_id, priority=priority)

    async def suspend(self, job_id: JobId) -> bool:
        self.calls.append(("suspend", job_id))
        return True

    async def resume(self, job_id: JobId) -> bool:
        self.calls.append(("resume", job_id))
        return True

    async def undo(self, job_id: JobId) -> str:
        self.calls.append(("undo", job_id))
        return self.jobs[job_id].input_path

    async def restart_failed(self) -> int:
        self.calls.append(("restart_failed",))
        return 0

    def change(self, job_id: int, **changes: object) -> Job:
        """Change a job and announce it, as the engine does."""
        old = self.jobs[JobId(job_id)]
        new = replace(old, **{"updated_at": datetime.now(UTC), **changes})  # type: ignore[arg-type]  # members of Job
        self.jobs[new.id] = new
        self.events.publish(JobChanged(job=new, state_changed=old.state is not new.state))
        return new

    def asked(self, verb: str) -> list[tuple[object, ...]]:
        return [call[1:] for call in self.calls if call[0] == verb]

    def _matches(self, job: Job, query: JobQuery) -> bool:
        is_wanted = not query.states or job.state in query.states
        return is_wanted and query.search.lower() in job.input_path.lower()


_SORT_KEYS: dict[JobSort, Callable[[Job], tuple[object, ...]]] = {
    JobSort.UPDATED_AT: lambda job: (job.updated_at, job.id),
    JobSort.CREATED_AT: lambda job: (job.created_at, job.id),
    JobSort.INPUT_PATH: lambda job: (job.input_path, job.id),
    JobSort.SIZE: lambda job: (job.stamp.size_bytes, job.id),
    JobSort.STATE: lambda job: (job.state, job.id),
    JobSort.PRIORITY: lambda job: (job.priority, job.id),
    JobSort.QUEUE: lambda job: (-job.priority, job.created_at, job.id),
}


class VastJobs(MemoryJobs):
    """`count` queued jobs that are made when they are looked at."""

    def __init__(self, count: int, events: FakeEvents) -> None:
        super().__init__([], events)
        self.ids = [JobId(number) for number in range(1, count + 1)]
        self.newest_first = self.ids[::-1]

    async def list_ids(self, query: JobQuery) -> list[JobId]:
        if query.states and JobState.QUEUED not in query.states:
            return []
        return self.newest_first if query.descending else self.ids

    async def get_many(self, ids: Sequence[JobId]) -> dict[JobId, Job]:
        return {job_id: make_job(job_id) for job_id in ids}


class MemoryEngine(EngineService):
    def __init__(self, events: FakeEvents) -> None:
        self.events = events
        self.calls: list[str] = []
        self._status = EngineStatus(
            mode=EngineMode.BALANCED, concurrent_limit=2, is_manual_override=False, manual_paused=False, scheduler_paused=False,
            draining=False, disk_blocked=False, disk_block_reason=None, hardware_pending=False, active_jobs=0, cpu_count=8,
        )  # fmt: skip

    def status(self) -> EngineStatus:
        return self._status

    def set(self, call: str = "", **changes: object) -> EngineStatus:
        self.calls.append(call)
        self._status = replace(self._status, **changes)  # type: ignore[arg-type]  # members of EngineStatus
        self.events.publish(EngineStatusChanged(status=self._status))
        return self._status

    async def pause(self) -> EngineStatus:
        return self.set("pause", manual_paused=True, draining=False)

    async def resume(self) -> EngineStatus:
        return self.set("resume", manual_paused=False)

    async def drain(self) -> EngineStatus:
        return self.set("drain", draining=True)

    async def stop_drain(self) -> EngineStatus:
        return self.set("stop_drain", draining=False)

    async def suspend_all(self) -> EngineStatus:
        return self.set("suspend_all", manual_paused=True)

    async def resume_all(self) -> EngineStatus:
        return self.set("resume_all", manual_paused=False)

    async def set_mode(
        self, mode: EngineMode, *, jobs_override: int | None = None, threads_override: int | None = None
    ) -> EngineStatus:
        return self.set("set_mode", mode=mode)


class MemoryScans(ScansService):
    def __init__(self) -> None:
        self.starts = 0
        self.cancels = 0
        self.state = ScanStatus()

    def status(self) -> ScanStatus:
        return self.state

    def start(self, *, full: bool = False) -> bool:
        self.starts += 1
        return True

    async def cancel(self) -> None:
        self.cancels += 1


class MemorySettings(SettingsService):
    def __init__(self, events: FakeEvents, folders: tuple[str, ...]) -> None:
        self.events = events
        self._current = Settings(scanner=Scanner(directories=folders))

    @property
    def current(self) -> Settings:
        return self._current

    async def change(self, edit: Callable[[Settings], Settings]) -> Settings:
        self._current = edit(self._current)
        self.events.publish(SettingsChanged(settings=self._current))
        return self._current

    async def add_library(self, path: str) -> Settings:
        return await self._set_folders((*self._current.scanner.directories, path))

    async def remove_library(self, path: str) -> Settings:
        return await self._set_folders(tuple(each for each in self._current.scanner.directories if each != path))

    async def _set_folders(self, folders: tuple[str, ...]) -> Settings:
        scanner = self._current.scanner.model_copy(update={"directories": folders})
        return await self.change(lambda settings: settings.model_copy(update={"scanner": scanner}))


class MemoryStats(StatsService):
    def __init__(self, jobs: MemoryJobs) -> None:
        self._jobs = jobs

    async def totals(self) -> JobTotals:
        states = [job.state for job in self._jobs.jobs.values()]
        by_state = {state: states.count(state) for state in JobState}
        return JobTotals(
            total=len(states),
            completed=by_state[JobState.COMPLETED],
            active=sum(state.is_active for state in states),
            failed=by_state[JobState.FAILED],
            by_state=by_state,
        )

    async def savings(self) -> Savings:
        done = [job for job in self._jobs.jobs.values() if job.output_size_bytes is not None]
        before, after = sum(job.stamp.size_bytes for job in done), sum(job.output_size_bytes or 0 for job in done)
        return Savings(total_input_bytes=before, total_output_bytes=after, job_count=len(done), by_codec=(), by_day=())


@dataclass
class World:
    """Everything behind a window, for tests to look into and to stir."""

    jobs: MemoryJobs
    engine: MemoryEngine
    scans: MemoryScans
    settings: MemorySettings
    events: FakeEvents
    health: MemoryHealth = field(init=False)
    hardware: MemoryHardware = field(default_factory=MemoryHardware)
    services: Services = field(init=False)

    def __post_init__(self) -> None:
        self.health = MemoryHealth(self.events)
        used = {"engine", "hardware", "health", "jobs", "network", "scans", "settings", "stats"}
        unused = unused_services(used)  # the window asks none of them
        self.services = Services(
            engine=self.engine, hardware=self.hardware, health=self.health, jobs=self.jobs, scans=self.scans, settings=self.settings,
            stats=MemoryStats(self.jobs), network=NetworkService(self.settings, EventBus()), **unused
        )  # fmt: skip

    def progress(self, job_id: int, percent: float, **more: object) -> None:
        self.events.publish(
            JobProgressed(
                progress=JobProgress(job_id=JobId(job_id), phase=Phase.ENCODING, percent=percent, **more)  # type: ignore[arg-type]  # members of JobProgress
            )
        )


def make_world(jobs: Sequence[Job] = (), folders: tuple[str, ...] = ("/media/films",), *, vast: int = 0) -> World:
    events = FakeEvents()
    service = VastJobs(vast, events) if vast else MemoryJobs(jobs, events)
    return World(service, MemoryEngine(events), MemoryScans(), MemorySettings(events, folders), events)


def bare_details(job: Job) -> JobDetails:
    return JobDetails(
        job=job, probe=None, plan=None, stats=None, attempts=(), logs=(), decision=job.decision, failure=job.failure,
        queue_position=None, can_undo=False,
    )  # fmt: skip


def film_probe(job: Job) -> Probe:
    """A film with everything: HDR picture, two sound tracks, three kinds of subtitles and a crowd of fonts."""
    fonts = tuple(AttachmentStream(index=7 + n, codec="ttf", filename=f"Font {n}.ttf") for n in range(6))
    return Probe(
        path=job.input_path,
        stamp=job.stamp,
        container="matroska,webm",
        duration_s=job.duration_s,
        streams=(
            VideoStream(
                index=0, codec="h264", width=3840, height=2160, bit_depth=10, fps=23.976, bitrate_bps=18_400_000,
                dynamic_range=DynamicRange.HDR10, dispositions=frozenset({"default"}),
            ),
            AudioStream(index=1, codec="truehd", channels=8, channel_layout="7.1", language="eng", bitrate_bps=4_100_000),
            AudioStream(index=2, codec="ac3", channels=2, channel_layout="stereo", language="eng", title="Commentary", bitrate_bps=192_000),
            SubtitleStream(index=3, codec="subrip", language="eng"),
            SubtitleStream(index=4, codec="mov_text", language="ger", dispositions=frozenset({"forced"})),
            SubtitleStream(index=5, codec="hdmv_pgs_subtitle", language="fre"),
            VideoStream(index=6, codec="mjpeg", width=600, height=900, is_attached_picture=True),
            *fonts,
        ),
    )  # fmt: skip


def film_plan(probe: Probe) -> Plan:
    """Encode the picture and the second sound track, convert one subtitle, leave out another."""
    copy = [
        StreamPlan(index=s.index, kind=StreamKind.ATTACHMENT, action=StreamAction.COPY, codec=s.codec) for s in probe.attachments
    ]
    return Plan(
        action=Action.TRANSCODE,
        explanation=explain("transcode_h264_source", current_codec="h264", bpp=0.142, target_codec="av1"),
        muxer="matroska",
        extension="mkv",
        streams=(
            StreamPlan(index=0, kind=StreamKind.VIDEO, action=StreamAction.ENCODE, codec="av1"),
            StreamPlan(index=1, kind=StreamKind.AUDIO, action=StreamAction.COPY, codec="truehd"),
            StreamPlan(
                index=2, kind=StreamKind.AUDIO, action=StreamAction.ENCODE, codec="opus",
                audio=AudioEncode(encoder="libopus", codec="opus", bitrate_kbps=128, channels=2, channel_layout="stereo"),
            ),
            StreamPlan(index=3, kind=StreamKind.SUBTITLE, action=StreamAction.COPY, codec="subrip"),
            StreamPlan(
                index=4, kind=StreamKind.SUBTITLE, action=StreamAction.CONVERT, codec="subrip",
                note="Matroska cannot hold timed text, so it becomes SRT; its styles are lost.",
            ),
            StreamPlan(
                index=5, kind=StreamKind.SUBTITLE, action=StreamAction.DROP, codec=None,
                note="Left out because the profile keeps English and German subtitles.",
            ),
            StreamPlan(index=6, kind=StreamKind.PICTURE, action=StreamAction.COPY, codec="mjpeg"),
            *copy,
        ),
        video=VideoEncode(
            encoder=ENCODER, quality=Quality(word=QualityProfile.BALANCED, preset=CpuPreset.MEDIUM), pixel_format="yuv420p10le",
            bit_depth=10, width=3840, height=2160, dynamic_range=DynamicRange.HDR10,
        ),
        estimate=Estimate(output_bytes=job_share(probe.stamp.size_bytes), encode_time_s=5200, confidence="medium"),
    )  # fmt: skip


def job_share(size_bytes: int) -> int:
    return round(size_bytes * 0.38)


def film_details(job: Job) -> JobDetails:
    """Details with probe, plan, attempts and log as they fit the job's state."""
    probe = film_probe(job)
    is_done = job.state is JobState.COMPLETED
    logs = (
        LogEntry(id=1, level="info", job_id=job.id, message="Analysis done: H.264, 3840x2160, HDR10", created_at=NOW),
        LogEntry(id=2, level="info", job_id=job.id, message="Encoding with libsvtav1, preset 6, crf 28", created_at=NOW),
    )
    stats = EncodeStats(
        job_id=job.id, input_path=job.input_path, input_size_bytes=job.stamp.size_bytes, output_size_bytes=job.output_size_bytes or 0,
        compression_ratio=0.6, encode_time_s=4210, encode_speed=1.7, avg_bitrate_kbps=5200, vmaf_score=95.2, output_codec="av1",
        encoder="libsvtav1", duration_s=7000, created_at=NOW,
    )  # fmt: skip
    return JobDetails(
        job=job,
        probe=probe,
        plan=film_plan(probe),
        stats=stats if is_done else None,
        attempts=film_attempts(job),
        logs=logs,
        decision=job.decision,
        failure=job.failure,
        queue_position=None,
        can_undo=is_done,
    )


def film_attempts(job: Job) -> tuple[EncodeAttempt, ...]:
    """A GPU attempt that failed, and one on the CPU that ended as the job did; none while it has not run."""
    if job.state not in {JobState.COMPLETED, JobState.FAILED}:
        return ()
    first = EncodeAttempt(
        id=AttemptId(1), job_id=job.id, attempt_number=1, started_at=NOW, finished_at=NOW, outcome=AttemptOutcome.FAILED,
        encoder="av1_nvenc", failure_code="nvenc_resource_exhausted", failure_summary="The GPU has no room for another encode.",
        encode_time_s=2.4, command=("ffmpeg", "-i", job.input_path, "-c:v", "av1_nvenc", "out file.mkv"),
    )  # fmt: skip
    is_done = job.state is JobState.COMPLETED
    second = EncodeAttempt(
        id=AttemptId(2), job_id=job.id, attempt_number=2, started_at=NOW, finished_at=NOW,
        outcome=AttemptOutcome.COMPLETED if is_done else AttemptOutcome.FAILED, encoder="libsvtav1", encode_time_s=4210,
        output_size_bytes=job.output_size_bytes, failure_summary=None if is_done else "The volume is full.",
        command=("ffmpeg", "-i", job.input_path, "-c:v", "libsvtav1", "out file.mkv"),
        stderr_tail="" if is_done else "[out#0/matroska] Error writing trailer: No space left on device\nConversion failed!",
    )  # fmt: skip
    return (first, second)


async def until(condition: Callable[[], object]) -> None:
    """Wait until something is so; fails the test when it does not come to be."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)
