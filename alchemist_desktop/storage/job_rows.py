"""Rows of the job table: how they become `Job` snapshots, and how changes are written to them."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from peewee import BooleanField, IntegrityError

from alchemist_desktop.domain.errors import ConflictError
from alchemist_desktop.domain.explanation import Explanation
from alchemist_desktop.domain.ids import JobId, ProfileId
from alchemist_desktop.domain.job import FileStamp, Job, JobKind, JobState, Phase
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.fields import AnyTextField, ExplanationField, UtcField, WideIntField, encode_text
from alchemist_desktop.storage.tables import JobRow

_PLAIN = (
    "input_path", "output_path", "library_root", "priority", "progress", "attempt_count", "source_device", "decision",
    "failure", "encoder", "output_size_bytes", "vmaf_score", "duration_s", "video_codec", "archived", "source_changed",
    "not_before", "created_at", "updated_at",
)  # fmt: skip
# What a job knows of an earlier run; a job that is queued again starts without it.
FRESH: Mapping[str, Any] = {
    "state": JobState.QUEUED.value, "phase": None, "progress": 0.0, "decision": None, "failure": None, "failure_code": None,
    "encoder": None, "output_size_bytes": None, "vmaf_score": None, "not_before": None, "source_changed": False,
}  # fmt: skip


_FIELDS = tuple(field for field in JobRow._meta.sorted_fields if field.name != "id")
_MARKS = ("CAST(? AS TEXT)" if isinstance(field, AnyTextField) else "?" for field in _FIELDS)
# Without the models: pages of the list are read all the time, and peewee would take four times as long.
_NAMES = tuple(field.column_name for field in JobRow._meta.sorted_fields)
_SELECT = f"SELECT {', '.join(_NAMES)} FROM jobs WHERE id IN (SELECT value FROM json_each(?))"
_CONVERTED = tuple(
    (field.column_name, field.python_value)
    for field in JobRow._meta.sorted_fields
    if isinstance(field, BooleanField | ExplanationField | UtcField | WideIntField)
)
_INSERT = f"INSERT INTO jobs({', '.join(field.column_name for field in _FIELDS)}) VALUES ({', '.join(_MARKS)})"


class JobChanges(TypedDict, total=False):
    """What may change along with a job's state; a member that is left out stays as it is, None clears it."""

    encoder: str | None
    progress: float
    decision: Explanation | None
    failure: Explanation | None
    output_path: str
    output_size_bytes: int | None
    vmaf_score: float | None
    not_before: datetime | None
    attempt_count: int
    source_changed: bool
    duration_s: float | None
    video_codec: str | None
    source_device: str | None
    profile_id: ProfileId | None
    stamp: FileStamp


def to_job(row: Mapping[str, Any]) -> Job:
    plain = {name: row[name] for name in _PLAIN}
    stamp = FileStamp(size_bytes=row["size_bytes"], mtime_ns=row["mtime_ns"], device=row["device"], inode=row["inode"])
    return Job(
        id=JobId(row["id"]),
        kind=JobKind(row["kind"]),
        state=JobState(row["state"]),
        phase=None if row["phase"] is None else Phase(row["phase"]),
        profile_id=None if row["profile_id"] is None else ProfileId(row["profile_id"]),
        stamp=stamp,
        **plain,
    )


def stamp_columns(stamp: FileStamp) -> dict[str, int]:
    return {"size_bytes": stamp.size_bytes, "mtime_ns": stamp.mtime_ns, "device": stamp.device, "inode": stamp.inode}


def load_jobs(db: Connection, ids: Sequence[int]) -> dict[JobId, Job]:
    """The jobs with these ids, in the order of `ids`; unknown ids are left out."""
    found: dict[int, Job] = {}
    for values in db.sql(_SELECT, (json.dumps(list(ids)),)):
        row = dict(zip(_NAMES, values, strict=True))
        for name, convert in _CONVERTED:
            row[name] = convert(row[name])
        found[row["id"]] = to_job(row)
    return {JobId(job_id): found[job_id] for job_id in ids if job_id in found}


def load_job(db: Connection, job_id: int) -> Job | None:
    return load_jobs(db, [job_id]).get(JobId(job_id))


def insert_job(db: Connection, columns: Mapping[str, Any]) -> int:
    """Add a row; what is left out gets its default. The statement is made once: a scan adds jobs by the ten thousand."""
    params = []
    for field in _FIELDS:
        value = columns.get(field.name, field.default)
        is_text = isinstance(field, AnyTextField) and value is not None
        params.append(encode_text(value) if is_text else field.db_value(value))
    return int(db.sql(_INSERT, params).lastrowid or 0)


def changed_columns(changes: Mapping[str, Any]) -> dict[str, Any]:
    """The columns for some `JobChanges`."""
    columns = dict(changes)
    if "failure" in columns:
        columns["failure_code"] = columns["failure"].code if columns["failure"] else None
    if "stamp" in columns:
        columns |= stamp_columns(columns.pop("stamp"))
    return columns


def update_job(db: Connection, job_id: JobId, allowed: frozenset[JobState], columns: Mapping[str, Any]) -> Job | None:
    """Write `columns` if the job is live and in one of the `allowed` states; the job as it then is, or None when refused."""
    guard = (JobRow.id == job_id) & (JobRow.archived == False) & JobRow.state.in_([s.value for s in allowed])  # noqa: E712
    try:
        if not JobRow.update(columns).where(guard).execute(db):
            return None
    except IntegrityError as error:
        raise ConflictError(
            "Another file's result has this output path already.", code="OUTPUT_PATH_TAKEN", path=columns.get("output_path")
        ) from error
    return load_job(db, job_id)
