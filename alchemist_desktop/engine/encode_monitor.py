"""Watches one run of FFmpeg: turns its progress into the job's, and tells when it stalls or grows past any use."""

from collections.abc import Callable
from dataclasses import dataclass

from alchemist_desktop.domain.attempt import JobProgress, Progress
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Phase
from alchemist_desktop.engine.movement import Movement
from alchemist_desktop.media.progress import ProgressParser

_PROJECTION_FROM_PERCENT = 25.0  # before that a film's opening says too little about the rest
_PROJECTION_MARGIN = 1.10


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodeGoal:
    """What the run should come to. `abort_above_bytes` None lets the output grow as it may."""

    job_id: JobId
    duration_s: float | None
    expected_output_bytes: int | None = None
    abort_above_bytes: int | None = None


class EncodeMonitor:
    """Feed it FFmpeg's stdout lines; ask it for overgrowth, and its `movement` for stalls.

    Time comes from the caller's monotonic clock.
    """

    def __init__(self, goal: EncodeGoal, *, monotonic_s: Callable[[], float], on_progress: Callable[[JobProgress], None]) -> None:
        self._goal = goal
        self.movement = Movement(monotonic_s)
        self._on_progress = on_progress
        self._parser = ProgressParser()
        self._percent = 0.0
        self._size_bytes = 0

    def on_line(self, line: str) -> None:
        progress = self._parser.feed(line)
        if progress is None:
            return
        self.movement.note(progress)
        self._size_bytes = progress.total_size_bytes or self._size_bytes
        self._on_progress(self._job_progress(progress))

    @property
    def is_too_large(self) -> bool:
        """Whether the output is, or is clearly going to be, larger than what would be kept."""
        limit = self._goal.abort_above_bytes
        if limit is None:
            return False
        if self._size_bytes > limit:
            return True
        projected = self._size_bytes / (self._percent / 100) if self._percent >= _PROJECTION_FROM_PERCENT else 0.0
        return projected > limit * _PROJECTION_MARGIN

    def _job_progress(self, progress: Progress) -> JobProgress:
        duration_s = self._goal.duration_s
        time_s = progress.out_time_s or 0.0
        eta_s = None
        if duration_s:
            self._percent = max(self._percent, min(99.9, 100 * time_s / duration_s))
            if progress.speed:
                eta_s = max(0.0, (duration_s - time_s) / progress.speed)
        return JobProgress(
            job_id=self._goal.job_id,
            phase=Phase.ENCODING,
            percent=self._percent,
            time_s=time_s,
            fps=progress.fps,
            speed=progress.speed,
            eta_s=eta_s,
            output_bytes=progress.total_size_bytes,
            expected_output_bytes=self._goal.expected_output_bytes,
        )
