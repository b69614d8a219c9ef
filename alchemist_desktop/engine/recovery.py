"""What a start does about the end before it: replacements under way, jobs that ran, files they left."""

import asyncio
import json
import logging
from collections.abc import Collection
from pathlib import PurePath

from alchemist_desktop.domain.attempt import EncodeStats
from alchemist_desktop.domain.errors import KnownError, UnavailableError
from alchemist_desktop.domain.events import JobChanged
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.replacement import Replacement
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.engine.scan import library_roots
from alchemist_desktop.engine.steps.put_in_place import give_up, waiting_explanation
from alchemist_desktop.engine.unbroken import to_its_end
from alchemist_desktop.media.replace import advance

logger = logging.getLogger(__name__)

_MOST_INTERRUPTIONS = 10  # in a row: then the job itself is taken for what ends the program
_INTERRUPTIONS_KEY = "interruptions"


async def recover(parts: Parts) -> None:
    """Finish every journaled replacement, queue interrupted jobs again, and remove this installation's work files.

    To be called once, before the engine starts, by the one process that holds the instance lock. What cannot be finished
    now, because a volume is missing or full, stays in the journal with its files until `retry_waiting` succeeds.
    """
    for replacement, stats in await parts.stores.journal.open_entries():
        error = await _finish(parts, replacement, stats)
        if error is not None:
            await parts.stores.jobs.transition(
                replacement.job_id, JobState.FAILED, failure=waiting_explanation(replacement, error)
            )
    await _queue_interrupted(parts)
    waiting = await parts.stores.journal.waiting_entries()
    places = {*library_roots(parts.settings()), *await parts.stores.journal.work_places()}
    await to_its_end(asyncio.to_thread(parts.workspace.clean_work, places, _job_ids(waiting)))


async def retry_waiting(parts: Parts) -> None:
    """Try anew what could not be put in place when its job ran; for a running program, now and then."""
    for replacement, stats in await parts.stores.journal.waiting_entries():
        if await _finish(parts, replacement, stats) is None:
            job = await parts.stores.jobs.get(replacement.job_id)
            if job is not None:
                parts.bus.publish(JobChanged(job=job, state_changed=True))


async def _finish(parts: Parts, replacement: Replacement, stats: EncodeStats) -> Exception | None:
    """Carry out a journaled replacement, or give it up where it has become impossible; what keeps it from both otherwise."""
    try:
        await to_its_end(asyncio.to_thread(advance, replacement))
    except (UnavailableError, OSError) as error:
        logger.warning("The result for %s cannot be put in place now: %s", replacement.source_path, error)
        return error
    except KnownError as error:
        logger.warning("The result for %s was given up: %s", replacement.source_path, error)
        return await _give_up(parts, replacement)
    await parts.stores.completions.complete(replacement, stats)
    logger.info("Finished putting %s in place", replacement.output_path)
    await to_its_end(asyncio.to_thread(parts.workspace.discard, str(PurePath(replacement.work_path).parent)))
    return None


async def _give_up(parts: Parts, replacement: Replacement) -> Exception | None:
    obstacle = await give_up(parts, replacement)
    job = await parts.stores.jobs.get(replacement.job_id)
    if obstacle is None and job is not None and job.state is JobState.FAILED:
        await parts.stores.jobs.requeue([job.id])  # what failed was the old result, which is gone now
    return obstacle


async def _queue_interrupted(parts: Parts) -> None:
    """Queue again what ran, but for a job that ran at each of many violent ends: it would only cause the next."""
    counts = await _count_interruptions(parts)
    for job_id, count in counts.items():
        if count >= _MOST_INTERRUPTIONS:
            logger.error("Job %d ran when the program was ended, %d times in a row; it is not started again", job_id, count)
            await parts.stores.jobs.transition(job_id, JobState.FAILED, failure=explain("interrupted", attempts=count))
    interrupted = await parts.stores.jobs.requeue_interrupted()
    if interrupted:
        logger.info("%d interrupted jobs are queued again", len(interrupted))


async def _count_interruptions(parts: Parts) -> dict[JobId, int]:
    """How many starts in a row found each of the jobs that ran; a job that is not among them now is counted from 0 again."""
    stored = json.loads(await parts.stores.preferences.get(_INTERRUPTIONS_KEY) or "{}")
    counts = {job.id: int(stored.get(str(job.id), 0)) + 1 for job in await parts.stores.jobs.active()}
    lasting = {job_id: count for job_id, count in counts.items() if count < _MOST_INTERRUPTIONS}
    if stored or lasting:
        await parts.stores.preferences.set(_INTERRUPTIONS_KEY, json.dumps(lasting))
    return counts


def _job_ids(entries: Collection[tuple[Replacement, EncodeStats]]) -> set[JobId]:
    return {replacement.job_id for replacement, _stats in entries}
