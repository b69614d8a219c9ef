"""Figures on the wire."""

from alchemist_desktop.api.schemas.encoding import JsonObject, plain_time
from alchemist_desktop.domain.queries import AggregatedStats, DailyStats, JobTotals, QueueEta, ReasonCount, ReasonReport, Savings


def totals_json(totals: JobTotals, concurrent_limit: int) -> JsonObject:
    return {
        "total": totals.total,
        "completed": totals.completed,
        "active": totals.active,
        "failed": totals.failed,
        "concurrent_limit": concurrent_limit,
    }


def aggregated_json(stats: AggregatedStats) -> JsonObject:
    return {
        "total_input_bytes": stats.total_input_bytes,
        "total_output_bytes": stats.total_output_bytes,
        "total_savings_bytes": stats.savings_bytes,
        "total_time_seconds": stats.total_time_s,
        "total_jobs": stats.total_jobs,
        "avg_vmaf": stats.avg_vmaf,
    }


def queue_eta_json(eta: QueueEta) -> JsonObject:
    return {"remaining_jobs": eta.remaining_jobs, "est_seconds_remaining": eta.eta_s, "sample_size": eta.sample_size}


def daily_json(day: DailyStats) -> JsonObject:
    return {
        "date": day.day.isoformat(),
        "jobs_completed": day.jobs_completed,
        "bytes_saved": day.input_bytes - day.output_bytes,
        "total_input_bytes": day.input_bytes,
        "total_output_bytes": day.output_bytes,
    }


def savings_json(savings: Savings) -> JsonObject:
    saved = max(0, savings.total_input_bytes - savings.total_output_bytes)
    return {
        "total_input_bytes": savings.total_input_bytes,
        "total_output_bytes": savings.total_output_bytes,
        "total_bytes_saved": saved,
        "savings_percent": 100.0 * saved / savings.total_input_bytes if savings.total_input_bytes else 0.0,
        "job_count": savings.job_count,
        "savings_by_codec": [
            {"codec": item.codec or "unknown", "bytes_saved": item.bytes_saved, "job_count": item.job_count}
            for item in savings.by_codec
        ],
        "savings_over_time": [
            {"date": day.day.isoformat(), "bytes_saved": day.input_bytes - day.output_bytes} for day in savings.by_day
        ],
    }


def reason_count_json(reason: ReasonCount) -> JsonObject:
    return {"code": reason.code, "count": reason.count}


def reason_report_json(report: ReasonReport, *, trends: bool) -> JsonObject:
    return {
        "window_days": report.window_days,
        "num_buckets": report.bucket_count,
        "skip": [_reason_json(reason, trends=trends) for reason in report.skip],
        "failure": [_reason_json(reason, trends=trends) for reason in report.failure],
    }


def _reason_json(reason: ReasonCount, *, trends: bool) -> JsonObject:
    last_seen = None if reason.last_seen is None else plain_time(reason.last_seen)
    trend = {"trend": list(reason.trend)} if trends else {}
    return {**reason_count_json(reason), "last_seen": last_seen, **trend}
