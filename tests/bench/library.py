"""A job list of any length as years of use would leave it: every state, with decisions, failures, attempts and figures.

Rows go in by `executemany` with the secondary indexes away and no journal, which is many times as fast as the program would
add them. A million of them take a bit more than a minute and 3.5 GB.
"""

import asyncio
import json
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from alchemist_desktop.domain.explanation import Measured, explain
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.fields import explanation_to_json, to_micros
from alchemist_desktop.storage.search_index import refresh_search

_START = to_micros(datetime.now(UTC) - timedelta(days=300))
_STEP_MICROS = 25_000_000  # a million jobs in some 290 days
_VARIANTS = 500  # explanations with other numbers in them
_NAMES = ("Harbour", "Winter", "Copper", "Meridian", "Lantern", "Orchard", "Signal", "Causeway", "Ember", "Quarry")
_SKIPS = ("already_target_codec", "bpp_below_threshold", "below_min_file_size", "size_reduction_insufficient")
_FAILURES = ("corrupt_or_unreadable_media", "source_missing", "unknown_ffmpeg_failure", "verification_failed")
_RARE_FAILURE = "disk_full"
_CODECS = ("h264", "mpeg2video", "hevc", "vc1", "mpeg4")
_STDERR = "\n".join(f"frame={n * 240} fps=61 q=28.0 size={n * 512}KiB time=00:{n:02}:10.00 speed=2.1x" for n in range(12))
_COMMAND = json.dumps(["ffmpeg", "-nostdin", "-i", "{source}", "-map", "0", "-c:v", "libsvtav1", "-crf", "30", "{output}"])

