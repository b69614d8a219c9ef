"""How values are written for people: sizes, times, paths, states. Pure functions."""

import html
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import PurePath

from alchemist_desktop.domain.engine_state import EngineMode, EngineStatus
from alchemist_desktop.domain.explanation import Explanation, Measured
from alchemist_desktop.domain.job import Job, JobState, Phase
from alchemist_desktop.domain.wording import codec_name, container_name, size

NOTHING = "–"

STATE_WORDS: Mapping[JobState, str] = {
    JobState.QUEUED: "Queued",
    JobState.ANALYZING: "Analyzing",
    JobState.ENCODING: "Encoding",
    JobState.REMUXING: "Remuxing",
    JobState.RESUMING: "Resuming",
    JobState.COMPLETED: "Completed",
    JobState.SKIPPED: "Skipped",
    JobState.FAILED: "Failed",
    JobState.CANCELLED: "Cancelled",
}
PHASE_WORDS: Mapping[Phase, str] = {
    Phase.PROBING: "Reading",
    Phase.PLANNING: "Planning",
    Phase.SEARCHING: "Finding quality",
    Phase.ENCODING: "Encoding",
    Phase.VERIFYING: "Verifying",
    Phase.REPLACING: "Replacing",
}
MODE_WORDS: Mapping[EngineMode, str] = {
    EngineMode.BACKGROUND: "Background",
    EngineMode.BALANCED: "Balanced",
    EngineMode.THROUGHPUT: "Full speed",
}


def saving(before_bytes: int, after_bytes: int) -> str:
    """How much smaller or larger the result is: `−61 %`, `+4 %`."""
    if before_bytes <= 0:
        return ""
    change = round((after_bytes - before_bytes) / before_bytes * 100)
    return f"+{change} %" if change > 0 else f"−{-change} %"


def duration(duration_s: float) -> str:
    """`42 s`, `3 min`, `1 h 12 min`, `2 d 4 h`."""
    if duration_s < 59.5:
        return f"{max(0, round(duration_s))} s"
    minutes = round(duration_s / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return f"{hours} h {minutes:02d} min"
    days, hours = divmod(hours, 24)
    return f"{days} d {hours} h"


def playing_time(duration_s: float) -> str:
    """`1:52:07`, as a player shows it."""
    minutes, seconds = divmod(round(duration_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}"


def bit_rate(bits_per_s: float) -> str:
    return f"{bits_per_s / 1_000_000:.1f} Mb/s" if bits_per_s >= 1_000_000 else f"{bits_per_s / 1000:.0f} kb/s"


def count(number: int, singular: str, plural: str | None = None) -> str:
    """`1 file`, `2,300 files`."""
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago something was, or its date when that is long; both aware."""
    passed = now - moment
    if passed < timedelta(minutes=1):
        return "just now"
    if passed < timedelta(hours=1):
        return f"{passed // timedelta(minutes=1)} min ago"
    if passed < timedelta(days=1):
        return f"{passed // timedelta(hours=1)} h ago"
    if passed < timedelta(days=7):
        return f"{passed // timedelta(days=1)} d ago"
    return f"{moment.astimezone():%Y-%m-%d}"


def shown_path(path: str) -> str:
    """A path that can be drawn: bytes that are no text and characters that have no shape become `�`."""
    text = path.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "�" for c in text)


def shown_text(text: str) -> str:
    """Text of several lines, such as FFmpeg's last words, with what cannot be drawn replaced."""
    return "\n".join(shown_path(line.replace("\t", "    ")) for line in text.splitlines())


def file_name(path: str) -> str:
    return shown_path(PurePath(path).name)


def folder(path: str, root: str | None = None) -> str:
    """The folder of a file; below its library it is told from the library's own name on."""
    parent = PurePath(path).parent
    if root is not None and parent.is_relative_to(root):
        parent = PurePath(PurePath(root).name) / parent.relative_to(root)
    return shown_path(str(parent))


def tooltip(text: str) -> str:
    """Text for a tooltip, which would otherwise take `<` for markup."""
    return f"<p>{html.escape(text)}</p>"


def codec(name: str | None) -> str:
    """A codec's name as the first word of a line."""
    text = codec_name(name) if name else NOTHING
    return text[:1].upper() + text[1:]


def job_explanation(job: Job) -> Explanation | None:
    """What explains the state the job is in."""
    return job.failure if job.state in {JobState.FAILED, JobState.CANCELLED} and job.failure else job.decision


def measured(name: str, value: Measured) -> tuple[str, str]:
    """A measured value as label and text."""
    label = name.replace("_", " ").removesuffix(" bytes").removesuffix(" s").capitalize()
    if isinstance(value, bool) or value is None:
        return label, {True: "yes", False: "no", None: "unknown"}[value]
    if isinstance(value, int | float):
        if name.endswith(("_bytes", "_size")):
            return label, size(round(value))
        if name.endswith("_s"):
            return label, duration(value)
        return label, f"{value:.4g}" if isinstance(value, float) else str(value)
    named = codec_name if name.endswith("codec") else container_name if name == "container" else shown_path
    return label, shown_path(named(value))


def engine_sentence(status: EngineStatus) -> str:
    """Why the engine does what it does, in one short sentence."""
    running = count(status.active_jobs, "running job")
    reason = status.blocked_reason
    if status.hardware_pending:
        return "Finding out what this machine can encode"
    if reason == "manual_paused":
        return f"Paused; {running} will end" if status.active_jobs else "Paused by you"
    if reason == "scheduled_pause":
        return "Waiting for the schedule"
    if reason == "draining":
        return f"{running} will end, then it pauses"
    if reason == "disk_guardrail":
        return status.disk_block_reason or "The disk is nearly full"
    if status.active_jobs:
        return f"{status.active_jobs} of {count(status.concurrent_limit, 'slot')} busy"
    return "Nothing to do"
