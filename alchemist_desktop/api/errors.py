"""Errors as problem documents: the one place that turns an exception into a reply."""

import re
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

from alchemist_desktop.api.schemas.encoding import JsonObject, encode
from alchemist_desktop.api.schemas.explanations import docs_url
from alchemist_desktop.domain.errors import (
    BusyError,
    ConflictError,
    ForbiddenError,
    InvalidRequestError,
    KnownError,
    NotFoundError,
    UnavailableError,
)
from alchemist_desktop.services.jobs import ActiveJobsError

_STATUS_OF: tuple[tuple[type[KnownError], int], ...] = (
    (NotFoundError, 404),
    (ConflictError, 409),
    (InvalidRequestError, 400),
    (ForbiddenError, 403),
    (UnavailableError, 503),
    (BusyError, 429),
    (KnownError, 500),
)
# Python renamed these two phrases between versions; clients know the old ones.
_TITLES = {413: "Payload Too Large", 422: "Unprocessable Entity"}


class ProblemError(Exception):
    """A reply that is a problem document; `members` are added to it at top level."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        members: JsonObject | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members or {}


def expected_problem(error: Exception) -> ProblemError | None:
    """The reply for an error the face knows how to tell, or None for one that nobody foresaw."""
    if isinstance(error, ProblemError):
        return error
    if isinstance(error, KnownError):
        status = next(status for kind, status in _STATUS_OF if isinstance(error, kind))
        return ProblemError(status, error.code, error.message)
    if isinstance(error, ActiveJobsError):
        blocked = [{"id": job_id, "status": state} for job_id, state in error.blocked]
        return ProblemError(409, "JOBS_ACTIVE", error.message, members={"message": error.message, "blocked": blocked})
    return None


def unexpected_problem(failure_code: str, request_id: str) -> ProblemError:
    """The reply for a fault of the program: an incident number, and nothing of its insides."""
    return ProblemError(500, failure_code, f"Something went wrong. The log tells more under incident {request_id}.")


def problem_response(problem: ProblemError, *, path: str | None, request_id: str) -> Response:
    """`path` is that of the request as it was sent, None where no request could be read."""
    body: JsonObject = {
        "type": "urn:alchemist:problem:" + re.sub(r"[^a-z0-9]+", "-", problem.code.lower()).strip("-"),
        "title": _TITLES.get(problem.status) or HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
        "instance": path,
        "code": problem.code,
        "docs_url": docs_url(problem.code),
        "request_id": request_id,
        "error": {"code": problem.code, "message": problem.detail, "docs_url": docs_url(problem.code)},
        **problem.members,
    }
    headers = {"Content-Type": "application/problem+json", **problem.headers}
    return Response(encode(body), status_code=problem.status, headers=headers)
