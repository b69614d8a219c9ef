"""The tables as peewee models. They stay in this folder and carry no database: each query names the one it runs on.

The schema itself, with its indexes and triggers, is in `migrations`; a test compares the two.
"""

from peewee import AutoField, BooleanField, FloatField, IntegerField, Model, TextField

from alchemist_desktop.storage.fields import AnyTextField, ExplanationField, UtcField, WideIntField


class JobRow(Model):
    """One job; `decision` and `failure` are the newest ones."""

    id = AutoField()
    kind = TextField()
    input_path = AnyTextField()
    output_path = AnyTextField()
    library_root = AnyTextField(null=True)
    state = TextField()
    phase = TextField(null=True)
    priority = IntegerField(default=0)
    progress = FloatField(default=0.0)
    attempt_count = IntegerField(default=0)
    size_bytes = IntegerField()
    mtime_ns = WideIntField()
    device = WideIntField()
    inode = WideIntField()
    source_device = TextField(null=True)
    profile_id = IntegerField(null=True)
    decision = ExplanationField(null=True)
    failure = ExplanationField(null=True)
    failure_code = TextField(null=True)
    encoder = TextField(null=True)
    output_size_bytes = IntegerField(null=True)
    vmaf_score = FloatField(null=True)
    duration_s = FloatField(null=True)
    video_codec = TextField(null=True)
    archived = BooleanField(default=False)
    source_changed = BooleanField(default=False)
    not_before = UtcField(null=True)
    created_at = UtcField()
    updated_at = UtcField()

    class Meta:
        table_name = "jobs"


class DecisionRow(Model):
    """One decision of the planner, or of the gates after it; a job keeps all of them."""

    id = AutoField()
    job_id = IntegerField()
    action = TextField()
    code = TextField()
    explanation = ExplanationField()
    plan = TextField(null=True)
    probe = TextField(null=True)
    created_at = UtcField()

    class Meta:
        table_name = "decisions"


class FailureRow(Model):
    """One failure of a job."""

    id = AutoField()
    job_id = IntegerField()
    code = TextField()
    explanation = ExplanationField()
    created_at = UtcField()

    class Meta:
        table_name = "failures"


class AttemptRow(Model):
    """One run of FFmpeg."""

    id = AutoField()
    job_id = IntegerField()
    attempt_number = IntegerField()
    started_at = UtcField(null=True)
    finished_at = UtcField()
    outcome = TextField()
    encoder = TextField(null=True)
    failure_code = TextField(null=True)
    failure_summary = AnyTextField(null=True)
    input_size_bytes = IntegerField(null=True)
    output_size_bytes = IntegerField(null=True)
    encode_time_s = FloatField(null=True)
    command = TextField()
    stderr_tail = AnyTextField()

    class Meta:
        table_name = "attempts"


class StatsRow(Model):
    """Figures of a completed job; they outlive the job's row."""

    id = AutoField()
    job_id = IntegerField()
    input_path = AnyTextField()
    input_size_bytes = IntegerField()
    output_size_bytes = IntegerField()
    compression_ratio = FloatField()
    encode_time_s = FloatField()
    encode_speed = FloatField()
    avg_bitrate_kbps = FloatField()
    vmaf_score = FloatField(null=True)
    output_codec = TextField()
    encoder = TextField()
    duration_s = FloatField()
    source_codec = TextField()
    quality = TextField()
    created_at = UtcField()

    class Meta:
        table_name = "stats"


class LogRow(Model):
    """One line of the program's log."""

    id = AutoField()
    level = TextField()
    job_id = IntegerField(null=True)
    message = AnyTextField()
    created_at = UtcField()

    class Meta:
        table_name = "logs"


class ProbeRow(Model):
    """What the demuxer said of one file as it was."""

    path = AnyTextField(primary_key=True)
    size_bytes = IntegerField()
    mtime_ns = WideIntField()
    prober = TextField()
    probe = TextField()
    used_at = UtcField()

    class Meta:
        table_name = "probes"


