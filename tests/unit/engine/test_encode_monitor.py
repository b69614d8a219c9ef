"""What the monitor makes of FFmpeg's progress: percentages, time left, stalls and overgrowth."""

from alchemist_desktop.domain.attempt import JobProgress
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.engine.encode_monitor import EncodeGoal, EncodeMonitor


class Watch:
    """A monitor with a clock of its own."""

    def __init__(self, *, duration_s: float | None = 100.0, abort_above_bytes: int | None = None) -> None:
        self.now_s = 0.0
        self.seen: list[JobProgress] = []
        goal = EncodeGoal(job_id=JobId(1), duration_s=duration_s, abort_above_bytes=abort_above_bytes)
        self.monitor = EncodeMonitor(goal, monotonic_s=lambda: self.now_s, on_progress=self.seen.append)

    def block(self, time_s: float | None, *, frame: int = 0, size: int = 0, speed: str = "2.0x") -> None:
        out_time = "N/A" if time_s is None else str(int(time_s * 1_000_000))
        lines = [f"frame={frame}", f"total_size={size}", f"out_time_us={out_time}", f"speed={speed}", "progress=continue"]
        for line in lines:
            self.monitor.on_line(line)


def test_percent_and_eta_come_from_the_position() -> None:
    watch = Watch()
    watch.block(25.0, frame=600)
    assert watch.seen[-1].percent == 25.0
    assert watch.seen[-1].eta_s == 37.5


def test_percent_never_reaches_100_before_the_end_nor_falls() -> None:
    watch = Watch()
    watch.block(150.0)
    watch.block(90.0)
    assert [progress.percent for progress in watch.seen] == [99.9, 99.9]


def test_an_unknown_duration_gives_no_percentage_and_no_eta() -> None:
    watch = Watch(duration_s=None)
    watch.block(25.0)
    assert (watch.seen[-1].percent, watch.seen[-1].eta_s, watch.seen[-1].time_s) == (0.0, None, 25.0)


def test_idleness_grows_only_while_nothing_moves() -> None:
    watch = Watch()
    watch.block(1.0, frame=25, size=1000)
    watch.now_s = 50.0
    watch.block(1.0, frame=25, size=1000)
    assert watch.monitor.movement.idle_s() == 50.0
    watch.block(1.0, frame=25, size=1001)  # a silent copy that only writes is alive
    assert watch.monitor.movement.idle_s() == 0.0


def test_a_freeze_is_forgiven() -> None:
    watch = Watch()
    watch.now_s = 500.0
    watch.monitor.movement.forgive_idleness()
    assert watch.monitor.movement.idle_s() == 0.0


def test_an_output_over_the_limit_is_too_large() -> None:
    watch = Watch(abort_above_bytes=1000)
    watch.block(1.0, size=1000)
    assert not watch.monitor.is_too_large
    watch.block(1.1, size=1001)
    assert watch.monitor.is_too_large


def test_a_projection_counts_only_after_a_quarter_and_with_a_margin() -> None:
    watch = Watch(abort_above_bytes=1000)
    watch.block(10.0, size=300)  # projected 3000, too early to tell
    assert not watch.monitor.is_too_large
    watch.block(50.0, size=540)  # projected 1080, within the margin
    assert not watch.monitor.is_too_large
    watch.block(60.0, size=720)  # projected 1200
    assert watch.monitor.is_too_large


def test_without_a_limit_nothing_is_too_large() -> None:
    watch = Watch()
    watch.block(50.0, size=10**12)
    assert not watch.monitor.is_too_large
