"""Decisions, failures, attempts, figures and logs."""

from dataclasses import replace
from datetime import UTC, date, timedelta

import pytest

from alchemist_desktop.domain.attempt import AttemptOutcome, EncodeAttempt, LogEntry
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import AttemptId, JobId
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.domain.plan import Action
from alchemist_desktop.domain.probe import Probe, VideoStream
from alchemist_desktop.domain.profile import OutputCodec, QualityProfile
from alchemist_desktop.domain.queries import CodecSavings, DailyStats
from alchemist_desktop.domain.replacement import Replacement, SourceDisposal
from alchemist_desktop.storage.attempts import AttemptRepository
from alchemist_desktop.storage.completions import CompletionStore
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.decisions import DecisionRepository
from alchemist_desktop.storage.jobs import JobRepository
from alchemist_desktop.storage.journal import JournalRepository
from alchemist_desktop.storage.logs import LogRepository
from alchemist_desktop.storage.profiles import ProfileRepository
from alchemist_desktop.storage.queue_eta import queue_eta
from alchemist_desktop.storage.stats import StatsRepository
from tests.unit.storage.support import START, SetClock, add, failure, found, put_into, skip_plan, stamp, stats, transcode_plan

pytestmark = pytest.mark.anyio


async def complete(db: Database, jobs: JobRepository, job: Job, **figures: object) -> Job:
    """End a job as the engine would, its source staying where it is."""
    await put_into(jobs, job, JobState.ANALYZING, JobState.ENCODING)
    replacement = Replacement(
        job_id=job.id,
        source_path=job.input_path,
        source_stamp=job.stamp,
        work_path="/lib/.alchemist/work/1.mkv",
        work_stamp=stamp(400),
        output_path=job.output_path,
        disposal=SourceDisposal.KEEP,
    )
    values = stats(job.id, **figures)  # type: ignore[arg-type]
    await JournalRepository(db).put(replacement, values)
    done = await CompletionStore(db).complete(replacement, values)
    assert done is not None
    return done


async def test_decision_shows_on_the_job_and_stays_in_its_history(jobs: JobRepository, db: Database, clock: SetClock) -> None:
    decisions = DecisionRepository(db, clock)
    job = await add(jobs, "/lib/a.mkv")
    video = VideoStream(index=0, codec="h264", width=320, height=180)
    probe = Probe(path=job.input_path, stamp=job.stamp, container="matroska", duration_s=12.5, streams=(video,))
    plan = transcode_plan()
    await decisions.add(job.id, plan, probe)
    stored = await jobs.get(job.id)
    assert stored is not None
    assert (stored.decision, stored.duration_s, stored.video_codec) == (plan.explanation, 12.5, "h264")
    assert await decisions.newest_plan(job.id) == plan
    await put_into(jobs, job, JobState.ANALYZING, JobState.ENCODING)
    no_gain = explain("size_reduction_insufficient", reduction=0.1, threshold=0.3)
    ended = await jobs.transition(job.id, JobState.SKIPPED, decision=no_gain)
    assert ended is not None
    assert ended.decision == no_gain
    assert await decisions.history(job.id) == [plan.explanation, no_gain]
    assert await decisions.newest(job.id) == no_gain
    assert await decisions.newest_plan(job.id) == plan


async def test_a_skip_that_was_planned_counts_once(jobs: JobRepository, db: Database, clock: SetClock) -> None:
    decisions = DecisionRepository(db, clock)
    job = await put_into(jobs, await add(jobs, "/lib/a.mkv"), JobState.ANALYZING)
    plan = skip_plan()
    await decisions.add(job.id, plan)
    await jobs.transition(job.id, JobState.SKIPPED, decision=plan.explanation)
    (count,) = await decisions.skip_counts(START - timedelta(days=1))
    assert (count.code, count.count, count.last_seen) == (plan.explanation.code, 1, START)


async def test_reasons_are_counted_in_windows_and_buckets(jobs: JobRepository, db: Database, clock: SetClock) -> None:
    decisions = DecisionRepository(db, clock)
    job = await add(jobs, "/lib/a.mkv")
    for days, code in (
        (8, "already_target_codec"),
        (6.5, "below_min_file_size"),
        (0.5, "already_target_codec"),
        (0, "below_min_file_size"),
    ):
        clock.time = START - timedelta(days=days)
        await decisions.add(job.id, skip_plan(code))
    await put_into(jobs, job, JobState.ANALYZING)
    await jobs.transition(job.id, JobState.QUEUED, failure=failure())
    report = await decisions.reason_report(7, trends=True)
    assert [(r.code, r.count, r.last_seen) for r in report.skip] == [
        ("below_min_file_size", 2, START),
        ("already_target_codec", 1, START - timedelta(days=0.5)),
    ]
    assert [r.trend for r in report.skip] == [(1, 0, 0, 0, 0, 0, 1), (0, 0, 0, 0, 0, 0, 1)]
    assert [(r.code, sum(r.trend)) for r in report.failure] == [("disk_full", 1)]
    day = await decisions.reason_report(1, trends=False)
    assert (day.bucket_count, {r.code: r.trend for r in day.skip}) == (
        24,
        {"below_min_file_size": (), "already_target_codec": ()},
    )


