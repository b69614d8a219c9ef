"""The decision for one file: skip, remux or transcode, with its reason, and the plan that carries it out."""

from dataclasses import dataclass

from alchemist_desktop.domain.capability import Capabilities
from alchemist_desktop.domain.explanation import Explanation, explain
from alchemist_desktop.domain.plan import Action, Estimate, Plan, StreamAction
from alchemist_desktop.domain.planner.containers import Container, container_for, family_of, is_still_picture
from alchemist_desktop.domain.planner.density import Density, bpp_threshold, measure_density
from alchemist_desktop.domain.planner.encoders import EncoderChoice, choose_encoder
from alchemist_desktop.domain.planner.estimate import abort_limit, estimate_result, predicted_shortfall
from alchemist_desktop.domain.planner.streams import main_stream, plan_streams
from alchemist_desktop.domain.planner.subtitles import burn_candidate
from alchemist_desktop.domain.planner.video import (
    base_range,
    can_map_tones,
    has_filter,
    has_no_base_picture,
    plan_video,
    wants_10bit,
)
from alchemist_desktop.domain.probe import DynamicRange, Probe, SubtitleStream, VideoStream
from alchemist_desktop.domain.profile import EncodingRules, OutputCodec, SubtitleMode
from alchemist_desktop.domain.wording import codec_name, container_name

_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """Everything a decision looks at."""

    probe: Probe
    video: VideoStream
    rules: EncodingRules
    capabilities: Capabilities
    container: Container
    density: Density


def make_plan(probe: Probe, rules: EncodingRules, capabilities: Capabilities, *, size_ratio: float | None = None) -> Plan:
    """What to do with a file. Pure: equal arguments give equal plans.

    `size_ratio` is the output to source size that similar files came to before, when that is known.
    """
    video = probe.main_video
    if video is None:
        return _skip(explain("no_video_stream", streams=_inventory(probe)))
    if is_still_picture(probe.container):
        return _skip(explain("no_video_stream", streams="a single picture"))
    missing = _missing(video)
    if missing:
        return _skip(explain("incomplete_metadata", missing=missing))
    case = _Case(
        probe=probe,
        video=video,
        rules=rules,
        capabilities=capabilities,
        container=container_for(rules.output_extension),
        density=measure_density(probe, video),
    )
    if rules.remux_only:
        return _requested_remux(case)
    choice = choose_encoder(rules, capabilities, case.container, wants_10bit=wants_10bit(video))
    if not rules.is_conversion and _is_target_codec(video, rules, choice):
        return _already_target(case)
    if isinstance(choice, Explanation):
        return _skip(choice)
    reason = _obstacle(case, choice) or (None if rules.is_conversion else _not_worth_it(case, choice))
    if reason is not None:
        return _skip(reason)
    return _transcode(case, choice, size_ratio)


def _inventory(probe: Probe) -> str:
    return f"{len(probe.audios)} sound tracks and {len(probe.pictures)} still pictures"


def _missing(video: VideoStream) -> str | None:
    absent = {"codec": not video.codec, "resolution": video.width <= 0 or video.height <= 0}
    return " and ".join(name for name, is_absent in absent.items() if is_absent) or None


def _is_target_codec(video: VideoStream, rules: EncodingRules, choice: EncoderChoice | Explanation) -> bool:
    """Whether encoding would lead to the codec the file has: then it is never encoded, whatever its depth, as each
    generation costs quality. Only H.264 deeper than 8 bit is not the target yet, since hardly any player shows it."""
    targets = {rules.codec} | ({choice.encoder.codec} if isinstance(choice, EncoderChoice) else set())
    if video.codec not in {codec.value for codec in targets}:
        return False
    return video.codec != OutputCodec.H264.value or (video.bit_depth or 8) <= 8


def _already_target(case: _Case) -> Plan:
    video, container = case.video, case.container
    is_in_place = family_of(case.probe.container) == container.family
    if is_in_place or video.codec not in container.video:
        return _skip(explain("already_target_codec", codec=video.codec, bit_depth=video.bit_depth))
    names = {"container": family_of(case.probe.container), "target_extension": case.rules.output_extension}
    return _remux(case, explain("already_target_codec_wrong_container", None, **names))


