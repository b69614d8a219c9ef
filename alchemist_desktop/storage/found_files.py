"""Takes the files a scan met into the job list."""

import json
import os
from collections.abc import Sequence
from datetime import datetime
from itertools import chain, count
from pathlib import PurePath

from alchemist_desktop.domain.job import ContentVersion, FileStamp, Job, JobKind, JobState
from alchemist_desktop.domain.library import FoundFile, UpsertResult
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.fields import encode_text
from alchemist_desktop.storage.job_rows import FRESH, insert_job, load_jobs, stamp_columns
from alchemist_desktop.storage.tables import JobRow

_IS_LIBRARY = JobRow.kind == JobKind.LIBRARY.value
_Owner = tuple[int, str, JobState, int | None]


class _Chunk:
    """One transaction's worth of found files."""

    def __init__(self, db: Connection, files: Sequence[FoundFile], now: datetime) -> None:
        self._db = db
        self._now = now
        self.added: list[int] = []
        self.requeued: list[int] = []
        self.unchanged = 0
        self._stored: set[str] = set()
        paths = [file.media.path for file in files]
        rows = JobRow.select(JobRow.id).where(_IS_LIBRARY, JobRow.input_path.in_(paths)).tuples().execute(db)
        self._known = {job.input_path: job for job in load_jobs(db, [job_id for (job_id,) in rows]).values()}
        outputs = {path for file in files for path in (file.media.path, file.output_path, file.spare_output_path)}
        self._owners = output_owners(db, sorted(outputs))
        self._sources = {*paths, *_sources_among(db, sorted(outputs))}

    def take(self, file: FoundFile) -> None:
        if file.media.path in self._stored:  # met twice, by way of two library folders
            self.unchanged += 1
            return
        job = self._known.get(file.media.path)
        if job is not None and job.stamp.version == file.media.stamp.version:
            self._refresh(job, file.media.stamp)
        elif job is not None and job.state.is_active:
            self._update(job, {"source_changed": True, "updated_at": self._now})
            self.unchanged += 1
        elif self._is_result(file):
            self.unchanged += 1
        else:
            self._store(job, file)

    def _refresh(self, job: Job, stamp: FileStamp) -> None:
        self.unchanged += 1
        if job.stamp != stamp:
            self._update(job, {"device": stamp.device, "inode": stamp.inode})

    def _store(self, job: Job | None, file: FoundFile) -> None:
        output = self._free_output(file)
        values = {
            **FRESH, **stamp_columns(file.media.stamp), "output_path": output, "library_root": file.media.root,
            "source_device": file.source_device, "profile_id": file.profile_id, "attempt_count": 0, "duration_s": None,
            "video_codec": None, "archived": False, "updated_at": self._now,
        }  # fmt: skip
        if job is None:
            source = {"kind": JobKind.LIBRARY.value, "input_path": file.media.path, "created_at": self._now}
            job_id = insert_job(self._db, {**values, **source})
            self.added.append(job_id)
        else:
            self._update(job, values)
            job_id = job.id
            self.requeued.append(job_id)
        self._stored.add(file.media.path)
        self._owners[output] = (job_id, file.media.path, JobState.QUEUED, None)

    def _update(self, job: Job, values: dict[str, object]) -> None:
        JobRow.update(values).where(JobRow.id == job.id).execute(self._db)

    def _free_output(self, file: FoundFile) -> str:
        spare = PurePath(file.spare_output_path)
        numbered = (str(spare.with_name(f"{spare.stem}-{number}{spare.suffix}")) for number in count(2))
        return next(path for path in chain((file.output_path, file.spare_output_path), numbered) if self._is_free(path, file))

    def _is_free(self, path: str, file: FoundFile) -> bool:
        """Whether no other job has this output, and no other file of the library stands there."""
        if path not in self._owners:
            self._owners |= output_owners(self._db, [path])
            self._sources |= _sources_among(self._db, [path])
        owner = self._owners.get(path)
        is_other_source = path != file.media.path and path in self._sources
        return not is_other_source and (owner is None or owner[1] == file.media.path)

    def _is_result(self, file: FoundFile) -> bool:
        """Whether the file is what a completed job made of another source, so that it must not become a source itself."""
        owner = self._owners.get(file.media.path)
        if owner is None or owner[1] == file.media.path:
            return False
        return owner[2] is JobState.COMPLETED and owner[3] == file.media.stamp.size_bytes


