"""Examines one file for damage: its structure, its end, its checksums, and what decoders say of it. Writes nothing."""

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from alchemist_desktop.domain.complaints import is_complaint, judge, lacks_decoder
from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.domain.health import Depth, HealthCategory, HealthIssue
from alchemist_desktop.domain.ports import ProcessRunner
from alchemist_desktop.domain.probe import Probe, ProbeFailure
from alchemist_desktop.media.decode import DecodeReport, read_to_end
from alchemist_desktop.media.matroska_crc import ChecksumReport, compare_checksums
from alchemist_desktop.media.structure import Extent, read_extent

_SAMPLE_S = 8.0
_SHORTEST_TO_SAMPLE_S = 4 * _SAMPLE_S  # what is shorter is decoded whole, which costs hardly more
_CHECKSUMS = ("-err_detect", "crccheck")  # compare those that streams carry
_INCONCLUSIVE = frozenset({"probe_timeout", "analysis_failed", "source_missing"})

_T = TypeVar("_T")


class Prober(Protocol):
    """Reads files in other processes."""

    async def probe(self, path: str) -> Probe | ProbeFailure: ...


class FileDoctor:
    """Looks at one file at a time, or at several from several tasks. Cancelling a call ends its FFmpeg and its reading."""

    def __init__(self, runner: ProcessRunner, ffmpeg: str, prober: Prober) -> None:
        self._runner = runner
        self._ffmpeg = ffmpeg
        self._prober = prober

    async def examine(self, path: str, depth: Depth) -> HealthIssue | None:
        """What is wrong with the file, as far as this depth can tell.

        Raises KnownError (HEALTH_CHECK_FAILED) when nothing can be said at present: the file is gone, or reading hangs.
        """
        try:
            extent = await asyncio.to_thread(read_extent, path)
        except PermissionError as error:
            return HealthIssue(
                category=HealthCategory.PERMISSION_ERROR, summary="The file must not be read.", raw_output=str(error)
            )
        except FileNotFoundError as error:
            raise _inconclusive(path, "The file is not there any more.") from error
        except OSError as error:
            return _unreadable(error)
        if extent.size_bytes == 0:
            return HealthIssue(category=HealthCategory.CORRUPT_FILE, summary="The file is empty.")
        if extent.missing_bytes:
            return _cut_by_bytes(extent)
        probe = await self._prober.probe(path)
        if isinstance(probe, ProbeFailure):
            return _from_failure(probe)
        return _cut_by_time(probe) or await self._read(probe, extent, depth)

    async def _read(self, probe: Probe, extent: Extent, depth: Depth) -> HealthIssue | None:
        """The part of the examination that reads the file's content."""
        if depth is Depth.HEADER:
            return None
        try:
            checksums = await _in_thread(lambda stop: compare_checksums(probe.path, stop.is_set))
        except OSError as error:
            return _unreadable(error)
        streams = [stream.index for stream in (*probe.videos, *probe.audios) if stream.codec]
        issue = None
        if streams:
            issue = await (self._demux(probe, streams) if depth is Depth.PACKETS else self._decode(probe, streams, depth))
        if issue is not None and extent.ends_inside_packet:
            return HealthIssue(
                category=HealthCategory.TRUNCATED_FILE,
                summary="The recording stops in the middle of a packet, and its last pictures are broken.",
                raw_output=issue.raw_output,
            )
        return issue or _from_checksums(checksums)

    async def _demux(self, probe: Probe, streams: Sequence[int]) -> HealthIssue | None:
        return _from_report(await self._run(probe, streams, (), decodes=False), probe)

    async def _decode(self, probe: Probe, streams: Sequence[int], depth: Depth) -> HealthIssue | None:
        length_s = probe.duration_s or 0.0
        if depth is Depth.FULL or length_s < _SHORTEST_TO_SAMPLE_S:
            return _from_report(await self._run(probe, streams, ()), probe)
        demuxed = await self._demux(probe, streams)
        if demuxed is not None:
            return demuxed
        head = _from_report(await self._run(probe, streams, ("-t", f"{_SAMPLE_S:g}")), probe)
        if head is not None:
            return head
        for start_s in (length_s / 2, length_s - _SAMPLE_S):
            part = await self._run(probe, streams, ("-ss", f"{start_s:.3f}", "-t", f"{_SAMPLE_S:g}"))
            if _from_report(part, probe) is not None:
                # A decoder that is dropped in the middle may complain of what it did not see: from the start it does not.
                return _from_report(await self._run(probe, streams, ()), probe)
        return None

    async def _run(self, probe: Probe, streams: Sequence[int], window: Sequence[str], *, decodes: bool = True) -> DecodeReport:
        return await read_to_end(
            self._runner,
            self._ffmpeg,
            probe.path,
            streams,
            decodes=decodes,
            input_options=(*_CHECKSUMS, *window),
            is_complaint=lambda line: is_complaint(line, probe.container),
        )


