"""Last step: the verified result takes its place, journaled, and the job's end is stored with it."""

import asyncio
import errno
import logging
from collections.abc import Mapping
from contextlib import suppress

from alchemist_desktop.domain.attempt import AttemptOutcome, EncodeStats, Outcome
from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.domain.explanation import CATALOGUE, Explanation, explain
from alchemist_desktop.domain.job import JobKind, JobState, Phase
from alchemist_desktop.domain.plan import Plan
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.domain.replacement import Replacement, SourceDisposal
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.engine.context import JobContext
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.media.disk import hard_links
from alchemist_desktop.media.replace import abandon, advance, can_abandon, prepare

logger = logging.getLogger(__name__)

_CODES = {
    errno.ENOSPC: "disk_full",
    errno.EDQUOT: "disk_full",
    errno.EACCES: "permission_denied",
    errno.EPERM: "permission_denied",
    errno.EROFS: "permission_denied",
}


async def put_in_place(
    ctx: JobContext, source: Probe, plan: Plan, work_path: str, sidecars: Mapping[str, str], vmaf_score: float | None
) -> Outcome:
    """Replace, and complete the job in the same transaction as the journal; only a source that changed or a place that is
    taken ends otherwise. `sidecars` maps work paths to final paths."""
    await ctx.enter_phase(Phase.REPLACING)
    if not ctx.close_for_stops():
        return ctx.stopped_outcome()
    try:
        replacement = await asyncio.to_thread(
            prepare,
            workspace=ctx.parts.workspace,
            job_id=ctx.job.id,
            source_path=source.path,
            source_stamp=source.stamp,
            work_path=work_path,
            output_path=ctx.job.output_path,
            disposal=_disposal(ctx),
            root=ctx.job.library_root,
            replace_existing=ctx.settings.files.replaces_existing_output,
            sidecars=tuple(sidecars.items()),
        )
        stats = _stats(ctx, source, plan, replacement, vmaf_score)
        await ctx.parts.stores.journal.put(replacement, stats)
    except (KnownError, OSError) as error:
        return Outcome(state=_state_for(error), explanation=explain_error(error))
    ctx.keeps_work_files = True
    await _notice_hard_links(ctx, replacement)
    return await _carry_out(ctx, replacement, stats)


async def _notice_hard_links(ctx: JobContext, replacement: Replacement) -> None:
    names = 1
    with suppress(OSError):  # gone since: the next step says so
        names = await asyncio.to_thread(hard_links, replacement.source_path)
    if names > 1 and replacement.disposal is not SourceDisposal.KEEP:
        text = "%s has more names on its volume (%d besides this one): no space becomes free until they are gone too"
        logger.warning(text, replacement.source_path, names - 1, extra={"job_id": ctx.job.id})


async def _carry_out(ctx: JobContext, replacement: Replacement, stats: EncodeStats) -> Outcome:
    try:
        await asyncio.to_thread(advance, replacement)
    except (KnownError, OSError) as error:
        logger.warning("The result of job %d could not be put in place: %s", ctx.job.id, error)
        obstacle = await give_up(ctx.parts, replacement)
        if obstacle is not None:
            return Outcome(state=JobState.FAILED, explanation=waiting_explanation(replacement, obstacle))
        ctx.keeps_work_files = False
        return Outcome(state=_state_for(error), explanation=explain_error(error))
    await ctx.parts.stores.completions.complete(replacement, stats, ctx.attempt_record(AttemptOutcome.COMPLETED))
    ctx.keeps_work_files = False
    return Outcome(
        state=JobState.COMPLETED,
        output_size_bytes=stats.output_size_bytes,
        vmaf_score=stats.vmaf_score,
    )


async def give_up(parts: Parts, replacement: Replacement) -> OSError | None:
    """Take a journaled replacement back, files and entry; the reason when that is impossible, and both stay as they are."""
    try:
        if not await asyncio.to_thread(can_abandon, replacement):
            return OSError("its source has left its place already")
        left = await asyncio.to_thread(abandon, replacement)
    except OSError as error:
        return error
    await parts.stores.completions.give_up(replacement, left, parts.clock.now())
    return None


def waiting_explanation(replacement: Replacement, error: Exception) -> Explanation:
    """Says of a replacement that stays in the journal what becomes of it."""
    detail = (
        f"{error}. The verified result and the original are both kept: the result is put in place as soon as its folder can be"
        f" used again. Until then it lies at {replacement.work_path}, or at {replacement.output_path} already."
    )
    return explain("finalize_failed", detail=detail, error=str(error))


def _disposal(ctx: JobContext) -> SourceDisposal:
    """What was handed in to be converted stays until it is fetched or deleted."""
    return SourceDisposal.KEEP if ctx.job.kind is JobKind.CONVERSION else disposal_of(ctx.settings)


def disposal_of(settings: Settings) -> SourceDisposal:
    """What the settings say of an original whose result is there. Only a result that was decoded whole may be all that is
    left of it."""
    if not settings.files.delete_source:
        return SourceDisposal.KEEP
    may_delete = settings.files.source_disposal == "delete" and settings.engine.verify_decode
    return SourceDisposal.DELETE if may_delete else SourceDisposal.TRASH


def _stats(ctx: JobContext, source: Probe, plan: Plan, replacement: Replacement, vmaf_score: float | None) -> EncodeStats:
    duration_s = source.duration_s or source.last_packet_s or 0.0
    encode_time_s = ctx.attempt.encode_time_s if ctx.attempt else 0.0
    output_bytes = replacement.work_stamp.size_bytes
    video = source.main_video
    return EncodeStats(
        job_id=ctx.job.id,
        input_path=source.path,
        input_size_bytes=source.stamp.size_bytes,
        output_size_bytes=output_bytes,
        compression_ratio=1 - output_bytes / max(source.stamp.size_bytes, 1),
        encode_time_s=encode_time_s,
        encode_speed=duration_s / encode_time_s if encode_time_s else 0.0,
        avg_bitrate_kbps=output_bytes * 8 / 1000 / duration_s if duration_s else 0.0,
        vmaf_score=vmaf_score,
        output_codec=plan.video.encoder.codec if plan.video else (video.codec if video else "unknown"),
        encoder=plan.video.encoder.name if plan.video else "copy",
        duration_s=duration_s,
        created_at=ctx.parts.clock.now(),
    )


def explain_error(error: KnownError | OSError) -> Explanation:
    """What to say of a replacement that could not be made, the source being where it was."""
    if isinstance(error, OSError):
        return explain(_CODES.get(error.errno or 0, "finalize_failed"), error=str(error))
    if error.code in CATALOGUE:
        return explain(error.code, detail=error.message, path=error.path)
    return explain("finalize_failed", error=error.message)


def _state_for(error: KnownError | OSError) -> JobState:
    is_kept = isinstance(error, KnownError) and error.code == "output_already_exists"
    return JobState.SKIPPED if is_kept else JobState.FAILED
