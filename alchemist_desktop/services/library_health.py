"""The health of the library: passes over every file, checks of single ones, and what they found."""

import asyncio
import os
from pathlib import Path

from alchemist_desktop.domain.errors import KnownError, NotFoundError
from alchemist_desktop.domain.health import Depth, HealthCheck, HealthStatus, HealthSummary
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.engine.doctor import LibraryDoctor
from alchemist_desktop.engine.parts import Stores
from alchemist_desktop.storage.health import HealthRepository

_LONGEST_CHECK_S = 60.0  # a client waits for it


class LibraryHealthService:
    """One pass at a time, off the loop; single files at any time."""

    def __init__(self, doctor: LibraryDoctor, checks: HealthRepository, stores: Stores) -> None:
        self._doctor = doctor
        self._checks = checks
        self._stores = stores

    def status(self) -> HealthStatus:
        return self._doctor.status

    async def summary(self) -> HealthSummary:
        return await self._checks.summary()

    async def issues(self) -> list[tuple[HealthCheck, Job | None]]:
        """Every file with something wrong, the newest finding first, with the job it belongs to."""
        return await self._checks.issues()

    def start(self, depth: Depth = Depth.SAMPLE, *, fresh: bool = False, yields_to_jobs: bool = False) -> None:
        """Check every library file in the background, going on with an interrupted pass of this depth unless `fresh`.

        Raises ConflictError (HEALTH_SCAN_IN_PROGRESS).
        """
        self._doctor.start(depth, fresh=fresh, yields_to_jobs=yields_to_jobs)

    async def cancel(self) -> None:
        """Interrupt the running pass; what it found stays."""
        await self._doctor.cancel()

    async def check_file(self, path: str, depth: Depth | None = None) -> HealthCheck:
        """Check one file now, as deep as the last time when nothing is said.

        Raises NotFoundError (HEALTH_FILE_MISSING), ConflictError (HEALTH_FILE_CHANGED) and KnownError (HEALTH_CHECK_FAILED).
        """
        return await self._doctor.check_file(path, depth or await self._last_depth(path))

    async def check_job(self, job_id: JobId) -> HealthCheck:
        """Check a job's result, or its source while there is no result; for at most a minute. Where neither is there,
        though its library is, that is kept as what is wrong.

        Raises NotFoundError (JOB_NOT_FOUND), and as `check_file` does.
        """
        job = await self._stores.jobs.get(job_id)
        if job is None:
            raise NotFoundError(f"There is no job {job_id}.", code="JOB_NOT_FOUND")
        path = await asyncio.to_thread(_file_of, job)
        if await asyncio.to_thread(_is_lost, path, job.library_root):
            return await self._doctor.record_loss(path, await self._last_depth(path))
        try:
            async with asyncio.timeout(_LONGEST_CHECK_S):
                return await self.check_file(path)
        except TimeoutError as error:
            message = f"The check did not end within {_LONGEST_CHECK_S:.0f} seconds; check the whole library instead."
            raise KnownError(message, code="HEALTH_CHECK_FAILED", path=path) from error

    async def _last_depth(self, path: str) -> Depth:
        known = await self._checks.get(path)
        return known.depth if known else Depth.SAMPLE


def _is_lost(path: str, root: str | None) -> bool:
    """Whether the file alone is gone, not the whole volume it lies on."""
    return not os.path.lexists(path) and (root is None or Path(root).is_dir())


def _file_of(job: Job) -> str:
    has_result = job.state is JobState.COMPLETED and Path(job.output_path).is_file()
    return job.output_path if has_result else job.input_path
