"""Services that keep everything in memory, with the rules of the real ones as far as the face can see them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from alchemist_desktop.domain.access import AccessLevel, ApiToken, Principal
from alchemist_desktop.domain.attempt import AttemptOutcome, EncodeAttempt, EncodeStats, LogEntry
from alchemist_desktop.domain.engine_state import EngineMode, EngineStatus, ScanStatus
from alchemist_desktop.domain.errors import ConflictError, InvalidRequestError, NotFoundError, UnavailableError
from alchemist_desktop.domain.events import AccessChanged
from alchemist_desktop.domain.explanation import Explanation, explain
from alchemist_desktop.domain.ids import AttemptId, JobId, NotificationTargetId, TokenId, UserId
from alchemist_desktop.domain.job import TERMINAL_STATES, FileStamp, Job, JobKind, JobState
from alchemist_desktop.domain.probe import AudioStream, Probe, SubtitleStream, VideoStream
from alchemist_desktop.domain.queries import (
    AggregatedStats,
    CodecSavings,
    DailyStats,
    EnqueueResult,
    JobDetails,
    JobQuery,
    JobTotals,
    QueueEta,
    ReasonCount,
    ReasonReport,
    Savings,
)
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.engine.bus import EventBus
from alchemist_desktop.services.jobs import ActiveJobsError
from alchemist_desktop.services.system_info import SystemInfo, SystemLoad
from alchemist_desktop.storage.notifications import TargetRecord

NOON = datetime(2026, 4, 30, 12, 0, 0, 250_000, tzinfo=UTC)
PASSWORD = "correct horse"


def make_job(
    number: int,
    state: JobState = JobState.QUEUED,
    *,
    input_path: str | None = None,
    failure: Explanation | None = None,
    archived: bool = False,
) -> Job:
    return Job(
        id=JobId(number),
        kind=JobKind.LIBRARY,
        input_path=input_path or f"/media/film {number}.mkv",
        output_path=f"/media/film {number}-alchemist.mkv",
        library_root="/media",
        state=state,
        phase=None,
        priority=0,
        progress=0.0,
        attempt_count=0,
        stamp=FileStamp(size_bytes=1000, mtime_ns=1),
        source_device="dev:42",
        profile_id=None,
        decision=explain("transcode_recommended", target_codec="av1", current_codec="h264", bpp=0.2),
        failure=failure,
        encoder=None,
        output_size_bytes=None,
        vmaf_score=None,
        duration_s=10.0,
        video_codec="h264",
        archived=archived,
        source_changed=False,
        not_before=None,
        created_at=NOON,
        updated_at=NOON,
    )


def make_probe(path: str) -> Probe:
    return Probe(
        path=path,
        stamp=FileStamp(size_bytes=1000, mtime_ns=1),
        container="matroska,webm",
        duration_s=10.0,
        bitrate_bps=800,
        streams=(
            VideoStream(index=0, codec="h264", width=320, height=180, fps=25.0, bit_depth=8, bitrate_bps=700),
            AudioStream(index=1, codec="flac", channels=2, language="eng", dispositions=frozenset({"default"})),
            SubtitleStream(index=2, codec="subrip", language="deu", dispositions=frozenset({"forced"})),
            SubtitleStream(index=3, codec="hdmv_pgs_subtitle"),
        ),
    )


def make_attempt(number: int, attempt_number: int, outcome: AttemptOutcome) -> EncodeAttempt:
    return EncodeAttempt(
        id=AttemptId(number),
        job_id=JobId(1),
        attempt_number=attempt_number,
        started_at=NOON,
        finished_at=NOON,
        outcome=outcome,
        failure_summary="It broke." if outcome is AttemptOutcome.FAILED else None,
    )


class InMemoryAccess:
    """Accounts by name, principals by token."""

    def __init__(self) -> None:
        self.users: dict[str, str] = {}
        self.principals: dict[str, Principal] = {}
        self.tokens: dict[int, ApiToken] = {}
        self.bus = EventBus()

    def grant(self, level: AccessLevel) -> str:
        token = f"alc_tok_{level.value}"
        self.principals[token] = Principal(access_level=level, token_id=TokenId(1))
        return token

    async def has_user(self) -> bool:
        return bool(self.users)

    async def is_taken(self, username: str) -> bool:
        return username.strip() in self.users

    async def create_user(self, username: str, password: str) -> None:
        self.users[username] = password

    async def login(self, username: str, password: str) -> str | None:
        return await self.open_session(username) if self.users.get(username) == password else None

    async def open_session(self, username: str) -> str:
        token = f"session{len(self.principals)}"
        self.principals[token] = Principal(access_level=AccessLevel.FULL_ACCESS, user_id=UserId(1))
        return token

    async def logout(self, token: str) -> None:
        if token.startswith("session") and token in self.principals:
            del self.principals[token]
            self.bus.publish(AccessChanged())

    async def authenticate(self, token: str) -> Principal | None:
        return self.principals.get(token)

    async def list_tokens(self) -> list[ApiToken]:
        return sorted(self.tokens.values(), key=lambda token: -token.id)

    async def create_token(self, name: str, level: AccessLevel) -> tuple[ApiToken, str]:
        if not name:
            raise InvalidRequestError("A token needs a name.", code="API_TOKEN_NAME_INVALID")
        number = TokenId(len(self.tokens) + 1)
        token = ApiToken(id=number, name=name, access_level=level, created_at=NOON, last_used_at=None, revoked_at=None)
        self.tokens[number] = token
        return token, "alc_tok_new"

    async def revoke_token(self, token_id: TokenId) -> None:
        if token_id not in self.tokens:
            raise NotFoundError("There is no such token.", code="API_TOKEN_NOT_FOUND")
        self.tokens[token_id] = replace(self.tokens[token_id], revoked_at=NOON)


class InMemorySettings:
    """Settings without a file."""

    def __init__(self) -> None:
        self.current = Settings()
        self.is_mutable = True
        self.file_exists = True

    async def change(self, edit: Callable[[Settings], Settings]) -> Settings:
        new = edit(self.current)
        if not self.is_mutable:
            raise ConflictError("The settings may not be written.", code="CONFIG_WRITE_BLOCKED")
        self.current = new
        self.file_exists = True
        return self.current

    async def replace(self, settings: Settings) -> Settings:
        return await self.change(lambda _old: settings)


class InMemoryTargetRecords:
    """The ids of notification targets."""

    def __init__(self) -> None:
        self._records: dict[str, TargetRecord] = {}
        self._last = 0

    async def sync(self, fingerprints: Sequence[str]) -> dict[str, TargetRecord]:
        for gone in self._records.keys() - set(fingerprints):
            del self._records[gone]
        for fingerprint in fingerprints:
            if fingerprint not in self._records:
                self._last += 1
                record = TargetRecord(id=NotificationTargetId(self._last), created_at=NOON, last_sent_at=None, last_error=None)
                self._records[fingerprint] = record
        return dict(self._records)

    async def keep(self, fingerprint_by_id: Mapping[NotificationTargetId, str]) -> None:
        kept = {record.id: record for record in self._records.values()}
        self._records = {fingerprint: kept[number] for number, fingerprint in fingerprint_by_id.items()}


class InMemoryEngine:
    """Switches without an engine behind them."""

    def __init__(self) -> None:
        self.state = EngineStatus(
            mode=EngineMode.BALANCED,
            concurrent_limit=2,
            is_manual_override=False,
            manual_paused=True,
            scheduler_paused=False,
            draining=False,
            disk_blocked=False,
            disk_block_reason=None,
            hardware_pending=False,
            active_jobs=0,
            cpu_count=8,
        )

    def status(self) -> EngineStatus:
        return self.state

    async def pause(self) -> EngineStatus:
        return self._set(manual_paused=True, draining=False)

    async def resume(self) -> EngineStatus:
        if self.state.hardware_pending:
            raise UnavailableError("The hardware is still being examined.", code="HARDWARE_DETECTION_PENDING")
        return self._set(manual_paused=False, draining=False)

    async def drain(self) -> EngineStatus:
        return self._set(draining=True)

    async def stop_drain(self) -> EngineStatus:
        return self._set(draining=False)

    async def restart(self) -> EngineStatus:
        return await self.resume()

    async def set_mode(
        self, mode: EngineMode, *, jobs_override: int | None = None, threads_override: int | None = None
    ) -> EngineStatus:
        if jobs_override == 0:
            raise InvalidRequestError("At least one job must be able to run.", code="ENGINE_JOBS_OVERRIDE_INVALID")
        return self._set(mode=mode, concurrent_limit=jobs_override or 4, is_manual_override=jobs_override is not None)

    def _set(self, **changes: object) -> EngineStatus:
        self.state = replace(self.state, **changes)  # type: ignore[arg-type] # the members are named right here
        return self.state


class InMemoryScans:
    """Scans that find nothing but remember how they were asked for."""

    def __init__(self) -> None:
        self.started: list[bool] = []
        self.runs = 0

    def status(self) -> ScanStatus:
        return ScanStatus(is_running=True, files_found=7, files_added=3, unreadable=1, current_folder="/media")

    def start(self, *, full: bool = False) -> bool:
        self.started.append(full)
        return True

    async def run(self, *, full: bool = False) -> ScanStatus:
        self.runs += 1
        return self.status()


class InMemoryJobs:
    """Jobs in a dict; the last query is kept for the test to look at."""

    def __init__(self) -> None:
        self.jobs: dict[int, Job] = {}
        self.queries: list[JobQuery] = []
        self.purged: list[tuple[frozenset[JobState], bool]] = []
        self.extra: JobDetails | None = None

    def add(self, *jobs: Job) -> None:
        self.jobs.update({job.id: job for job in jobs})

    async def find(self, query: JobQuery) -> list[Job]:
        self.queries.append(query)
        found = [job for job in self.jobs.values() if not query.states or job.state in query.states]
        return found[query.offset :][: query.limit]

    async def details(self, job_id: JobId) -> JobDetails:
        job = self._need(job_id)
        if self.extra is not None:
            return replace(self.extra, job=job)
        return JobDetails(
            job=job,
            probe=None,
            plan=None,
            stats=None,
            attempts=(),
            logs=(),
            decision=job.decision,
            failure=job.failure,
            queue_position=1,
            can_undo=False,
        )

    async def enqueue_path(self, path: str) -> EnqueueResult:
        if not path:
            raise InvalidRequestError("The path is empty.", code="ENQUEUE_PATH_EMPTY")
        return EnqueueResult(enqueued=True, message=f"Queued {path}.")

    async def cancel(self, job_id: JobId) -> bool:
        job = self._need(job_id)
        if job.can_cancel:
            self.add(replace(job, state=JobState.CANCELLED))
        return job.can_cancel

    async def restart(self, job_id: JobId) -> Job:
        self._need_idle([job_id])
        self.add(replace(self._need(job_id), state=JobState.QUEUED))
        return self.jobs[job_id]

    async def delete(self, job_id: JobId) -> None:
        self._need_idle([job_id])
        del self.jobs[job_id]

    async def set_priority(self, job_id: JobId, priority: int) -> Job:
        self.add(replace(self._need(job_id), priority=priority))
        return self.jobs[job_id]

    async def batch(self, action: str, job_ids: Sequence[JobId]) -> int:
        if action not in {"cancel", "restart", "delete"}:
            raise InvalidRequestError("There is no such action.", code="INVALID_BATCH_ACTION")
        if action != "cancel":
            if any(job_id not in self.jobs for job_id in job_ids):
                raise ConflictError("Some of these jobs are gone.", code="BATCH_ACTION_CONFLICT")
            self._need_idle(job_ids)
        return len(set(job_ids))

    async def restart_failed(self) -> int:
        return sum(job.state in {JobState.FAILED, JobState.CANCELLED} for job in self.jobs.values())

    async def clear_completed(self) -> int:
        return sum(job.state is JobState.COMPLETED for job in self.jobs.values())

    async def clear_history(self) -> int:
        return sum(job.state in TERMINAL_STATES for job in self.jobs.values())

    async def purge_history(self, states: frozenset[JobState], *, archived: bool) -> int:
        self.purged.append((states, archived))
        return 5

    def _need(self, job_id: JobId) -> Job:
        if job_id not in self.jobs:
            raise NotFoundError(f"There is no job {job_id}.", code="JOB_NOT_FOUND")
        return self.jobs[job_id]

    def _need_idle(self, job_ids: Sequence[JobId]) -> None:
        blocked = [(job_id, self._need(job_id).state) for job_id in job_ids if self._need(job_id).state.is_active]
        if blocked:
            raise ActiveJobsError("Some of these jobs are running.", blocked)


class FixedStats:
    """Figures that never change."""

    day = DailyStats(day=date(2026, 4, 30), jobs_completed=2, input_bytes=1000, output_bytes=400)

    async def totals(self) -> JobTotals:
        return JobTotals(total=10, completed=4, active=1, failed=2, by_state={})

    async def aggregated(self) -> AggregatedStats:
        return AggregatedStats(total_input_bytes=1000, total_output_bytes=1200, total_time_s=9.5, total_jobs=4, avg_vmaf=0.0)

    async def daily(self, days: int = 30) -> list[DailyStats]:
        return [self.day]

    async def detailed(self, limit: int = 50) -> list[EncodeStats]:
        return [make_stats()]

    async def savings(self) -> Savings:
        codecs = (CodecSavings(codec="", bytes_saved=600, job_count=2),)
        return Savings(total_input_bytes=1000, total_output_bytes=400, job_count=2, by_codec=codecs, by_day=(self.day,))

    async def queue_eta(self) -> QueueEta:
        return QueueEta(remaining_jobs=3, eta_s=None, sample_size=0)

    async def skip_reasons_today(self) -> list[ReasonCount]:
        return [ReasonCount(code="below_min_file_size", count=3, last_seen=NOON)]

    async def top_reasons(self, window_days: int, *, trends: bool) -> ReasonReport:
        buckets = 24 if window_days == 1 else window_days
        skip = ReasonCount(code="below_min_file_size", count=3, last_seen=NOON, trend=(0,) * buckets)
        return ReasonReport(window_days=window_days, bucket_count=buckets, skip=(skip,), failure=())


class FixedSystem:
    """A machine that never changes."""

    def __init__(self) -> None:
        self.is_ready = True

    def info(self) -> SystemInfo:
        return SystemInfo(
            version="1.2.3",
            os_version="Linux 6.1",
            is_docker=False,
            telemetry_enabled=False,
            ffmpeg_version="ffmpeg version 9.0.2",
            ffmpeg_path="/usr/bin/ffmpeg",
            cpu_count=8,
            total_memory_bytes=16 * 1024**3 + 5,
        )

    def load(self) -> SystemLoad:
        return SystemLoad(cpu_percent=12.5, memory_used_bytes=1024**3, memory_total_bytes=4 * 1024**3, uptime_s=3725.9)

    def uptime_s(self) -> float:
        return 3725.9

    async def is_database_ready(self) -> bool:
        return self.is_ready


def make_stats() -> EncodeStats:
    return EncodeStats(
        job_id=JobId(1),
        input_path="/media/film 1.mkv",
        input_size_bytes=1000,
        output_size_bytes=400,
        compression_ratio=0.6,
        encode_time_s=5.0,
        encode_speed=2.0,
        avg_bitrate_kbps=320.0,
        vmaf_score=95.5,
        output_codec="av1",
        encoder="libsvtav1",
        duration_s=10.0,
        created_at=NOON,
    )


def make_log(number: int, level: str, message: str) -> LogEntry:
    return LogEntry(id=number, level=level, job_id=JobId(1), message=message, created_at=NOON)