def _completed(job: Job, number: int) -> EncodeAttempt:
    return EncodeAttempt(
        id=AttemptId(0),
        job_id=job.id,
        attempt_number=number,
        started_at=None,
        finished_at=START,
        outcome=AttemptOutcome.COMPLETED,
    )


async def test_attempts_keep_every_word(jobs: JobRepository, db: Database) -> None:
    attempts = AttemptRepository(db)
    job = await add(jobs, "/lib/a\udcff.mkv")
    first = await attempts.add(
        EncodeAttempt(
            id=AttemptId(0),
            job_id=job.id,
            attempt_number=1,
            started_at=START,
            finished_at=START + timedelta(seconds=9),
            outcome=AttemptOutcome.FAILED,
            command=("ffmpeg", "-i", job.input_path),
            stderr_tail="bad \udc80 bytes\n",
            failure_summary="It \udcfe failed",
        )
    )
    second = await attempts.add(_completed(job, 2))
    assert await attempts.for_job(job.id) == [first, second]
    assert first.command[2] == job.input_path


async def test_figures_add_up(jobs: JobRepository, db: Database, clock: SetClock) -> None:
    figures = StatsRepository(db, clock)
    first, second, waiting = [await add(jobs, f"/lib/{n}.mkv") for n in range(3)]
    await complete(db, jobs, first, before=1000, after=400, vmaf_score=90.0)
    await complete(db, jobs, second, before=2000, after=500, at=START - timedelta(days=1), output_codec="hevc")
    whole = await figures.aggregated()
    assert (whole.total_input_bytes, whole.total_output_bytes, whole.total_jobs, whole.avg_vmaf) == (3000, 900, 2, 90.0)
    assert (whole.savings_bytes, whole.total_time_s) == (2100, 100.0)
    totals = await figures.totals()
    assert (totals.total, totals.completed, totals.active, totals.failed) == (3, 2, 0, 0)
    today = START.astimezone(UTC).date()
    assert await figures.daily() == [
        DailyStats(day=today - timedelta(days=1), jobs_completed=1, input_bytes=2000, output_bytes=500),
        DailyStats(day=date(2025, 3, 1), jobs_completed=1, input_bytes=1000, output_bytes=400),
    ]
    assert [s.job_id for s in await figures.detailed()] == [first.id, second.id]
    assert await figures.for_job(waiting.id) is None


async def test_savings_outlive_their_jobs_and_count_a_source_once(jobs: JobRepository, db: Database, clock: SetClock) -> None:
    figures = StatsRepository(db, clock)
    job = await add(jobs, "/lib/a.mkv")
    await complete(db, jobs, job, after=600)
    await jobs.requeue([job.id])
    await complete(db, jobs, job, after=400)
    await jobs.archive([job.id])
    assert (await figures.aggregated()).total_jobs == 0
    assert await jobs.purge({JobState.COMPLETED}, archived=True) == 1
    savings = await figures.savings()
    assert (savings.total_input_bytes, savings.total_output_bytes, savings.job_count) == (1000, 400, 1)
    assert savings.by_codec == (CodecSavings(codec="av1", bytes_saved=600, job_count=1),)
    assert [day.jobs_completed for day in savings.by_day] == [1]


async def test_queue_eta_comes_from_samples_and_known_lengths(jobs: JobRepository, db: Database, clock: SetClock) -> None:
    figures = StatsRepository(db, clock)
    done, unknown, known = [await add(jobs, f"/lib/{n}.mkv") for n in range(3)]
    assert (await figures.queue_eta(1, OutputCodec.AV1)).eta_s is None
    await complete(db, jobs, done, encode_time_s=50.0, duration_s=100.0)
    eta = await figures.queue_eta(2, OutputCodec.AV1)
    assert (eta.remaining_jobs, eta.eta_s, eta.sample_size) == (2, 50, 1)
    await jobs.amend(known.id, duration_s=300.0)
    assert (await figures.queue_eta(1, OutputCodec.AV1)).eta_s == 200
    await jobs.archive([unknown.id])
    assert (await figures.queue_eta(8, OutputCodec.AV1)).eta_s == 150, "more slots do not make one job quicker"
    await jobs.archive([known.id])
    assert (await figures.queue_eta(1, OutputCodec.AV1)).eta_s is None


