"""Jobs."""

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.inputs import bool_param, int_param, read_body, row_id
from alchemist_desktop.api.routing import LEGACY, V1, Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse, ok
from alchemist_desktop.api.schemas.jobs import BatchBody, EnqueueBody, PriorityBody, details_json, job_row_json
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import TERMINAL_STATES, JobState
from alchemist_desktop.domain.queries import JobQuery, JobSort
from alchemist_desktop.services.jobs import JobsService

_MAX_ROWS = 200
_MAX_PAGE = 2**31


class JobRoutes:
    """List, look into, enqueue and steer jobs."""

    def __init__(self, jobs: JobsService) -> None:
        self._jobs = jobs

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/jobs", self.find, "GET_JOBS_FAILED"),
            Endpoint("GET", "/jobs/table", self.find, "GET_JOBS_FAILED", (LEGACY,)),
            Endpoint("GET", "/jobs/{id}/details", self.details, "GET_JOB_FAILED"),
            Endpoint("POST", "/jobs/enqueue", self.enqueue, "ENQUEUE_FAILED"),
            Endpoint("POST", "/jobs/{id}/cancel", self.cancel, "CANCEL_JOB_FAILED"),
            Endpoint("POST", "/jobs/{id}/restart", self.restart, "RESTART_JOB_FAILED"),
            Endpoint("POST", "/jobs/{id}/priority", self.set_priority, "SET_PRIORITY_FAILED"),
            Endpoint("DELETE", "/jobs/{id}", self.delete, "DELETE_JOB_FAILED", (V1,)),
            Endpoint("POST", "/jobs/{id}/delete", self.delete, "DELETE_JOB_FAILED", (LEGACY,)),
            Endpoint("POST", "/jobs/batch", self.batch, "BATCH_ACTION_FAILED"),
            Endpoint("POST", "/jobs/restart-failed", self.restart_failed, "RESTART_FAILED_JOBS_FAILED"),
            Endpoint("POST", "/jobs/clear-completed", self.clear_completed, "CLEAR_COMPLETED_FAILED"),
            Endpoint("POST", "/jobs/clear-history", self.clear_history, "PURGE_JOBS_FAILED"),
        ]

    async def find(self, request: Request) -> Response:
        jobs = await self._jobs.find(_job_query(request))
        return JsonResponse([job_row_json(job) for job in jobs])

    async def details(self, request: Request) -> Response:
        return JsonResponse(details_json(await self._jobs.details(_job_id(request))))

    async def enqueue(self, request: Request) -> Response:
        body = await read_body(request, EnqueueBody)
        result = await self._jobs.enqueue_path(body.path.strip())
        return JsonResponse({"enqueued": result.enqueued, "message": result.message})

    async def cancel(self, request: Request) -> Response:
        await self._jobs.cancel(_job_id(request))
        return ok()

    async def restart(self, request: Request) -> Response:
        await self._jobs.restart(_job_id(request))
        return ok()

    async def delete(self, request: Request) -> Response:
        await self._jobs.delete(_job_id(request))
        return ok()

    async def set_priority(self, request: Request) -> Response:
        job_id = _job_id(request)
        body = await read_body(request, PriorityBody)
        job = await self._jobs.set_priority(job_id, body.priority)
        return ok(id=job.id, priority=job.priority)

    async def batch(self, request: Request) -> Response:
        body = await read_body(request, BatchBody)
        count = await self._jobs.batch(body.action, [JobId(number) for number in body.ids])
        return JsonResponse({"count": count})

    async def restart_failed(self, _request: Request) -> Response:
        count = await self._jobs.restart_failed()
        return JsonResponse({"count": count, "message": f"{_jobs_text(count)} queued again."})

    async def clear_completed(self, _request: Request) -> Response:
        count = await self._jobs.clear_completed()
        return JsonResponse({"count": count, "message": f"{_jobs_text(count)} archived."})

    async def clear_history(self, request: Request) -> Response:
        """Archive what has ended; with `status` or `archived=true`, delete those rows for good."""
        states = _states_to_purge(request.query_params.get("status"))
        is_archived = bool_param(request, "archived")
        if states is None and not is_archived:
            count = await self._jobs.clear_history()
            return ok(count=count, message=f"{_jobs_text(count)} archived.")
        wanted = TERMINAL_STATES if states is None else states & TERMINAL_STATES
        count = await self._jobs.purge_history(wanted, archived=is_archived) if wanted else 0
        return ok(count=count, message=f"{_jobs_text(count)} deleted.")


def _job_id(request: Request) -> JobId:
    return JobId(row_id(request))


def _jobs_text(count: int) -> str:
    return "1 job" if count == 1 else f"{count} jobs"


def _job_query(request: Request) -> JobQuery:
    query = request.query_params
    limit = min(max(int_param(request, "limit", 50), 1), _MAX_ROWS)
    page = min(max(int_param(request, "page", 1), 1), _MAX_PAGE)
    return JobQuery(
        states=_states_to_show(query.get("status", "")),
        search=query.get("search", ""),
        archived=query.get("archived") == "true",
        reason_code=query.get("reason_code", "").strip() or None,
        failure_code=query.get("failure_code", "").strip() or None,
        sort=_sort(query.get("sort_by", query.get("sort", ""))),
        descending=bool_param(request, "sort_desc"),
        limit=limit,
        offset=(page - 1) * limit,
    )


def _sort(name: str) -> JobSort:
    return JobSort(name) if name in set(JobSort) else JobSort.UPDATED_AT


def _states_to_show(text: str) -> frozenset[JobState]:
    names = [name for name in (part.strip() for part in text.split(",")) if name]
    states = _known_states(names)
    if len(states) < len(set(names)):
        raise ProblemError(400, "INVALID_JOB_STATUS_FILTER", f"There is a state nobody knows in {text!r}.")
    return states


def _states_to_purge(text: str | None) -> frozenset[JobState] | None:
    """None when nothing was asked for; a blank text asks for no state at all."""
    if text is None:
        return None
    states = _known_states(text.split(","))
    if text.strip() and not states:
        raise ProblemError(400, "INVALID_STATUS_FILTER", f"There is no state in {text!r}.")
    return states


def _known_states(names: Iterable[str]) -> frozenset[JobState]:
    known = set(JobState)
    return frozenset(JobState(name) for name in names if name in known)
