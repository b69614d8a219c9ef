"""Keeps volumes from filling up: judges one job at a time against the volume its result goes to."""

import asyncio
from pathlib import PurePath

from alchemist_desktop.domain.job import Job
from alchemist_desktop.media.disk import free_bytes

GIB = 1024**3


def expected_output_bytes(job: Job) -> int:
    """A cautious guess before the plan is known: as large as the source."""
    return job.stamp.size_bytes


class DiskGuard:
    """Free space per volume, less what running jobs may still write there."""

    async def refuse(self, job: Job, running: list[Job], min_free_gb: int) -> str | None:
        """A sentence when `job` must wait for space, None when it may run. Unknown free space lets it run.

        What running jobs on the same volume are expected to write is taken as already gone.
        """
        if min_free_gb == 0:
            return None
        free = await asyncio.to_thread(free_bytes, job.output_path)
        if free is None:
            return None
        promised = sum(expected_output_bytes(other) for other in running if _shares_volume(other, job))
        left = free - promised - expected_output_bytes(job)
        if left >= min_free_gb * GIB:
            return None
        folder = PurePath(job.output_path).parent
        return (
            f"The volume of {folder} has {free / GIB:.1f} GiB free; "
            f"{min_free_gb} GiB must remain besides the expected output of {expected_output_bytes(job) / GIB:.1f} GiB."
        )


def _shares_volume(one: Job, other: Job) -> bool:
    return one.source_device is None or other.source_device is None or one.source_device == other.source_device
