"""What can be read out of a probe, on the wire: labels and figures for people, which decide nothing."""

from alchemist_desktop.api.schemas.encoding import JsonObject
from alchemist_desktop.api.schemas.media import metadata_json
from alchemist_desktop.domain.planner.density import duration_of, measure_density
from alchemist_desktop.domain.probe import DynamicRange, Probe, VideoStream

_DENSE_BPP = 0.12
_SPARSE_BPP = 0.03
_REMUX_LIKE = 1.08  # the whole file over its picture: hardly anything but picture


def analysis_json(probe: Probe) -> JsonObject:
    """A probe with what it does not tell, and how far it can be trusted."""
    warnings = _warnings(probe)
    labels = [*_density_labels(probe), *_stream_labels(probe), *_picture_labels(probe.main_video), *warnings]
    return {
        "metadata": metadata_json(probe),
        "warnings": warnings,
        "confidence": "high" if not warnings else "medium" if len(warnings) <= 2 else "low",
        "analysis_report": {**({"labels": labels} if labels else {}), "metrics": _metrics(probe)},
    }


def _warnings(probe: Probe) -> list[str]:
    video = probe.main_video
    missing = (
        (video is None or not video.bitrate_bps, "missing_video_bitrate"),
        (not probe.bitrate_bps, "missing_container_bitrate"),
        (not probe.duration_s, "missing_duration"),
        (video is None or video.fps <= 0, "missing_fps"),
        (video is None or video.bit_depth is None, "missing_bit_depth"),
        (video is None or video.pixel_format is None, "unrecognized_pixel_format"),
    )
    return [name for applies, name in missing if applies]


def _density_labels(probe: Probe) -> list[str]:
    """Only where the picture's bit rate was measured: an estimate would be a label of itself."""
    video = probe.main_video
    if video is None or not video.bitrate_bps:
        return []
    bpp, total_bps = measure_density(probe, video).normalized_bpp, probe.bitrate_bps
    known = (
        (bpp is not None and bpp >= _DENSE_BPP, "high_bpp_density"),
        (bpp is not None and bpp <= _SPARSE_BPP, "low_bpp_density"),
        (total_bps is not None and 1 <= total_bps / video.bitrate_bps <= _REMUX_LIKE, "remux_like_density"),
    )
    return [name for applies, name in known if applies]


def _stream_labels(probe: Probe) -> list[str]:
    is_lossless = any(audio.is_lossless for audio in probe.audios)
    known = (
        (is_lossless, "heavy_audio"),
        (is_lossless, "lossless_audio"),
        (any(subtitle.is_image for subtitle in probe.subtitles), "image_subtitle"),
        (any(subtitle.codec in {"ass", "ssa"} for subtitle in probe.subtitles), "styled_subtitle"),
    )
    return [name for applies, name in known if applies]


def _picture_labels(video: VideoStream | None) -> list[str]:
    if video is None:
        return []
    known = (
        (video.dynamic_range in {DynamicRange.HDR10, DynamicRange.HLG}, "hdr_metadata"),
        (video.color.primaries == "bt2020" and not video.color.transfer, "bt2020_without_transfer"),
        (video.dolby_vision is not None, "dolby_vision_metadata"),
        (video.is_interlaced, "interlaced_metadata"),
        (video.is_variable_frame_rate, "variable_frame_rate_hint"),
    )
    return [name for applies, name in known if applies]


def _metrics(probe: Probe) -> JsonObject:
    video, duration_s = probe.main_video, duration_of(probe)
    density = None if video is None else measure_density(probe, video)
    total_bps = probe.bitrate_bps or (round(probe.stamp.size_bytes * 8 / duration_s) if duration_s else None)
    frames = video.frame_count if video else None
    metrics = {
        "raw_bpp": density.bpp if density else None,
        "normalized_bpp": density.normalized_bpp if density else None,
        "audio_bitrate_share": _audio_share(probe, total_bps),
        "fps_from_average_rate": video.fps if video and video.fps > 0 else None,
        "fps_from_frame_count": frames / duration_s if frames and duration_s else None,
        "estimated_container_bitrate_bps": total_bps,
        "video_stream_count": len(probe.videos),
        "audio_stream_count": len(probe.audios),
        "subtitle_stream_count": len(probe.subtitles),
        "image_subtitle_count": sum(subtitle.is_image for subtitle in probe.subtitles),
        "text_subtitle_count": sum(subtitle.is_text for subtitle in probe.subtitles),
        "hdr_metadata_present": video is not None and video.dynamic_range not in {DynamicRange.SDR, DynamicRange.UNKNOWN},
        "has_bt2020_metadata": video is not None and video.color.primaries == "bt2020",
        "has_missing_color_transfer": video is not None and not video.color.transfer,
    }
    return {name: value for name, value in metrics.items() if value is not None}


def _audio_share(probe: Probe, total_bps: int | None) -> float | None:
    """None where a track does not tell its bit rate."""
    rates = [audio.bitrate_bps for audio in probe.audios]
    if not total_bps or any(rate is None for rate in rates):
        return None
    return min(1.0, sum(rate or 0 for rate in rates) / total_bps)
