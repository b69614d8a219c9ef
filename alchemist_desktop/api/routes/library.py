"""The library as a whole: its health, what could be gained in it, and what would be done with a folder."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.inputs import bool_param, read_body, row_id
from alchemist_desktop.api.routing import V1, Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse, ok
from alchemist_desktop.api.schemas.library import (
    PreviewBody,
    health_issue_json,
    health_summary_json,
    intelligence_json,
    preview_json,
)
from alchemist_desktop.domain.health import Depth
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.services.container import Services

_DEFAULT_FILES, _MOST_FILES = 60, 200


class LibraryRoutes:
    """Health checks, advice and previews."""

    def __init__(self, services: Services) -> None:
        self._health = services.health
        self._intelligence = services.intelligence
        self._preview = services.preview

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/library/health", self.health, "GET_HEALTH_SUMMARY_FAILED"),
            Endpoint("GET", "/library/health/issues", self.issues, "GET_HEALTH_ISSUES_FAILED"),
            Endpoint("POST", "/library/health/scan", self.start, "HEALTH_CHECK_FAILED"),
            Endpoint("POST", "/library/health/cancel", self.cancel, "HEALTH_CHECK_FAILED"),
            Endpoint("POST", "/library/health/scan/{id}", self.check, "HEALTH_CHECK_FAILED"),
            Endpoint("GET", "/library/intelligence", self.intelligence, "GET_INTELLIGENCE_JOBS_FAILED"),
            Endpoint("POST", "/library/preview", self.preview, "PREVIEW_SCAN_FAILED", (V1,)),
        ]

    async def health(self, _request: Request) -> Response:
        return JsonResponse(health_summary_json(await self._health.summary(), self._health.status()))

    async def issues(self, _request: Request) -> Response:
        return JsonResponse([health_issue_json(check, job) for check, job in await self._health.issues()])

    async def start(self, request: Request) -> Response:
        """Begin a pass; `depth`, `fresh` and `yield_to_jobs` are additions to the contract."""
        self._health.start(
            _depth(request), fresh=bool_param(request, "fresh"), yields_to_jobs=bool_param(request, "yield_to_jobs")
        )
        return ok(status_code=202, status="accepted")

    async def cancel(self, _request: Request) -> Response:
        """Interrupt the running pass (an addition to the contract)."""
        await self._health.cancel()
        return ok()

    async def check(self, request: Request) -> Response:
        job_id = JobId(row_id(request))
        check = await self._health.check_job(job_id)
        return JsonResponse({"job_id": job_id, "issue_found": check.issue is not None})

    async def intelligence(self, _request: Request) -> Response:
        return JsonResponse(intelligence_json(await self._intelligence.report()))

    async def preview(self, request: Request) -> Response:
        body = await read_body(request, PreviewBody)
        wanted = _DEFAULT_FILES if body.max_files is None else body.max_files
        preview = await self._preview.preview(body.path, min(max(wanted, 1), _MOST_FILES))
        return JsonResponse(preview_json(preview))


def _depth(request: Request) -> Depth:
    name = request.query_params.get("depth", Depth.SAMPLE.value)
    if name not in set(Depth):
        raise ProblemError(400, "INVALID_QUERY", f"depth must be one of {', '.join(Depth)}.")
    return Depth(name)
