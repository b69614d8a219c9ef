"""Messages: their words, their file names, and many of them as one."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from alchemist_desktop.domain.engine_state import ScanStatus
from alchemist_desktop.domain.events import DiskSpaceLow, EngineIdle, Event, JobAdded, JobChanged, ScanCompleted, ScanStarted
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.job import FileStamp, Job, JobState
from alchemist_desktop.domain.notification import (
    Notice,
    NotificationEvent,
    condense,
    digest,
    file_name,
    notice_for,
    queued_notice,
    retry_delay_s,
)
from tests.api.in_memory import make_job

NOW = datetime(2026, 5, 1, 8, 30, tzinfo=UTC)


def _job(state: JobState, **changes: object) -> Job:
    return replace(make_job(7, state, input_path="/media/Ein Film (1999).mkv"), **changes)  # type: ignore[arg-type]  # named by the test


@pytest.mark.parametrize(
    ("event", "kind", "headline"),
    [
        (JobAdded(job=_job(JobState.QUEUED)), "encode.queued", "Ein Film (1999).mkv is queued."),
        (
            JobChanged(job=_job(JobState.QUEUED, failure=explain("disk_full"), not_before=NOW), state_changed=True),
            "encode.queued",
            "Ein Film (1999).mkv is queued again: The volume is full.",
        ),
        (
            JobChanged(job=_job(JobState.QUEUED, decision=None), state_changed=True),
            "encode.queued",
            "Ein Film (1999).mkv is queued.",
        ),
        (
            JobChanged(job=_job(JobState.ENCODING), state_changed=True),
            "encode.started",
            "Ein Film (1999).mkv is being encoded.",
        ),
        (
            JobChanged(job=_job(JobState.REMUXING), state_changed=True),
            "encode.started",
            "Ein Film (1999).mkv is being copied into another container.",
        ),
        (
            JobChanged(
                job=_job(JobState.COMPLETED, stamp=FileStamp(size_bytes=4_000_000_000, mtime_ns=1), output_size_bytes=10**9),
                state_changed=True,
            ),
            "encode.completed",
            "Ein Film (1999).mkv is done: 4.0 GB became 1.0 GB, 75 % smaller than the source.",
        ),
        (JobChanged(job=_job(JobState.COMPLETED), state_changed=True), "encode.completed", "Ein Film (1999).mkv is done."),
        (
            JobChanged(job=_job(JobState.FAILED, failure=explain("stalled", limit_s=180)), state_changed=True),
            "encode.failed",
            "Ein Film (1999).mkv failed: FFmpeg stopped making progress.",
        ),
        (
            ScanCompleted(status=ScanStatus(files_found=9, files_added=3, unreadable=1)),
            "scan.completed",
            "The scan is done: 9 media files, 3 of them new. 1 file or folder could not be read; the log names it.",
        ),
        (EngineIdle(), "engine.idle", "The queue is empty; nothing is left to do."),
        (DiskSpaceLow(reason="/media has 1 GB."), "disk.space_low", "Disk space is low: /media has 1 GB."),
    ],
)
def test_every_event_that_is_told_has_its_words(event: Event, kind: str, headline: str) -> None:
    notice = notice_for(event, NOW)
    assert notice is not None
    assert (notice.event, notice.headline, notice.at) == (kind, headline, NOW)


@pytest.mark.parametrize(
    "event",
    [
        JobChanged(job=_job(JobState.COMPLETED), state_changed=False),
        JobChanged(job=_job(JobState.SKIPPED), state_changed=True),
        JobChanged(job=_job(JobState.CANCELLED), state_changed=True),
        JobChanged(job=_job(JobState.ANALYZING), state_changed=True),
        # it was told of when it came, and was only looked at since
        JobChanged(job=_job(JobState.QUEUED, decision=explain("transcode_recommended")), state_changed=True),
        ScanStarted(),
    ],
)
def test_other_events_are_nobodys_business(event: Event) -> None:
    assert notice_for(event, NOW) is None


def test_a_failure_says_what_to_do_next_and_carries_its_explanation() -> None:
    failure = explain("disk_full", error="No space left.")
    notice = notice_for(JobChanged(job=_job(JobState.FAILED, failure=failure), state_changed=True), NOW)
    assert notice is not None
    assert notice.text.splitlines() == [
        "Ein Film (1999).mkv failed: The volume is full.",
        "Job #7.",
        "The volume is full. No space left.",
        "Next step: Free some space, or empty the trash.",
    ]
    assert notice.failure is not None
    assert notice.failure["code"] == "disk_full"
    assert notice.data == {"type": "JobStateChanged", "data": {"job_id": 7, "status": "failed"}}


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/a/b c.mkv", "b c.mkv"),
        ("/a/Köln.mkv", "Köln.mkv"),
        ("/a/bad\udcff.mkv", "bad?.mkv"),
        ("/a/two\nlines\r.mkv", "two lines .mkv"),
    ],
)
def test_names_can_be_shown_anywhere(path: str, name: str) -> None:
    assert file_name(path) == name


def _notice(event: NotificationEvent, number: int = 0) -> Notice:
    return Notice(event=event, headline=f"{event} {number}", at=NOW)


def test_a_digest_counts_and_lists_but_not_endlessly() -> None:
    notices = [_notice(NotificationEvent.QUEUED, number) for number in range(23)] + [_notice(NotificationEvent.COMPLETED)]
    told = digest(notices, NOW, heading="While quiet hours lasted")
    assert told.event is NotificationEvent.DIGEST
    assert told.headline == "While quiet hours lasted: 23 queued, 1 completed."
    assert told.detail.splitlines()[0] == "- encode.queued 0"
    assert told.detail.splitlines()[-1] == "- and 4 more."
    assert told.data == {"type": "Digest", "data": {"counts": {"encode.queued": 23, "encode.completed": 1}}}


def test_a_digest_of_one_is_that_one_and_of_one_kind_keeps_its_kind() -> None:
    one = _notice(NotificationEvent.FAILED)
    assert digest([one], NOW) is one
    assert digest([one, one], NOW).event is NotificationEvent.FAILED


def test_a_digest_of_digests_counts_what_is_in_them() -> None:
    first = digest([_notice(NotificationEvent.QUEUED)] * 3, NOW)
    told = digest([first, queued_notice(40, NOW), _notice(NotificationEvent.ENGINE_IDLE)], NOW)
    assert told.headline == "43 queued, 1 times idle."


def test_bursts_become_one_message_and_the_rest_stays() -> None:
    burst = [_notice(NotificationEvent.QUEUED, number) for number in range(6)]
    few = [_notice(NotificationEvent.COMPLETED, number) for number in range(5)]
    told = condense([*burst, *few], NOW)
    assert told == [digest(burst, NOW), *few]
    assert condense(told, NOW) == told


def test_retries_come_later_and_later_and_end_after_a_day() -> None:
    delays: list[float] = []
    while (delay := retry_delay_s(len(delays) + 1)) is not None:
        delays.append(delay)
    assert delays == sorted(set(delays))
    assert 20 * 3600 < sum(delays) < 30 * 3600
