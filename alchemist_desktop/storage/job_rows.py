"""Rows of the job table: how they become `Job` snapshots, and how changes are written to them."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from peewee import IntegrityError

from alchemist_desktop.domain.errors import ConflictError
from alchemist_desktop.domain.explanation import Explanation
from alchemist_desktop.domain.ids import JobId, ProfileId
from alchemist_desktop.domain.job import FileStamp, Job, JobKind, JobState, Phase
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.fields import AnyTextField, encode_text, explanation_from_json, from_micros
from alchemist_desktop.storage.tables import JobRow

# What a job knows of an earlier run; a job that is queued again starts without it.
FRESH: Mapping[str, Any] = {
    "state": JobState.QUEUED.value, "phase": None, "progress": 0.0, "decision": None, "failure": None, "failure_code": None,
    "encoder": None, "output_size_bytes": None, "vmaf_score": None, "not_before": None, "source_changed": False,
}  # fmt: skip


_FIELDS = tuple(field for field in JobRow._meta.sorted_fields if field.name != "id")
_MARKS = ("CAST(? AS TEXT)" if isinstance(field, AnyTextField) else "?" for field in _FIELDS)
_COLUMNS = (
    "id, kind, input_path, output_path, library_root, state, phase, priority, {progress}, attempt_count, size_bytes, mtime_ns,"
    " device, inode, source_device, profile_id, decision, failure, encoder, output_size_bytes, {vmaf_score}, {duration_s},"
    " video_codec, archived, source_changed, not_before, created_at, updated_at"
)
# JSON has 15 digits of a number, of 17.
_EXACT = {name: f"iif({name} IS NULL, NULL, printf('%!.17g', {name}))" for name in ("progress", "vmaf_score", "duration_s")}
_PAGE = 200  # jobs in one row
# Many in one row: before each row another thread may take its turn. Not all: nothing else moves while a row is read.
_SELECT = (
    f"SELECT json_group_array(json_array({_COLUMNS.format_map(_EXACT)})) FROM jobs WHERE id IN (SELECT value FROM json_each(?))"
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


def stamp_columns(stamp: FileStamp) -> dict[str, int]:
    return {"size_bytes": stamp.size_bytes, "mtime_ns": stamp.mtime_ns, "device": stamp.device, "inode": stamp.inode}


def load_jobs(db: Connection, ids: Sequence[int]) -> dict[JobId, Job]:
    """The jobs with these ids, in the order of `ids`; unknown ids are left out."""
    found: dict[int, Job] = {}
    for start in range(0, len(ids), _PAGE):
        (text,) = db.sql(_SELECT, (json.dumps(list(ids[start : start + _PAGE])),)).fetchone()
        found |= {row[0]: _job(*row) for row in json.loads(text)}
    return {JobId(job_id): found[job_id] for job_id in ids if job_id in found}


def _job(
    id_: int, kind: str, input_path: str, output_path: str, library_root: str | None, state: str, phase: str | None,
    priority: int, progress: str, attempt_count: int, size_bytes: int, mtime_ns: str, device: str, inode: str,
    source_device: str | None, profile_id: int | None, decision: str | None, failure: str | None, encoder: str | None,
    output_size_bytes: int | None, vmaf_score: str | None, duration_s: str | None, video_codec: str | None,
    archived: int, source_changed: int, not_before: int | None, created_at: int, updated_at: int,
) -> Job:  # fmt: skip
    """One row of `_COLUMNS`. Without the models: pages of the list are read all the time, and peewee takes ten times as long."""
    return Job(
        id=JobId(id_),
        kind=JobKind(kind),
        input_path=input_path,
        output_path=output_path,
        library_root=library_root,
        state=JobState(state),
        phase=None if phase is None else Phase(phase),
        priority=priority,
        progress=float(progress),
        attempt_count=attempt_count,
        stamp=FileStamp(size_bytes=size_bytes, mtime_ns=int(mtime_ns), device=int(device), inode=int(inode)),
        source_device=source_device,
        profile_id=None if profile_id is None else ProfileId(profile_id),
        decision=None if decision is None else explanation_from_json(decision),
        failure=None if failure is None else explanation_from_json(failure),
        encoder=encoder,
        output_size_bytes=output_size_bytes,
        vmaf_score=None if vmaf_score is None else float(vmaf_score),
        duration_s=None if duration_s is None else float(duration_s),
        video_codec=video_codec,
        archived=bool(archived),
        source_changed=bool(source_changed),
        not_before=None if not_before is None else from_micros(not_before),
        created_at=from_micros(created_at),
        updated_at=from_micros(updated_at),
    )


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