async def _in_thread(work: Callable[[threading.Event], _T]) -> _T:
    """The result of `work`, which runs in a thread and gives up when the event is set; cancelling sets it."""
    stop = threading.Event()
    try:
        return await asyncio.to_thread(work, stop)
    finally:
        stop.set()


def _from_report(report: DecodeReport, probe: Probe) -> HealthIssue | None:
    outcome = report.outcome
    if outcome.start_error is not None:
        raise _inconclusive(probe.path, f"FFmpeg cannot be started: {outcome.start_error}.")
    if report.complaints:
        issue = judge(report.complaints, probe)
        more = report.complaint_count - len(report.complaints)
        words = issue.raw_output + (f"\n({more} more lines)" if more else "")
        return HealthIssue(category=issue.category, summary=issue.summary, raw_output=words)
    if outcome.is_success or lacks_decoder(outcome.stderr_tail):
        return None
    return HealthIssue(
        category=HealthCategory.CORRUPT_FILE,
        summary="FFmpeg could not read the file to its end.",
        raw_output=outcome.stderr_tail or f"exit code {outcome.exit_code}",
    )


def _from_failure(failure: ProbeFailure) -> HealthIssue:
    if failure.code in _INCONCLUSIVE:
        raise _inconclusive(failure.path, failure.error)
    if failure.code == "permission_denied":
        return HealthIssue(
            category=HealthCategory.PERMISSION_ERROR, summary="The file must not be read.", raw_output=failure.error
        )
    return HealthIssue(
        category=HealthCategory.CORRUPT_FILE, summary="The file cannot be opened as media.", raw_output=failure.error
    )


def _from_checksums(report: ChecksumReport) -> HealthIssue | None:
    if not report.damaged_at:
        return None
    places = ", ".join(f"{position:,}" for position in report.damaged_at)
    return HealthIssue(
        category=HealthCategory.CORRUPT_FILE,
        summary="Its content changed since it was written: checksums differ.",
        raw_output=f"{len(report.damaged_at)} of {report.checked} clusters with a checksum differ, at byte {places}",
    )


def _cut_by_bytes(extent: Extent) -> HealthIssue:
    share = 100 * extent.size_bytes / (extent.announced_bytes or extent.size_bytes)
    return HealthIssue(
        category=HealthCategory.TRUNCATED_FILE,
        summary=f"The file is cut off: {share:.0f} % of it is there.",
        raw_output=f"{extent.size_bytes:,} of {extent.announced_bytes:,} bytes",
    )


def _cut_by_time(probe: Probe) -> HealthIssue | None:
    announced_s, end_s = announced_length_s(probe), probe.last_packet_s
    if announced_s is None or end_s is None or announced_s - end_s <= max(2.0, 0.01 * announced_s):
        return None
    return HealthIssue(
        category=HealthCategory.TRUNCATED_FILE,
        summary=f"The file is cut off: it announces {announced_s:.0f} seconds and ends after {end_s:.0f}.",
        raw_output=f"announced {announced_s:.3f} s, last packet ends at {end_s:.3f} s",
    )


def announced_length_s(probe: Probe) -> float | None:
    """How long picture and sound are said to last; a subtitle without an end can make the file announce days."""
    tags = [_clock_s(stream.tags.get("DURATION", "")) for stream in (*probe.videos, *probe.audios)]
    known = [length_s for length_s in tags if length_s is not None]
    if not known or len(known) < len(tags) or probe.duration_s is None:
        return probe.duration_s
    return min(max(known), probe.duration_s)


def _clock_s(text: str) -> float | None:
    """Seconds of `00:01:02.500`."""
    try:
        hours, minutes, seconds = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        return None


def _unreadable(error: OSError) -> HealthIssue:
    return HealthIssue(
        category=HealthCategory.CORRUPT_FILE,
        summary="The file cannot be read from its disk.",
        raw_output=error.strerror or str(error),
    )


def _inconclusive(path: str, reason: str) -> KnownError:
    return KnownError(reason, code="HEALTH_CHECK_FAILED", path=path)
