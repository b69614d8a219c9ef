"""What streams a file has, read with PyAV alone, for comparing results with their sources independently of the program."""

import hashlib
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.stream import Stream
from av.video.reformatter import ColorRange
from av.video.stream import VideoStream


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFacts:
    """One stream; equal facts mean that it can be taken for the same. `codec` is "" where it has none."""

    kind: str
    codec: str
    language: str
    title: str
    roles: frozenset[str]


def inventory(path: Path) -> list[StreamFacts]:
    """The streams in their order; a cover picture has the kind "picture"."""
    with av.open(str(path)) as media:
        return [_facts(stream) for stream in media.streams]


def _facts(stream: Stream) -> StreamFacts:
    flags = type(stream.disposition)
    roles = frozenset(flag.name for flag in flags if flag.name and stream.disposition & flag)
    context = getattr(stream, "codec_context", None)
    return StreamFacts(
        kind="picture" if "attached_pic" in roles else stream.type,
        codec="" if context is None else context.codec.canonical_name,
        language=stream.metadata.get("language", "und"),
        title=stream.metadata.get("title") or _handler_title(stream.metadata.get("handler_name", "")),
        roles=roles,
    )


def _handler_title(name: str) -> str:
    """MP4 has no titles of tracks; players show the handler's name, which is a general one where nobody chose it."""
    return "" if name.endswith("Handler") else name


def chapter_titles(path: Path) -> list[str]:
    with av.open(str(path)) as media:
        return [str(chapter["metadata"].get("title", "")) for chapter in media.chapters()]


def frame_count(path: Path) -> int:
    """How many pictures of the first video can be decoded; raises `av.FFmpegError` for a file that breaks off."""
    with av.open(str(path)) as media:
        return sum(1 for _ in media.decode(video=0))


def video_span_s(path: Path) -> float:
    """From the first decoded picture of the best video to the last one."""
    with av.open(str(path)) as media:
        best = media.streams.best("video")
        assert best is not None, f"no video in {path}"
        times = [frame.time for frame in media.decode(video=media.streams.video.index(best)) if frame.time is not None]
    return max(times) - min(times)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a picture is to be shown: its size on the screen after turning and stretching, and its colours."""

    size: tuple[int, int]
    transfer: int
    primaries: int
    is_full_range: bool
    has_mastering_display: bool
    has_light_level: bool


def look(path: Path) -> Look:
    """The look of the first frame of the best video, as a player would show it."""
    with av.open(str(path)) as media:
        stream = media.streams.best("video")
        assert isinstance(stream, VideoStream), f"no video in {path}"
        aspect = stream.sample_aspect_ratio or Fraction(1)
        frame = next(media.decode(video=media.streams.video.index(stream)))
    size = (round(frame.width * aspect), frame.height)
    told = " ".join(map(repr, frame.side_data))
    return Look(
        size=size[::-1] if frame.rotation % 180 else size,
        transfer=int(frame.color_trc),
        primaries=int(frame.color_primaries),
        is_full_range=frame.color_range == ColorRange.JPEG,
        has_mastering_display="MASTERING_DISPLAY_METADATA" in told,
        has_light_level="CONTENT_LIGHT_LEVEL" in told,
    )


def counted(facts: list[StreamFacts], kind: str) -> Counter[tuple[str, str, frozenset[str]]]:
    """How often each language, title and set of roles (the default mark left out) occurs among the streams of `kind`."""
    return Counter((one.language, one.title, one.roles - {"default"}) for one in facts if one.kind == kind)


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
