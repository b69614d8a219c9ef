"""Compares how long source and output are, and how many frames they have; pure."""

from collections.abc import Iterator

from alchemist_desktop.domain.plan import Plan, StreamKind
from alchemist_desktop.domain.probe import Probe, Stream
from alchemist_desktop.media.parity import Mismatch, pair_streams

DURATION_TOLERANCE_S = 1.0  # priming of sound, a last frame without a length; lost frames are counted besides
FRAME_TOLERANCE = 1
TOLERATED_DAMAGE = 1 / 200  # decoder complaints per frame of a source whose own damage explains missing frames
_TIMED = frozenset({StreamKind.VIDEO, StreamKind.AUDIO})


def compare_durations(plan: Plan, source: Probe, output: Probe) -> Iterator[Mismatch]:
    """Every picture and sound track that is shorter or longer in the output, and the file as a whole."""
    sources: dict[int, Stream] = {stream.index: stream for stream in source.streams}
    pairs = [(planned, found) for planned, found in pair_streams(plan, output) if planned.kind in _TIMED]
    for planned, found in pairs:
        original = sources.get(planned.index)
        if original is not None:
            name = f"{planned.kind.value} stream {found.index}"
            yield from _compare_lengths(name, *_lengths(found, original, source), source.start_s)
    gone = {stream.kind for stream in plan.streams if not stream.is_in_output}
    if not gone & _TIMED:
        if not _is_measured(source, output):
            yield from _compare_lengths("last packet", output.last_packet_s, source.last_packet_s, source.start_s)
        if StreamKind.SUBTITLE not in gone:  # they may outlast picture and sound
            yield from _compare_lengths("file", output.duration_s, source.duration_s, source.start_s)
    yield from _compare_end(output)


def _lengths(found: Stream, original: Stream, source: Probe) -> tuple[float | None, float | None]:
    """When the last packets of both streams come, or, where that was not seen of both, what their headers say. How long a
    last packet lasts differs from container to container.

    A stream that has no packet at the end of the file does not last as long as the file, though headers may have it so.
    """
    if found.last_time_s is not None and original.last_time_s is not None:
        return found.last_time_s, original.last_time_s
    was_looked_for = _is_measured(source)
    whole_s, announced_s = source.duration_s, original.duration_s
    if was_looked_for and original.last_time_s is None and announced_s is not None and whole_s is not None:
        return found.duration_s, announced_s if announced_s < whole_s - DURATION_TOLERANCE_S else None
    return found.duration_s, announced_s


def _is_measured(*probes: Probe) -> bool:
    return all(any(stream.last_time_s is not None for stream in probe.streams) for probe in probes)


def frames_agree(found: int, expected: int) -> bool:
    return abs(found - expected) <= FRAME_TOLERANCE


def frame_mismatch(found: int, expected: int) -> Mismatch:
    return Mismatch(
        sentence=f"The output has {found} frames, the source {expected}.",
        measured={"frames": found, "expected_frames": expected},
    )


def _compare_lengths(name: str, found_s: float | None, expected_s: float | None, start_s: float) -> Iterator[Mismatch]:
    """Some containers count to the end from 0, others from their first packet, which in the output is always at 0."""
    if found_s is None or expected_s is None:
        return
    if all(abs(found_s - wanted_s) > DURATION_TOLERANCE_S for wanted_s in (expected_s, expected_s - start_s)):
        yield Mismatch(
            sentence=f"The output's {name} ends at {found_s:.2f} s, the source's at {expected_s:.2f} s.",
            measured={"duration_s": found_s, "expected_duration_s": expected_s},
        )


def _compare_end(output: Probe) -> Iterator[Mismatch]:
    """The output's own packets must reach the end it announces: a file cut off while it was written does not."""
    if output.is_truncated:
        yield Mismatch(
            sentence=f"The output announces {output.duration_s:.2f} s but ends after {output.last_packet_s:.2f} s.",
            measured={"duration_s": output.last_packet_s, "expected_duration_s": output.duration_s},
        )
