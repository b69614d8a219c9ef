"""When a run of FFmpeg counts as standing still."""

from alchemist_desktop.domain.attempt import Progress
from alchemist_desktop.engine.movement import Movement


class Watch:
    """A movement with a clock of its own."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.movement = Movement(lambda: self.now_s)

    def idle_after(self, seconds: float, progress: Progress) -> float:
        self.now_s += seconds
        self.movement.note(progress)
        return self.movement.idle_s()


def test_any_growing_count_is_movement_and_repetition_is_not() -> None:
    watch = Watch()
    assert watch.idle_after(10.0, Progress(frame=1)) == 0.0
    assert watch.idle_after(10.0, Progress(frame=1, out_time_s=None)) == 10.0
    assert watch.idle_after(10.0, Progress(frame=1, out_time_s=0.5)) == 0.0
    assert watch.idle_after(10.0, Progress(frame=1, out_time_s=0.5, total_size_bytes=9)) == 0.0


def test_the_next_process_starts_from_nothing() -> None:
    watch = Watch()
    watch.idle_after(10.0, Progress(frame=500, out_time_s=20.0))
    watch.now_s = 50.0
    watch.movement.begin_run()
    assert watch.movement.idle_s() == 0.0
    assert watch.idle_after(3.0, Progress(frame=1, out_time_s=0.04)) == 0.0
