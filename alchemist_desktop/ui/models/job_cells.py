"""What each column of the job table says about a job; pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum

from alchemist_desktop.domain import wording
from alchemist_desktop.domain.attempt import JobProgress
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.domain.queries import JobSort
from alchemist_desktop.ui import words


class Column(IntEnum):
    """The columns from left to right; remembered layouts depend on the order."""

    STATE = 0
    FILE = 1
    SIZE = 2
    CODEC = 3
    RESULT = 4
    PROGRESS = 5
    PRIORITY = 6
    UPDATED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFacts:
    """A column's heading, how it can be sorted (None: it cannot), and whether it holds numbers."""

    heading: str
    width: int
    sort: JobSort | None = None
    is_number: bool = False
    hint: str = ""


COLUMNS: dict[Column, ColumnFacts] = {
    Column.STATE: ColumnFacts(heading="State", width=104, sort=JobSort.STATE),
    Column.FILE: ColumnFacts(heading="File", width=380, sort=JobSort.INPUT_PATH),
    Column.SIZE: ColumnFacts(heading="Size", width=86, sort=JobSort.SIZE, is_number=True),
    Column.CODEC: ColumnFacts(heading="Codec", width=74),
    Column.RESULT: ColumnFacts(heading="Result", width=130, is_number=True, hint="Size of the result and how much smaller it is"),
    Column.PROGRESS: ColumnFacts(
        heading="Progress",
        width=266,
        sort=JobSort.QUEUE,
        hint="Click to sort in the order in which jobs run",
    ),
    Column.PRIORITY: ColumnFacts(heading="Priority", width=64, sort=JobSort.PRIORITY, is_number=True),
    Column.UPDATED: ColumnFacts(heading="Updated", width=94, sort=JobSort.UPDATED_AT, is_number=True),
}


def cell_text(column: Column, job: Job, progress: JobProgress | None, now: datetime) -> str:
    """The whole content of a cell as text: what a screen reader says and a delegate draws."""
    match column:
        case Column.STATE:
            return state_text(job, progress)
        case Column.FILE:
            return words.file_name(job.input_path)
        case Column.SIZE:
            return wording.size(job.stamp.size_bytes)
        case Column.CODEC:
            return words.codec(job.video_codec)
        case Column.RESULT:
            return result_text(job)
        case Column.PROGRESS:
            return progress_text(job, progress, now)
        case Column.PRIORITY:
            return str(job.priority) if job.priority else words.NOTHING
        case Column.UPDATED:
            return words.ago(job.updated_at, now)


def state_text(job: Job, progress: JobProgress | None) -> str:
    if progress is not None and progress.is_suspended:
        return "Suspended"
    return words.STATE_WORDS[job.state]


def result_text(job: Job) -> str:
    if job.output_size_bytes is None:
        return ""
    return f"{wording.size(job.output_size_bytes)}  {words.saving(job.stamp.size_bytes, job.output_size_bytes)}"


def percent(job: Job, progress: JobProgress | None) -> float:
    value = progress.percent if progress is not None else job.progress
    return min(100.0, max(0.0, value))


def is_measured(job: Job, progress: JobProgress | None) -> bool:
    """Whether there is a percentage that means something."""
    return percent(job, progress) > 0 or progress is not None


def progress_text(job: Job, progress: JobProgress | None, now: datetime) -> str:
    """While active: phase, percent, speed, time left. Otherwise why the job is where it is."""
    if job.state.is_active:
        if not is_measured(job, progress):
            return " · ".join(progress_parts(job, progress)) or "Starting"
        return " · ".join([f"{percent(job, progress):.0f} %", *progress_parts(job, progress)])
    if job.state is JobState.QUEUED:
        if job.not_before is not None and job.not_before > now:
            return f"Next try in {words.duration((job.not_before - now).total_seconds())}"
        return ""
    explanation = words.job_explanation(job)
    if job.state is JobState.COMPLETED:
        return f"VMAF {job.vmaf_score:.1f}" if job.vmaf_score is not None else ""
    return explanation.summary if explanation is not None else ""


def progress_parts(job: Job, progress: JobProgress | None) -> list[str]:
    """What is told beside the bar: the phase where the state does not say it, speed and time left, as far as they are known."""
    phase = progress.phase if progress is not None else job.phase
    is_told = phase is None or words.PHASE_WORDS[phase] == words.STATE_WORDS[job.state]
    parts = [words.PHASE_WORDS[phase]] if phase is not None and not is_told else []
    if progress is not None:
        if progress.speed:
            parts.append(f"{progress.speed:.1f}×")
        if progress.eta_s is not None:
            parts.append(f"{words.duration(progress.eta_s)} left")
    return parts


def cell_tooltip(column: Column, job: Job, progress: JobProgress | None, now: datetime) -> str | None:
    """More than fits into the cell, or None where there is no more."""
    if column is Column.FILE:
        return words.tooltip(words.shown_path(job.input_path))
    if column is Column.UPDATED:
        return f"{job.updated_at.astimezone():%Y-%m-%d %H:%M:%S}"
    if column in {Column.PROGRESS, Column.STATE} and not job.state.is_active:
        explanation = words.job_explanation(job)
        return words.tooltip(f"{explanation.summary} {explanation.detail}") if explanation is not None else None
    if column is Column.PROGRESS:
        return words.tooltip(progress_text(job, progress, now))
    return None
