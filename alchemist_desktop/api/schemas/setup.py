"""The first run on the wire: an account with either a whole `Config` object or a handful of choices."""

from typing import Any

from pydantic import Field

from alchemist_desktop.api.schemas.bodies import Body
from alchemist_desktop.api.schemas.encoding import JsonObject
from alchemist_desktop.domain.profile import OutputCodec, QualityProfile
from alchemist_desktop.domain.settings import Settings


def _without_default(schema: JsonObject) -> None:
    """Left out it counts as 0, which is refused like a 0 that was sent; no client should take it for a default."""
    del schema["default"]


class SetupBody(Body):
    """What the first run sends; with `settings` given, the choices after it are ignored."""

    username: str
    password: str
    settings: dict[str, Any] | None = None
    concurrent_jobs: int = Field(0, json_schema_extra=_without_default)
    size_reduction_threshold: float = 0.0
    min_bpp_threshold: float = 0.1
    min_file_size_mb: int = Field(0, ge=0)
    directories: list[str] = Field(default_factory=list)
    allow_cpu_encoding: bool = True
    enable_telemetry: bool = False
    output_codec: OutputCodec = OutputCodec.AV1
    quality_profile: QualityProfile = QualityProfile.BALANCED


def setup_document(body: SetupBody, current: Settings) -> JsonObject:
    """The `Config` object the choices stand for, laid over the current settings."""
    if body.settings is not None:
        return body.settings
    document = current.model_dump(by_alias=True)
    document["transcode"] |= {
        "concurrent_jobs": body.concurrent_jobs,
        "size_reduction_threshold": body.size_reduction_threshold,
        "min_bpp_threshold": body.min_bpp_threshold,
        "min_file_size_mb": body.min_file_size_mb,
        "output_codec": body.output_codec,
        "quality_profile": body.quality_profile,
    }
    document["hardware"] |= {"allow_cpu_encoding": body.allow_cpu_encoding}
    document["scanner"] |= {"directories": body.directories}
    document["system"] |= {"enable_telemetry": body.enable_telemetry}
    return document
