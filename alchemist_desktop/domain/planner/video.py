"""Plans how the main picture is encoded: format, filters, colour and HDR."""

from dataclasses import dataclass, replace

from alchemist_desktop.domain.capability import Capabilities, Encoder
from alchemist_desktop.domain.plan import Quality, VideoEncode
from alchemist_desktop.domain.planner import filters
from alchemist_desktop.domain.probe import Color, DynamicRange, Probe, SubtitleStream, VideoStream
from alchemist_desktop.domain.profile import EncodingRules, HdrMode, OutputCodec

_HDR = frozenset({DynamicRange.HDR10, DynamicRange.HLG})
_BASE_BY_TRANSFER = {"smpte2084": DynamicRange.HDR10, "arib-std-b67": DynamicRange.HLG}
# Dolby Vision compatibility ids: what the base picture is for a player that knows nothing of Dolby Vision.
_BASE_BY_COMPATIBILITY = {1: DynamicRange.HDR10, 4: DynamicRange.HLG, 6: DynamicRange.HDR10}
_HDR_TRANSFER = {DynamicRange.HDR10: "smpte2084", DynamicRange.HLG: "arib-std-b67"}
# Colour words that say nothing; frames of RGB sources carry "gbr", which an encode to 4:2:0 does not keep.
_ALPHA_FORMATS = ("yuva", "gbrap", "rgba", "bgra", "argb", "abgr", "ya8", "ya16", "vuya", "ayuv", "pal8")
_EMPTY_WORDS = frozenset({"unknown", "unspecified", "reserved", "gbr", "rgb", ""})


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoPlan:
    """The encode of the main picture and the sentences about what it does not keep as it was."""

    encode: VideoEncode
    notes: tuple[str, ...] = ()


def base_range(video: VideoStream) -> DynamicRange:
    """The brightness system of the picture itself, whatever layers lie on top of it."""
    by_transfer = _BASE_BY_TRANSFER.get(video.color.transfer or "")
    if by_transfer is not None:
        return by_transfer
    if video.dolby_vision is not None:
        return _BASE_BY_COMPATIBILITY.get(video.dolby_vision.compatibility_id, DynamicRange.SDR)
    return video.dynamic_range if video.dynamic_range in _HDR else DynamicRange.SDR


def has_no_base_picture(video: VideoStream) -> bool:
    """Whether only Dolby Vision devices can show the picture, so that every encode would spoil its colours."""
    vision = video.dolby_vision
    return vision is not None and vision.profile == 5 and vision.compatibility_id == 0


def wants_10bit(video: VideoStream) -> bool:
    return (video.bit_depth or 8) > 8 or base_range(video) in _HDR


def can_map_tones(capabilities: Capabilities) -> bool:
    return has_filter(capabilities, "zscale") and has_filter(capabilities, "tonemap")


def has_filter(capabilities: Capabilities, name: str) -> bool:
    """An empty list of filters means that nobody has looked, not that there are none."""
    return not capabilities.filters or name in capabilities.filters


def plan_video(
    probe: Probe,
    video: VideoStream,
    encoder: Encoder,
    rules: EncodingRules,
    capabilities: Capabilities,
    *,
    burn: SubtitleStream | None = None,
) -> VideoPlan:
    """The encode of `video` with `encoder`, with the subtitle `burn` drawn into it."""
    bit_depth = _output_depth(video, encoder)
    pixel_format = "yuv420p10le" if bit_depth == 10 else "yuv420p"
    source_range = base_range(video)
    maps_tones = source_range in _HDR and (rules.hdr_mode is HdrMode.TONEMAP or bit_depth == 8)
    maps_tones = maps_tones and can_map_tones(capabilities)
    source_color = _source_color(video, source_range)
    color = filters.SDR_COLOR if maps_tones else source_color
    upright = video.rotation % 180 == 0
    width, height = (video.width, video.height) if upright else (video.height, video.width)
    encode = VideoEncode(
        encoder=encoder,
        quality=_quality(rules, encoder),
        pixel_format=pixel_format,
        bit_depth=bit_depth,
        width=width + width % 2,
        height=height + height % 2,
        color=color,
        dynamic_range=DynamicRange.SDR if maps_tones else source_range,
        hdr_static=video.hdr_static if source_range is DynamicRange.HDR10 and not maps_tones else None,
        threads=rules.threads,
    )
    chain = _geometry(video, rules, width, height)
    if maps_tones:
        chain += filters.tonemap(rules, source_color, pixel_format)
    if burn is not None:
        chain += filters.burn_in(probe.path, probe.subtitles.index(burn), probe.start_s)
    tags = filters.tag_color(color)
    chain += (tags,) if tags else ()
    return VideoPlan(encode=replace(encode, filters=chain), notes=_notes(video, rules, encode, maps_tones=maps_tones))


