"""Reads packets, undecoded, to learn where a file really ends and how many bits each stream takes."""

import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream

WHOLE_FILE_BYTES = 16 * 2**20  # files up to this size are read whole
TAIL_BYTES = 8 * 2**20
TAIL_S = 3.0
SAMPLE_BYTES = 2 * 2**20
SAMPLE_SHARES = (0.1, 0.3, 0.5, 0.7, 0.9)
TIME_BASE = 1_000_000  # av_seek_frame counts in microseconds where no stream is given
# Demuxers that find their feet at any byte; the others are sought by time, through their index.
BYTE_SEEKABLE = frozenset({"matroska,webm", "mpegts", "mpeg", "ogg", "asf"})
# Their durations count from the first timestamp, not from 0.
RELATIVE_DURATIONS = frozenset({"mpegts", "mpeg"})


@dataclass(slots=True)
class Tally:
    """What the packets of one stream add up to; times count in `unit_s` while adding."""

    unit_s: float
    size_bytes: int = 0
    packets: int = 0
    first: int | None = None
    last: int | None = None
    last_start: int | None = None

    def add(self, packet: "Packet[Stream]") -> None:
        self.size_bytes += packet.size
        self.packets += 1
        start = packet.pts if packet.pts is not None else packet.dts
        if start is None:
            return
        end = start + (packet.duration or 0)
        if self.last_start is None or start > self.last_start:
            self.last_start = start
        if self.first is None or start < self.first:
            self.first = start
        if self.last is None or end > self.last:
            self.last = end

    @property
    def last_s(self) -> float | None:
        return None if self.last is None else self.last * self.unit_s

    @property
    def last_start_s(self) -> float | None:
        return None if self.last_start is None else self.last_start * self.unit_s

    @property
    def span_s(self) -> float:
        return 0.0 if self.first is None or self.last is None else (self.last - self.first) * self.unit_s


@dataclass(slots=True, kw_only=True)
class Measured:
    """Results by stream index. `bitrates` of a file that was `read_whole` are exact, of a larger one sampled; how many
    packets a stream has, and how many seconds they span, is known only of the former. `ends_s` has the streams whose last
    packet was seen, with its end, and `last_times_s` with its start.
    """

    last_s: float | None = None
    ends_s: Mapping[int, float] = field(default_factory=dict)
    last_times_s: Mapping[int, float] = field(default_factory=dict)
    bitrates: Mapping[int, int] = field(default_factory=dict)
    packets: Mapping[int, int] = field(default_factory=dict)
    spans_s: Mapping[int, float] = field(default_factory=dict)
    read_whole: bool = False


def measure(container: InputContainer, size_bytes: int, unknown: frozenset[int]) -> Measured:
    """Find the end of the file; and the bit rates of the streams in `unknown` where reading a share of it tells them."""
    if size_bytes <= WHOLE_FILE_BYTES:
        return _read_whole(container)
    tail = _read_tail(container, size_bytes)
    ends_s = _ends(tail, container)
    last_s = _end_of(ends_s, container)
    if last_s is None:
        last_s = _end_by_index(container, size_bytes)
    bitrates = _sample(container, size_bytes, last_s, unknown) if unknown else {}
    return Measured(last_s=last_s, ends_s=ends_s, last_times_s=_last_times(tail, container), bitrates=bitrates)


def _read_whole(container: InputContainer) -> Measured:
    _seek_start(container)
    tallies = _tally(container, None)
    ends_s = _ends(tallies, container)
    has_sound_or_picture = any(_marks_end(stream) for stream in container.streams)
    return Measured(
        last_s=_end_of(ends_s, container) or (0.0 if has_sound_or_picture else None),
        ends_s=ends_s,
        last_times_s=_last_times(tallies, container),
        bitrates={i: round(t.size_bytes * 8 / t.span_s) for i, t in tallies.items() if t.span_s > 0},
        packets={i: t.packets for i, t in tallies.items()},
        spans_s={i: t.span_s for i, t in tallies.items()},
        read_whole=True,
    )


def _seek_start(container: InputContainer) -> None:
    try:
        container.seek(container.start_time or 0)
    except av.FFmpegError:  # no index; the first byte can be gone back to all the same
        with suppress(av.FFmpegError):
            container.seek(0, unsupported_byte_offset=True)


def _seek_share(container: InputContainer, size_bytes: int, position_bytes: int, position_s: float) -> bool:
    try:
        if container.format.name in BYTE_SEEKABLE:
            container.seek(container.start_time or 0)  # or Matroska still believes that it is at the end
            container.seek(min(max(position_bytes, 0), size_bytes), unsupported_byte_offset=True)
        else:
            container.seek(round(max(position_s, 0.0) * TIME_BASE))
    except av.FFmpegError:
        return False
    return True


