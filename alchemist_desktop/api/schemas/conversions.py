"""Conversions on the wire."""

from alchemist_desktop.api.schemas.analysis import analysis_json
from alchemist_desktop.api.schemas.bodies import Body
from alchemist_desktop.api.schemas.encoding import JsonObject
from alchemist_desktop.api.schemas.jobs import RowId
from alchemist_desktop.domain.conversion import DEFAULT_CONVERSION, Conversion, ConversionSettings
from alchemist_desktop.domain.plan import StreamKind
from alchemist_desktop.domain.probe import DynamicRange
from alchemist_desktop.services.conversions import ConversionPreview, ConversionStatus

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
