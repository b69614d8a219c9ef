"""A probe on the wire, where it is called metadata."""

from alchemist_desktop.api.schemas.encoding import JsonObject
from alchemist_desktop.domain.probe import AudioStream, Color, DynamicRange, Probe, SubtitleStream, VideoStream


def metadata_json(probe: Probe) -> JsonObject:
    video = probe.main_video
    audio = next((a for a in probe.audios if a.is_default), next(iter(probe.audios), None))
    return {
        "path": probe.path,
        "duration_secs": probe.duration_s or 0.0,
        "container": probe.container,
        "container_bitrate_bps": probe.bitrate_bps,
        "size_bytes": probe.stamp.size_bytes,
        "chapter_count": len(probe.chapters),
        **_video_json(video),
        "audio_codec": audio.codec if audio else None,
        "audio_channels": audio.channels if audio else None,
        "audio_bitrate_bps": audio.bitrate_bps if audio else None,
        "audio_is_heavy": audio is not None and audio.is_lossless,
        "subtitle_streams": [_subtitle_json(stream) for stream in probe.subtitles],
        "audio_streams": [_audio_json(stream) for stream in probe.audios],
    }


def _video_json(video: VideoStream | None) -> JsonObject:
    color = video.color if video else Color()
    return {
        "codec_name": video.codec if video else "",
        "width": video.width if video else 0,
        "height": video.height if video else 0,
        "fps": video.fps if video else 0.0,
        "bit_depth": video.bit_depth if video else None,
        "color_primaries": color.primaries,
        "color_transfer": color.transfer,
        "color_space": color.space,
        "color_range": color.range,
        "video_bitrate_bps": video.bitrate_bps if video else None,
        "dynamic_range": video.dynamic_range if video else DynamicRange.UNKNOWN,
    }


def _subtitle_json(stream: SubtitleStream) -> JsonObject:
    return {
        "stream_index": stream.index,
        "codec_name": stream.codec,
        "language": stream.language,
        "title": stream.title,
        "default": stream.is_default,
        "forced": stream.is_forced,
        "burnable": stream.is_text,
    }


def _audio_json(stream: AudioStream) -> JsonObject:
    return {
        "stream_index": stream.index,
        "codec_name": stream.codec,
        "language": stream.language,
        "title": stream.title,
        "channels": stream.channels,
        "default": stream.is_default,
        "forced": stream.is_forced,
    }
