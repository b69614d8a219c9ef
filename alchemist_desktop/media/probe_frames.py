"""Decodes the first pictures of a stream, for what only they tell: HDR metadata, interlacing, colours of raw streams."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import cast

import av
from av.container import InputContainer
from av.sidedata.sidedata import SideDataContainer
from av.sidedata.sidedata import Type as SideDataType
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from alchemist_desktop.domain.probe import HdrStatic
from alchemist_desktop.media.probe_color import color_of, content_light, mastering_display
from alchemist_desktop.media.probe_dump import clockwise
from alchemist_desktop.media.probe_streams import FirstFrames

MOST_PACKETS = 120  # beyond that a stream without a decodable picture is given up
MOST_FRAMES = 5  # looked at for interlacing


def read_first_frames(container: InputContainer, stream: VideoStream) -> FirstFrames:
    """Decode one picture, or a few where the container leaves open whether the stream is interlaced."""
    wanted = 1 if stream.codec_context.field_order else MOST_FRAMES
    stream.codec_context.thread_count = 1  # frame threads would have to be fed several packets before the first picture
    result = FirstFrames()
    for number, frame in enumerate(_decode(container, stream), start=1):
        if number == 1:
            result = _read(frame)
        result.is_interlaced = bool(result.is_interlaced) or frame.interlaced_frame
        if number >= wanted:
            break
    return result


def _decode(container: InputContainer, stream: VideoStream) -> Iterator[VideoFrame]:
    with suppress(av.FFmpegError):
        for number, packet in enumerate(container.demux(stream)):
            if number >= MOST_PACKETS:
                return
            with suppress(av.InvalidDataError):
                yield from packet.decode()


def _read(frame: VideoFrame) -> FirstFrames:
    side_data = {item.type: bytes(item) for item in cast("SideDataContainer", frame.side_data)}  # its stub says one item
    return FirstFrames(
        color=color_of(
            primaries=frame.color_primaries, transfer=frame.color_trc, space=frame.colorspace, range_=frame.color_range
        ),
        pixel_format=frame.format.name,
        rotation=clockwise(frame.rotation),
        is_interlaced=frame.interlaced_frame,
        hdr_static=_hdr_static(side_data),
        hdr10_plus=SideDataType.DYNAMIC_HDR_PLUS in side_data,
        has_dolby_vision=not side_data.keys().isdisjoint({SideDataType.DOVI_RPU_BUFFER, SideDataType.DOVI_METADATA}),
    )


def _hdr_static(side_data: Mapping[SideDataType, bytes]) -> HdrStatic | None:
    display = mastering_display(side_data.get(SideDataType.MASTERING_DISPLAY_METADATA, b""))
    light = content_light(side_data.get(SideDataType.CONTENT_LIGHT_LEVEL, b""))
    if display is None and light is None:
        return None
    max_cll, max_fall = light or (None, None)
    return HdrStatic(mastering_display=display, max_cll=max_cll, max_fall=max_fall)
