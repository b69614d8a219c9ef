"""First step: read the source, from the cache where it is known already."""

import asyncio

from alchemist_desktop.domain.attempt import Outcome
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.job import FileStamp, JobState, Phase
from alchemist_desktop.domain.probe import Probe, ProbeFailure
from alchemist_desktop.engine.context import JobContext
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.media.disk import leads_out_of, stamp_of
from alchemist_desktop.media.probe import PROBER_VERSION


async def probe_source(ctx: JobContext) -> Probe | Outcome:
    """The source's probe, or the job's end: the file is gone, damaged, cut off or cannot be read."""
    stamp = await current_stamp(ctx.job.input_path)
    if stamp is None or await _was_swapped(ctx):
        return Outcome(state=JobState.FAILED, explanation=explain("source_missing", path=ctx.job.input_path))
    if stamp != ctx.job.stamp:  # this version is the job's from here on, so that no scan takes it for a newer one
        ctx.job = await ctx.parts.stores.jobs.amend(ctx.job.id, stamp=stamp, source_changed=False) or ctx.job
    await ctx.enter_phase(Phase.PROBING)
    probed = await ctx.unless_stopped(cached_probe(ctx.parts, ctx.job.input_path, stamp))
    if probed is None:
        return ctx.stopped_outcome()
    if isinstance(probed, ProbeFailure):
        explanation = explain(probed.code, detail=probed.error, error=probed.error, path=probed.path)
        return Outcome(state=JobState.FAILED, explanation=explanation)
    if probed.is_truncated:
        truncated = explain("source_truncated", expected_s=probed.duration_s, actual_s=probed.last_packet_s)
        return Outcome(state=JobState.FAILED, explanation=truncated)
    return probed


async def _was_swapped(ctx: JobContext) -> bool:
    """Whether a link stands now where the file or a folder above it was, and leads out of the library."""
    root = ctx.job.library_root
    if root is None or ctx.settings.scanner.follow_symlinks:
        return False
    return await asyncio.to_thread(leads_out_of, ctx.job.input_path, root)


async def cached_probe(parts: Parts, path: str, stamp: FileStamp) -> Probe | ProbeFailure:
    """The probe of a file with this stamp; a fresh one is kept. Failures are not: they may heal."""
    cached = await parts.stores.probes.get(path, stamp, PROBER_VERSION)
    if cached is not None:
        return cached
    probed = await parts.prober.probe(path)
    if isinstance(probed, Probe) and probed.stamp == stamp:
        await parts.stores.probes.put(probed, PROBER_VERSION)
    return probed


async def current_stamp(path: str) -> FileStamp | None:
    """The file's stamp now, or None when it is not there."""
    try:
        return await asyncio.to_thread(stamp_of, path)
    except (FileNotFoundError, NotADirectoryError):
        return None
