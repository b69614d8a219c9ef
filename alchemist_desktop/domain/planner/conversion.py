"""Plans a conversion: the planner's plan for what was chosen, with the size, sound and colours a person asked for."""

import re
from dataclasses import replace

from alchemist_desktop.domain.capability import Capabilities
from alchemist_desktop.domain.conversion import ConversionAudio, ConversionResolution, ConversionSettings
from alchemist_desktop.domain.errors import InvalidRequestError
from alchemist_desktop.domain.plan import Action, AudioEncode, Estimate, Plan, StreamAction, StreamKind, StreamPlan, VideoEncode
from alchemist_desktop.domain.planner.containers import container_for
from alchemist_desktop.domain.planner.decide import make_plan
from alchemist_desktop.domain.planner.subtitles import burn_candidate
from alchemist_desktop.domain.probe import AudioStream, Color, DynamicRange, Probe
from alchemist_desktop.domain.profile import AudioMode, CpuPreset, EncodingRules, HdrMode, OutputCodec, StreamRules, SubtitleMode

_VIDEO_CODECS = frozenset({"copy", *OutputCodec})
_AUDIO_CODECS = frozenset({"copy", "aac", "opus", "mp3", "remove"})
_SUBTITLE_MODES = {"copy": SubtitleMode.COPY, "burn": SubtitleMode.BURN, "remove": SubtitleMode.NONE}
_HDR_MODES = frozenset({"preserve", "tonemap", "strip_metadata"})
_RESOLUTION_MODES = frozenset({"original", "custom", "scale_factor"})
_COPYABLE = frozenset({"av1", "hevc", "h264", "h265", "avc1"})
_MOV_CONTAINERS = frozenset({"mp4", "m4v", "mov"})
_MOV_SUBTITLES = frozenset({"mov_text", "tx3g"})
_EXTENSION = re.compile(r"[a-z0-9]{1,8}")
_CHANNELS = {"auto": None, "stereo": 2, "mono": 1, "5.1": 6, "7.1": 8}
_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "quad", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
_AUDIO_ENCODERS = {"aac": "aac", "opus": "libopus", "mp3": "libmp3lame"}
_DEFAULT_KBPS = {"aac": 160, "opus": 160, "mp3": 192}
_MOST_KBPS = {"aac": 512, "opus": 510, "mp3": 320}
_MOST_CHANNELS = {"aac": 8, "opus": 8, "mp3": 2}
_LEAST_KBPS = 32
_DEFAULT_QUALITY, _DEFAULT_KBPS_VIDEO = 24, 4000
_MOST_QUALITY, _MOST_KBPS_VIDEO = 63, 1_000_000
_MOST_PIXELS_A_SIDE = 16_384
_NO_COLOR = (
    "setparams=color_primaries=unknown:color_trc=unknown:colorspace=unknown",
    "sidedata=mode=delete:type=MASTERING_DISPLAY_METADATA",
    "sidedata=mode=delete:type=CONTENT_LIGHT_LEVEL",
)


def plan_conversion(probe: Probe, settings: ConversionSettings, base: EncodingRules, capabilities: Capabilities) -> Plan:
    """What carries out `settings`, with `base` for all they do not say.

    Raises InvalidRequestError (CONVERSION_PREVIEW_FAILED) for what is not possible with this file.
    """
    chosen = settings.normalised()
    _check_words(chosen)
    _check_source(chosen, probe)
    plan = make_plan(probe, _rules(chosen, base), capabilities)
    if plan.action is Action.SKIP:
        raise _impossible(f"{plan.explanation.summary} {plan.explanation.detail}")
    plan = replace(plan, streams=tuple(_with_sound(stream, chosen, probe, capabilities) for stream in plan.streams))
    if plan.video is None:
        return plan
    video = _scaled(plan.video, chosen.video.resolution)
    if chosen.video.hdr_mode == "strip_metadata" and video.dynamic_range is not DynamicRange.SDR:
        video = _without_color(video)
    return replace(plan, video=video, estimate=_estimate(plan, video), abort_above_bytes=None)


