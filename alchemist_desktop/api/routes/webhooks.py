"""Calls from other programs."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.errors import ProblemError, expected_problem
from alchemist_desktop.api.inputs import read_body
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse
from alchemist_desktop.domain.arr import ArrPayload
from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.services.arr import ArrResult, ArrService

_OWN_CODE = "ARR_WEBHOOK_PATH_MISSING"


class WebhookRoutes:
    """What Sonarr and Radarr call."""

    def __init__(self, arr: ArrService) -> None:
        self._arr = arr

    def endpoints(self) -> list[Endpoint]:
        return [Endpoint("POST", "/webhooks/arr", self.arr, "ARR_WEBHOOK_ENQUEUE_FAILED")]

    async def arr(self, request: Request) -> Response:
        payload = await read_body(request, ArrPayload)
        try:
            result = await self._arr.receive(payload)
        except KnownError as error:
            raise _problem(error) from error
        return JsonResponse(_json(result), status_code=200 if result.accepted else 202)


def _problem(error: KnownError) -> ProblemError:
    """The refusal of a file keeps its status and gets the code by which this route is known."""
    problem = expected_problem(error)
    assert problem is not None
    if error.code == _OWN_CODE:
        return problem
    code = "ARR_WEBHOOK_ENQUEUE_REJECTED" if problem.status < 500 else "ARR_WEBHOOK_ENQUEUE_FAILED"
    return ProblemError(problem.status, code, problem.detail)


def _json(result: ArrResult) -> dict[str, object]:
    return {
        "accepted": result.accepted,
        "enqueued": result.enqueued,
        "message": result.message,
        "resolved_path": result.resolved_path,
    }
