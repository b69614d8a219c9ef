"""Which encoder does the work: the wanted codec first, then what the rules allow instead."""

from dataclasses import dataclass

from alchemist_desktop.domain.capability import Backend, Capabilities, Encoder, Vendor
from alchemist_desktop.domain.explanation import Explanation, explain
from alchemist_desktop.domain.planner.containers import Container
from alchemist_desktop.domain.profile import EncodingRules, OutputCodec
from alchemist_desktop.domain.wording import codec_name, container_name

_BY_GAIN = (OutputCodec.AV1, OutputCodec.HEVC, OutputCodec.H264)


@dataclass(frozen=True, slots=True, kw_only=True)
class EncoderChoice:
    """The encoder to use; `fallback` says, for people, why it is not the first choice."""

    encoder: Encoder
    fallback: str | None = None


def choose_encoder(
    rules: EncodingRules, capabilities: Capabilities, container: Container, *, wants_10bit: bool
) -> EncoderChoice | Explanation:
    """The best encoder the rules allow, or the reason why there is none."""
    pool = tuple(e for e in capabilities.encoders if e.backend is not Backend.CPU or _cpu_is_allowed(rules, capabilities))
    if not pool:
        return explain(
            "no_available_encoders",
            requested_codec=rules.codec.value,
            allow_cpu_fallback=rules.allow_cpu_fallback,
            allow_cpu_encoding=rules.allow_cpu_encoding,
        )
    for codec in _codec_order(rules):
        encoder = _best(pool, codec, wants_10bit=wants_10bit) if codec.value in container.video else None
        if encoder is not None:
            return EncoderChoice(encoder=encoder, fallback=_fallback(encoder, rules, pool, container))
    if not rules.allow_fallback:
        return explain("preferred_codec_unavailable_fallback_disabled", _why(rules.codec, container), codec=rules.codec.value)
    return explain("no_suitable_encoder", requested_codec=rules.codec.value)


def _cpu_is_allowed(rules: EncodingRules, capabilities: Capabilities) -> bool:
    return rules.allow_cpu_encoding and (capabilities.vendor is Vendor.CPU or rules.allow_cpu_fallback)


def _codec_order(rules: EncodingRules) -> tuple[OutputCodec, ...]:
    """The wanted codec, then the next simpler ones, then the others."""
    if not rules.allow_fallback:
        return (rules.codec,)
    at = _BY_GAIN.index(rules.codec)
    return _BY_GAIN[at:] + _BY_GAIN[:at]


def _best(pool: tuple[Encoder, ...], codec: OutputCodec, *, wants_10bit: bool) -> Encoder | None:
    able = [e for e in pool if e.codec is codec]
    if wants_10bit and codec is not OutputCodec.H264:
        able.sort(key=lambda e: not e.supports_10bit)  # stable: best first among equals
    return able[0] if able else None


def _fallback(encoder: Encoder, rules: EncodingRules, pool: tuple[Encoder, ...], container: Container) -> str | None:
    if encoder.codec is not rules.codec:
        return f"{_why(rules.codec, container)} {encoder.name} is used instead."
    has_gpu = any(e.backend is not Backend.CPU for e in pool)
    if encoder.backend is Backend.CPU and has_gpu:
        return f"The GPU cannot encode this as {rules.codec.value}, so the CPU does it with {encoder.name}."
    return None


def _why(codec: OutputCodec, container: Container) -> str:
    if codec.value not in container.video:
        return f"{container_name(container.muxer)} cannot hold {codec_name(codec.value)}."
    return f"No working encoder for {codec.value} was found."