def _check_words(chosen: ConversionSettings) -> None:
    video = chosen.video
    checks = (
        (_EXTENSION.fullmatch(chosen.output_container) is not None, "The container must be a file name extension."),
        (video.codec in _VIDEO_CODECS, f"{video.codec!r} is no video codec that can be chosen."),
        (chosen.audio.codec in _AUDIO_CODECS, f"{chosen.audio.codec!r} is no sound codec that can be chosen."),
        (chosen.subtitles.mode in _SUBTITLE_MODES, f"{chosen.subtitles.mode!r} is nothing that can be done with subtitles."),
        (video.hdr_mode in _HDR_MODES, f"{video.hdr_mode!r} is nothing that can be done with HDR pictures."),
        (video.resolution.mode in _RESOLUTION_MODES, f"{video.resolution.mode!r} is no way to choose a size."),
        (_is_value_possible(chosen), "The quality or bit rate is out of range."),
        (_channels(chosen.audio.channels) != 0, f"{chosen.audio.channels!r} is no number of channels."),
    )
    for is_right, sentence in checks:
        if not is_right:
            raise _impossible(sentence)


def _is_value_possible(chosen: ConversionSettings) -> bool:
    value = chosen.video.value
    if value is None:
        return True
    return 1 <= value <= _MOST_KBPS_VIDEO if chosen.video.mode == "bitrate" else 0 <= value <= _MOST_QUALITY


def _check_source(chosen: ConversionSettings, probe: Probe) -> None:
    video, is_copy = chosen.video, chosen.video.codec == "copy"
    source = probe.main_video
    subtitles, mode = probe.subtitles, chosen.subtitles.mode
    to_mov = chosen.output_container in _MOV_CONTAINERS
    impossible = (
        (is_copy and video.resolution.mode != "original", "A picture that is copied keeps its size."),
        (is_copy and video.hdr_mode != "preserve", "A picture that is copied keeps its colours."),
        (is_copy and mode == "burn", "Nothing can be drawn into a picture that is copied."),
        (is_copy and source is not None and source.codec not in _COPYABLE, "A picture of this format cannot be copied."),
        (mode == "burn" and burn_candidate(subtitles) is None, "There are no subtitles that can be drawn into the picture."),
        (
            mode == "copy" and to_mov and any(s.codec not in _MOV_SUBTITLES for s in subtitles),
            f"{chosen.output_container} cannot hold the subtitles as they are.",
        ),
    )
    for applies, sentence in impossible:
        if applies:
            raise _impossible(sentence)


def _rules(chosen: ConversionSettings, base: EncodingRules) -> EncodingRules:
    video = chosen.video
    by_bitrate = video.mode == "bitrate"
    presets = {preset.value: preset for preset in CpuPreset}
    return replace(
        base,
        codec=base.codec if video.codec == "copy" else OutputCodec(video.codec),
        crf_override=None if by_bitrate else (_DEFAULT_QUALITY if video.value is None else video.value),
        video_bitrate_kbps=(video.value or _DEFAULT_KBPS_VIDEO) if by_bitrate else None,
        cpu_preset=presets.get(video.preset or "", CpuPreset.MEDIUM),
        hdr_mode=HdrMode.TONEMAP if video.hdr_mode == "tonemap" else HdrMode.PRESERVE,
        audio_mode=AudioMode.COPY,
        subtitle_mode=_SUBTITLE_MODES[chosen.subtitles.mode],
        stream_rules=StreamRules(),
        output_extension=chosen.output_container,
        allow_fallback=False,
        is_conversion=True,
        remux_only=video.codec == "copy",
    )


def _with_sound(stream: StreamPlan, chosen: ConversionSettings, probe: Probe, capabilities: Capabilities) -> StreamPlan:
    codec = chosen.audio.codec
    if stream.kind is not StreamKind.AUDIO or codec == "copy" or not stream.is_in_output:
        return stream
    if codec == "remove":
        note = f"Sound track {stream.index} is left out: no sound is wanted."
        return replace(stream, action=StreamAction.DROP, codec=None, audio=None, note=note)
    if codec not in container_for(chosen.output_container).audio:
        raise _impossible(f"{chosen.output_container} cannot hold {codec} sound.")
    if _AUDIO_ENCODERS[codec] not in capabilities.audio_encoders:
        raise _impossible(f"This FFmpeg cannot encode {codec}.")
    source = next(audio for audio in probe.audios if audio.index == stream.index)
    return replace(stream, action=StreamAction.ENCODE, codec=codec, audio=_sound(source, chosen.audio), note=None)


