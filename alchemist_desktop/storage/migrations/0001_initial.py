"""The first schema: jobs with their history, what is known of files, access, and the journal of replacements."""

from typing import Any

_TABLES = """
CREATE TABLE profiles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL, preset TEXT NOT NULL, codec TEXT NOT NULL, quality_profile TEXT NOT NULL,
    hdr_mode TEXT NOT NULL, audio_mode TEXT NOT NULL, crf_override INTEGER, notes TEXT,
    builtin INTEGER NOT NULL, size_reduction_threshold REAL, min_bpp_threshold REAL, min_file_size_mb INTEGER,
    subtitle_mode TEXT, stream_rules TEXT, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
);
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL, input_path TEXT NOT NULL, output_path TEXT NOT NULL, library_root TEXT,
    state TEXT NOT NULL, phase TEXT, priority INTEGER NOT NULL, progress REAL NOT NULL, attempt_count INTEGER NOT NULL,
    size_bytes INTEGER NOT NULL, mtime_ns TEXT NOT NULL, device TEXT NOT NULL, inode TEXT NOT NULL,
    source_device TEXT, profile_id INTEGER REFERENCES profiles(id) ON DELETE SET NULL,
    failure_code TEXT, encoder TEXT, output_size_bytes INTEGER, vmaf_score REAL, duration_s REAL, video_codec TEXT,
    archived INTEGER NOT NULL, source_changed INTEGER NOT NULL, not_before INTEGER,
    created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL,
    decision TEXT, failure TEXT
);
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
    action TEXT NOT NULL, code TEXT NOT NULL, explanation TEXT NOT NULL, plan TEXT, probe TEXT, created_at INTEGER NOT NULL
);
CREATE TABLE failures (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
    code TEXT NOT NULL, explanation TEXT NOT NULL, created_at INTEGER NOT NULL
);
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
    attempt_number INTEGER NOT NULL, started_at INTEGER, finished_at INTEGER NOT NULL, outcome TEXT NOT NULL,
    encoder TEXT, failure_code TEXT, failure_summary TEXT, input_size_bytes INTEGER, output_size_bytes INTEGER,
    encode_time_s REAL, command TEXT NOT NULL, stderr_tail TEXT NOT NULL
);
CREATE TABLE stats (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL, input_path TEXT NOT NULL, input_size_bytes INTEGER NOT NULL,
    output_size_bytes INTEGER NOT NULL, compression_ratio REAL NOT NULL, encode_time_s REAL NOT NULL,
    encode_speed REAL NOT NULL, avg_bitrate_kbps REAL NOT NULL, vmaf_score REAL, output_codec TEXT NOT NULL,
    encoder TEXT NOT NULL, duration_s REAL NOT NULL, source_codec TEXT NOT NULL, quality TEXT NOT NULL,
    created_at INTEGER NOT NULL
);
CREATE TABLE logs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    level TEXT NOT NULL, job_id INTEGER, message TEXT NOT NULL, created_at INTEGER NOT NULL
);
CREATE TABLE probes (
    path TEXT PRIMARY KEY,
    size_bytes INTEGER NOT NULL, mtime_ns TEXT NOT NULL, prober TEXT NOT NULL, probe TEXT NOT NULL, used_at INTEGER NOT NULL
);
CREATE TABLE watch_dirs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    path TEXT NOT NULL UNIQUE, is_recursive INTEGER NOT NULL,
    profile_id INTEGER REFERENCES profiles(id) ON DELETE SET NULL, created_at INTEGER NOT NULL
);
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username TEXT NOT NULL UNIQUE, password_hash TEXT NOT NULL, created_at INTEGER NOT NULL
);
CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    user_id INTEGER NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    created_at INTEGER NOT NULL, expires_at INTEGER NOT NULL
);
CREATE TABLE api_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL, token_hash TEXT NOT NULL UNIQUE, access_level TEXT NOT NULL,
    created_at INTEGER NOT NULL, last_used_at INTEGER, revoked_at INTEGER
);
CREATE TABLE trash (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    job_id INTEGER NOT NULL, original_path TEXT NOT NULL, trash_path TEXT NOT NULL, output_path TEXT NOT NULL,
    size_bytes INTEGER NOT NULL, created_at INTEGER NOT NULL, restored_at INTEGER, purged_at INTEGER,
    output_stamp TEXT
);
CREATE TABLE replacements (job_id INTEGER PRIMARY KEY, entry TEXT NOT NULL, created_at INTEGER NOT NULL);
CREATE TABLE preferences (key TEXT PRIMARY KEY, value TEXT NOT NULL)
"""