_JOB = (
    "INSERT INTO jobs(id, kind, input_path, output_path, library_root, state, priority, progress, attempt_count, size_bytes,"
    " mtime_ns, device, inode, source_device, archived, source_changed, created_at, updated_at, decision, failure, failure_code,"
    " encoder, output_size_bytes, vmaf_score, duration_s, video_codec, phase)"
    " VALUES (?, 'library', ?, ?, '/srv/media', ?, ?, ?, ?, ?, ?, '2049', ?, '2049', ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_DECISION = "INSERT INTO decisions(job_id, action, code, explanation, created_at) VALUES (?, ?, ?, ?, ?)"
_FAILURE = "INSERT INTO failures(job_id, code, explanation, created_at) VALUES (?, ?, ?, ?)"
_ATTEMPT = (
    "INSERT INTO attempts(job_id, attempt_number, started_at, finished_at, outcome, encoder, failure_code, input_size_bytes,"
    " output_size_bytes, encode_time_s, command, stderr_tail) VALUES (?, 1, ?, ?, ?, 'libsvtav1', ?, ?, ?, 900.0, ?, ?)"
)
_STATS = (
    "INSERT INTO stats(job_id, input_path, input_size_bytes, output_size_bytes, compression_ratio, encode_time_s, encode_speed,"
    " avg_bitrate_kbps, vmaf_score, output_codec, encoder, duration_s, source_codec, quality, created_at)"
    " VALUES (?, ?, ?, ?, ?, 900.0, 2.7, 2400.0, ?, 'av1', 'libsvtav1', 2400.0, ?, 'balanced', ?)"
)
_REASONS = (
    "INSERT INTO job_reasons SELECT DISTINCT j.id, d.code, archived, state, priority, size_bytes, input_path, j.created_at,"
    " updated_at FROM decisions d JOIN jobs j ON j.id = d.job_id"
)


def make_library(path: Path, rows: int) -> None:
    """A new database of the program with so many jobs."""
    asyncio.run(_make_schema(path))
    connection = Connection(str(path))
    try:
        for pragma in ("journal_mode = off", "synchronous = off", "cache_size = -400000"):
            connection.sql(f"PRAGMA {pragma}")
        _fill(connection, rows)
    finally:
        connection.close()
    with closing(sqlite3.connect(path)) as plain:
        plain.execute("PRAGMA journal_mode = wal")
    with path.open("rb+") as file:  # or what is measured next would wait for the disk
        os.fsync(file.fileno())


async def _make_schema(path: Path) -> None:
    await Database.open(str(path)).close()


def _fill(db: Connection, rows: int) -> None:
    made = db.sql("SELECT type, name, sql FROM sqlite_master WHERE type IN ('index', 'trigger') AND sql IS NOT NULL").fetchall()
    for kind, name, _ in made:
        db.sql(f"DROP {kind} {name}")
    with db.atomic():
        for statement, rows_of in _TABLES.items():
            db.cursor().executemany(statement, (row for n in range(1, rows + 1) for row in rows_of(n)))  # type: ignore[no-untyped-call]
        db.sql("INSERT INTO search_stale SELECT id, NULL, NULL FROM jobs")
        refresh_search(db)
        db.sql("INSERT INTO job_counts SELECT archived, state, count(*) FROM jobs GROUP BY archived, state")
        db.sql(_REASONS)
    for *_, statement in made:
        db.sql(statement)


def state_of(n: int) -> JobState:
    """Most are done or skipped, a fifth waits, one in ten thousand runs."""
    if n % 9_973 == 0:
        return JobState.ENCODING
    kind = n * 7 % 100
    if kind < 20:
        return JobState.QUEUED
    if kind < 60:
        return JobState.SKIPPED
    if kind < 96:
        return JobState.COMPLETED
    return JobState.FAILED if kind < 99 else JobState.CANCELLED


def path_of(n: int) -> str:
    series = n // 400
    name = f"{_NAMES[series % 10]} {_NAMES[series // 10 % 10]} {series:04}"
    season, episode = n // 20 % 20 + 1, n % 20 + 1
    return f"/srv/media/{name}/Season {season:02}/{name} - S{season:02}E{episode:02} - title {n:07}.mkv"


def _jobs(n: int) -> Iterator[Sequence[object]]:
    state, path, size = state_of(n), path_of(n), _size(n)
    is_done = state is JobState.COMPLETED
    decision, failure = _decision(n, state), _failure(n, state)
    created = _created(n)
    yield (
        n, path, path.replace(".mkv", "-alchemist.mkv"), state.value, n % 3 if state is JobState.QUEUED else 0,
        100.0 if is_done else 0.0, int(is_done or failure is not None), size, str(created * 1000), str(n), _is_archived(n, state),
        created, _updated(n), decision and decision[1], failure and failure[1], failure and failure[0],
        "libsvtav1" if is_done else None, size // 2 if is_done else None, 94.5 if n % 40 == 0 and is_done else None,
        2400.0, _CODECS[n % 5], "encoding" if state is JobState.ENCODING else None,
    )  # fmt: skip


def _decisions(n: int) -> Iterator[Sequence[object]]:
    state = state_of(n)
    found = _decision(n, state)
    if found is not None:
        yield n, "skip" if state is JobState.SKIPPED else "encode", *found, _updated(n)


def _failures(n: int) -> Iterator[Sequence[object]]:
    found = _failure(n, state_of(n))
    if found is not None:
        yield n, *found, _updated(n)


def _attempts(n: int) -> Iterator[Sequence[object]]:
    state, updated, size = state_of(n), _updated(n), _size(n)
    if state in {JobState.COMPLETED, JobState.FAILED}:
        failure = _failure(n, state)
        command = _COMMAND.replace("{source}", path_of(n)).replace("{output}", path_of(n) + ".part")
        code = failure and failure[0]
        yield n, updated - 900_000_000, updated, state.value, code, size, None if failure else size // 2, command, _STDERR


def _stats(n: int) -> Iterator[Sequence[object]]:
    if state_of(n) is JobState.COMPLETED:
        size = _size(n)
        yield n, path_of(n), size, size // 2, 0.5, 94.5 if n % 40 == 0 else None, _CODECS[n % 5], _updated(n)


_TABLES: dict[str, Callable[[int], Iterator[Sequence[object]]]] = {
    _JOB: _jobs,
    _DECISION: _decisions,
    _FAILURE: _failures,
    _ATTEMPT: _attempts,
    _STATS: _stats,
}


def _is_archived(n: int, state: JobState) -> bool:
    return state.is_terminal and n % 10 == 1


def _size(n: int) -> int:
    return 200_000_000 + n * 104_729 % 3_000_000_000


def _created(n: int) -> int:
    return _START + n * _STEP_MICROS


def _updated(n: int) -> int:
    """Jobs end in another order than the one in which they were found."""
    return _START + n * 611_953 % 1_000_003 * _STEP_MICROS


def _decision(n: int, state: JobState) -> tuple[str, str] | None:
    if state in {JobState.QUEUED, JobState.CANCELLED} and n % 2:
        return None
    if state is JobState.SKIPPED:
        return _explanation(_SKIPS[n % 4], n % _VARIANTS)
    return _explanation("transcode_h264_source" if n % 5 == 0 else "transcode_recommended", n % _VARIANTS)


def _failure(n: int, state: JobState) -> tuple[str, str] | None:
    if state is not JobState.FAILED:
        return None
    return _explanation(_RARE_FAILURE if n % 101 == 0 else _FAILURES[n % 4], n % _VARIANTS)


def _bits(variant: int) -> dict[str, Measured]:
    return {"bpp": 0.01 + variant / 9_000, "current_codec": "h264", "target_codec": "av1"}


def _error(variant: int) -> dict[str, Measured]:
    return {"error": f"Invalid data found when processing input at {variant * 977} of packet {variant}"}


_MEASURED: dict[str, Callable[[int], dict[str, Measured]]] = {
    "already_target_codec": lambda _: {"codec": "av1", "bit_depth": 10},
    "bpp_below_threshold": lambda variant: {"bpp": 0.01 + variant / 9_000, "threshold": 0.1},
    "below_min_file_size": lambda variant: {"size_mb": variant, "threshold_mb": 50},
    "size_reduction_insufficient": lambda variant: {"reduction": variant / 1_000, "threshold": 0.3},
    "transcode_h264_source": _bits,
    "transcode_recommended": _bits,
    "source_missing": lambda variant: {"path": path_of(variant)},
    **dict.fromkeys((_RARE_FAILURE, "corrupt_or_unreadable_media", "unknown_ffmpeg_failure", "verification_failed"), _error),
}


@cache
def _explanation(code: str, variant: int) -> tuple[str, str]:
    """The code, and the explanation as it is stored."""
    explanation = explain(code, None, **_MEASURED[code](variant))
    return code, explanation_to_json(explanation)