def upsert_files(db: Connection, files: Sequence[FoundFile], now: datetime) -> UpsertResult:
    """One job per source path: new files are added, changed ones queued again; active jobs only learn of the change."""
    chunk = _Chunk(db, files, now)
    for file in files:
        chunk.take(file)
    return UpsertResult(
        added=tuple(load_jobs(db, chunk.added).values()),
        requeued=tuple(load_jobs(db, chunk.requeued).values()),
        unchanged=chunk.unchanged,
    )


def output_owners(db: Connection, paths: Sequence[str]) -> dict[str, _Owner]:
    """Which library job has which of these output paths: id, source, state and size of the output.

    Completed jobs count when they are archived, too: their results are still there.
    """
    marks = ", ".join(["CAST(? AS TEXT)"] * len(paths))
    sql = (
        "SELECT output_path, id, input_path, state, output_size_bytes FROM jobs"
        f" WHERE kind = 'library' AND (archived = 0 OR state = 'completed') AND output_path IN ({marks})"
    )
    rows = db.sql(sql, [encode_text(path) for path in paths])
    return {output: (job_id, source, JobState(state), size) for output, job_id, source, state, size in rows}


def _sources_among(db: Connection, paths: Sequence[str]) -> set[str]:
    """Those of `paths` that library jobs are made from, archived ones included: their files are still there."""
    marks = ", ".join(["CAST(? AS TEXT)"] * len(paths))
    sql = f"SELECT input_path FROM jobs WHERE kind = 'library' AND input_path IN ({marks})"
    return {path for (path,) in db.sql(sql, [encode_text(path) for path in paths])}


def known_versions(db: Connection, root: str) -> dict[str, ContentVersion]:
    """What is stored of every file below `root`, archived jobs included.

    The columns leave SQLite as one text each, which takes a third of the time that a row for every file would.
    """
    columns = db.sql(
        "SELECT json_group_array(input_path), json_group_array(size_bytes), '[' || coalesce(group_concat(mtime_ns), '') || ']'"
        " FROM jobs WHERE kind = 'library' AND input_path >= CAST(? AS TEXT) AND input_path < CAST(? AS TEXT)",
        below(root),
    ).fetchone()
    paths, sizes, times = map(json.loads, columns)
    return dict(zip(paths, zip(sizes, times, strict=True), strict=True))


def result_sizes(db: Connection, root: str) -> dict[str, int]:
    """The sizes of the results below `root` that completed jobs, archived or not, made of other files, by path."""
    rows = db.sql(
        "SELECT output_path, output_size_bytes FROM jobs INDEXED BY jobs_by_state"
        " WHERE archived IN (0, 1) AND state = 'completed'"
        " AND kind = 'library' AND output_path <> input_path AND output_size_bytes IS NOT NULL"
        " AND output_path >= CAST(? AS TEXT) AND output_path < CAST(? AS TEXT)",
        below(root),
    )
    return dict(rows.fetchall())


def below(root: str) -> tuple[bytes, bytes]:
    """The range of stored paths that lie in `root`: from the first to just after the last."""
    prefix = encode_text(root.rstrip(os.sep) + os.sep)
    return prefix, prefix[:-1] + bytes([prefix[-1] + 1])


def add_conversion(db: Connection, file: FoundFile, now: datetime) -> int:
    """A job for one file outside the libraries; such jobs may share paths."""
    source = {
        "kind": JobKind.CONVERSION.value, "input_path": file.media.path, "output_path": file.output_path,
        "source_device": file.source_device, "profile_id": file.profile_id, "created_at": now, "updated_at": now,
    }  # fmt: skip
    return insert_job(db, {**FRESH, **stamp_columns(file.media.stamp), **source})
