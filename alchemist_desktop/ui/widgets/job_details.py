"""The details pane: a summary on the left; streams, attempts and log on the right."""

import shlex
import subprocess
import sys
from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QSplitter, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from alchemist_desktop.domain import wording
from alchemist_desktop.domain.attempt import AttemptOutcome, EncodeAttempt, JobProgress, LogEntry
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.queries import JobDetails
from alchemist_desktop.ui import stream_words, words
from alchemist_desktop.ui.colors import Tone
from alchemist_desktop.ui.theme import Theme, tabular
from alchemist_desktop.ui.widgets.job_summary import JobSummary
from alchemist_desktop.ui.widgets.labels import selectable, text_label
from alchemist_desktop.ui.widgets.scroll_grid import ScrollGrid

_OUTCOMES = {
    AttemptOutcome.COMPLETED: ("Completed", Tone.SUCCESS),
    AttemptOutcome.FAILED: ("Failed", Tone.DANGER),
    AttemptOutcome.CANCELLED: ("Cancelled", Tone.WARNING),
    AttemptOutcome.SKIPPED: ("No gain", Tone.NEUTRAL),
}


class JobDetailsPane(QWidget):
    """Shows what it is given: `show_details` for a job, `clear` for none. Asks for nothing itself."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("details")
        self._details: JobDetails | None = None
        self.summary = JobSummary(theme)
        self.streams = ScrollGrid(stretch={1: 3, 3: 2})
        self.attempts = ScrollGrid(stretch={4: 1})
        self.log = QPlainTextEdit(readOnly=True)
        self.log.setAccessibleName("Log of the job")
        self.tabs = QTabWidget(documentMode=True)
        for widget, name in ((self.streams, "Streams"), (self.attempts, "Attempts"), (self.log, "Log")):
            self.tabs.addTab(widget, name)
        self._stack = QStackedWidget()
        self._stack.addWidget(_hint("Choose a job to see what happens to it, and why."))
        self._stack.addWidget(self._split())
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    @property
    def job_id(self) -> JobId | None:
        return self._details.job.id if self._details is not None else None

    def clear(self) -> None:
        self._details = None
        self._stack.setCurrentIndex(0)

    def show_details(self, details: JobDetails, progress: JobProgress | None) -> None:
        old, self._details = self._details, details
        self.summary.show_details(details, progress)
        has_ended = old is not None and old.job.state.is_terminal != details.job.state.is_terminal
        if old is None or has_ended or (old.probe, old.plan) != (details.probe, details.plan):
            self._fill_streams(details)
        if old is None or has_ended or old.attempts != details.attempts:
            self._fill_attempts(details.attempts, is_over=details.job.state.is_terminal)
        if old is None or old.logs != details.logs:
            self._fill_log(details)
        self._stack.setCurrentIndex(1)

    def show_progress(self, progress: JobProgress) -> None:
        if self._details is not None and self._details.job.id == progress.job_id:
            self.summary.show_progress(self._details, progress)

    def _split(self) -> QSplitter:
        splitter = QSplitter(Qt.Orientation.Horizontal)
        splitter.addWidget(self.summary)
        splitter.addWidget(self.tabs)
        splitter.setStretchFactor(0, 2)
        splitter.setStretchFactor(1, 3)
        splitter.setSizes([420, 630])
        splitter.setChildrenCollapsible(False)
        return splitter

    def _fill_streams(self, details: JobDetails) -> None:
        grid = self.streams
        grid.clear()
        rows = stream_words.stream_rows(details.probe, details.plan) if details.probe is not None else ()
        for row in rows:
            action = text_label(stream_words.ACTION_WORDS[row.action] if row.action is not None else "")
            if row.action is not None:
                action.setProperty("tone", str(stream_words.ACTION_TONES[row.action]))
            before, after = selectable(text_label(row.before, wraps=True)), selectable(text_label(row.after, wraps=True))
            grid.add_row(text_label(row.kind, "muted"), before, action, after)
            if row.note:
                grid.add_wide(text_label(row.note, "muted", wraps=True), from_column=1)
        if not rows:
            grid.add_wide(
                text_label(
                    "Nothing is known of its streams."
                    if details.job.state.is_terminal
                    else "The file has not been looked into yet.",
                    "muted",
                )
            )
        grid.finish()

    def _fill_attempts(self, attempts: Sequence[EncodeAttempt], *, is_over: bool) -> None:
        self.tabs.setTabText(1, f"Attempts  {len(attempts)}" if attempts else "Attempts")
        grid = self.attempts
        grid.clear()
        for attempt in reversed(attempts):
            name, tone = _OUTCOMES[attempt.outcome]
            spent = words.duration(attempt.encode_time_s) if attempt.encode_time_s is not None else ""
            size = wording.size(attempt.output_size_bytes) if attempt.output_size_bytes is not None else ""
            cells = (attempt.encoder or "copy", spent, size)
            number = text_label(f"{attempt.attempt_number}", "muted")
            grid.add_row(number, text_label(name, tone=tone), *(text_label(cell) for cell in cells))
            if attempt.failure_summary:
                grid.add_wide(
                    selectable(text_label(words.shown_text(attempt.failure_summary), "muted", wraps=True)), from_column=1
                )
        if not attempts:
            grid.add_wide(text_label("Nothing was encoded." if is_over else "Nothing has been encoded yet.", "muted"))
        grid.finish()

    def _fill_log(self, details: JobDetails) -> None:
        last_words = details.attempts[-1].stderr_tail.strip() if details.attempts else ""
        lines = [_log_line(entry) for entry in details.logs]
        if last_words:
            lines += ["", "FFmpeg's last words:", words.shown_text(last_words)]
        self.log.setFont(tabular(self.font()))
        self.log.setPlainText("\n".join(lines) if lines else "Nothing has been logged for this job.")


def command_line(attempts: Sequence[EncodeAttempt]) -> str | None:
    """The command of the last attempt that has one, spelt so that this system's shell takes it."""
    command = next((attempt.command for attempt in reversed(attempts) if attempt.command), None)
    if command is None:
        return None
    return subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)


def _log_line(entry: LogEntry) -> str:
    return f"{entry.created_at.astimezone():%H:%M:%S}  {entry.level:<5}  {words.shown_text(entry.message)}"


def _hint(text: str) -> QWidget:
    page = QWidget()
    label = text_label(text, "muted")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    QVBoxLayout(page).addWidget(label)
    return page