def _output_depth(video: VideoStream, encoder: Encoder) -> int:
    """H.264 stays at 8 bit, the only depth every player decodes. AV1 always gets 10: every AV1 decoder must take it, and
    it avoids banding at no cost in size. HEVC gets 10 only for sources that have more than 8, as old devices lack Main 10.
    """
    if encoder.codec is OutputCodec.H264 or not encoder.supports_10bit:
        return 8
    return 10 if encoder.codec is OutputCodec.AV1 or wants_10bit(video) else 8


def _quality(rules: EncodingRules, encoder: Encoder) -> Quality:
    # An exact value belongs to the scale of the codec it was chosen for; on another one it would mean something else.
    value = rules.crf_override if encoder.codec is rules.codec else None
    return Quality(word=rules.quality, preset=rules.cpu_preset, value=value, bitrate_kbps=rules.video_bitrate_kbps)


def _geometry(video: VideoStream, rules: EncodingRules, width: int, height: int) -> tuple[str, ...]:
    chain: tuple[str, ...] = ()
    if video.is_interlaced and rules.deinterlace:
        chain += (filters.DEINTERLACE,)
    if width % 2 or height % 2:
        chain += (filters.pad_to_even(width, height),)
    return chain


def _source_color(video: VideoStream, source_range: DynamicRange) -> Color:
    color = Color(
        primaries=_word(video.color.primaries),
        transfer=_word(video.color.transfer),
        space=_word(video.color.space),
        range=_word(video.color.range),
        chroma_location=_word(video.color.chroma_location),
    )
    if source_range not in _HDR:
        return color
    return replace(
        color,
        primaries=color.primaries or "bt2020",
        transfer=color.transfer or _HDR_TRANSFER[source_range],
        space=color.space or "bt2020nc",
    )


def _word(value: str | None) -> str | None:
    return None if value is None or value in _EMPTY_WORDS else value


def _notes(video: VideoStream, rules: EncodingRules, encode: VideoEncode, *, maps_tones: bool) -> tuple[str, ...]:
    kept_hdr = not maps_tones and encode.dynamic_range in _HDR
    h264 = encode.encoder.codec is OutputCodec.H264
    said = (
        (maps_tones and rules.hdr_mode is HdrMode.PRESERVE,
         f"The HDR picture is mapped to SDR, because {encode.encoder.name} writes 8 bit only."),
        (maps_tones and rules.hdr_mode is HdrMode.TONEMAP, "The HDR picture is mapped to SDR."),
        (kept_hdr and rules.hdr_mode is HdrMode.TONEMAP,
         "The HDR picture is kept, because this FFmpeg cannot map tones."),
        (video.dolby_vision is not None, "The Dolby Vision layer is left out; the base picture is kept."),
        (video.hdr10_plus, "The dynamic HDR10+ metadata is left out; the static HDR10 values are kept."
         if kept_hdr else "The HDR10+ metadata is left out."),
        (video.is_interlaced and not rules.deinterlace, "The picture stays interlaced, its two fields woven together."),
        (bool(video.width % 2 or video.height % 2), "A black line is added at the edge, as the size must be even."),
        (not h264 and (video.bit_depth or 8) > 10, "The picture is reduced to 10 bit."),
        (h264 and (video.bit_depth or 8) > 8 and not maps_tones, "The picture is reduced to 8 bit, which every player shows."),
        (_has_fine_chroma(video), "The colour resolution is reduced to 4:2:0."),
        (_has_alpha(video), "The transparency of the picture is left out."),
    )  # fmt: skip
    return tuple(sentence for applies, sentence in said if applies)


def _has_fine_chroma(video: VideoStream) -> bool:
    name = video.pixel_format or ""
    return any(mark in name for mark in ("422", "444", "gbr", "rgb", "bgr"))


def _has_alpha(video: VideoStream) -> bool:
    name = video.pixel_format or ""
    # VP8 and VP9 keep it beside the picture, where only the container tells of it.
    return name.startswith(_ALPHA_FORMATS) or video.tags.get("alpha_mode") == "1"
