"""Keeps volumes from filling up: judges one job at a time against the volume its result goes to."""

import asyncio
from pathlib import PurePath

from alchemist_desktop.domain.job import Job
from alchemist_desktop.media.disk import free_bytes, same_volume

GIB = 1024**3


def expected_output_bytes(job: Job) -> int:
    """A cautious guess before the plan is known: as large as the source."""
    return job.stamp.size_bytes


class DiskGuard:
    """Free space per volume, less what running jobs may still write there."""

    async def refuse(self, job: Job, running: list[Job], min_free_gb: int) -> str | None:
        """A sentence when `job` must wait for space, None when it may run. Unknown free space lets it run.

        What running jobs are expected to write to the volume of its output is taken as already gone.
        """
        if min_free_gb == 0:
            return None
        return await asyncio.to_thread(_refusal, job, running, min_free_gb)


def _refusal(job: Job, running: list[Job], min_free_gb: int) -> str | None:
    free = free_bytes(job.output_path)
    if free is None:
        return None
    writers = [other for other in running if same_volume(other.output_path, job.output_path)]
    left = free - sum(map(expected_output_bytes, writers)) - expected_output_bytes(job)
    if left >= min_free_gb * GIB:
        return None
    folder = PurePath(job.output_path).parent
    return (
        f"The volume of {folder} has {free / GIB:.1f} GiB free; "
        f"{min_free_gb} GiB must remain besides the expected output of {expected_output_bytes(job) / GIB:.1f} GiB."
    )
