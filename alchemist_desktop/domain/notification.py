"""What people are told: events of the program as messages with file names, and many messages as one digest."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import PurePath

from alchemist_desktop.domain.events import DiskSpaceLow, EngineIdle, Event, JobAdded, JobChanged, ScanCompleted
from alchemist_desktop.domain.explanation import Explanation
from alchemist_desktop.domain.explanation_document import explanation_document
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.domain.wording import saving, size, unreadable

MOST_SINGLE = 5
"""So many messages about the same kind of event go out one by one; more become one digest."""

_MOST_LINES = 20
_RETRY_DELAYS_S = (15.0, 60.0, 300.0, 900.0, 3600.0, 3 * 3600.0, 6 * 3600.0, 12 * 3600.0)


class NotificationEvent(StrEnum):
    """What a target can ask to be told; DIGEST stands for several kinds at once and cannot be asked for."""

    QUEUED = "encode.queued"
    STARTED = "encode.started"
    COMPLETED = "encode.completed"
    FAILED = "encode.failed"
    SCAN_COMPLETED = "scan.completed"
    ENGINE_IDLE = "engine.idle"
    DISK_SPACE_LOW = "disk.space_low"
    DAILY_SUMMARY = "daily.summary"
    DIGEST = "digest"


_WORDS = {
    NotificationEvent.QUEUED: "queued",
    NotificationEvent.STARTED: "started",
    NotificationEvent.COMPLETED: "completed",
    NotificationEvent.FAILED: "failed",
    NotificationEvent.SCAN_COMPLETED: "scans completed",
    NotificationEvent.ENGINE_IDLE: "times idle",
    NotificationEvent.DISK_SPACE_LOW: "times short of disk space",
}
_OF_STATE = {
    JobState.QUEUED: NotificationEvent.QUEUED,
    JobState.ENCODING: NotificationEvent.STARTED,
    JobState.REMUXING: NotificationEvent.STARTED,
    JobState.COMPLETED: NotificationEvent.COMPLETED,
    JobState.FAILED: NotificationEvent.FAILED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message. `headline` says it in a line, `detail` adds what helps; the rest is for programs that read it.

    `data` and the explanations are plain JSON values.
    """

    event: NotificationEvent
    headline: str
    at: datetime
    detail: str = ""
    data: Mapping[str, object] = field(default_factory=dict)
    decision: Mapping[str, object] | None = None
    failure: Mapping[str, object] | None = None
    summary: Mapping[str, object] | None = None

    @property
    def text(self) -> str:
        return f"{self.headline}\n{self.detail}" if self.detail else self.headline


def file_name(path: str) -> str:
    """The file's name in a form that any receiver can show: undecodable bytes and control characters replaced."""
    name = PurePath(path).name.encode("utf-8", "replace").decode()
    return "".join(char if char.isprintable() else " " for char in name)


def notice_for(event: Event, at: datetime) -> Notice | None:
    """What people are told about an event of the program, or None for one that is nobody's business."""
    match event:
        case JobAdded(job=job) if job.state in _OF_STATE:
            return job_notice(job, at)
        case JobChanged(job=job, state_changed=True) if job.state in _OF_STATE and _is_news(job):
            return job_notice(job, at)
        case ScanCompleted(status=status):
            headline = f"The scan is done: {status.files_found} media files, {status.files_added} of them new."
            if status.unreadable:
                headline += f" {unreadable(status.unreadable)}"
            return Notice(event=NotificationEvent.SCAN_COMPLETED, headline=headline, at=at, data={"type": "ScanCompleted"})
        case EngineIdle():
            return Notice(
                event=NotificationEvent.ENGINE_IDLE,
                headline="The queue is empty; nothing is left to do.",
                at=at,
                data={"type": "EngineIdle"},
            )
        case DiskSpaceLow(reason=reason):
            return Notice(
                event=NotificationEvent.DISK_SPACE_LOW,
                headline=f"Disk space is low: {reason}",
                at=at,
                data={"type": "DiskSpaceLow", "data": {"reason": reason}},
            )
        case _:
            return None


def _is_news(job: Job) -> bool:
    """Not so a job that is back in the queue after it was looked at, or after a run that was interrupted: it was told of."""
    return job.state is not JobState.QUEUED or job.decision is None or job.not_before is not None


