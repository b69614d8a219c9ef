"""Fourth step: prove that the result is whole, small and good enough."""

import logging
from dataclasses import replace

from alchemist_desktop.domain.attempt import Outcome
from alchemist_desktop.domain.explanation import Explanation, explain
from alchemist_desktop.domain.job import JobKind, JobState, Phase
from alchemist_desktop.domain.plan import Action, Plan
from alchemist_desktop.domain.planner import check_reduction
from alchemist_desktop.domain.probe import Probe, ProbeFailure
from alchemist_desktop.engine.context import JobContext
from alchemist_desktop.engine.stall_watch import stall_watched
from alchemist_desktop.engine.steps.plan import rules_for
from alchemist_desktop.media.quality import VmafResult, measure_vmaf
from alchemist_desktop.media.verify import verify

logger = logging.getLogger(__name__)


async def check_result(ctx: JobContext, source: Probe, plan: Plan, work_path: str) -> Outcome | float | None:
    """The VMAF score (None when it was not asked for) of a result that passed everything, or the job's end."""
    await ctx.enter_phase(Phase.VERIFYING)
    output = await ctx.unless_stopped(ctx.parts.prober.probe(work_path))
    if output is None:
        return ctx.stopped_outcome()
    if isinstance(output, ProbeFailure):
        unreadable = f"The output cannot be read: {output.error}"
        return Outcome(state=JobState.FAILED, explanation=explain("verification_failed", error=unreadable))
    too_large = await _check_size(ctx, source, plan, output)
    if too_large is not None:
        return too_large
    failure = await _verify(ctx, source, plan, output)
    if ctx.stop_reason is not None:
        return ctx.stopped_outcome()
    if failure is not None:
        return Outcome(state=JobState.FAILED, explanation=failure)
    return await _check_quality(ctx, source, plan, output)


async def _verify(ctx: JobContext, source: Probe, plan: Plan, output: Probe) -> Explanation | None:
    async with stall_watched(ctx) as runner:
        return await verify(
            runner,
            ctx.parts.ffmpeg.path,
            plan=plan,
            source=source,
            output=output,
            on_percent=lambda percent: ctx.report_percent(Phase.VERIFYING, percent),
            decode=ctx.settings.engine.verify_decode,
            encode_words=ctx.attempt.stderr_tail if ctx.attempt else "",
        )


async def _check_size(ctx: JobContext, source: Probe, plan: Plan, output: Probe) -> Outcome | None:
    if plan.action is not Action.TRANSCODE or ctx.job.kind is JobKind.CONVERSION:
        return None
    rules = await rules_for(ctx.parts, ctx.job.profile_id)
    explanation = check_reduction(source.stamp.size_bytes, output.stamp.size_bytes, rules)
    return Outcome(state=JobState.SKIPPED, explanation=explanation) if explanation else None


async def _check_quality(ctx: JobContext, source: Probe, plan: Plan, output: Probe) -> Outcome | float | None:
    """The two gates of the settings: `quality.*` throws a poor result away, `transcode.vmaf_min_score` fails the job."""
    gate, hard_gate = ctx.settings.quality, ctx.settings.transcode.vmaf_min_score
    if plan.action is not Action.TRANSCODE or not (gate.enable_vmaf or hard_gate is not None):
        return None
    if ctx.job.kind is JobKind.CONVERSION:  # its size, sound and quality are what a person chose
        return None
    result = await _measure(ctx, source, output)
    if ctx.stop_reason is not None:
        return ctx.stopped_outcome()
    if result.score is None:
        # A gate that cannot be measured is not passed.
        error = result.error or "The quality could not be measured."
        return Outcome(state=JobState.FAILED, explanation=explain("quality_check_failed", error=error))
    _log_score(ctx, result.score, result.note)
    if hard_gate is not None and result.score < hard_gate:
        error = f"VMAF is {result.score:.1f}; at least {hard_gate:g} is asked for."
        failure = _with_note(explain("quality_check_failed", error=error), result.note)
        return Outcome(state=JobState.FAILED, explanation=failure, vmaf_score=result.score)
    if gate.enable_vmaf and gate.revert_on_low_quality and result.score < gate.min_vmaf_score:
        low = explain("quality_below_threshold", metric="vmaf", score=result.score, threshold=gate.min_vmaf_score)
        return Outcome(state=JobState.SKIPPED, explanation=_with_note(low, result.note), vmaf_score=result.score)
    return result.score


async def _measure(ctx: JobContext, source: Probe, output: Probe) -> VmafResult:
    async with stall_watched(ctx) as runner:
        return await measure_vmaf(
            runner,
            ctx.parts.ffmpeg.path,
            source=source,
            output=output,
            on_percent=lambda percent: ctx.report_percent(Phase.VERIFYING, percent),
        )


def _with_note(explanation: Explanation, note: str | None) -> Explanation:
    """What limits a score is said together with it."""
    return explanation if note is None else replace(explanation, detail=f"{explanation.detail} {note}")


def _log_score(ctx: JobContext, score: float, note: str | None) -> None:
    words = f" {note}" if note else ""
    logger.info("VMAF of %s is %.1f.%s", ctx.job.output_path, score, words, extra={"job_id": ctx.job.id})