def _sound(source: AudioStream, chosen: ConversionAudio) -> AudioEncode:
    codec = chosen.codec
    channels = min(_channels(chosen.channels) or max(source.channels, 1), _MOST_CHANNELS[codec])
    layout = "4.0" if (codec, channels) == ("aac", 4) else _LAYOUTS[channels]
    if (codec, channels) == ("aac", 7):
        channels, layout = 8, "7.1"
    kbps = min(max(chosen.bitrate_kbps or _DEFAULT_KBPS[codec], _LEAST_KBPS), _MOST_KBPS[codec])
    return AudioEncode(encoder=_AUDIO_ENCODERS[codec], codec=codec, bitrate_kbps=kbps, channels=channels, channel_layout=layout)


def _channels(word: str | None) -> int | None:
    """The number asked for; None leaves it as it is, 0 stands for a word that is no number of channels."""
    if word is None or word in _CHANNELS:
        return _CHANNELS[word or "auto"]
    is_number = word.isascii() and word.isdecimal() and len(word) <= 2
    return int(word) if is_number and int(word) in _LAYOUTS else 0


def _scaled(video: VideoEncode, wanted: ConversionResolution) -> VideoEncode:
    width, height = _wanted_size(video, wanted)
    if (width, height) == (video.width, video.height):
        return video
    if not (2 <= width <= _MOST_PIXELS_A_SIDE and 2 <= height <= _MOST_PIXELS_A_SIDE):
        raise _impossible(f"The picture cannot have {width}x{height} pixels.")
    scale = f"scale={width}:{height}:flags=lanczos"
    is_tagged = bool(video.filters) and video.filters[-1].startswith("setparams=")
    place = len(video.filters) - is_tagged
    return replace(video, width=width, height=height, filters=(*video.filters[:place], scale, *video.filters[place:]))


def _wanted_size(video: VideoEncode, wanted: ConversionResolution) -> tuple[int, int]:
    width, height = video.width, video.height
    match wanted.mode:
        case "scale_factor":
            factor = wanted.scale_factor or 1.0
            if not 0 < factor <= 16:
                raise _impossible("The picture can be scaled by at most 16.")
            return _even(width * factor), _even(height * factor)
        case "custom":
            if wanted.width is not None and wanted.height is None:
                return _even(wanted.width), _even(height * wanted.width / width)
            if wanted.height is not None and wanted.width is None:
                return _even(width * wanted.height / height), _even(wanted.height)
            return _even(wanted.width or width), _even(wanted.height or height)
    return width, height


def _even(size: float) -> int:
    return max(2, 2 * round(min(size, 2 * _MOST_PIXELS_A_SIDE) / 2))


def _without_color(video: VideoEncode) -> VideoEncode:
    kept = tuple(item for item in video.filters if not item.startswith("setparams="))
    return replace(video, color=Color(), dynamic_range=DynamicRange.SDR, hdr_static=None, filters=(*kept, *_NO_COLOR))


def _estimate(plan: Plan, video: VideoEncode) -> Estimate | None:
    """The planner's estimate, with the new number of pixels in mind unless a bit rate decides."""
    known, before = plan.estimate, plan.video
    if (
        known is None
        or before is None
        or video.quality.bitrate_kbps
        or (video.width, video.height) == (before.width, before.height)
    ):
        return known
    share = video.width * video.height / (before.width * before.height)
    time_s = None if known.encode_time_s is None else known.encode_time_s * share
    return Estimate(output_bytes=int(known.output_bytes * share), encode_time_s=time_s, confidence="low")


def _impossible(sentence: str) -> InvalidRequestError:
    return InvalidRequestError(sentence.strip(), code="CONVERSION_PREVIEW_FAILED")
