"""Attempts, their runs, their figures and the log on the wire."""

from collections.abc import Iterable, Sequence

from alchemist_desktop.api.schemas.encoding import JsonObject, plain_time, rfc3339, rfc3339_exact
from alchemist_desktop.domain.attempt import AttemptOutcome, EncodeAttempt, EncodeStats, LogEntry


def encode_stats_json(stats: EncodeStats) -> JsonObject:
    return {
        "job_id": stats.job_id,
        "input_path": stats.input_path,
        "input_size_bytes": stats.input_size_bytes,
        "output_size_bytes": stats.output_size_bytes,
        "compression_ratio": stats.compression_ratio,
        "encode_time_seconds": stats.encode_time_s,
        "encode_speed": stats.encode_speed,
        "avg_bitrate_kbps": stats.avg_bitrate_kbps,
        "vmaf_score": stats.vmaf_score,
        "created_at": rfc3339(stats.created_at),
    }


def attempt_json(attempt: EncodeAttempt) -> JsonObject:
    return {
        "id": attempt.id,
        "job_id": attempt.job_id,
        "attempt_number": attempt.attempt_number,
        "started_at": _started(attempt),
        "finished_at": plain_time(attempt.finished_at),
        "outcome": _outcome(attempt),
        "failure_code": attempt.failure_code,
        "failure_summary": attempt.failure_summary,
        "input_size_bytes": attempt.input_size_bytes,
        "output_size_bytes": attempt.output_size_bytes,
        "encode_time_seconds": attempt.encode_time_s,
        "created_at": plain_time(attempt.finished_at),
    }


def runs_json(attempts: Iterable[EncodeAttempt]) -> list[JsonObject]:
    """Attempts grouped into runs: a run ends where the attempt numbers start again."""
    runs: list[list[EncodeAttempt]] = []
    for attempt in attempts:
        if not runs or attempt.attempt_number <= runs[-1][-1].attempt_number:
            runs.append([])
        runs[-1].append(attempt)
    return [_run_json(number, run, is_current=number == len(runs)) for number, run in enumerate(runs, start=1)]


def _run_json(number: int, run: Sequence[EncodeAttempt], *, is_current: bool) -> JsonObject:
    first, last = run[0], run[-1]
    return {
        "run_number": number,
        "current": is_current,
        "outcome": _outcome(last),
        "started_at": _started(first),
        "finished_at": plain_time(last.finished_at),
        "failure_summary": last.failure_summary,
        "input_size_bytes": last.input_size_bytes,
        "output_size_bytes": last.output_size_bytes,
        "encode_time_seconds": last.encode_time_s,
        "attempts": [attempt_json(attempt) for attempt in run],
    }


def _outcome(attempt: EncodeAttempt) -> AttemptOutcome:
    """Clients know of no result that was thrown away; the summary beside it tells them why it was."""
    return AttemptOutcome.CANCELLED if attempt.outcome is AttemptOutcome.SKIPPED else attempt.outcome


def _started(attempt: EncodeAttempt) -> str | None:
    return None if attempt.started_at is None else rfc3339_exact(attempt.started_at)


def log_entry_json(entry: LogEntry) -> JsonObject:
    return {
        "id": entry.id,
        "level": entry.level,
        "job_id": entry.job_id,
        "message": entry.message,
        "created_at": plain_time(entry.created_at),
    }
