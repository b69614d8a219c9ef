"""Tells whether a run of FFmpeg still moves: by its position, its frames or its output."""

from collections.abc import Callable

from alchemist_desktop.domain.attempt import Progress


class Movement:
    """Note the progress of one run after the other; ask for the idle time. Time comes from the caller's monotonic clock."""

    def __init__(self, monotonic_s: Callable[[], float]) -> None:
        self._monotonic_s = monotonic_s
        self.begin_run()

    def begin_run(self) -> None:
        """Another process starts, and with it its counts."""
        self._reached = (0.0, 0, 0)
        self.forgive_idleness()

    def note(self, progress: Progress) -> None:
        reached = (progress.out_time_s or 0.0, progress.frame or 0, progress.total_size_bytes or 0)
        if any(new > old for new, old in zip(reached, self._reached, strict=True)):
            self._reached = reached
            self._moved_at_s = self._monotonic_s()

    def idle_s(self) -> float:
        """Seconds since the run last moved."""
        return self._monotonic_s() - self._moved_at_s

    def forgive_idleness(self) -> None:
        """Start counting anew: the run was frozen on purpose."""
        self._moved_at_s = self._monotonic_s()