class WatchDirRow(Model):
    """A watched folder, or a library folder that carries a profile."""

    id = AutoField()
    path = AnyTextField(unique=True)
    is_recursive = BooleanField(default=True)
    profile_id = IntegerField(null=True)
    created_at = UtcField()

    class Meta:
        table_name = "watch_dirs"


class ProfileRow(Model):
    """A named set of encoding choices."""

    id = AutoField()
    name = TextField()
    preset = TextField()
    codec = TextField()
    quality_profile = TextField()
    hdr_mode = TextField()
    audio_mode = TextField()
    crf_override = IntegerField(null=True)
    notes = TextField(null=True)
    builtin = BooleanField(default=False)
    size_reduction_threshold = FloatField(null=True)
    min_bpp_threshold = FloatField(null=True)
    min_file_size_mb = IntegerField(null=True)
    subtitle_mode = TextField(null=True)
    stream_rules = TextField(null=True)
    created_at = UtcField()
    updated_at = UtcField()

    class Meta:
        table_name = "profiles"


class UserRow(Model):
    """An account."""

    id = AutoField()
    username = TextField(unique=True)
    password_hash = TextField()
    created_at = UtcField()

    class Meta:
        table_name = "users"


class SessionRow(Model):
    """A signed-in browser, by the hash of its token."""

    token_hash = TextField(primary_key=True)
    user_id = IntegerField()
    created_at = UtcField()
    expires_at = UtcField()

    class Meta:
        table_name = "sessions"


class TokenRow(Model):
    """An API token, by its hash."""

    id = AutoField()
    name = TextField()
    token_hash = TextField(unique=True)
    access_level = TextField()
    created_at = UtcField()
    last_used_at = UtcField(null=True)
    revoked_at = UtcField(null=True)

    class Meta:
        table_name = "api_tokens"


class TrashRow(Model):
    """An original that left its place."""

    id = AutoField()
    job_id = IntegerField()
    original_path = AnyTextField()
    trash_path = AnyTextField()
    output_path = AnyTextField()
    size_bytes = IntegerField()
    created_at = UtcField()
    restored_at = UtcField(null=True)
    purged_at = UtcField(null=True)
    output_stamp = TextField(null=True)

    class Meta:
        table_name = "trash"


class ReplacementRow(Model):
    """A replacement that is under way; one per job."""

    job_id = IntegerField(primary_key=True)
    entry = TextField()
    created_at = UtcField()

    class Meta:
        table_name = "replacements"


class PreferenceRow(Model):
    """A remembered choice or state, by its key."""

    key = TextField(primary_key=True)
    value = AnyTextField()

    class Meta:
        table_name = "preferences"


class HardwareRow(Model):
    """What a detection found, by what it depends on; `matrix` is JSON."""

    key = TextField(primary_key=True)
    matrix = TextField()
    created_at = UtcField()

    class Meta:
        table_name = "hardware"


class NotificationTargetRow(Model):
    """A place messages are sent to; what it is stands in the settings, found by the fingerprint."""

    id = AutoField()
    fingerprint = TextField(unique=True)
    created_at = UtcField()
    last_sent_at = UtcField(null=True)
    last_error = AnyTextField(null=True)

    class Meta:
        table_name = "notification_targets"


class OutboxRow(Model):
    """A message that waits to be delivered to one target."""

    id = AutoField()
    target_id = IntegerField()
    notice = TextField()
    is_held = BooleanField()
    attempts = IntegerField()
    due_at = UtcField()
    created_at = UtcField()

    class Meta:
        table_name = "outbox"


TABLES: tuple[type[Model], ...] = (
    JobRow, DecisionRow, FailureRow, AttemptRow, StatsRow, LogRow, ProbeRow, WatchDirRow, ProfileRow, UserRow, SessionRow,
    TokenRow, TrashRow, ReplacementRow, PreferenceRow, HardwareRow, NotificationTargetRow, OutboxRow,
)  # fmt: skip
