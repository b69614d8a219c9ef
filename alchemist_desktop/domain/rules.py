"""Lays a profile over the settings: the choices the planner works with."""

from dataclasses import replace
from typing import Any

from alchemist_desktop.domain.profile import EncodingRules, Profile, StreamRules
from alchemist_desktop.domain.settings import Settings, Transcode

# Members of a profile that mean "the global setting" when they are None; their names are those of the rules.
_OPTIONAL = ("size_reduction_threshold", "min_bpp_threshold", "min_file_size_mb", "subtitle_mode", "stream_rules")


def encoding_rules(settings: Settings, profile: Profile | None) -> EncodingRules:
    """The rules for a file: what the profile says, and the settings wherever it says nothing."""
    rules = _from_settings(settings)
    if profile is None:
        return rules
    chosen: dict[str, Any] = {
        "codec": profile.codec,
        "quality": profile.quality_profile,
        "hdr_mode": profile.hdr_mode,
        "audio_mode": profile.audio_mode,
        "crf_override": profile.crf_override,
    }
    chosen |= {name: getattr(profile, name) for name in _OPTIONAL if getattr(profile, name) is not None}
    return replace(rules, **chosen)


def _from_settings(settings: Settings) -> EncodingRules:
    transcode, hardware = settings.transcode, settings.hardware
    return EncodingRules(
        codec=transcode.output_codec,
        quality=transcode.quality_profile,
        cpu_preset=hardware.cpu_preset,
        hdr_mode=transcode.hdr_mode,
        tonemap_algorithm=transcode.tonemap_algorithm,
        tonemap_peak_nits=transcode.tonemap_peak,
        tonemap_desat=transcode.tonemap_desat,
        subtitle_mode=transcode.subtitle_mode,
        stream_rules=_stream_rules(transcode),
        output_extension=settings.files.output_extension,
        size_reduction_threshold=transcode.size_reduction_threshold,
        min_bpp_threshold=transcode.min_bpp_threshold,
        min_file_size_mb=transcode.min_file_size_mb,
        allow_fallback=transcode.allow_fallback,
        allow_cpu_encoding=hardware.allow_cpu_encoding,
        allow_cpu_fallback=hardware.allow_cpu_fallback,
        deinterlace=transcode.deinterlace,
        threads=transcode.threads,
        predict_size=transcode.predict_size,
        hardware_decode=hardware.hardware_decode,
    )


def _stream_rules(transcode: Transcode) -> StreamRules:
    wanted = transcode.stream_rules
    return StreamRules(
        strip_audio_by_title=wanted.strip_audio_by_title,
        keep_audio_languages=wanted.keep_audio_languages,
        keep_only_default_audio=wanted.keep_only_default_audio,
        keep_subtitle_languages=wanted.keep_subtitle_languages,
    )
