"""Turns PyAV's stream objects into the domain's streams."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from av.audio.stream import AudioStream as AvAudioStream
from av.stream import Disposition
from av.stream import Stream as AvStream
from av.video.format import VideoFormat
from av.video.stream import VideoStream as AvVideoStream

from alchemist_desktop.domain.probe import (
    AttachmentStream,
    AudioStream,
    Color,
    DataStream,
    DolbyVision,
    HdrStatic,
    Stream,
    SubtitleStream,
    VideoStream,
)
from alchemist_desktop.media.probe_color import color_of, dynamic_range_of, merged
from alchemist_desktop.media.probe_dump import DumpedStream

_FIELD_ORDERS = {1: "progressive", 2: "tt", 3: "bb", 4: "tb", 5: "bt"}
_TOOL_HANDLER = re.compile(
    r"handler|^core media|^iso media|gpac|^mp4|^(?:video|audio|sound|text|subtitles?|data|time ?code)( (?:media|track))?$",
    re.IGNORECASE,
)
_CLOCK_TEXT = re.compile(r"(\d+):(\d\d):(\d\d(?:\.\d+)?)")


@dataclass(slots=True, kw_only=True)
class FirstFrames:
    """What the first decoded pictures of a stream tell; empty when nothing could be decoded."""

    color: Color = field(default_factory=Color)
    pixel_format: str | None = None
    rotation: int = 0
    is_interlaced: bool | None = None  # None: no picture was decoded
    hdr_static: HdrStatic | None = None
    hdr10_plus: bool = False
    has_dolby_vision: bool = False


@dataclass(slots=True, kw_only=True)
class Known:
    """Everything that was found out about one stream besides PyAV's object for it."""

    dump: DumpedStream = field(default_factory=DumpedStream)
    frames: FirstFrames = field(default_factory=FirstFrames)
    bitrate_bps: int | None = None
    packets: int | None = None
    span_s: float | None = None  # from the first packet's start to the last one's end
    last_time_s: float | None = None


def read_stream(stream: AvStream, known: Known, demuxer: str) -> Stream:
    """The domain's form of one stream; anything that is not picture, sound, subtitle or attachment is data."""
    common = _common(stream, known, demuxer)
    if isinstance(stream, AvVideoStream):
        return _video(stream, known, common)
    if isinstance(stream, AvAudioStream):
        return _audio(stream, common)
    if stream.type == "subtitle":
        return SubtitleStream(**common)
    if stream.type == "attachment":
        tags = stream.metadata
        return AttachmentStream(**common, filename=tags.get("filename"), mimetype=tags.get("mimetype"))
    return DataStream(**common, codec_tag=known.dump.codec_tag)


def _common(stream: AvStream, known: Known, demuxer: str) -> dict[str, Any]:
    tags = dict(stream.metadata)
    language = tags.get("language")
    return {
        "index": stream.index,
        "codec": known.dump.codec,
        "language": None if language in {None, "", "und"} else language,
        "title": tags.get("title") or (_handler_title(tags) if "mp4" in demuxer.split(",") else None),
        "dispositions": frozenset(flag.name for flag in Disposition if flag & stream.disposition and flag.name),
        "tags": tags,
        "duration_s": stream_duration_s(stream),
        "last_time_s": known.last_time_s,
        "bitrate_bps": known.bitrate_bps,
    }


def has_decoder(stream: AvStream) -> bool:
    """Whether PyAV has a codec context for the stream; where its library has no decoder, it is None against its type."""
    return bool(stream.codec_context)


def stream_duration_s(stream: AvStream) -> float | None:
    """What the stream's DURATION tag announces, or its header: where that has no length, FFmpeg puts the file's there."""
    match = _CLOCK_TEXT.match(stream_tag(stream, "DURATION") or "")
    if match and any(float(part) for part in match.groups()):
        return int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3])
    return float(stream.duration * stream.time_base) if stream.duration and stream.time_base else None


def _handler_title(tags: dict[str, str]) -> str | None:
    """MP4 and MOV have no titles of tracks; the handler's name stands for one, unless a tool has put its own there."""
    name = tags.get("handler_name", "").strip()
    return None if not name or _TOOL_HANDLER.search(name) else name


def stream_tag(stream: AvStream, name: str) -> str | None:
    """A tag by its name or, as some writers have it, the name with a language behind it (`BPS-eng`)."""
    return next((value for key, value in stream.metadata.items() if key == name or key.startswith(f"{name}-")), None)


def stream_tag_number(stream: AvStream, name: str) -> int | None:
    """A tag that counts something; None for 0 and for anything that is not a number."""
    text = stream_tag(stream, name)
    return int(text) if text and text.isascii() and text.isdigit() and int(text) > 0 else None


