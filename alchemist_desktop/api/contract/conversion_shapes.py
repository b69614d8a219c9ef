"""Shapes of replies about conversions."""

from typing import Literal

from pydantic import Field

from alchemist_desktop.api.contract.job_shapes import MetadataShape, Reply
from alchemist_desktop.domain.conversion import ConversionSettings

AnalysisWarning = Literal[
    "missing_video_bitrate", "missing_container_bitrate", "missing_duration", "missing_fps", "missing_bit_depth",
    "unrecognized_pixel_format",
]  # fmt: skip
AnalysisLabel = Literal[
    "high_bpp_density", "low_bpp_density", "remux_like_density", "heavy_audio", "lossless_audio", "image_subtitle",
    "styled_subtitle", "hdr_metadata", "bt2020_without_transfer", "dolby_vision_metadata", "interlaced_metadata",
    "variable_frame_rate_hint",
]  # fmt: skip


class ReportShape(Reply):
    """Findings about a file; `labels` is left out where there are none, and each figure that is not known."""

    labels: list[AnalysisLabel | AnalysisWarning] = Field(default_factory=list)
    metrics: dict[str, float | int | bool] = Field(default_factory=dict)


class AnalysisShape(Reply):
    """A file that was handed in, and how far its data can be trusted."""

    metadata: MetadataShape
    warnings: list[AnalysisWarning]
    confidence: Literal["high", "medium", "low"]
    analysis_report: ReportShape


class UploadedShape(Reply):
    """A file that was taken."""

    conversion_job_id: int
    probe: AnalysisShape
    normalized_settings: ConversionSettings


class ConversionSourceShape(Reply):
    """The source of a conversion."""

    file_name: str
    container: str
    video_codec: str
    resolution: str
    dynamic_range: str
    duration_secs: float
    size_bytes: int
    audio: str
    subtitle_count: int


class ConversionOutputShape(Reply):
    """What a conversion makes."""

    mode: Literal["remux", "copy", "compress"]
    container: str
    video_codec: str
    resolution: str
    hdr_mode: str
    audio: str
    subtitles: str
    encoder: str | None
    backend: str | None


class ConversionEstimateShape(Reply):
    """What a conversion is expected to weigh."""

    estimated_output_bytes: int
    estimated_savings_bytes: int
    estimated_savings_percent: float
    confidence: Literal["low", "medium", "high"]
    note: str


class ConversionSummaryShape(Reply):
    """A conversion in short."""

    source: ConversionSourceShape
    planned_output: ConversionOutputShape
    estimate: ConversionEstimateShape


class ConversionPreviewShape(Reply):
    """What a conversion would do."""

    normalized_settings: ConversionSettings
    command_preview: str
    summary: ConversionSummaryShape


class ConversionStatusShape(Reply):
    """How far a conversion is."""

    id: int
    status: str
    progress: float
    linked_job_id: int | None
    output_path: str | None
    download_ready: bool
    probe: AnalysisShape | None
