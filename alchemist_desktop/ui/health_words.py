"""How the health of files is written for people. Pure functions."""

from collections.abc import Mapping
from datetime import datetime

from alchemist_desktop.domain.health import Depth, HealthCategory, HealthStatus, HealthSummary
from alchemist_desktop.ui import words

DEPTH_WORDS: Mapping[Depth, str] = {
    Depth.HEADER: "Quick look",
    Depth.PACKETS: "Structure",
    Depth.SAMPLE: "Samples",
    Depth.FULL: "Everything",
}
# In the order in which they are shown: what is worst first.
CATEGORY_WORDS: Mapping[HealthCategory, str] = {
    HealthCategory.CORRUPT_FILE: "Damaged or no media",
    HealthCategory.TRUNCATED_FILE: "Cut off",
    HealthCategory.CORRUPT_VIDEO: "Damaged picture",
    HealthCategory.CORRUPT_AUDIO: "Damaged sound",
    HealthCategory.MISSING_KEYFRAME: "Missing key frames",
    HealthCategory.PERMISSION_ERROR: "Must not be read",
    HealthCategory.UNKNOWN: "Something else",
}


def run_word(status: HealthStatus, summary: HealthSummary | None, depth: Depth) -> str:
    """What the button that starts or stops a check says."""
    if status.is_running:
        return "Stop"
    return "Go on" if summary is not None and summary.unfinished is depth else "Check library"


def progress_sentence(status: HealthStatus) -> str:
    """How far a running check is."""
    if status.total is None:
        return "Looking for files"
    done = f"{status.checked:,} of {words.count(status.total, 'file')}"
    if status.is_waiting:
        return f"{done} – waiting for running jobs to end"
    return f"{done} – {words.shown_path(status.current_path)}" if status.current_path else done


def summary_sentence(summary: HealthSummary, now: datetime) -> str:
    """What is known of the library."""
    if not summary.total_checked or summary.last_run is None:
        return ""
    found = f"{summary.issues_found:,} with something wrong" if summary.issues_found else "nothing found"
    interrupted = "; it was interrupted" if summary.unfinished else ""
    checked = words.count(summary.total_checked, "file")
    return f"{checked} checked, {found}. The last check began {words.ago(summary.last_run, now)}{interrupted}."
