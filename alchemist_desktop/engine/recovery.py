"""What a start does about the end before it: replacements under way, jobs that ran, files they left."""

import asyncio
import logging
from pathlib import PurePath

from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.domain.job import Job
from alchemist_desktop.domain.replacement import Replacement
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.engine.scan import library_roots
from alchemist_desktop.media.replace import abandon, advance

logger = logging.getLogger(__name__)


async def recover(parts: Parts) -> None:
    """Finish every journaled replacement, queue interrupted jobs again, and remove this installation's work files.

    To be called once, before the engine starts, by the one process that holds the instance lock.
    """
    for replacement, stats in await parts.stores.journal.open_entries():
        try:
            await asyncio.to_thread(advance, replacement)
            await parts.stores.completions.complete(replacement, stats)
            logger.info("Finished putting %s in place", replacement.output_path)
        except (KnownError, OSError) as error:
            logger.warning("The result for %s was given up: %s", replacement.source_path, error)
            await _give_up(parts, replacement)
    interrupted = await parts.stores.jobs.requeue_interrupted()
    if interrupted:
        logger.info("%d interrupted jobs are queued again", len(interrupted))
    places = {*library_roots(parts.settings()), *(place for job in interrupted for place in _work_places(job))}
    await asyncio.to_thread(parts.workspace.clean_work, places, ())


async def _give_up(parts: Parts, replacement: Replacement) -> None:
    await asyncio.to_thread(abandon, replacement)
    await parts.stores.journal.drop(replacement.job_id)


def _work_places(job: Job) -> set[str]:
    """The folders whose `.alchemist` may hold the job's work files."""
    beside = str(PurePath(job.output_path).parent)
    return {beside, job.library_root} if job.library_root else {beside}
