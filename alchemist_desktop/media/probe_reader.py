"""Reads one media file with PyAV, in the process that calls it; whoever wants protection from it uses `ProbePool`."""

import os
import stat
from fractions import Fraction
from pathlib import Path

import av
import av.logging
from av.container import InputContainer
from av.stream import Disposition
from av.stream import Stream as AvStream
from av.video.stream import VideoStream as AvVideoStream

from alchemist_desktop.domain.job import FileStamp
from alchemist_desktop.domain.probe import Chapter, Probe, ProbeFailure
from alchemist_desktop.media.probe_dump import DumpedStream, read_dump
from alchemist_desktop.media.probe_frames import read_first_frames
from alchemist_desktop.media.probe_packets import TIME_BASE, Measured, measure
from alchemist_desktop.media.probe_streams import Known, has_decoder, read_stream, stream_duration_s, stream_tag_number
from alchemist_desktop.media.sources import is_text, source_url

# Lists of other files: a media file is what it holds itself.
_PLAYLISTS = frozenset(
    {"concat", "hls", "dash", "imf", "sdp", "rtsp", "webvtt", "tty", "image2", "vapoursynth", "avisynth", "lavfi"}
)
# A media file may open files only, no network. While the streams are looked into, key frames tell all there is to tell;
# without this most of the time goes into decoding the others.
_OPTIONS = {"protocol_whitelist": "file", "skip_frame": "nokey", "threads": "1"}

_CUT_S = 1.0  # what sound may outlast the picture, and headers may round


def read_file(path: str) -> Probe | ProbeFailure:
    """The probe of `path`, or why there is none. Never raises for a file that is missing, closed or damaged."""
    try:
        status = Path(path).stat()
        if not stat.S_ISREG(status.st_mode):
            return ProbeFailure(path=path, code="corrupt_or_unreadable_media", error="This is not a regular file.")
        if status.st_size == 0:
            return ProbeFailure(path=path, code="corrupt_or_unreadable_media", error="The file is empty.")
        if is_text(path):
            return ProbeFailure(path=path, code="corrupt_or_unreadable_media", error="The file is no media but text.")
        return _read(path, status)
    except FileNotFoundError as error:
        return ProbeFailure(path=path, code="source_missing", error=_words(error))
    except PermissionError as error:
        return ProbeFailure(path=path, code="permission_denied", error=_words(error))
    except (av.FFmpegError, OSError) as error:
        return ProbeFailure(path=path, code="corrupt_or_unreadable_media", error=_words(error))


def _words(error: Exception) -> str:
    """The system's or the demuxer's own words, without our path in them."""
    return str(getattr(error, "strerror", None) or error)


def _read(path: str, status: os.stat_result) -> Probe | ProbeFailure:
    stamp = FileStamp(size_bytes=status.st_size, mtime_ns=status.st_mtime_ns, device=status.st_dev, inode=status.st_ino)
    opened = _open(path)
    if isinstance(opened, ProbeFailure):
        return opened
    with opened as container:
        if container.format.name in _PLAYLISTS:
            message = f"The file is not media itself ({container.format.name})."
            return ProbeFailure(path=path, code="corrupt_or_unreadable_media", error=message)
        return _probe(path, stamp, container)


def _open(path: str) -> InputContainer | ProbeFailure:
    """Open `path`, with the demuxer's messages caught while it does; they say more than its error code."""
    av.logging.set_level(av.logging.ERROR)
    with av.logging.Capture() as messages:
        try:
            return av.open(source_url(path), options=_OPTIONS, metadata_errors="replace")
        except av.InvalidDataError as error:
            said = [text.strip() for _, _, text in messages] + [_words(error)]
            return ProbeFailure(path=path, code="corrupt_or_unreadable_media", error="; ".join(dict.fromkeys(said)))
        finally:
            av.logging.set_level(None)


