"""Second step: decide what to do with the source, stream by stream."""

import asyncio
from contextlib import suppress
from pathlib import Path

from alchemist_desktop.domain.attempt import Outcome
from alchemist_desktop.domain.errors import ConflictError
from alchemist_desktop.domain.events import DecisionMade
from alchemist_desktop.domain.explanation import Explanation, explain
from alchemist_desktop.domain.ids import ProfileId
from alchemist_desktop.domain.job import JobKind, JobState, Phase
from alchemist_desktop.domain.library import MediaFile, output_path_for, root_of
from alchemist_desktop.domain.plan import Action, Plan
from alchemist_desktop.domain.planner import make_plan
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.domain.profile import EncodingRules
from alchemist_desktop.domain.rules import encoding_rules
from alchemist_desktop.domain.settings import Files
from alchemist_desktop.engine.context import JobContext
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.engine.scan import library_roots
from alchemist_desktop.engine.steps.plan_conversion import plan_handed_in
from alchemist_desktop.engine.steps.plan_sidecars import with_free_sidecars


async def plan_job(ctx: JobContext, probe: Probe) -> Plan | Outcome:
    """The plan, or the job's end as skipped. The decision is stored and told either way."""
    await ctx.enter_phase(Phase.PLANNING)
    await _settle_output_path(ctx)
    skip = await asyncio.to_thread(_output_conflict, ctx.settings.files, ctx.job.input_path, ctx.job.output_path)
    if skip:
        plan = Plan(action=Action.SKIP, explanation=skip)
    elif ctx.job.kind is JobKind.CONVERSION:
        plan = await plan_handed_in(ctx.parts, ctx.job, probe)
    else:
        plan = await plan_file(ctx.parts, probe, ctx.job.profile_id)
    plan = await asyncio.to_thread(with_free_sidecars, plan, ctx.job.output_path)
    ctx.parts.encoders.occupy(ctx.job.id, plan.video.encoder if plan.video else None)
    await ctx.parts.stores.decisions.add(ctx.job.id, plan, probe)
    ctx.parts.bus.publish(DecisionMade(job_id=ctx.job.id, action=plan.action, explanation=plan.explanation))
    if plan.action is Action.SKIP:
        return Outcome(state=JobState.SKIPPED, explanation=plan.explanation)
    return plan


async def plan_file(parts: Parts, probe: Probe, profile_id: ProfileId | None) -> Plan:
    """What would be done with a file under this profile and the present settings; nothing is stored."""
    rules = await rules_for(parts, profile_id)
    video = probe.main_video
    ratio = await parts.stores.stats.size_ratio(video.codec, rules.codec, rules.quality) if video else None
    return make_plan(probe, rules, parts.capabilities(), size_ratio=ratio)


async def foresee(parts: Parts, media: MediaFile, probe: Probe, profile_id: ProfileId | None) -> tuple[Plan, str]:
    """What would become of a file that is in no queue, and where its result would go; nothing is stored."""
    settings = parts.settings()
    output = output_path_for(media.path, root_of(media.path, library_roots(settings)) or media.root, settings.files)
    skip = await asyncio.to_thread(_output_conflict, settings.files, media.path, output)
    return (Plan(action=Action.SKIP, explanation=skip) if skip else await plan_file(parts, probe, profile_id)), output


async def rules_for(parts: Parts, profile_id: ProfileId | None) -> EncodingRules:
    """The settings with the profile, if any, laid over them."""
    profile = await parts.stores.profiles.get(profile_id) if profile_id is not None else None
    return encoding_rules(parts.settings(), profile)


async def _settle_output_path(ctx: JobContext) -> None:
    """Where the result goes as the settings are now: they may have changed since the file was found. Never to where another
    job's result goes, nor onto another file of the library."""
    job, jobs = ctx.job, ctx.parts.stores.jobs
    if job.kind is JobKind.CONVERSION:
        return
    wanted = output_path_for(job.input_path, job.library_root, ctx.settings.files)
    spare = output_path_for(job.input_path, job.library_root, ctx.settings.files, is_taken=lambda _path: True)
    for path in (wanted, spare):
        if await jobs.is_output_taken(path, job.input_path):
            continue
        if path != job.output_path:
            with suppress(ConflictError):  # another job took it just now; the next start looks again
                ctx.job = await jobs.amend(job.id, output_path=path) or job
        return


def _output_conflict(files: Files, source: str, output: str) -> Explanation | None:
    """Why the output's path is no place for a result: it is the source's own, or something stands there that is to stay."""
    if output == source:
        return None if files.in_place and files.delete_source else explain("output_path_matches_input")
    if files.replaces_existing_output or not Path(output).exists():
        return None
    return explain("output_already_exists")
