"""What the document says of single members beyond their types: words that can be chosen, bounds, and other meanings.

The services check these themselves and answer with codes of their own; that is why they do not stand in the bodies.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from alchemist_desktop.domain.conversion import ConversionState
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.notification_target import SUBSCRIBABLE
from alchemist_desktop.domain.profile import CpuPreset, OutputCodec

# Members of the same name mean the same in these models of the settings, with the same bounds.
SAME_AS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "TranscodeBody": ("Transcode",),
        "StreamRulesBody": ("StreamRulesSettings",),
        "SystemBody": ("System",),
        "FilesBody": ("Files",),
        "FileSettingsShape": ("Files",),
        "HardwareBody": ("Hardware",),
        "HardwareSettingsShape": ("Hardware",),
        "SetupBody": ("Transcode", "Hardware", "System"),
        "WindowBody": ("ScheduleWindow",),
    }
)
_LOG_TIME = "When it was written (YYYY-MM-DD HH:MM:SS, UTC)."
_BLOCKED = (
    "Why no job is started: manual_paused, scheduled_pause, draining, disk_guardrail or workers_busy; null when nothing holds it."
)
_ATTEMPT_TIME = "When it ended (YYYY-MM-DD HH:MM:SS, UTC)."


def _said(text: str, **more: Any) -> Mapping[str, Any]:
    return {"description": text, **more}


def _one_of(text: str, words: Iterable[str]) -> Mapping[str, Any]:
    return _said(text, enum=[str(word) for word in words])


DETAILS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "AnalysisShape.metadata": _said("What the file says of itself."),
        "ArrPayload.path": _said("The file's path as the sender sees it."),
        "ArrFile.path": _said("Its path as the sender sees it."),
        "ArrTitle.path": _said("The folder it lies in, as the sender sees it."),
        "AttemptShape.created_at": _said(_ATTEMPT_TIME),
        "BatchBody.action": _said("What is done with each; `delete` archives."),
        "CellShape.encoder": _said("The encoder that works; null when none does."),
        "ConversionAudio.channels": _said("auto, mono, stereo, 5.1, 7.1, or a number from 1 to 8; null means auto."),
        "ConversionAudio.codec": _said("What happens to sound: copy, aac, opus, mp3 or remove, also called none."),
        "ConversionOutputShape.backend": _said("Family of the encoder; null where the picture is copied."),
        "ConversionResolution.mode": _said("How the size is chosen: original, custom or scale_factor."),
        "ConversionResolution.height": _said("Height in pixels with the mode `custom`; null follows the width."),
        "ConversionResolution.width": _said("Width in pixels with the mode `custom`; null follows the height."),
        "ConversionStatusShape.status": _one_of(
            "How far it is: its own states until a job has begun, then the job's.",
            dict.fromkeys([*(state.value for state in ConversionState), *(state.value for state in JobState)]),
        ),
        "ConversionSubtitles.mode": _said("What happens to subtitles: copy, burn or remove, also called none."),
        "ConversionVideo.codec": _said(f"The wanted video codec: {', '.join(OutputCodec)}, or copy."),
        "ConversionVideo.hdr_mode": _said("What happens to HDR pictures: preserve, tonemap or strip_metadata."),
        "ConversionVideo.mode": _said("`bitrate` aims at a bit rate; `crf`, and any other word, at a quality."),
        "ConversionVideo.preset": _said("How much time CPU encoders may take; null means medium."),
        "ConversionVideo.value": _said(
            "With `bitrate` kbit/s (1 to 1000000; null: 4000), else quality (0 to 63, less is better; null: 24)."
        ),
        "ProgressEvent.fps": _said("Pictures per second of work; null when unknown."),
        "EngineStatusShape.blocked_reason": _said(_BLOCKED),
        "ProcessorShape.blocked_reason": _said(_BLOCKED),
        "EngineModeBody.mode": _said("The wanted mode."),
        "EnqueueBody.path": _said("An absolute path in a library or a watched folder."),
        "FolderPreviewBody.directories": _said("Absolute paths of folders, at most 16; blank ones do not count."),
        "HardwareBody.cpu_preset": _said(f"{', '.join(CpuPreset)}: how much time CPU encoders may take; else medium."),
        "LogShape.created_at": _said(_LOG_TIME),
        "LogShape.id": _said("Its number; newer lines have higher ones."),
        "LogShape.job_id": _said("Number of the job it is about; null for the program itself."),
        "MetadataShape.bit_depth": _said("Bits per colour value; null when unknown."),
        "PathTranslation.from": _said("The prefix as the other program sees it."),
        "PreferenceBody.key": _said("Name of the text."),
        "PreviewSampleShape.size_bytes": _said("Its size in bytes."),
        "Problem.code": _said("The error by a stable name; `error.code` says the same."),
        "Problem.status": _said("Status of the reply."),
        "Problem.title": _said("The status in words."),
        "Problem.type": _said("The error as a URN; `code` is easier to use."),
        "ProfileBody.audio_mode": _said("What happens to sound."),
        "ProfileBody.codec": _said("The wanted video codec."),
        "ProfileBody.crf_override": _said("Quality on the encoder's own scale, 0 to 255; null leaves it to the profile."),
        "ProfileBody.hdr_mode": _said("What happens to HDR pictures."),
        "ProfileBody.name": _said("Its name; not blank."),
        "ProfileBody.preset": _said("The name its choices go by, any text that is not blank."),
        "ProfileBody.quality_profile": _said("The quality goal."),
        "SetupBody.concurrent_jobs": _said("Jobs that may run at once, 1 to 64; needed unless `settings` is given."),
        "SetupBody.directories": _said("Absolute paths of the library folders; at least one unless `settings` is given."),
        "SetupBody.password": _said("The password, at least 8 bytes in UTF-8."),
        "SetupBody.settings": _said("The whole configuration, as PUT /settings/bundle takes it; null takes the choices below."),
        "SetupBody.username": _said("Name of the account, at least 3 bytes in UTF-8."),
        "SystemBody.update_check_interval_hours": _said("Hours between two looks for updates.", minimum=1, maximum=168),
        "TargetBody.config_json": _said(
            "Address, secret and options by the kind of target; those in brackets may be missing. "
            "discord_webhook: webhook_url. discord_bot: bot_token, channel_id. gotify: server_url, app_token. "
            "ntfy: server_url, topic, [access_token]. webhook: url, [auth_token]. telegram: bot_token, chat_id. "
            "email: smtp_host, from_address, to_addresses (a list of texts), [smtp_port], [security: starttls, tls, smtps or "
            "none], [username], [password]."
        ),
        "TargetBody.events": _said(f"What to send messages about, at least one of: {', '.join(SUBSCRIBABLE)}."),
        "TargetBody.name": _said("Its name; not blank."),
        "TargetBody.target_type": _said("What kind of place it is; `discord` is an older word for `discord_webhook`."),
        "TimesBody.daily_summary_time_local": _said("When the daily summary is sent, as HH:MM; blank: 09:00, null: no change."),
        "TimesBody.quiet_hours_enabled": _said("Hold messages back during the quiet hours; null changes nothing."),
        "TimesBody.quiet_hours_end_local": _said("End of the quiet hours, as HH:MM; blank: 08:00, null: no change."),
        "TimesBody.quiet_hours_start_local": _said("Begin of the quiet hours, as HH:MM; blank: 22:00, null: no change."),
        "TokenBody.name": _said("Its name; not blank."),
        "WatchDirBody.path": _said("Absolute path of the folder."),
        "WindowShape.days_of_week": _said("The days as a text that holds a JSON list, `[0,6]`; 0 = Sunday."),
    }
)  # fmt: skip