def _probe(path: str, stamp: FileStamp, container: InputContainer) -> Probe:
    dumped = read_dump(_dump(container))
    known = {stream.index: Known(dump=dumped.get(stream.index, DumpedStream())) for stream in container.streams}
    for stream in container.streams:
        if isinstance(stream, AvVideoStream) and has_decoder(stream) and not stream.disposition & Disposition.attached_pic:
            known[stream.index].frames = read_first_frames(container, stream)
    recorded = _recorded_bitrates(container, stamp.size_bytes)
    measured = measure(container, stamp.size_bytes, frozenset(known) - recorded.keys())
    announced_s = _announced_s(container, measured)
    is_cut = announced_s is not None and measured.last_s is not None and announced_s - measured.last_s > _CUT_S
    _join(known, recorded, measured, is_cut=is_cut)
    duration_s = announced_s or measured.last_s
    return Probe(
        path=path,
        stamp=stamp,
        container=container.format.name,
        duration_s=duration_s,
        start_s=(container.start_time or 0) / TIME_BASE,
        bitrate_bps=container.bit_rate or (round(stamp.size_bytes * 8 / duration_s) if duration_s else None),
        last_packet_s=measured.last_s,
        streams=tuple(read_stream(stream, known[stream.index], container.format.name) for stream in container.streams),
        chapters=_chapters(container),
        tags=dict(container.metadata),
    )


def _announced_s(container: InputContainer, measured: Measured) -> float | None:
    """How long the headers say that picture and sound last: a container counts its subtitles too, and one without an end
    makes it announce days."""
    if not container.duration:
        return None
    whole_s = container.duration / TIME_BASE
    subtitles = [stream for stream in container.streams if stream.type == "subtitle"]
    told_s = [stream_duration_s(stream) or 0.0 for stream in subtitles]
    seen_s = [measured.ends_s.get(stream.index, 0.0) for stream in subtitles]
    if max((*told_s, *seen_s), default=0.0) < whole_s - _CUT_S / 10:
        return whole_s
    others = [stream_duration_s(stream) for stream in container.streams if stream.type in {"video", "audio"}]
    longest_s = max((length_s for length_s in others if length_s), default=None)
    if longest_s is not None and longest_s < whole_s:
        return longest_s
    return measured.last_s if max(seen_s, default=0.0) >= whole_s - _CUT_S / 10 else whole_s


def _dump(container: InputContainer) -> str:
    """FFmpeg's description of the file; chroma locations are in it at the verbose level only."""
    av.logging.set_libav_level(av.logging.VERBOSE)
    av.logging.set_level(av.logging.VERBOSE)
    try:
        text: str = container.dumps_format()  # type: ignore[attr-defined]  # its stub forgot the method
        return text
    finally:
        av.logging.set_level(None)
        av.logging.set_libav_level(av.logging.INFO)


def _recorded_bitrates(container: InputContainer, size_bytes: int) -> dict[int, int]:
    """What the headers or Matroska's statistics tags say; the tags only when they can be true.

    Tools that copy tags from another file leave statistics that belong to that one.
    """
    tagged = {stream.index: rate for stream in container.streams if (rate := _tagged_bitrate(stream))}
    duration_s = container.duration / TIME_BASE if container.duration else 0.0
    tagged_bytes = sum(tagged.values()) * duration_s / 8
    is_complete = all(stream.index in tagged for stream in container.streams if stream.type in {"video", "audio"})
    if tagged_bytes > size_bytes * 1.02 or (is_complete and tagged_bytes < size_bytes * 0.8):
        tagged = {}
    headers = {
        stream.index: stream.codec_context.bit_rate
        for stream in container.streams
        if has_decoder(stream) and stream.codec_context.bit_rate
    }
    return headers | tagged


def _tagged_bitrate(stream: AvStream) -> int | None:
    if rate := stream_tag_number(stream, "BPS"):
        return rate
    size_bytes, duration_s = stream_tag_number(stream, "NUMBER_OF_BYTES"), stream_duration_s(stream)
    return round(size_bytes * 8 / duration_s) if size_bytes and duration_s else None


def _join(known: dict[int, Known], recorded: dict[int, int], measured: Measured, *, is_cut: bool) -> None:
    """Exact counts go before records, records before samples; what is left of a cut file counts nothing."""
    first, second = (measured.bitrates, recorded) if measured.read_whole and not is_cut else (recorded, measured.bitrates)
    for index, stream in known.items():
        stream.bitrate_bps = first.get(index) or second.get(index)
        stream.packets = None if is_cut else measured.packets.get(index)
        stream.span_s = None if is_cut else measured.spans_s.get(index)
        stream.last_time_s = measured.last_times_s.get(index)


def _chapters(container: InputContainer) -> tuple[Chapter, ...]:
    chapters = []
    for chapter in container.chapters():
        unit_s = chapter["time_base"] or Fraction(0)
        start_s, end_s = float(chapter["start"] * unit_s), float(chapter["end"] * unit_s)
        chapters.append(Chapter(start_s=start_s, end_s=end_s, title=chapter["metadata"].get("title")))
    return tuple(chapters)
