"""Third step: one run of FFmpeg into the work folder."""

import asyncio
import logging
from contextlib import suppress
from pathlib import Path

from alchemist_desktop.domain.attempt import Outcome
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.failures import explain_ffmpeg_failure
from alchemist_desktop.domain.job import JobState, Phase
from alchemist_desktop.domain.plan import Action, Plan
from alchemist_desktop.domain.ports import ProcessOutcome
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.engine.children import StopReason
from alchemist_desktop.engine.context import AttemptDraft, JobContext
from alchemist_desktop.engine.encode_monitor import EncodeGoal, EncodeMonitor
from alchemist_desktop.engine.ffmpeg_words import FfmpegWords
from alchemist_desktop.engine.stall_watch import stop_if_stalled, watch_interval_s
from alchemist_desktop.engine.steps.plan import rules_for
from alchemist_desktop.engine.work_files import WorkFiles
from alchemist_desktop.media.command import build_command, build_picture_command

logger = logging.getLogger(__name__)


async def encode(ctx: JobContext, probe: Probe, plan: Plan, files: WorkFiles) -> Outcome | None:
    """Run the plan into the work files; None when FFmpeg ended well, the job's end otherwise."""
    encoder = plan.video.encoder.name if plan.video else "copy"
    state = JobState.REMUXING if plan.action is Action.REMUX else JobState.ENCODING
    if not await ctx.move(state, Phase.ENCODING, encoder=encoder):
        return ctx.stopped_outcome()
    argv = build_command(
        ctx.parts.ffmpeg.path,
        plan,
        probe,
        output=files.output,
        sidecars=files.sidecar_work_paths,
        pictures=files.picture_work_paths,
    )
    clock = ctx.parts.clock
    ctx.attempt = AttemptDraft(started_at=clock.now(), encoder=encoder, command=tuple(argv))
    logger.info("%s is %s (%s)", probe.path, state, encoder, extra={"job_id": ctx.job.id})
    started_s = clock.monotonic_s()
    outcome = await _run_both(ctx, probe, plan, files, argv)
    ctx.attempt.encode_time_s = clock.monotonic_s() - started_s
    ctx.attempt.stderr_tail = outcome.stderr_tail
    with suppress(OSError):
        ctx.attempt.output_size_bytes = await asyncio.to_thread(_size_of, files.output)
    return None if outcome.is_success else await _failed(ctx, probe, outcome, files.output)


async def _run_both(ctx: JobContext, probe: Probe, plan: Plan, files: WorkFiles, argv: list[str]) -> ProcessOutcome:
    """Cover pictures, where there are any, come out of the source first: the plan's own command attaches them."""
    if files.picture_work_paths:
        pictures = build_picture_command(ctx.parts.ffmpeg.path, probe, files.picture_work_paths)
        outcome = await _run_watched(ctx, pictures, EncodeGoal(job_id=ctx.job.id, duration_s=None))
        if not outcome.is_success:
            return outcome
    return await _run_watched(ctx, argv, _goal(ctx, probe, plan))


def _goal(ctx: JobContext, probe: Probe, plan: Plan) -> EncodeGoal:
    return EncodeGoal(
        job_id=ctx.job.id,
        duration_s=probe.duration_s or probe.last_packet_s,
        expected_output_bytes=plan.estimate.output_bytes if plan.estimate else None,
        abort_above_bytes=plan.abort_above_bytes,
    )


async def _run_watched(ctx: JobContext, argv: list[str], goal: EncodeGoal) -> ProcessOutcome:
    monitor = EncodeMonitor(goal, monotonic_s=ctx.parts.clock.monotonic_s, on_progress=ctx.report)
    if ctx.stop_reason is not None:
        return ProcessOutcome(argv=tuple(argv), exit_code=None, stopped=True, stderr_tail="")
    words = FfmpegWords(ctx.job.id)
    process = ctx.children.start(argv, on_stdout_line=monitor.on_line, on_stderr_line=words.on_line)
    watching = asyncio.create_task(_watch(ctx, monitor))
    try:
        return await process.wait()
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _watch(ctx: JobContext, monitor: EncodeMonitor) -> None:
    while True:
        await asyncio.sleep(watch_interval_s(ctx))
        await ctx.store_progress()
        await stop_if_stalled(ctx, monitor.movement)
        if monitor.is_too_large and not ctx.children.is_suspended:
            await ctx.stop(StopReason.TOO_LARGE)


async def _failed(ctx: JobContext, probe: Probe, outcome: ProcessOutcome, work_path: str) -> Outcome:
    match ctx.stop_reason:
        case StopReason.CANCELLED | StopReason.RELEASED | StopReason.STALLED:
            return ctx.stopped_outcome()
        case StopReason.TOO_LARGE:
            return await _too_large(ctx, probe)
    if outcome.start_error is not None:
        missing = explain("encoder_unavailable", detail=outcome.start_error, error=outcome.start_error)
        return Outcome(state=JobState.FAILED, explanation=missing)
    failure = explain_ffmpeg_failure(outcome.stderr_tail, argv=outcome.argv, input_path=probe.path, output_path=work_path)
    return Outcome(state=JobState.FAILED, explanation=failure)


async def _too_large(ctx: JobContext, probe: Probe) -> Outcome:
    rules = await rules_for(ctx.parts, ctx.job.profile_id)
    written = (ctx.progress.output_bytes if ctx.progress else None) or 0
    share = ctx.progress.percent / 100 if ctx.progress and ctx.progress.percent else 1.0
    explanation = explain(
        "size_reduction_insufficient",
        detail="The encode was ended early: its output was growing past what would be kept.",
        reduction=round(1 - written / share / max(probe.stamp.size_bytes, 1), 4),
        threshold=rules.size_reduction_threshold,
        output_size=round(written / share),
    )
    return Outcome(state=JobState.SKIPPED, explanation=explanation)


def _size_of(path: str) -> int:
    return Path(path).stat().st_size
