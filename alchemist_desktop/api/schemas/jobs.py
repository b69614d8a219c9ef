"""Jobs on the wire, and what clients send about them."""

from typing import Annotated

from pydantic import Field

from alchemist_desktop.api.schemas.attempts import attempt_json, encode_stats_json, log_entry_json, runs_json
from alchemist_desktop.api.schemas.bodies import Body, told
from alchemist_desktop.api.schemas.encoding import JsonObject, encode, rfc3339
from alchemist_desktop.api.schemas.explanations import explanation_json
from alchemist_desktop.api.schemas.media import metadata_json
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.domain.queries import JobDetails
from alchemist_desktop.services.jobs import BATCH_ACTIONS

RowId = Annotated[int, Field(ge=-(2**63), lt=2**63)]


class EnqueueBody(Body):
    """One file to take into the queue."""

    path: str = told(minLength=1)


class PriorityBody(Body):
    """A job's new priority."""

    priority: int = Field(ge=-(2**31), lt=2**31)


class BatchBody(Body):
    """One action for many jobs."""

    action: str = told(enum=BATCH_ACTIONS)
    ids: list[RowId]


def job_json(job: Job) -> JsonObject:
    return _job_json(job, None if job.decision is None else job.decision.reason)


def _job_json(job: Job, reason: str | None) -> JsonObject:
    return {
        "id": job.id,
        "input_path": job.input_path,
        "output_path": job.output_path,
        "status": job.state,
        "phase": job.phase,
        "decision_reason": reason,
        "priority": job.priority,
        "progress": job.progress,
        "attempt_count": job.attempt_count,
        "vmaf_score": job.vmaf_score,
        "encoder": job.encoder,
        "created_at": rfc3339(job.created_at),
        "updated_at": rfc3339(job.updated_at),
        "input_metadata_json": None,
        "source_device": job.source_device,
    }


def job_row_json(job: Job) -> JsonObject:
    """A job as a row of the list."""
    decision = explanation_json(job.decision)
    return {
        **_job_json(job, decision["legacy_reason"] if decision else None),
        "decision_explanation": decision,
        "failure_explanation": explanation_json(job.failure),
    }


def details_json(details: JobDetails) -> JsonObject:
    job = details.job
    metadata = None if details.probe is None else metadata_json(details.probe)
    has_failed = job.state is JobState.FAILED
    stats = details.stats if job.state is JobState.COMPLETED else None
    return {
        "job": {**job_json(job), "input_metadata_json": None if metadata is None else encode(metadata).decode()},
        "metadata": metadata,
        "encode_stats": None if stats is None else encode_stats_json(stats),
        "encode_attempts": [attempt_json(attempt) for attempt in details.attempts],
        "encode_history_runs": runs_json(details.attempts),
        "job_logs": [log_entry_json(entry) for entry in details.logs],
        "job_failure_summary": _failure_summary(details) if has_failed else None,
        "decision_explanation": explanation_json(details.decision),
        "failure_explanation": explanation_json(details.failure) if has_failed else None,
        "queue_position": details.queue_position if job.state is JobState.QUEUED else None,
        "can_undo": details.can_undo,
    }


def _failure_summary(details: JobDetails) -> str | None:
    if details.failure is not None:
        return details.failure.reason
    return next((entry.message for entry in reversed(details.logs) if entry.level == "error"), None)