async def test_queue_eta_takes_the_pace_of_like_encodes(jobs: JobRepository, db: Database, clock: SetClock) -> None:
    figures, profiles = StatsRepository(db, clock), ProfileRepository(db, clock)
    paces = {("h264", "av1", "libsvtav1"): 400.0, ("hevc", "av1", "libsvtav1"): 200.0, ("h264", "h264", "libx264"): 20.0,
             ("h264", "h264", "copy"): 1.0}  # fmt: skip
    for (source, output, encoder), work_s in paces.items():
        job = await add(jobs, f"/lib/{source}-{output}-{encoder}.mkv")
        await jobs.amend(job.id, video_codec=source)
        await complete(db, jobs, job, output_codec=output, encoder=encoder, encode_time_s=work_s, duration_s=100.0)
    waiting = await add(jobs, "/lib/waiting.mkv")
    await jobs.amend(waiting.id, duration_s=100.0, video_codec="h264")

    async def eta_s(codec: OutputCodec = OutputCodec.AV1) -> int | None:
        return (await figures.queue_eta(1, codec)).eta_s

    assert await eta_s() == 400
    assert await eta_s(OutputCodec.H264) == 20
    assert await eta_s(OutputCodec.HEVC) == 156, "nothing alike was encoded: the mean of all, rounded up"
    await jobs.amend(waiting.id, video_codec="hevc")
    assert await eta_s() == 200
    await jobs.amend(waiting.id, video_codec="mpeg2video")
    assert await eta_s() == 300, "the mean of what became AV1"
    await jobs.amend(waiting.id, decision=explain("already_target_codec_wrong_container", container="mp4"))
    assert await eta_s() == 1
    streaming = next(profile for profile in await profiles.all() if profile.codec is OutputCodec.H264)
    other = (await jobs.upsert_found([replace(found("/lib/other.mkv"), profile_id=streaming.id)])).added[0]
    await jobs.amend(other.id, duration_s=100.0, video_codec="h264")
    assert await eta_s() == 21
    await put_into(jobs, other, JobState.ANALYZING, JobState.ENCODING)
    await jobs.set_progress(other.id, 75.0, None)
    assert await eta_s() == 6, "of what runs only the rest counts"
    assert await queue_eta(db, 1, OutputCodec.AV1, jobs_at_once=1) == await figures.queue_eta(1, OutputCodec.AV1)


async def test_size_ratio_is_learned_per_codec_and_quality(jobs: JobRepository, db: Database, clock: SetClock) -> None:
    figures, decisions = StatsRepository(db, clock), DecisionRepository(db, clock)
    for number, after in enumerate((300, 400, 900)):
        job = await add(jobs, f"/lib/{number}.mkv")
        await decisions.add(job.id, transcode_plan(QualityProfile.QUALITY))
        await jobs.amend(job.id, video_codec="h264")
        assert await figures.size_ratio("h264", OutputCodec.AV1, QualityProfile.QUALITY) is None
        await complete(db, jobs, job, after=after)
    assert await figures.size_ratio("h264", OutputCodec.AV1, QualityProfile.QUALITY) == pytest.approx(0.4)
    assert await figures.size_ratio("h264", OutputCodec.AV1, QualityProfile.SPEED) is None
    assert await figures.size_ratio("mpeg2video", OutputCodec.AV1, QualityProfile.QUALITY) is None


async def test_log_is_kept_in_order_and_pruned_by_age(db: Database) -> None:
    logs = LogRepository(db)
    lines = [
        LogEntry(id=0, level="info", job_id=JobId(n % 2), message=f"line {n} \udcff", created_at=START + timedelta(days=n))
        for n in range(500)
    ]
    stored = await logs.add(lines)
    assert [replace(entry, id=0) for entry in stored] == lines
    assert len({entry.id for entry in stored}) == 500
    assert await logs.history(limit=3, offset=1) == stored[-2:-5:-1]
    assert await logs.for_job(JobId(1)) == stored[1:400:2]
    assert await logs.prune(START + timedelta(days=490)) == 490
    assert await logs.history(limit=99) == stored[:-11:-1]
    await logs.clear()
    assert await logs.history() == []


async def test_planned_action_is_kept(jobs: JobRepository, db: Database, clock: SetClock) -> None:
    decisions = DecisionRepository(db, clock)
    job = await add(jobs, "/lib/a.mkv")
    await decisions.add(job.id, transcode_plan())
    assert await decisions.skip_counts(START) == []
    plan = await decisions.newest_plan(job.id)
    assert plan is not None
    assert plan.action is Action.TRANSCODE
