"""The left part of the details pane: which file, in which state and why, and its size before and after."""

from pathlib import PurePath

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from alchemist_desktop.domain import wording
from alchemist_desktop.domain.attempt import JobProgress
from alchemist_desktop.domain.explanation import Explanation, Measured
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.domain.queries import JobDetails
from alchemist_desktop.ui import words
from alchemist_desktop.ui.colors import STATE_TONES
from alchemist_desktop.ui.models import job_cells
from alchemist_desktop.ui.theme import Theme
from alchemist_desktop.ui.widgets.labels import PathLabel, selectable, set_tone, text_label
from alchemist_desktop.ui.widgets.size_bar import SizeBar


class JobSummary(QScrollArea):
    """Shows one job; `show_progress` is cheap, `show_details` fills everything."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self._body = QWidget()
        self.name = PathLabel()
        self.folder = PathLabel()
        self.state = text_label("", "heading")
        self.activity = text_label("", "muted")
        self.summary = selectable(text_label("", "heading", wraps=True))
        self.detail = selectable(text_label(wraps=True))
        self.files = selectable(text_label(wraps=True))
        self.guidance = selectable(text_label("", "muted", wraps=True))
        self.numbers = selectable(text_label("", "muted", wraps=True))
        self.sizes = SizeBar(theme)
        self._lay_out()

    def show_details(self, details: JobDetails, progress: JobProgress | None) -> None:
        job = details.job
        self.name.set_text(words.file_name(job.input_path))
        self.folder.set_text(words.folder(job.input_path))
        set_tone(self.state, STATE_TONES[job.state])
        self.state.setText(_state_sentence(details))
        self._fill(self.files, _files_sentence(details))
        self._show_explanation(_explanation(details))
        self.show_progress(details, progress)

    def show_progress(self, details: JobDetails, progress: JobProgress | None) -> None:
        job = details.job
        active = progress if job.state.is_active else None
        parts = job_cells.progress_parts(job, active) if job.state.is_active else []
        text = " · ".join([f"{job_cells.percent(job, active):.0f} %", *parts]) if job.state.is_active else _facts(details)
        self.activity.setText(text)
        after, is_estimate = _size_after(details, active)
        self.sizes.show_sizes(job.stamp.size_bytes, after, is_estimate=is_estimate)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # The content is as wide as the view: long words are elided or wrapped, never scrolled sideways.
        self._body.setMaximumWidth(self.viewport().width())
        super().resizeEvent(event)

    def _show_explanation(self, explanation: Explanation | None) -> None:
        pairs = _untold_numbers(explanation) if explanation is not None else []
        self._fill(self.summary, explanation.summary if explanation is not None else "")
        self._fill(self.detail, words.shown_text(explanation.detail) if explanation is not None else "")
        self._fill(self.guidance, (explanation.operator_guidance or "") if explanation is not None else "")
        self._fill(self.numbers, " · ".join(f"{name}: {value}" for name, value in pairs))

    def _fill(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def _lay_out(self) -> None:
        font = self.name.font()
        font.setBold(True)
        self.name.setFont(font)
        body = self._body
        body.setObjectName("details_body")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(5)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self.state)
        line.addWidget(self.activity, 1)
        layout.addWidget(self.name)
        layout.addWidget(self.folder)
        layout.addSpacing(4)
        layout.addLayout(line)
        layout.addWidget(self.sizes)
        layout.addSpacing(4)
        for label in (self.files, self.summary, self.detail, self.guidance, self.numbers):
            layout.addWidget(label)
        layout.addStretch(1)
        self.setWidget(body)


def _explanation(details: JobDetails) -> Explanation | None:
    if details.job.state in {JobState.FAILED, JobState.CANCELLED}:
        return details.failure or details.decision
    return details.decision


def _untold_numbers(explanation: Explanation) -> list[tuple[str, str]]:
    """The measured values that the sentences do not hold already."""
    told = words.shown_text(explanation.detail)
    pairs = [(words.measured(*item), item[1]) for item in explanation.measured.items()]
    return [pair for pair, value in pairs if pair[1] not in told and not _is_told_as_share(value, told)]


def _is_told_as_share(value: Measured, told: str) -> bool:
    return isinstance(value, float) and wording.share(abs(value)) in told


def _files_sentence(details: JobDetails) -> str:
    """Where the result of a completed job lies, and what became of its original."""
    job = details.job
    if job.state is not JobState.COMPLETED:
        return ""
    result = f"The result is {words.shown_path(job.output_path)}."
    if details.can_undo:
        return f"{result} The original is in the trash; “Bring the original back” undoes the replacement."
    if not details.is_original_kept:
        return f"{result} The original is not there any more."
    is_beside = PurePath(job.output_path).parent == PurePath(job.input_path).parent
    return f"{result} The original stays {'beside it' if is_beside else 'where it was'}."


def _state_sentence(details: JobDetails) -> str:
    job = details.job
    if job.state is JobState.QUEUED and details.queue_position is not None:
        return f"Queued, number {details.queue_position:,} in line"
    return words.STATE_WORDS[job.state]


def _facts(details: JobDetails) -> str:
    """Encoder, time and quality of a finished job; how long the film is for others."""
    stats, job = details.stats, details.job
    if stats is not None and job.state is JobState.COMPLETED:
        parts = [stats.encoder, words.duration(stats.encode_time_s), f"{stats.encode_speed:.1f}×"]
        return " · ".join([*parts, *([f"VMAF {stats.vmaf_score:.1f}"] if stats.vmaf_score is not None else [])])
    return words.playing_time(job.duration_s) if job.duration_s else ""


def _size_after(details: JobDetails, progress: JobProgress | None) -> tuple[int | None, bool]:
    """The size of the result and whether it is only expected."""
    job: Job = details.job
    if job.output_size_bytes is not None:
        return job.output_size_bytes, False
    if progress is not None and progress.expected_output_bytes is not None:
        return progress.expected_output_bytes, True
    if details.plan is not None and details.plan.estimate is not None and not job.state.is_terminal:
        return details.plan.estimate.output_bytes, True
    return None, False