def _packets(container: InputContainer) -> Iterator["Packet[Stream]"]:
    """Packets up to the end, or up to where a damaged file cannot be read on."""
    with suppress(av.FFmpegError):
        for packet in container.demux():
            if packet.size > 0:
                yield packet


def _tally(container: InputContainer, limit_bytes: int | None) -> dict[int, Tally]:
    """What the packets from here on add up to, by stream; streams without any are left out."""
    tallies = [Tally(float(stream.time_base or 0)) for stream in container.streams]
    left_bytes = limit_bytes if limit_bytes is not None else sys.maxsize
    for packet in _packets(container):
        tallies[packet.stream_index].add(packet)
        left_bytes -= packet.size
        if left_bytes <= 0:
            break
    return {index: tally for index, tally in enumerate(tallies) if tally.packets}


def _read_tail(container: InputContainer, size_bytes: int) -> dict[int, Tally]:
    """Tallies of the last part of the file, which is widened until it holds packets."""
    announced_s = (container.duration or 0) / TIME_BASE
    tail_bytes, tail_s = TAIL_BYTES, TAIL_S
    while _seek_share(container, size_bytes, size_bytes - tail_bytes, announced_s - tail_s):
        tallies = _tally(container, None)
        if _end_of(_ends(tallies, container), container) is not None or tail_bytes >= size_bytes:
            return tallies
        if container.format.name not in BYTE_SEEKABLE:
            return {}  # the index leads past the end of the file; it tells more than further reading
        tail_bytes *= 4
    return {}


def _ends(tallies: Mapping[int, Tally], container: InputContainer) -> dict[int, float]:
    """Where the streams end, counted as the container counts its duration."""
    offset_s = _offset_s(container)
    return {index: tally.last_s - offset_s for index, tally in tallies.items() if tally.last_s is not None}


def _last_times(tallies: Mapping[int, Tally], container: InputContainer) -> dict[int, float]:
    """When the last packets of the streams start, counted in the same way."""
    offset_s = _offset_s(container)
    return {index: tally.last_start_s - offset_s for index, tally in tallies.items() if tally.last_start_s is not None}


def _offset_s(container: InputContainer) -> float:
    return (container.start_time or 0) / TIME_BASE if container.format.name in RELATIVE_DURATIONS else 0.0


def _end_of(ends_s: Mapping[int, float], container: InputContainer) -> float | None:
    """The end of the last picture or sound; subtitles and pictures of covers may end anywhere."""
    return max((end_s for index, end_s in ends_s.items() if _marks_end(container.streams[index])), default=None)


def _marks_end(stream: Stream) -> bool:
    return stream.type in {"video", "audio"} and not stream.disposition & Disposition.attached_pic


def _end_by_index(container: InputContainer, size_bytes: int) -> float | None:
    """The last time whose packet lies within the file as it is, according to the index; 0 when none does."""
    last_s: float | None = None
    for stream in container.streams:
        if not _marks_end(stream) or stream.time_base is None or not len(stream.index_entries):
            continue
        last_s = last_s or 0.0
        for entry in stream.index_entries:
            if entry.pos + entry.size <= size_bytes:
                last_s = max(last_s, float(entry.timestamp * stream.time_base))
    return last_s


def _sample(container: InputContainer, size_bytes: int, duration_s: float | None, unknown: frozenset[int]) -> dict[int, int]:
    """Bit rates of `unknown` from a few places of the file.

    Sound and subtitles have nearly the same rate everywhere; pictures do not. So the pictures get what the others leave of
    the file, shared out as the samples do.
    """
    rates = _sampled_rates(container, size_bytes, duration_s or 0.0)
    pictures = [i for i in unknown if i in rates and container.streams[i].type == "video"]
    sampled = sum(rates[i] for i in pictures)
    if duration_s and sampled:
        others = sum(rate for i, rate in rates.items() if i not in pictures)
        left = max(size_bytes * 8 / duration_s - others, 0.0)
        rates |= {i: rates[i] / sampled * left for i in pictures}
    return {i: round(rates[i]) for i in unknown if i in rates}


def _sampled_rates(container: InputContainer, size_bytes: int, duration_s: float) -> dict[int, float]:
    size_bits: dict[int, float] = {}
    spans_s: dict[int, float] = {}
    for share in SAMPLE_SHARES:
        if not _seek_share(container, size_bytes, round(size_bytes * share), duration_s * share):
            continue
        tallies = _tally(container, SAMPLE_BYTES)
        span_s = max((tally.span_s for tally in tallies.values()), default=0.0)
        for index, tally in tallies.items():
            size_bits[index] = size_bits.get(index, 0.0) + tally.size_bytes * 8
        for index in range(len(container.streams)):
            spans_s[index] = spans_s.get(index, 0.0) + span_s
    return {i: bits / spans_s[i] for i, bits in size_bits.items() if spans_s[i] > 0}
