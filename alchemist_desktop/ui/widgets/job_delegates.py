"""Draws the cells of the job table: state chips, names with their folder, results and progress bars."""

from datetime import UTC, datetime
from typing import cast

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTableView

from alchemist_desktop.domain import wording
from alchemist_desktop.domain.attempt import JobProgress
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.ui import words
from alchemist_desktop.ui.colors import STATE_TONES, Tone
from alchemist_desktop.ui.models import job_cells
from alchemist_desktop.ui.models.job_cells import Column
from alchemist_desktop.ui.models.job_table import JOB_ROLE, PROGRESS_ROLE
from alchemist_desktop.ui.theme import Theme, tabular

Index = QModelIndex | QPersistentModelIndex

_PADDING = 10
_BAR_HEIGHT = 6
_LEAST_FOLDER_WIDTH = 110  # less of a folder says nothing
_MUTED_COLUMNS = frozenset({Column.CODEC, Column.PRIORITY, Column.UPDATED})


class RowDelegate(QStyledItemDelegate):
    """Draws background, separator and plain text; the columns with more to show override `draw`."""

    def __init__(self, theme: Theme, view: QTableView) -> None:
        super().__init__(view)
        self.theme = theme
        self._view = view

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        rect = option.rect
        self._draw_background(painter, rect, option, index)
        painter.setFont(tabular(self._view.font()))
        job = cast("Job | None", index.data(JOB_ROLE))
        area = rect.adjusted(_PADDING, 0, -_PADDING, -1)
        if job is None:
            self._draw_placeholder(painter, area)
        else:
            self.draw(painter, area, job, index)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        metrics = QFontMetrics(self._view.font())
        return QSize(metrics.horizontalAdvance(str(index.data() or "")) + 2 * _PADDING, metrics.height() + 12)

    def draw(self, painter: QPainter, area: QRect, job: Job, index: Index) -> None:
        colors = self.theme.colors
        color = colors.muted if index.column() in _MUTED_COLUMNS else colors.text
        alignment = Qt.AlignmentFlag(index.data(Qt.ItemDataRole.TextAlignmentRole))
        draw_text(painter, area, str(index.data() or ""), color, alignment)

    def _draw_background(self, painter: QPainter, rect: QRect, option: QStyleOptionViewItem, index: Index) -> None:
        colors = self.theme.colors
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(colors.selection))
        elif getattr(self._view, "hovered_row", -1) == index.row():
            painter.fillRect(rect, QColor(colors.hover))
        if state & QStyle.StateFlag.State_HasFocus:  # where the keys act, selected or not
            painter.fillRect(QRect(rect.x(), rect.y(), 3, rect.height()), QColor(colors.accent))
        painter.setPen(QPen(QColor(colors.hover if not colors.is_dark else colors.raised), 1))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())

    def _draw_placeholder(self, painter: QPainter, area: QRect) -> None:
        width = min(area.width(), 72)
        bar = QRectF(area.x(), area.center().y() - 3, width, 7)
        fill_round(painter, bar, self.theme.colors.track, 3)


class StateDelegate(RowDelegate):
    """The state as a chip in its colour."""

    def draw(self, painter: QPainter, area: QRect, job: Job, index: Index) -> None:
        progress = cast("JobProgress | None", index.data(PROGRESS_ROLE))
        tone = Tone.WARNING if progress is not None and progress.is_suspended else STATE_TONES[job.state]
        text = str(index.data())
        metrics = painter.fontMetrics()
        height = metrics.height() + 4
        width = min(area.width(), metrics.horizontalAdvance(text) + 18)
        chip = QRectF(area.x(), area.center().y() - height / 2 + 0.5, width, height)
        fill_round(painter, chip, self.theme.colors.tint(tone), height / 2)
        draw_text(painter, chip.toRect(), text, self.theme.colors.tone(tone), Qt.AlignmentFlag.AlignCenter)