def job_notice(job: Job, at: datetime) -> Notice:
    """A message about the state a job has come to, which must be one that people are told."""
    failure = job.failure if job.state in {JobState.FAILED, JobState.QUEUED} else None
    explanation = failure or job.decision
    lines = [f"Job #{job.id}."]
    if explanation is not None:
        lines.append(f"{explanation.summary} {explanation.detail}".strip())
    if failure is not None and failure.operator_guidance:
        lines.append(f"Next step: {failure.operator_guidance}")
    return Notice(
        event=_OF_STATE[job.state],
        headline=_headline(job, failure),
        detail="\n".join(lines),
        at=at,
        data={"type": "JobStateChanged", "data": {"job_id": job.id, "status": job.state.value}},
        decision=explanation_document(job.decision) if job.decision else None,
        failure=explanation_document(failure) if failure else None,
    )


def _headline(job: Job, failure: Explanation | None) -> str:
    name = file_name(job.input_path)
    if job.state is JobState.QUEUED:
        return f"{name} is queued again: {failure.summary}" if failure and job.not_before else f"{name} is queued."
    if job.state is JobState.FAILED:
        return f"{name} failed: {failure.summary}" if failure else f"{name} failed."
    if job.state is not JobState.COMPLETED:
        return f"{name} is being {'encoded' if job.state is JobState.ENCODING else 'copied into another container'}."
    before, after = job.stamp.size_bytes, job.output_size_bytes
    if after is None or not before:
        return f"{name} is done."
    return f"{name} is done: {size(before)} became {size(after)}, {saving((before - after) / before)}."


def trial_notice(at: datetime) -> Notice:
    """What a target is sent when somebody tries it: a completed job that does not exist."""
    return Notice(
        event=NotificationEvent.COMPLETED,
        headline="This is a test: messages from Alchemist Desktop arrive here.",
        detail="Job #0.",
        at=at,
        data={"type": "JobStateChanged", "data": {"job_id": 0, "status": JobState.COMPLETED.value}},
    )


def queued_notice(number: int, at: datetime) -> Notice:
    """Many new files at once, as a scan finds them."""
    return Notice(
        event=NotificationEvent.QUEUED,
        headline=f"{number} files are queued.",
        at=at,
        data={"type": "Digest", "data": {"counts": {NotificationEvent.QUEUED.value: number}}},
    )


def digest(notices: Sequence[Notice], at: datetime, *, heading: str = "") -> Notice:
    """Several messages as one: the counts, then the headlines. A single one stays what it is."""
    if len(notices) == 1:
        return notices[0]
    counts = Counter[NotificationEvent]()
    for notice in notices:
        counts.update(_counted(notice))
    told = ", ".join(f"{number} {_WORDS.get(event, event.value)}" for event, number in counts.items())
    headlines = [notice.headline for notice in notices]
    hidden = len(headlines) - _MOST_LINES
    lines = headlines if hidden <= 0 else [*headlines[:_MOST_LINES], f"and {hidden} more."]
    kinds = {notice.event for notice in notices}
    return Notice(
        event=kinds.pop() if len(kinds) == 1 else NotificationEvent.DIGEST,
        headline=f"{heading}{': ' if heading else ''}{told}.",
        detail="\n".join(f"- {line}" for line in lines),
        at=at,
        data={"type": "Digest", "data": {"counts": {event.value: number for event, number in counts.items()}}},
    )


def _counted(notice: Notice) -> dict[NotificationEvent, int]:
    """How often what happened: a digest counts for all that is in it."""
    inner = notice.data.get("data") if notice.data.get("type") == "Digest" else None
    counts = inner.get("counts") if isinstance(inner, Mapping) else None
    if not isinstance(counts, Mapping):
        return {notice.event: 1}
    return {NotificationEvent(name): int(number) for name, number in counts.items()}


def condense(notices: Sequence[Notice], at: datetime, *, most: int = MOST_SINGLE) -> list[Notice]:
    """The same news in fewer messages: a kind of event with more than `most` messages becomes one digest."""
    kinds: dict[NotificationEvent, list[Notice]] = {}
    for notice in notices:
        kinds.setdefault(notice.event, []).append(notice)
    return [told for group in kinds.values() for told in ([digest(group, at)] if len(group) > most else group)]


def retry_delay_s(attempts: int) -> float | None:
    """How long to wait after so many failed deliveries; None when it is time to give up, after about a day."""
    return _RETRY_DELAYS_S[attempts - 1] if attempts <= len(_RETRY_DELAYS_S) else None