def _requested_remux(case: _Case) -> Plan:
    if case.video.codec in case.container.video:
        return _remux(case, explain("remux_conversion_remux_only", container=case.container.muxer))
    detail = f"{container_name(case.container.muxer)} cannot hold {codec_name(case.video.codec)} without encoding."
    return _skip(explain("no_suitable_encoder", detail, requested_codec=case.video.codec))


def _obstacle(case: _Case, choice: EncoderChoice) -> Explanation | None:
    """What makes every encode of this picture wrong."""
    vision = case.video.dolby_vision
    if vision is not None and has_no_base_picture(case.video):
        return explain("dolby_vision_unsupported", profile=vision.profile)
    is_hdr = base_range(case.video) is not DynamicRange.SDR
    writes_8bit = choice.encoder.codec is OutputCodec.H264 or not choice.encoder.supports_10bit
    if is_hdr and writes_8bit and not can_map_tones(case.capabilities):
        detail = f"{choice.encoder.name} cannot hold an HDR picture, and this FFmpeg cannot map it to SDR."
        return explain("no_suitable_encoder", detail, requested_codec=case.rules.codec.value)
    return None


def _not_worth_it(case: _Case, choice: EncoderChoice) -> Explanation | None:
    density, rules = case.density, case.rules
    threshold = bpp_threshold(rules, case.video.codec, choice.encoder.codec, density)
    if density.normalized_bpp is not None and density.normalized_bpp < threshold:
        return explain(
            "bpp_below_threshold",
            bpp=round(density.normalized_bpp, 4),
            threshold=round(threshold, 4),
            bitrate=density.provenance,
        )
    size_bytes = case.probe.stamp.size_bytes
    if size_bytes < rules.min_file_size_mb * _MIB:
        return explain("below_min_file_size", size_mb=round(size_bytes / _MIB, 2), threshold_mb=rules.min_file_size_mb)
    return None


def _transcode(case: _Case, choice: EncoderChoice, size_ratio: float | None) -> Plan:
    probe, rules = case.probe, case.rules
    burn = _burnt_subtitle(case)
    planned = plan_video(probe, case.video, choice.encoder, rules, case.capabilities, burn=burn)
    estimate = estimate_result(probe, case.video, planned.encode, case.density, size_ratio)
    if not rules.is_conversion:
        shortfall = predicted_shortfall(estimate, probe.stamp.size_bytes, rules, case.density)
        if shortfall is not None:
            return _skip(shortfall, estimate)
    main = main_stream(case.video, StreamAction.ENCODE, choice.encoder.codec.value, planned.notes)
    return Plan(
        action=Action.TRANSCODE,
        explanation=_encode_reason(case, choice),
        muxer=case.container.muxer,
        extension=rules.output_extension,
        streams=plan_streams(probe, rules, case.capabilities, case.container, main, burn=burn),
        video=planned.encode,
        keep_chapters=case.container.chapters,
        estimate=estimate,
        abort_above_bytes=abort_limit(probe.stamp.size_bytes, rules),
        fallback=choice.fallback,
    )


def _burnt_subtitle(case: _Case) -> SubtitleStream | None:
    is_wanted = case.rules.subtitle_mode is SubtitleMode.BURN and has_filter(case.capabilities, "subtitles")
    return burn_candidate(case.probe.subtitles) if is_wanted else None


def _encode_reason(case: _Case, choice: EncoderChoice) -> Explanation:
    if case.rules.is_conversion:
        return explain("transcode_conversion_requested", codec=choice.encoder.codec.value)
    density = case.density
    return explain(
        "transcode_h264_source" if case.video.codec == OutputCodec.H264.value else "transcode_recommended",
        target_codec=choice.encoder.codec.value,
        current_codec=case.video.codec,
        bpp=None if density.bpp is None else round(density.bpp, 4),
        bitrate=density.provenance,
    )


def _remux(case: _Case, explanation: Explanation) -> Plan:
    main = main_stream(case.video, StreamAction.COPY, case.video.codec)
    return Plan(
        action=Action.REMUX,
        explanation=explanation,
        muxer=case.container.muxer,
        extension=case.rules.output_extension,
        streams=plan_streams(case.probe, case.rules, case.capabilities, case.container, main),
        keep_chapters=case.container.chapters,
        estimate=Estimate(output_bytes=case.probe.stamp.size_bytes, encode_time_s=None, confidence="high"),
    )


def _skip(explanation: Explanation, estimate: Estimate | None = None) -> Plan:
    return Plan(action=Action.SKIP, explanation=explanation, estimate=estimate)