class FileDelegate(RowDelegate):
    """The file's name, and after it, subdued, the folder it lies in."""

    def draw(self, painter: QPainter, area: QRect, job: Job, index: Index) -> None:
        colors = self.theme.colors
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        name = str(index.data())
        used = draw_text(painter, area, name, colors.text, left, Qt.TextElideMode.ElideMiddle)
        rest = area.adjusted(used + 12, 0, 0, 0)
        if rest.width() > _LEAST_FOLDER_WIDTH:
            folder = words.folder(job.input_path, job.library_root)
            draw_text(painter, rest, folder, colors.muted, left, Qt.TextElideMode.ElideMiddle)


class ResultDelegate(RowDelegate):
    """The size of the result, and in colour what it saved."""

    def draw(self, painter: QPainter, area: QRect, job: Job, index: Index) -> None:
        if job.output_size_bytes is None:
            return
        colors = self.theme.colors
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        is_smaller = job.output_size_bytes < job.stamp.size_bytes
        saved = words.saving(job.stamp.size_bytes, job.output_size_bytes)
        draw_text(painter, area, saved, colors.tone(Tone.SUCCESS if is_smaller else Tone.WARNING), right)
        gap = painter.fontMetrics().horizontalAdvance("−100 %") + 10
        draw_text(painter, area.adjusted(0, 0, -gap, 0), wording.size(job.output_size_bytes), colors.text, right)


class ProgressDelegate(RowDelegate):
    """A bar with percent, phase, speed and time left while active; otherwise the reason for the state."""

    def draw(self, painter: QPainter, area: QRect, job: Job, index: Index) -> None:
        colors = self.theme.colors
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        progress = cast("JobProgress | None", index.data(PROGRESS_ROLE))
        if not (job.state.is_active and job_cells.is_measured(job, progress)):
            text = job_cells.progress_text(job, progress, datetime.now(UTC))
            color = colors.tone(Tone.DANGER) if job.state is JobState.FAILED else colors.muted
            draw_text(painter, area, text, color, left)
            return
        bar = QRect(area.x(), area.y(), min(110, area.width() // 4), area.height())
        tone = Tone.WARNING if progress is not None and progress.is_suspended else Tone.ACCENT
        percent = job_cells.percent(job, progress)
        draw_bar(painter, bar, percent / 100, colors.tone(tone), colors.track)
        number_width = painter.fontMetrics().horizontalAdvance("100 %")
        number = QRect(bar.right() + 9, area.y(), number_width, area.height())
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        draw_text(painter, number, f"{percent:.0f} %", colors.text, right)
        rest = area.adjusted(number.right() + 11 - area.x(), 0, 0, 0)
        draw_text(painter, rest, " · ".join(job_cells.progress_parts(job, progress)), colors.muted, left)


def draw_text(
    painter: QPainter,
    area: QRect,
    text: str,
    color: str,
    alignment: Qt.AlignmentFlag,
    elide: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> int:
    """Draw one line, shortened where it does not fit; returns the width it takes."""
    metrics = painter.fontMetrics()
    shown = metrics.elidedText(text, elide, area.width())
    painter.setPen(QColor(color))
    painter.drawText(area, int(alignment) | int(Qt.TextFlag.TextSingleLine), shown)
    return metrics.horizontalAdvance(shown)


def draw_bar(painter: QPainter, area: QRect, part: float, color: str, track: str) -> None:
    """A thin rounded bar, filled to `part` of 1."""
    bar = QRectF(area.x(), area.center().y() - _BAR_HEIGHT / 2 + 0.5, area.width(), _BAR_HEIGHT)
    fill_round(painter, bar, track, _BAR_HEIGHT / 2)
    if part > 0:
        filled = QRectF(bar.x(), bar.y(), max(_BAR_HEIGHT, bar.width() * min(part, 1.0)), bar.height())
        fill_round(painter, filled, color, _BAR_HEIGHT / 2)


def fill_round(painter: QPainter, rect: QRectF, color: str, radius: float) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawRoundedRect(rect, radius, radius)
