"""The library's health, what could be gained in it, and previews, on the wire."""

from datetime import datetime

from alchemist_desktop.api.schemas.bodies import Body
from alchemist_desktop.api.schemas.encoding import JsonObject, plain_time, rfc3339
from alchemist_desktop.api.schemas.jobs import job_json
from alchemist_desktop.domain.health import HealthCheck, HealthStatus, HealthSummary
from alchemist_desktop.domain.intelligence import IntelligenceReport, RecommendationKind
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.domain.plan import Action
from alchemist_desktop.services.library_preview import LibraryPreview

_ACTIONS: dict[Action | None, str] = {
    Action.SKIP: "skip",
    Action.REMUX: "remux",
    Action.TRANSCODE: "encode",
    None: "error",
}


class PreviewBody(Body):
    """The folder to look into."""

    path: str
    max_files: int | None = None


def health_summary_json(summary: HealthSummary, status: HealthStatus) -> JsonObject:
    return {
        "total_checked": summary.total_checked,
        "issues_found": summary.issues_found,
        "last_run": None if summary.last_run is None else plain_time(summary.last_run),
        "running": status.is_running,
        "depth": status.depth,
        "progress": {"checked": status.checked, "total": status.total, "current_path": status.current_path},
        "unfinished_depth": summary.unfinished,
    }


def health_issue_json(check: HealthCheck, job: Job | None) -> JsonObject:
    assert check.issue is not None
    return {
        "job": _no_job(check) if job is None else job_json(job),
        "report": {
            "category": check.issue.category,
            "summary": check.issue.summary,
            "raw_output": check.issue.raw_output,
            "advice": check.issue.advice,
        },
        "path": check.path,
        "depth": check.depth,
        "checked_at": rfc3339(check.checked_at),
    }


def _no_job(check: HealthCheck) -> JsonObject:
    """A file that never was a job is shown as one that is left alone, under the number that no job has."""
    moment: datetime = check.checked_at
    return {
        "id": 0,
        "input_path": check.path,
        "output_path": check.path,
        "status": JobState.SKIPPED,
        "phase": None,
        "decision_reason": None,
        "priority": 0,
        "progress": 0.0,
        "attempt_count": 0,
        "vmaf_score": None,
        "encoder": None,
        "created_at": rfc3339(moment),
        "updated_at": rfc3339(moment),
        "input_metadata_json": None,
        "source_device": None,
    }


def intelligence_json(report: IntelligenceReport) -> JsonObject:
    counts = {kind.value: report.counts.get(kind, 0) for kind in RecommendationKind}
    return {
        "duplicate_groups": [
            {
                "stem": group.stem,
                "count": len(group.files),
                "paths": [{"id": file.job_id, "path": file.path, "status": file.state} for file in group.files],
                "size_bytes": group.files[0].stamp.size_bytes,
                "freed_bytes": group.freed_bytes,
                "proved": group.is_proved,
            }
            for group in report.duplicates
        ],
        "total_duplicates": report.total_duplicates,
        "recommendation_counts": {"duplicates": len(report.duplicates), **counts},
        "recommendations": [
            {
                "type": each.kind,
                "title": each.title,
                "summary": each.summary,
                "path": each.path,
                "suggested_action": each.suggested_action,
                "freed_bytes": each.freed_bytes,
            }
            for each in report.recommendations
        ],
        "unsampled": report.unsampled,
    }


def preview_json(preview: LibraryPreview) -> JsonObject:
    return {
        "scanned": preview.scanned,
        "truncated": preview.is_truncated,
        "counts": {name: preview.counts.get(action, 0) for action, name in _ACTIONS.items()},
        "bytes_under_consideration": {
            name: preview.size_bytes.get(action, 0) for action, name in _ACTIONS.items() if action is not None
        },
        "samples": [
            {
                "path": sample.path,
                "action": _ACTIONS[sample.action],
                "reason": sample.reason,
                "size_bytes": sample.size_bytes,
            }
            for sample in preview.samples
        ],
    }
