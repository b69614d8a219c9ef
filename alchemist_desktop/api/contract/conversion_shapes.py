"""Shapes of replies about conversions."""

from typing import Literal

from pydantic import Field

from alchemist_desktop.api.contract.job_shapes import MetadataShape, Reply
from alchemist_desktop.domain.conversion import ConversionSettings


class ReportShape(Reply):
    """Findings about a file."""

    labels: list[str] = Field(default_factory=list)
    metrics: dict[str, float | int | bool] = Field(default_factory=dict)


class AnalysisShape(Reply):
    """A file that was handed in, and how far its data can be trusted."""

    metadata: MetadataShape
    warnings: list[str]
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
