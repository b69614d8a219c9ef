"""The documented operations: one entry per method and path below the prefix, whether or not this build serves it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from alchemist_desktop.api.contract import conversion_shapes as conversion
from alchemist_desktop.api.contract import hardware_shapes as hardware
from alchemist_desktop.api.contract import job_shapes as job
from alchemist_desktop.api.contract import library_shapes as library
from alchemist_desktop.api.contract import message_shapes as message
from alchemist_desktop.api.contract import program_shapes as program
from alchemist_desktop.api.contract import stats_shapes as stats
from alchemist_desktop.api.contract.codes import STORES_SETTINGS
from alchemist_desktop.api.schemas.access import LoginBody, TokenBody
from alchemist_desktop.api.schemas.browser import FolderPreviewBody
from alchemist_desktop.api.schemas.config_text import RawConfigBody
from alchemist_desktop.api.schemas.conversions import ConversionPreviewBody
from alchemist_desktop.api.schemas.engine import EngineModeBody
from alchemist_desktop.api.schemas.folders import FoldersBody, ProfileChoiceBody, WatchDirBody
from alchemist_desktop.api.schemas.hardware import HardwareBody
from alchemist_desktop.api.schemas.jobs import BatchBody, EnqueueBody, PriorityBody
from alchemist_desktop.api.schemas.library import PreviewBody
from alchemist_desktop.api.schemas.notifications import TargetBody, TimesBody
from alchemist_desktop.api.schemas.preferences import PreferenceBody, ThemeBody
from alchemist_desktop.api.schemas.profiles import ProfileBody
from alchemist_desktop.api.schemas.schedule import WindowBody
from alchemist_desktop.api.schemas.sections import FilesBody, SystemBody, TranscodeBody
from alchemist_desktop.api.schemas.setup import SetupBody
from alchemist_desktop.domain.arr import ArrPayload
from alchemist_desktop.domain.settings import Settings

_ENQUEUE = """ENQUEUE_PATH_EMPTY ENQUEUE_PATH_NOT_ABSOLUTE ENQUEUE_PATH_UNRESOLVED ENQUEUE_METADATA_READ_FAILED
    ENQUEUE_PATH_NOT_FILE ENQUEUE_UNSUPPORTED_TYPE ENQUEUE_PATH_FORBIDDEN ENQUEUE_FAILED"""
_UPDATE = "SYSTEM_UPDATE_CHECK_FAILED"
_SETUP = """SETUP_USERNAME_INVALID SETUP_PASSWORD_INVALID SETUP_CONCURRENT_JOBS_INVALID SETUP_THRESHOLD_INVALID
    SETUP_BPP_INVALID SETUP_DIRECTORIES_INVALID SETUP_DIRECTORIES_REQUIRED SETUP_CONCURRENT_JOBS_REQUIRED
    SETUP_CONFIG_INVALID SETUP_VALIDATION_FAILED SETUP_ALREADY_COMPLETE SETUP_USER_CREATE_FAILED
    SETUP_SESSION_CREATE_FAILED USER_NOT_FOUND"""
_RESTORE = """RESTORE_BACKUP_FILE_MISSING RESTORE_BACKUP_FIELD_INVALID RESTORE_BACKUP_UPLOAD_CHUNK_FAILED
    RESTORE_BACKUP_DECOMPRESS_FAILED RESTORE_BACKUP_INVALID RESTORE_BACKUP_UPLOAD_TOO_LARGE RESTORE_BACKUP_TEMP_DIR_FAILED
    RESTORE_BACKUP_UPLOAD_CREATE_FAILED RESTORE_BACKUP_UPLOAD_WRITE_FAILED MULTIPART_REQUIRED"""
_UPLOAD = """CONVERSION_UPLOAD_LIMIT_EXCEEDED CONVERSION_UPLOAD_FILE_MISSING CONVERSION_UPLOAD_CHUNK_FAILED
    CONVERSION_UPLOAD_ANALYSIS_FAILED CONVERSION_UPLOAD_DIR_CREATE_FAILED CONVERSION_UPLOAD_WRITE_FAILED
    CONVERSION_JOB_CREATE_FAILED MULTIPART_REQUIRED"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What a method of a path takes and answers.

    `reply` is a type whose JSON schema the reply has, or each event of a stream; without one it is plain bytes of
    `media_type`. `codes` are the errors of its own,
    besides those that come with its kind: credentials, a body, an id in the path, changes of the settings. `other_statuses`
    have the same reply; `codes_elsewhere` are codes by a status which is not their usual one.
    """

    summary: str
    reply: Any = None
    status: int = 200
    body: Any = None
    other_statuses: tuple[int, ...] = ()
    codes: tuple[str, ...] = ()
    codes_elsewhere: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    media_type: str | None = None
    upload_part: str | None = None
    is_public: bool = False


def _op(summary: str, reply: Any, codes: str = "", *, stores: bool = False, **more: Any) -> Operation:
    own = (*codes.split(), *(STORES_SETTINGS if stores else ()))
    return Operation(summary=summary, reply=reply, codes=own, **more)


_ACCESS = {
    "POST /auth/login": _op(
        "Sign in", program.Signed, "AUTH_INVALID_CREDENTIALS AUTH_RATE_LIMITED AUTH_LOOKUP_FAILED USER_NOT_FOUND",
        body=LoginBody, is_public=True,
    ),
    "POST /auth/logout": _op("Sign out", program.Signed, is_public=True),
    "GET /setup/status": _op("Is the first run still to be done?", program.SetupStatusShape, is_public=True),
    "POST /setup/complete": _op(
        "Do the first run", program.SetupDoneShape, _SETUP, stores=True, body=SetupBody, is_public=True
    ),
    "GET /settings/api-tokens": _op("List API tokens", list[program.TokenShape], "API_TOKENS_LIST_FAILED"),
    "POST /settings/api-tokens": _op(
        "Make an API token", program.TokenMadeShape, "API_TOKEN_NAME_INVALID API_TOKEN_CREATE_FAILED", body=TokenBody
    ),
    "DELETE /settings/api-tokens/{id}": _op("Revoke an API token", job.Ok, "API_TOKEN_NOT_FOUND API_TOKEN_REVOKE_FAILED"),
}  # fmt: skip

_SYSTEM = {
    "GET /openapi.json": _op("This document", job.Anything),
    "GET /health": _op("Does the program answer?", program.HealthShape, is_public=True),
    "GET /ready": _op(
        "Does the database answer?", program.ReadyShape, "DATABASE_UNAVAILABLE",
        codes_elsewhere={500: ("DATABASE_UNAVAILABLE",)}, is_public=True,
    ),
    "GET /system/info": _op("The program and its machine", program.SystemInfoShape),
    "GET /system/resources": _op("How busy the machine is", program.ResourcesShape, "CONFIG_READ_FAILED"),
    "GET /system/hardware": _op("The hardware in use", hardware.HardwareShape, "HARDWARE_STATE_UNAVAILABLE"),
    "GET /system/hardware/probe-log": _op("How the hardware was found out", hardware.ProbeLogShape),
    "POST /system/hardware/probe": _op("Look for hardware and try it anew", hardware.HardwareShape, "HARDWARE_ERROR"),
    "POST /system/selftest": _op("Prove that the installation works", program.SelftestShape, "SELFTEST_BUSY"),
    "GET /system/update": _op("Newer versions, as last seen", program.UpdateShape, _UPDATE, codes_elsewhere={500: (_UPDATE,)}),
    "POST /system/update/check": _op(
        "Look for a newer version", program.UpdateShape, _UPDATE, codes_elsewhere={500: (_UPDATE,)}
    ),
    "POST /system/update/install": _op(
        "Install a newer version", program.UpdateInstallShape,
        "UPDATE_SELF_INSTALL_UNAVAILABLE SYSTEM_UPDATE_CHECK_FAILED UPDATE_HELPER_FAILED",
    ),
    "POST /system/backup": _op("Fetch a copy of the database", None, "BACKUP_FAILED", media_type="application/gzip"),
    "POST /system/backup/validate-restore": _op(
        "Check that a backup can be restored", program.BackupFactsShape, _RESTORE, upload_part="backup"
    ),
    "GET /telemetry/payload": _op("What telemetry would hold", program.TelemetryShape, "TELEMETRY_DISABLED CONFIG_READ_FAILED"),
    "GET /events": _op(
        "The stream of events", message.StreamEventShape, "SSE_CONNECTION_LIMIT_REACHED", media_type="text/event-stream"
    ),
    "GET /logs/history": _op(
        "The log, newest line first", list[job.LogShape], "GET_LOGS_FAILED INVALID_QUERY",
    ),
    "DELETE /logs": _op("Clear the log", job.Ok, "CLEAR_LOGS_FAILED"),
    "GET /logs/download": _op(
        "Fetch the newest log file", None, "LOG_FILE_UNAVAILABLE LOG_DOWNLOAD_FAILED", media_type="text/plain"
    ),
    "GET /metrics": _op(
        "Figures for Prometheus, for the local network", None, "METRICS_LAN_ONLY METRICS_DISABLED METRICS_ENCODE_FAILED",
        media_type="text/plain", is_public=True,
    ),
    "GET /": _op("A page for people who come with a browser", None, media_type="text/html", is_public=True),
    "GET /fs/browse": _op(
        "The folders in a folder", program.FolderShape, "FS_PATH_FORBIDDEN INVALID_PATH CONFIG_READ_FAILED"
    ),
    "GET /fs/recommendations": _op("Folders worth a look", program.RecommendationsShape, "CONFIG_READ_FAILED"),
    "POST /fs/preview": _op(
        "What a scan would find", program.PreviewShape,
        "FS_PREVIEW_TOO_MANY_DIRECTORIES FS_PATH_FORBIDDEN INVALID_PATH PREVIEW_BUSY CONFIG_READ_FAILED", body=FolderPreviewBody,
    ),
}  # fmt: skip

_JOBS = {
    "GET /jobs": _op(
        "A page of the job list", list[job.JobRowShape], "INVALID_JOB_STATUS_FILTER INVALID_QUERY GET_JOBS_FAILED",
    ),
    "GET /jobs/{id}/details": _op("Everything about a job", job.JobDetailShape, "JOB_NOT_FOUND GET_JOB_FAILED"),
    "POST /jobs/enqueue": _op("Queue one file", job.EnqueuedShape, _ENQUEUE, body=EnqueueBody),
    "POST /jobs/{id}/cancel": _op("Cancel a job", job.Ok, "JOB_NOT_FOUND CANCEL_JOB_FAILED"),
    "POST /jobs/{id}/restart": _op("Queue a job again", job.Ok, "JOB_NOT_FOUND JOBS_ACTIVE RESTART_JOB_FAILED"),
    "POST /jobs/{id}/priority": _op(
        "Change a job's priority", job.PriorityShape, "JOB_NOT_FOUND SET_PRIORITY_FAILED", body=PriorityBody
    ),
    "DELETE /jobs/{id}": _op("Archive a job", job.Ok, "JOB_NOT_FOUND JOBS_ACTIVE DELETE_JOB_FAILED"),
    "POST /jobs/batch": _op(
        "Cancel, restart or archive many jobs", job.Counted,
        "INVALID_BATCH_ACTION BATCH_ACTION_CONFLICT JOBS_ACTIVE JOB_NOT_FOUND BATCH_ACTION_FAILED", body=BatchBody,
    ),
    "POST /jobs/restart-failed": _op("Queue what failed again", job.CountedWithMessage, "RESTART_FAILED_JOBS_FAILED"),
    "POST /jobs/clear-completed": _op("Archive what is done", job.CountedWithMessage, "CLEAR_COMPLETED_FAILED"),
    "POST /jobs/clear-history": _op(
        "Archive or delete what has ended", job.CountedOk, "INVALID_STATUS_FILTER INVALID_QUERY PURGE_JOBS_FAILED",
    ),
    "GET /engine/status": _op("What the engine does", job.EngineStatusShape),
    "GET /engine/mode": _op("How busy the engine may be", job.EngineModeShape),
    "POST /engine/mode": _op(
        "Choose how busy the engine may be", job.EngineModeSetShape, "ENGINE_JOBS_OVERRIDE_INVALID", stores=True,
        body=EngineModeBody
    ),
    "POST /engine/pause": _op("Start no new jobs", job.EngineSwitchedShape),
    "POST /engine/resume": _op("Go on", job.EngineSwitchedShape, "HARDWARE_DETECTION_PENDING"),
    "POST /engine/drain": _op("Finish running jobs, then pause", job.EngineSwitchedShape),
    "POST /engine/stop-drain": _op("Do not pause after all", job.EngineSwitchedShape),
    "POST /engine/restart": _op("Stop running jobs and begin anew", job.EngineSwitchedShape, "HARDWARE_DETECTION_PENDING"),
    "GET /processor/status": _op("Why the next job does or does not start", job.ProcessorShape, "CONFIG_READ_FAILED"),
    "GET /stats": _op("Counts over the job list", stats.TotalsShape, "CONFIG_READ_FAILED"),
    "GET /stats/aggregated": _op("Sums over finished jobs", stats.AggregatedShape, "CONFIG_READ_FAILED"),
    "GET /stats/queue-eta": _op("How long the queue will take", stats.EtaShape, "CONFIG_READ_FAILED"),
    "GET /stats/daily": _op("The last 30 days", list[stats.DayShape], "CONFIG_READ_FAILED"),
    "GET /stats/detailed": _op("The last 50 encodes", list[job.EncodeStatsShape], "CONFIG_READ_FAILED"),
    "GET /stats/savings": _op("What was saved", stats.SavingsShape, "CONFIG_READ_FAILED"),
    "GET /stats/skip-reasons": _op("Why files were skipped today", stats.SkipReasonsShape, "CONFIG_READ_FAILED"),
    "GET /stats/top-reason-codes": _op(
        "The most frequent reasons", stats.TopReasonsShape, "INVALID_WINDOW INVALID_QUERY CONFIG_READ_FAILED",
    ),
    "POST /scan": _op("Scan the libraries, and wait", job.Ok, "SCAN_FAILED"),
    "POST /scan/start": _op(
        "Begin a scan of the libraries", job.Ok, "START_SCAN_FAILED INVALID_QUERY", status=202
    ),
    "GET /scan/status": _op("The scan", job.ScanShape),
}  # fmt: skip

_LIBRARY = {
    "GET /library/intelligence": _op("Duplicates and advice", library.IntelligenceShape, "GET_INTELLIGENCE_JOBS_FAILED"),
    "POST /library/preview": _op(
        "What would become of a folder", library.LibraryPreviewShape,
        "PREVIEW_BUSY PREVIEW_PATH_MISSING PREVIEW_NOT_DIRECTORY PREVIEW_PATH_FORBIDDEN PREVIEW_SCAN_FAILED", body=PreviewBody,
    ),
    "POST /library/reanalyze": _op("Decide anew about every file", program.ReanalyzedShape, "REANALYZE_FAILED"),
    "GET /library/health": _op("The health of the library", library.HealthSummaryShape, "GET_HEALTH_SUMMARY_FAILED"),
    "POST /library/health/scan": _op(
        "Check the library in the background", library.AcceptedShape,
        "HEALTH_SCAN_IN_PROGRESS INVALID_QUERY HEALTH_CHECK_FAILED", status=202,
    ),
    "POST /library/health/cancel": _op("Interrupt the check of the library", job.Ok, "HEALTH_CHECK_FAILED"),
    "POST /library/health/scan/{id}": _op(
        "Check one result", library.HealthCheckedShape,
        "JOB_NOT_FOUND HEALTH_FILE_MISSING HEALTH_FILE_CHANGED HEALTH_CHECK_FAILED",
    ),
    "GET /library/health/issues": _op(
        "What is wrong with files", list[library.HealthIssueShape], "GET_HEALTH_ISSUES_FAILED"
    ),
    "POST /webhooks/arr": _op(
        "Take a message of Sonarr or Radarr", message.ArrReceivedShape,
        "ARR_WEBHOOK_PATH_MISSING ARR_WEBHOOK_ENQUEUE_REJECTED ARR_WEBHOOK_ENQUEUE_FAILED", other_statuses=(202,),
        codes_elsewhere={403: ("ARR_WEBHOOK_ENQUEUE_REJECTED",)}, body=ArrPayload,
    ),
    "GET /profiles": _op("List profiles", list[program.ProfileShape], "GET_PROFILES_FAILED"),
    "GET /profiles/presets": _op("List built-in profiles", list[program.PresetShape], "GET_PROFILES_FAILED"),
    "POST /profiles": _op(
        "Make a profile", program.ProfileShape, "INVALID_PROFILE CREATE_PROFILE_FAILED", status=201, body=ProfileBody
    ),
    "PUT /profiles/{id}": _op(
        "Change a profile", program.ProfileShape,
        "BUILTIN_PROFILE_READ_ONLY INVALID_PROFILE PROFILE_NOT_FOUND UPDATE_PROFILE_FAILED", body=ProfileBody,
    ),
    "DELETE /profiles/{id}": _op(
        "Delete a profile", job.Ok,
        "BUILTIN_PROFILE_DELETE_BLOCKED PROFILE_IN_USE PROFILE_NOT_FOUND DELETE_PROFILE_FAILED",
    ),
    "PATCH /watch-dirs/{id}/profile": _op(
        "Choose the profile of a watched folder", program.WatchDirShape,
        "PROFILE_NOT_FOUND WATCH_DIR_NOT_FOUND ASSIGN_PROFILE_FAILED", body=ProfileChoiceBody,
    ),
    "POST /conversion/uploads": _op("Hand in a file", conversion.UploadedShape, _UPLOAD, upload_part="file"),
    "POST /conversion/preview": _op(
        "What a conversion would do", conversion.ConversionPreviewShape,
        "CONVERSION_JOB_NOT_FOUND CONVERSION_PREVIEW_FAILED CONVERSION_PREVIEW_PERSIST_FAILED", body=ConversionPreviewBody,
    ),
    "POST /conversion/jobs/{id}/start": _op(
        "Queue a conversion", job.Ok,
        "CONVERSION_JOB_NOT_FOUND CONVERSION_JOB_ALREADY_STARTED CONVERSION_PREVIEW_FAILED JOB_ENQUEUE_FAILED",
    ),
    "GET /conversion/jobs/{id}": _op(
        "How far a conversion is", conversion.ConversionStatusShape, "CONVERSION_JOB_NOT_FOUND CONVERSION_JOB_LOAD_FAILED"
    ),
    "GET /conversion/jobs/{id}/download": _op(
        "Fetch the result", None, "CONVERSION_JOB_NOT_FOUND CONVERSION_OUTPUT_MISSING CONVERSION_OUTPUT_OPEN_FAILED",
        media_type="application/octet-stream",
    ),
    "DELETE /conversion/jobs/{id}": _op(
        "Remove a conversion", job.Ok, "CONVERSION_JOB_NOT_FOUND CONVERSION_JOB_ACTIVE CONVERSION_JOB_DELETE_FAILED"
    ),
}  # fmt: skip

_SETTINGS = {
    "GET /settings/bundle": _op("The whole configuration", program.BundleShape, "CONFIG_READ_FAILED"),
    "PUT /settings/bundle": _op(
        "Replace the whole configuration", program.BundleShape, "SETTINGS_BUNDLE_INVALID", stores=True,
        body=Settings
    ),
    "GET /settings/config": _op("The settings file as text", program.RawConfigShape, "CONFIG_READ_FAILED"),
    "PUT /settings/config": _op(
        "Replace the settings file", program.RawConfigShape, "RAW_CONFIG_INVALID", stores=True, body=RawConfigBody
    ),
    "POST /settings/config/validate": _op(
        "Check a settings file", program.ConfigValidShape, "RAW_CONFIG_INVALID CONFIG_READ_FAILED", body=RawConfigBody
    ),
    "GET /settings/transcode": _op("What is encoded, and how", TranscodeBody),
    "POST /settings/transcode": _op(
        "Choose what is encoded, and how", job.Ok, "TRANSCODE_SETTINGS_INVALID", stores=True, body=TranscodeBody
    ),
    "GET /settings/hardware": _op("Which encoders may be used", hardware.HardwareSettingsShape, "CONFIG_READ_FAILED"),
    "POST /settings/hardware": _op(
        "Choose which encoders may be used", job.Ok, "HARDWARE_SETTINGS_INVALID", stores=True, body=HardwareBody
    ),
    "GET /settings/system": _op("The program's own ways", SystemBody),
    "POST /settings/system": _op(
        "Choose the program's own ways", job.Ok, "SYSTEM_SETTINGS_INVALID", stores=True, body=SystemBody
    ),
    "GET /settings/files": _op("Names and places of results", program.FileSettingsShape),
    "POST /settings/files": _op(
        "Choose names and places of results", program.FileSettingsShape, "FILE_SETTINGS_INVALID", stores=True, body=FilesBody
    ),
    "GET /settings/schedule": _op("List schedule windows", list[program.WindowShape], "SCHEDULE_LIST_FAILED"),
    "POST /settings/schedule": _op(
        "Add a schedule window", program.WindowShape, "SCHEDULE_INVALID SCHEDULE_LIST_FAILED", stores=True, body=WindowBody
    ),
    "DELETE /settings/schedule/{id}": _op(
        "Remove a schedule window", job.Ok, "SCHEDULE_WINDOW_NOT_FOUND SCHEDULE_LIST_FAILED", stores=True
    ),
    "GET /settings/watch-dirs": _op("List watched folders", list[program.WatchDirShape], "GET_WATCH_DIRS_FAILED"),
    "POST /settings/watch-dirs": _op(
        "Watch a folder", program.WatchDirShape, "INVALID_PATH WATCH_DIR_EXISTS GET_WATCH_DIRS_FAILED", stores=True,
        body=WatchDirBody
    ),
    "DELETE /settings/watch-dirs/{id}": _op(
        "Watch a folder no longer", job.Ok, "WATCH_DIR_NOT_FOUND GET_WATCH_DIRS_FAILED", stores=True
    ),
    "POST /settings/watch-dirs/{id}/reanalyze": _op(
        "Decide anew about a folder", job.Counted, "WATCH_DIR_NOT_FOUND BATCH_REANALYZE_FAILED"
    ),
    "POST /settings/folders": _op(
        "Choose all watched folders", list[program.WatchDirShape], "INVALID_PATH GET_WATCH_DIRS_FAILED", stores=True,
        body=FoldersBody
    ),
    "GET /settings/notifications": _op("Messages to people", message.NotificationsShape, "NOTIFICATIONS_LIST_FAILED"),
    "PUT /settings/notifications": _op(
        "Choose when messages are sent", job.Ok, "NOTIFICATIONS_SETTINGS_INVALID", stores=True, body=TimesBody
    ),
    "POST /settings/notifications": _op(
        "Add a notification target", message.NotificationTargetShape, "NOTIFICATION_TARGET_INVALID NOTIFICATIONS_LIST_FAILED",
        stores=True, body=TargetBody,
    ),
    "DELETE /settings/notifications/{id}": _op(
        "Remove a notification target", job.Ok,
        "NOTIFICATION_TARGET_NOT_FOUND NOTIFICATIONS_LIST_FAILED NOTIFICATION_CONFIG_OUT_OF_SYNC", stores=True,
    ),
    "POST /settings/notifications/test": _op(
        "Send a message to try a target", job.Ok, "NOTIFICATION_TARGET_INVALID NOTIFICATION_TEST_FAILED", body=TargetBody
    ),
    "GET /settings/preferences/{key}": _op("A remembered text", program.PreferenceShape, "SETTING_PREFERENCE_READ_FAILED"),
    "POST /settings/preferences": _op(
        "Remember a text", program.PreferenceShape,
        "SETTING_PREFERENCE_KEY_INVALID SETTING_PREFERENCE_SET_FAILED", body=PreferenceBody,
    ),
    "GET /ui/preferences": _op("The colour theme of clients", program.ThemeShape),
    "POST /ui/preferences": _op("Choose the colour theme of clients", job.Ok, stores=True, body=ThemeBody),
}  # fmt: skip

OPERATIONS: Mapping[str, Operation] = MappingProxyType({**_ACCESS, **_SYSTEM, **_JOBS, **_LIBRARY, **_SETTINGS})
