"""Takes in what Sonarr and Radarr have imported."""

from collections.abc import Callable
from dataclasses import dataclass

from alchemist_desktop.domain.arr import ArrPayload, translated
from alchemist_desktop.domain.errors import InvalidRequestError, KnownError
from alchemist_desktop.domain.queries import EnqueueResult
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.services.jobs import JobsService


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrResult:
    """What became of a call; `resolved_path` is the first file's path on this computer, None for a call that needs no work."""

    accepted: bool
    enqueued: bool
    message: str
    resolved_path: str | None


class ArrService:
    """Queues imported files. Each must lie in a registered folder, as with any other way into the queue."""

    def __init__(self, jobs: JobsService, settings: Callable[[], Settings]) -> None:
        self._jobs = jobs
        self._settings = settings

    async def receive(self, payload: ArrPayload) -> ArrResult:
        """Raises InvalidRequestError (ARR_WEBHOOK_PATH_MISSING), and what enqueuing raises when no file could be taken."""
        if not payload.is_import:
            message = "Only imported files need work; this event needs none."
            return ArrResult(accepted=False, enqueued=False, message=message, resolved_path=None)
        translations = self._settings().system.arr_path_translations
        paths = [translated(path, translations) for path in payload.paths()]
        if not paths:
            raise InvalidRequestError("The call names no file.", code="ARR_WEBHOOK_PATH_MISSING")
        taken = await self._enqueue(paths)
        new = sum(result.enqueued for result in taken)
        message = taken[0].message if len(taken) == 1 else f"{new} of {len(paths)} files were queued."
        return ArrResult(accepted=True, enqueued=new > 0, message=message, resolved_path=paths[0])

    async def _enqueue(self, paths: list[str]) -> list[EnqueueResult]:
        """One file that cannot be taken must not keep the others of a season out."""
        taken: list[EnqueueResult] = []
        first_error: KnownError | None = None
        for path in paths:
            try:
                taken.append(await self._jobs.enqueue_path(path))
            except KnownError as error:
                first_error = first_error or error
        if not taken and first_error is not None:
            raise first_error
        return taken
