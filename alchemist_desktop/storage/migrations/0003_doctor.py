"""The health of files, samples of their content, and their tracks, which follow the stored probes by themselves."""

from typing import Any

_TABLES = """
CREATE TABLE health_runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, depth TEXT NOT NULL, started_at INTEGER NOT NULL, finished_at INTEGER
);
CREATE TABLE health_checks (
    path TEXT PRIMARY KEY,
    size_bytes INTEGER NOT NULL, mtime_ns TEXT NOT NULL, device TEXT NOT NULL, inode TEXT NOT NULL,
    depth TEXT NOT NULL, checked_at INTEGER NOT NULL, run_id INTEGER NOT NULL,
    category TEXT, summary TEXT, raw_output TEXT
);
CREATE TABLE content_samples (
    path TEXT PRIMARY KEY, size_bytes INTEGER NOT NULL, mtime_ns TEXT NOT NULL, digest TEXT
);
CREATE TABLE tracks (
    path TEXT NOT NULL, stream_index INTEGER NOT NULL, kind TEXT NOT NULL, codec TEXT NOT NULL, profile TEXT, title TEXT,
    channels INTEGER, bitrate_bps INTEGER, duration_s REAL,
    PRIMARY KEY (path, stream_index)
) WITHOUT ROWID
"""
_INDEXES = """
CREATE INDEX health_by_run ON health_checks(run_id);
CREATE INDEX health_issues ON health_checks(checked_at) WHERE category IS NOT NULL;
CREATE INDEX tracks_by_codec ON tracks(kind, codec);
CREATE INDEX tracks_with_title ON tracks(title) WHERE kind = 'audio' AND title IS NOT NULL
"""
# A probe's streams are stored as [kind, members]. A stream without a length of its own lasts as long as the file.
_COPY = """
INSERT OR REPLACE INTO tracks
SELECT {row}.path, json_extract(s.value, '$[1].index'), json_extract(s.value, '$[0]'), json_extract(s.value, '$[1].codec'),
    json_extract(s.value, '$[1].profile'), json_extract(s.value, '$[1].title'), json_extract(s.value, '$[1].channels'),
    json_extract(s.value, '$[1].bitrate_bps'),
    coalesce(json_extract(s.value, '$[1].duration_s'), json_extract({row}.probe, '$.duration_s'))
FROM {source} json_each({row}.probe, '$.streams') AS s
WHERE json_valid({row}.probe) AND json_extract(s.value, '$[0]') IN ('video', 'audio')
"""
_DROP = "DELETE FROM tracks WHERE path = old.path;"
_TRIGGERS = (
    f"CREATE TRIGGER probes_tracks_insert AFTER INSERT ON probes BEGIN {_COPY.format(row='new', source='')}; END",
    f"CREATE TRIGGER probes_tracks_delete AFTER DELETE ON probes BEGIN {_DROP} END",
    "CREATE TRIGGER probes_tracks_update AFTER UPDATE OF path, probe ON probes "
    f"BEGIN {_DROP} {_COPY.format(row='new', source='')}; END",
)


def up(_migrator: Any, db: Any) -> None:
    for statement in (*_TABLES.split(";\n"), *_INDEXES.split(";\n"), *_TRIGGERS):
        db.execute_sql(statement)
    db.execute_sql(_COPY.format(row="probes", source="probes,"))
