"""Conversions on the wire."""

from alchemist_desktop.api.schemas.bodies import Body
from alchemist_desktop.api.schemas.encoding import JsonObject
from alchemist_desktop.api.schemas.jobs import RowId
from alchemist_desktop.api.schemas.media import metadata_json
from alchemist_desktop.domain.conversion import DEFAULT_CONVERSION, Conversion, ConversionSettings
from alchemist_desktop.domain.plan import StreamKind
from alchemist_desktop.domain.planner.density import duration_of, measure_density
from alchemist_desktop.domain.probe import DynamicRange, Probe
from alchemist_desktop.services.conversions import ConversionPreview, ConversionStatus

# Bits per pixel, large pictures allowed for: below the first, encoding seldom pays; plain copies of discs lie above the last.
_LOW_BPP, _HIGH_BPP, _REMUX_BPP = 0.1, 0.25, 0.4
_NOTES = {
    "high": "The bit rate decides the size.",
    "medium": "Measured on the source; the result may differ.",
    "low": "A rough guess: the source tells too little.",
}


class ConversionPreviewBody(Body):
    """The choices to preview for a file that was handed in."""

    conversion_job_id: RowId
    settings: ConversionSettings


def upload_json(conversion: Conversion) -> JsonObject:
    return {
        "conversion_job_id": conversion.id,
        "probe": analysis_json(conversion.probe),
        "normalized_settings": DEFAULT_CONVERSION.model_dump(),
    }


def status_json(status: ConversionStatus) -> JsonObject:
    conversion, job = status.conversion, status.job
    return {
        "id": conversion.id,
        "status": status.state,
        "progress": 0.0 if job is None else job.progress,
        "linked_job_id": conversion.job_id,
        "output_path": conversion.output_path,
        "download_ready": status.output is not None,
        "probe": analysis_json(conversion.probe),
    }


def analysis_json(probe: Probe) -> JsonObject:
    """A probe with what it does not tell, and how far it can be trusted."""
    warnings = _warnings(probe)
    confidence = "high" if not warnings else "medium" if len(warnings) <= 2 else "low"
    return {
        "metadata": metadata_json(probe),
        "warnings": warnings,
        "confidence": confidence,
        "analysis_report": {"labels": [*_labels(probe), *warnings], "metrics": _metrics(probe)},
    }


def preview_json(preview: ConversionPreview) -> JsonObject:
    return {
        "normalized_settings": preview.settings.model_dump(),
        "command_preview": preview.command,
        "summary": {
            "source": _source_json(preview),
            "planned_output": _output_json(preview),
            "estimate": _estimate_json(preview),
        },
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


def _labels(probe: Probe) -> list[str]:
    video = probe.main_video
    if video is None:
        return []
    bpp = measure_density(probe, video).normalized_bpp
    known = (
        (bpp is not None and bpp >= _HIGH_BPP, "high_bpp_density"),
        (bpp is not None and bpp < _LOW_BPP, "low_bpp_density"),
        (bpp is not None and bpp >= _REMUX_BPP, "remux_like_density"),
        (any(audio.is_lossless for audio in probe.audios), "heavy_audio"),
        (any(audio.is_lossless for audio in probe.audios), "lossless_audio"),
        (any(subtitle.is_image for subtitle in probe.subtitles), "image_subtitle"),
        (any(subtitle.codec in {"ass", "ssa"} for subtitle in probe.subtitles), "styled_subtitle"),
        (video.dynamic_range in {DynamicRange.HDR10, DynamicRange.HLG}, "hdr_metadata"),
        (video.color.primaries == "bt2020" and not video.color.transfer, "bt2020_without_transfer"),
        (video.dolby_vision is not None, "dolby_vision_metadata"),
        (video.is_interlaced, "interlaced_metadata"),
        (video.is_variable_frame_rate, "variable_frame_rate_hint"),
    )
    return [name for applies, name in known if applies]


def _metrics(probe: Probe) -> JsonObject:
    video = probe.main_video
    density = None if video is None else measure_density(probe, video)
    duration_s = duration_of(probe)
    sound_bps = sum(audio.bitrate_bps or 0 for audio in probe.audios)
    metrics = {
        "raw_bpp": density.bpp if density else None,
        "normalized_bpp": density.normalized_bpp if density else None,
        "audio_bitrate_share": sound_bps / probe.bitrate_bps if sound_bps and probe.bitrate_bps else None,
        "fps_from_average_rate": video.fps if video and video.fps else None,
        "fps_from_frame_count": video.frame_count / duration_s if video and video.frame_count and duration_s else None,
        "estimated_container_bitrate_bps": round(probe.stamp.size_bytes * 8 / duration_s) if duration_s else None,
        "video_stream_count": len(probe.videos),
        "audio_stream_count": len(probe.audios),
        "subtitle_stream_count": len(probe.subtitles),
        "image_subtitle_count": sum(subtitle.is_image for subtitle in probe.subtitles),
        "text_subtitle_count": sum(subtitle.is_text for subtitle in probe.subtitles),
        "hdr_metadata_present": video is not None and video.dynamic_range is not DynamicRange.SDR,
        "has_bt2020_metadata": video is not None and video.color.primaries == "bt2020",
        "has_missing_color_transfer": video is not None and not video.color.transfer,
    }
    return {name: value for name, value in metrics.items() if value is not None}


def _source_json(preview: ConversionPreview) -> JsonObject:
    probe = preview.probe
    video = probe.main_video
    return {
        "file_name": preview.file_name,
        "container": probe.container,
        "video_codec": video.codec if video else "",
        "resolution": f"{video.width}x{video.height}" if video else "0x0",
        "dynamic_range": video.dynamic_range if video else DynamicRange.UNKNOWN,
        "duration_secs": probe.duration_s or 0.0,
        "size_bytes": probe.stamp.size_bytes,
        "audio": ", ".join(f"{audio.codec} {audio.channels} ch" for audio in probe.audios) or "none",
        "subtitle_count": len(probe.subtitles),
    }


def _output_json(preview: ConversionPreview) -> JsonObject:
    plan, chosen = preview.plan, preview.settings
    source, video = preview.probe.main_video, plan.video
    encoder = video.encoder if video else None
    sounds = [stream.codec or "" for stream in plan.output_streams if stream.kind is StreamKind.AUDIO]
    width, height = (video.width, video.height) if video else (source.width, source.height) if source else (0, 0)
    return {
        "mode": "remux" if chosen.remux_only else "copy" if video is None else "compress",
        "container": chosen.output_container,
        "video_codec": encoder.codec if encoder else source.codec if source else "",
        "resolution": f"{width}x{height}",
        "hdr_mode": chosen.video.hdr_mode,
        "audio": ", ".join(sounds) or "none",
        "subtitles": chosen.subtitles.mode,
        "encoder": encoder.name if encoder else None,
        "backend": encoder.backend if encoder else None,
    }


def _estimate_json(preview: ConversionPreview) -> JsonObject:
    size_bytes = preview.probe.stamp.size_bytes
    estimate = preview.plan.estimate
    output_bytes = estimate.output_bytes if estimate else size_bytes
    confidence = estimate.confidence if estimate else "low"
    saved = size_bytes - output_bytes
    return {
        "estimated_output_bytes": output_bytes,
        "estimated_savings_bytes": saved,
        "estimated_savings_percent": 100.0 * saved / size_bytes if size_bytes else 0.0,
        "confidence": confidence,
        "note": "The streams are copied." if preview.plan.video is None else _NOTES[confidence],
    }