# A page of the list walks one index in its order; `id` breaks ties and `state` lets it filter without touching rows.
_INDEXES = """
CREATE UNIQUE INDEX jobs_one_per_source ON jobs(input_path) WHERE kind = 'library';
CREATE UNIQUE INDEX jobs_one_per_output ON jobs(output_path)
    WHERE kind = 'library' AND (archived = 0 OR state = 'completed');
CREATE INDEX jobs_by_updated ON jobs(archived, updated_at, id, state);
CREATE INDEX jobs_by_created ON jobs(archived, created_at, id, state);
CREATE INDEX jobs_by_path ON jobs(archived, input_path, id, state);
CREATE INDEX jobs_by_size ON jobs(archived, size_bytes, id, state);
CREATE INDEX jobs_by_state ON jobs(archived, state, id);
CREATE INDEX jobs_by_queue ON jobs(archived, priority DESC, created_at, id, state);
CREATE INDEX jobs_to_claim ON jobs(priority DESC, created_at, id, source_device, not_before)
    WHERE state = 'queued' AND archived = 0;
CREATE INDEX jobs_to_retry ON jobs(not_before) WHERE state = 'queued' AND archived = 0 AND not_before IS NOT NULL;
CREATE INDEX jobs_undecided ON jobs(priority DESC, created_at, id)
    WHERE state = 'queued' AND archived = 0 AND decision IS NULL AND not_before IS NULL;
CREATE INDEX jobs_by_failure ON jobs(failure_code) WHERE failure_code IS NOT NULL;
CREATE INDEX decisions_by_job ON decisions(job_id, id);
CREATE INDEX decisions_by_code ON decisions(code, job_id);
CREATE INDEX decisions_by_time ON decisions(action, created_at, code);
CREATE INDEX failures_by_job ON failures(job_id, id);
CREATE INDEX failures_by_time ON failures(created_at, code);
CREATE INDEX attempts_by_job ON attempts(job_id, id);
CREATE INDEX stats_by_job ON stats(job_id, id);
CREATE INDEX stats_by_time ON stats(created_at, input_size_bytes, output_size_bytes);
CREATE INDEX stats_by_codec ON stats(output_codec, source_codec, quality, created_at);
CREATE INDEX logs_by_job ON logs(job_id, id) WHERE job_id IS NOT NULL;
CREATE INDEX logs_by_time ON logs(created_at);
CREATE INDEX sessions_by_expiry ON sessions(expires_at);
CREATE INDEX trash_by_job ON trash(job_id, id)
"""

_SEARCH_TABLE = "CREATE VIRTUAL TABLE job_search USING fts5(body, content='', tokenize='trigram', detail=none)"
_BODY = "{row}.input_path || char(31) || coalesce({row}.decision, '') || char(31) || coalesce({row}.failure, '')"
_ADD = f"INSERT INTO job_search(rowid, body) VALUES (new.id, {_BODY.format(row='new')});"
_DROP = f"INSERT INTO job_search(job_search, rowid, body) VALUES ('delete', old.id, {_BODY.format(row='old')});"
_TRIGGERS = (
    f"CREATE TRIGGER jobs_search_insert AFTER INSERT ON jobs BEGIN {_ADD} END",
    f"CREATE TRIGGER jobs_search_delete AFTER DELETE ON jobs BEGIN {_DROP} END",
    "CREATE TRIGGER jobs_search_update AFTER UPDATE OF input_path, decision, failure ON jobs "
    "WHEN new.input_path IS NOT old.input_path OR new.decision IS NOT old.decision OR new.failure IS NOT old.failure "
    f"BEGIN {_DROP} {_ADD} END",
)

_PROFILES = (
    ("Space Saver", "space_saver", "av1", "speed", "tonemap", "aac", "Smallest files, quickly; HDR becomes SDR."),
    ("Quality First", "quality_first", "hevc", "quality", "preserve", "copy", "Closest to the source; sound stays as it is."),
    ("Balanced", "balanced", "av1", "balanced", "preserve", "copy", "A good middle for most libraries."),
    ("Streaming", "streaming", "h264", "balanced", "tonemap", "aac_stereo", "Plays nearly everywhere."),
)
_ADD_PROFILE = """
INSERT INTO profiles(name, preset, codec, quality_profile, hdr_mode, audio_mode, notes, builtin, created_at, updated_at)
SELECT ?, ?, ?, ?, ?, ?, ?, 1, now, now FROM (SELECT CAST(strftime('%s', 'now') AS INTEGER) * 1000000 AS now)
"""


def up(_migrator: Any, db: Any) -> None:
    for statement in (*_TABLES.split(";\n"), *_INDEXES.split(";\n"), _SEARCH_TABLE, *_TRIGGERS):
        db.execute_sql(statement)
    for profile in _PROFILES:
        db.execute_sql(_ADD_PROFILE, profile)
