"""Runs a job on the devices that are free, and elsewhere when a device fails: planned anew, never patched, never silent."""

import logging
from dataclasses import replace
from datetime import timedelta

from alchemist_desktop.domain.attempt import Outcome
from alchemist_desktop.domain.capability import Encoder
from alchemist_desktop.domain.events import HardwareChanged
from alchemist_desktop.domain.explanation import Explanation, explain
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.planner.containers import container_for
from alchemist_desktop.domain.planner.encoders import EncoderChoice, choose_encoder
from alchemist_desktop.domain.planner.fallback import available
from alchemist_desktop.engine.context import JobContext
from alchemist_desktop.engine.job_run import run_job
from alchemist_desktop.engine.steps.plan import rules_for

logger = logging.getLogger(__name__)

# Failures of an encode on a GPU that another encoder may not share: the device, its driver, or what it wrote.
DEVICE_FAILURES = frozenset(
    {
        "hardware_backend_failure", "nvenc_resource_exhausted", "videotoolbox_session_failure", "encoder_open_failed",
        "encoder_unavailable", "unsupported_pixel_format", "stalled", "verification_failed", "unknown_ffmpeg_failure",
    }
)  # fmt: skip
_WAIT = timedelta(minutes=5)


async def run_on_device(ctx: JobContext) -> Outcome:
    """Carry the job out. After a failure of the device it is queued again at once if the owner's rules know another
    encoder; its next run plans everything anew. If they do not, the failure stands, and the job waits for its retry."""
    desk = ctx.parts.encoders
    offered = desk.offer(ctx.job.id)
    ctx.parts = replace(ctx.parts, capabilities=lambda: offered)
    try:
        outcome = await run_job(ctx)
        encoder = desk.used(ctx.job.id)
        if encoder is not None:
            outcome = await _judge(ctx, outcome, encoder)
        elif _has_no_device(ctx, outcome):
            outcome = _waiting(ctx, outcome)
    finally:
        desk.leave(ctx.job.id)
    if outcome.state.is_terminal:
        desk.forget(ctx.job.id)
    return outcome


async def _judge(ctx: JobContext, outcome: Outcome, encoder: Encoder) -> Outcome:
    desk = ctx.parts.encoders
    failure = outcome.explanation
    if outcome.state is JobState.COMPLETED:
        desk.succeed(encoder)
    if outcome.state is not JobState.FAILED or failure is None or failure.code not in DEVICE_FAILURES or ctx.attempt is None:
        return outcome
    if desk.fail(ctx.job.id, encoder, failure):
        logger.warning("%s is left aside after repeated failures: %s", encoder.name, failure.detail)
        ctx.parts.bus.publish(HardwareChanged())
    if not await _may_go_elsewhere(ctx):
        return outcome
    logger.warning(
        "%s failed with %s and is planned anew: %s",
        ctx.job.input_path,
        encoder.name,
        failure.detail,
        extra={"job_id": ctx.job.id},
    )
    return replace(outcome, state=JobState.QUEUED)


async def _may_go_elsewhere(ctx: JobContext) -> bool:
    """Whether the rules for this file know an encoder that has not failed it."""
    desk = ctx.parts.encoders
    rules = await rules_for(ctx.parts, ctx.job.profile_id)
    desk.leave(ctx.job.id)
    left = available(desk.offer(ctx.job.id))
    return isinstance(choose_encoder(rules, left, container_for(rules.output_extension), wants_10bit=False), EncoderChoice)


def _has_no_device(ctx: JobContext, outcome: Outcome) -> bool:
    """Skipped for want of an encoder on a machine whose graphics hardware is only out of order."""
    failure: Explanation | None = outcome.explanation
    is_blocked = outcome.state is JobState.SKIPPED and failure is not None and failure.code == "no_available_encoders"
    return is_blocked and ctx.parts.capabilities().cpu_is_fallback


def _waiting(ctx: JobContext, outcome: Outcome) -> Outcome:
    selection = ctx.parts.encoders.selection
    reason = selection.reason if selection else "No device works."
    blocked = explain("fallback_blocked", error=f"{reason} The settings do not allow the CPU to step in.")
    return replace(outcome, state=JobState.QUEUED, explanation=blocked, retry_at=ctx.parts.clock.now() + _WAIT)
