"""Reads a file to its end with FFmpeg, writing nothing, and reports what it counted and what it complained about."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from alchemist_desktop.domain.ports import ProcessOutcome, ProcessRunner
from alchemist_desktop.media.progress import ProgressParser
from alchemist_desktop.media.sources import source_options

_KEPT_COMPLAINTS = 5
# What FFmpeg says, among its warnings, when a decoder met damage and went on.
_DAMAGE_WORDS = (
    "corrupt decoded frame",
    "error while decoding",
    "Error submitting packet to decoder",
    "Error processing packet in decoder",
    "concealing",
    "Invalid NAL unit",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodeReport:
    """`frames` counts those of the first video stream, or its packets when streams were only read; `end_s` is where the
    longest stream ended. `complaints` are FFmpeg's first error lines, `complaint_count` counts all of them."""

    outcome: ProcessOutcome
    frames: int
    end_s: float | None
    complaints: tuple[str, ...]
    complaint_count: int

    @property
    def is_clean(self) -> bool:
        return self.outcome.is_success and self.complaint_count == 0

    @property
    def words(self) -> str:
        """What went wrong, in FFmpeg's words."""
        if self.outcome.start_error is not None:
            return self.outcome.start_error
        if self.complaints:
            return "; ".join(self.complaints)
        return f"FFmpeg ended with exit code {self.outcome.exit_code}"


class _Ear:
    """Listens to both of FFmpeg's streams."""

    def __init__(self, on_time_s: Callable[[float], None] | None, is_complaint: Callable[[str], bool]) -> None:
        self._parser = ProgressParser()
        self._is_complaint = is_complaint
        self._on_time_s = on_time_s
        self.frames = 0
        self.end_s: float | None = None
        self.complaints: list[str] = []
        self.complaint_count = 0

    def on_stdout(self, line: str) -> None:
        progress = self._parser.feed(line)
        if progress is None:
            return
        self.frames = progress.frame or self.frames
        if progress.out_time_s is not None:
            self.end_s = progress.out_time_s
            if self._on_time_s is not None:
                self._on_time_s(progress.out_time_s)

    def on_stderr(self, line: str) -> None:
        if not self._is_complaint(line):
            return
        self.complaint_count += 1
        if len(self.complaints) < _KEPT_COMPLAINTS:
            self.complaints.append(line.encode(errors="replace").decode())


def reports_damage(words: str) -> bool:
    """Whether FFmpeg's output during an encode tells that its source could not be decoded cleanly."""
    return any(sign in words for sign in _DAMAGE_WORDS)


async def read_to_end(
    runner: ProcessRunner,
    ffmpeg: str,
    path: str,
    streams: Sequence[int],
    *,
    on_time_s: Callable[[float], None] | None = None,
    decodes: bool = True,
    input_options: Sequence[str] = (),
    is_complaint: Callable[[str], bool] = lambda _line: True,
) -> DecodeReport:
    """Decode the streams with these indexes whole; with `decodes` False only take their packets out of the container.

    `input_options` may narrow that to a part of the file. Of FFmpeg's error lines those count that are a complaint.
    A cancelled call ends FFmpeg.
    """
    argv = [ffmpeg, "-hide_banner", "-nostdin", "-v", "error", "-nostats", "-progress", "pipe:1", "-stats_period", "0.5"]
    argv += [*input_options, *source_options(path)]
    for index in streams:
        argv += ["-map", f"0:{index}"]
    # Every frame counts once, whatever its time says; rounded to the frame rate two times could fall together.
    argv += ["-fps_mode", "passthrough", "-enc_time_base:v", "demux"] if decodes else ["-c", "copy"]
    argv += ["-f", "null", "-"]
    ear = _Ear(on_time_s, is_complaint)
    outcome = await runner.start(argv, on_stdout_line=ear.on_stdout, on_stderr_line=ear.on_stderr, low_priority=True).wait()
    return DecodeReport(
        outcome=outcome,
        frames=ear.frames,
        end_s=ear.end_s,
        complaints=tuple(ear.complaints),
        complaint_count=ear.complaint_count,
    )