def _audio(stream: AvAudioStream, common: dict[str, Any]) -> AudioStream:
    if not has_decoder(stream):
        return AudioStream(**common)
    context = stream.codec_context
    layout = context.layout
    return AudioStream(
        **common,
        channels=layout.nb_channels,
        channel_layout=None if re.fullmatch(r"\d+ channels", layout.name) else layout.name,
        sample_rate_hz=context.sample_rate or 0,
        profile=context.profile,
    )


def _video(stream: AvVideoStream, known: Known, common: dict[str, Any]) -> VideoStream:
    is_picture = bool(stream.disposition & Disposition.attached_pic)
    if not has_decoder(stream):
        return VideoStream(**common, is_attached_picture=is_picture)
    context = stream.codec_context
    frames = known.frames
    color = merged(_container_color(stream, known.dump), frames.color)
    dolby_vision = known.dump.dolby_vision or _guess_dolby_vision(frames, color)
    pixel_format = context.pix_fmt or frames.pixel_format
    frame_count = known.packets or _announced_frames(stream)
    fps = _average_rate(stream, frame_count, known.span_s or stream_duration_s(stream))
    return VideoStream(
        **common,
        width=context.width,
        height=context.height,
        pixel_format=pixel_format,
        bit_depth=_bit_depth(pixel_format),
        fps=float(fps),
        fps_ratio=(fps.numerator, fps.denominator),
        real_fps=float(stream.base_rate or 0),
        sample_aspect=_sample_aspect(stream),
        rotation=known.dump.rotation or frames.rotation,
        field_order=_field_order(stream, frames),
        color=color,
        dynamic_range=dynamic_range_of(color, dolby_vision),
        hdr_static=frames.hdr_static,
        hdr10_plus=frames.hdr10_plus,
        dolby_vision=dolby_vision,
        profile=context.profile,
        frame_count=frame_count,
        is_attached_picture=is_picture,
    )


def _announced_frames(stream: AvVideoStream) -> int | None:
    """The container's count of pictures, unless there are more than its rate allows: AVI may count in other units."""
    frames = stream.frames or stream_tag_number(stream, "NUMBER_OF_FRAMES")
    most = (stream.average_rate or 0) * (stream_duration_s(stream) or 0)
    return frames if frames and (not most or frames <= most * 1.1 + 2) else None


def _average_rate(stream: AvVideoStream, frame_count: int | None, span_s: float | None) -> Fraction:
    """Pictures per second. FFmpeg guesses from the first few where the container has no index; fewer were counted if some
    of them are missing later on, which is what a variable rate looks like.
    """
    guessed = stream.average_rate or Fraction(0)
    if not frame_count or not span_s or frame_count >= guessed * span_s * 0.99 - 1:
        return guessed
    return Fraction(frame_count / span_s).limit_denominator(1001)


def _container_color(stream: AvVideoStream, dump: DumpedStream) -> Color:
    context = stream.codec_context
    return color_of(
        primaries=context.color_primaries,
        transfer=context.color_trc,
        space=context.colorspace,
        range_=context.color_range,
        chroma_location=dump.chroma_location,
    )


def _guess_dolby_vision(frames: FirstFrames, color: Color) -> DolbyVision | None:
    """For streams with Dolby Vision data in their pictures but without a record: only a usable base picture is described."""
    if not frames.has_dolby_vision:
        return None
    if color.transfer == "smpte2084":
        return DolbyVision(profile=8, compatibility_id=1)
    if color.transfer == "arib-std-b67":
        return DolbyVision(profile=8, compatibility_id=4)
    return DolbyVision(profile=5)


def _bit_depth(pixel_format: str | None) -> int | None:
    if pixel_format is None:
        return None
    depth: int | None = None
    with suppress(ValueError):  # a format newer than the library knows
        depth = max((component.bits for component in VideoFormat(pixel_format).components), default=None)
    return depth


def _sample_aspect(stream: AvVideoStream) -> tuple[int, int]:
    ratio = stream.sample_aspect_ratio
    return (ratio.numerator, ratio.denominator) if ratio and ratio > 0 else (1, 1)


def _field_order(stream: AvVideoStream, frames: FirstFrames) -> str:
    announced = _FIELD_ORDERS.get(stream.codec_context.field_order)
    if announced is not None:
        return announced
    if frames.is_interlaced is None:
        return "unknown"
    if not frames.is_interlaced:
        return "progressive"
    return "bb" if stream.codec_context.name == "dvvideo" else "tt"  # what each family uses where nobody says
