"""One job from claim to end: probe, plan, encode, check, put in place."""

from alchemist_desktop.domain.attempt import Outcome
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.plan import Plan
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.engine.context import JobContext
from alchemist_desktop.engine.steps.check import check_result
from alchemist_desktop.engine.steps.encode import encode
from alchemist_desktop.engine.steps.plan import plan_job
from alchemist_desktop.engine.steps.probe import current_stamp, probe_source
from alchemist_desktop.engine.steps.put_in_place import put_in_place
from alchemist_desktop.engine.work_files import WorkFiles, open_work_files


async def run_job(ctx: JobContext) -> Outcome:
    """Carry the job out; its end is a value. Whatever was written outside the work folder is a whole, verified result."""
    probe = await probe_source(ctx)
    if isinstance(probe, Outcome):
        return probe
    plan = await plan_job(ctx, probe)
    if isinstance(plan, Outcome):
        return plan
    async with open_work_files(
        ctx.parts.workspace, ctx.job, plan, is_needed_later=lambda: ctx.keeps_work_files
    ) as files:
        return await _make_result(ctx, probe, plan, files)


async def _make_result(ctx: JobContext, probe: Probe, plan: Plan, files: WorkFiles) -> Outcome:
    ended = await encode(ctx, probe, plan, files)
    if ended is not None:
        return await _with_cause(ended, probe)
    checked = await check_result(ctx, probe, plan, files.output)
    if isinstance(checked, Outcome):
        return await _with_cause(checked, probe)
    return await put_in_place(ctx, probe, plan, files.output, files.sidecar_places, checked)


async def _with_cause(ended: Outcome, source: Probe) -> Outcome:
    """A source that was rewritten meanwhile explains a failure better than whatever it led to."""
    if ended.state is not JobState.FAILED:
        return ended
    stamp = await current_stamp(source.path)
    if stamp is None or stamp == source.stamp:
        return ended
    return Outcome(state=JobState.FAILED, explanation=explain("source_changed", path=source.path))
