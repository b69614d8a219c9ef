"""What a result will weigh and how long it takes, before anything is encoded; and whether a finished one saved enough."""

from alchemist_desktop.domain.capability import Backend
from alchemist_desktop.domain.explanation import Explanation, explain
from alchemist_desktop.domain.plan import Estimate, VideoEncode
from alchemist_desktop.domain.planner.density import Density, duration_of
from alchemist_desktop.domain.probe import Probe, VideoStream
from alchemist_desktop.domain.profile import CpuPreset, EncodingRules, OutputCodec, QualityProfile

# Bits for the same look, H.264 being 1.
_CODEC_COST = {
    "av1": 0.5, "vvc": 0.45, "hevc": 0.65, "vp9": 0.65, "h264": 1.0, "vc1": 1.2, "wmv3": 1.3, "mpeg4": 1.5,
    "msmpeg4v3": 1.5, "mpeg2video": 2.0, "mpeg1video": 2.5, "prores": 8.0, "ffv1": 15.0, "mjpeg": 6.0, "dvvideo": 8.0,
}  # fmt: skip
# H.264 bits per pixel of ordinary film at 1280x720 for each quality word.
_TYPICAL_BPP = {QualityProfile.QUALITY: 0.16, QualityProfile.BALANCED: 0.10, QualityProfile.SPEED: 0.07}
_REFERENCE_PIXELS = 1280 * 720
_MODEL_MARGIN = 0.2  # the model may err by this share of the source before it is trusted to skip a file
_GPU_PIXELS_PER_S = 400e6
_CPU_PIXELS_PER_S = {OutputCodec.AV1: 40e6, OutputCodec.HEVC: 18e6, OutputCodec.H264: 70e6}
_PRESET_SPEED = {CpuPreset.SLOW: 0.3, CpuPreset.MEDIUM: 1.0, CpuPreset.FAST: 2.0, CpuPreset.FASTER: 3.0}


def estimate_result(
    probe: Probe, video: VideoStream, encode: VideoEncode, density: Density, size_ratio: float | None
) -> Estimate:
    """The expected result; `size_ratio` (output to source size) is what similar files came to, when that is known."""
    source_bytes = probe.stamp.size_bytes
    duration_s = duration_of(probe)
    time_s = _encode_time_s(video, encode, duration_s)
    if encode.quality.bitrate_kbps and duration_s:
        other_bytes = _other_bytes(source_bytes, density, duration_s)
        output_bytes = int(other_bytes + encode.quality.bitrate_kbps * 125 * duration_s)
        return Estimate(output_bytes=output_bytes, encode_time_s=time_s, confidence="high")
    if size_ratio is not None:
        confidence = "high" if density.is_measured else "medium"
        return Estimate(output_bytes=int(source_bytes * size_ratio), encode_time_s=time_s, confidence=confidence)
    ratio = _modelled_ratio(video, encode, density)
    video_bytes = float(source_bytes)
    if density.video_bps and duration_s:
        video_bytes = min(density.video_bps * duration_s / 8, source_bytes)
    output_bytes = int(source_bytes - video_bytes + video_bytes * ratio)
    confidence = "medium" if density.is_measured and density.bpp else "low"
    return Estimate(output_bytes=output_bytes, encode_time_s=time_s, confidence=confidence)


def predicted_shortfall(estimate: Estimate, source_bytes: int, rules: EncodingRules, density: Density) -> Explanation | None:
    """The reason to leave a file alone because encoding would save too little, when that is sure enough."""
    threshold = rules.size_reduction_threshold
    if not rules.predict_size or estimate.confidence == "low" or threshold <= 0 or source_bytes <= 0:
        return None
    reduction = 1 - estimate.output_bytes / source_bytes
    margin = 0.0 if estimate.confidence == "high" else _MODEL_MARGIN
    if reduction >= threshold - margin:
        return None
    return explain(
        "predicted_reduction_insufficient",
        expected_size=estimate.output_bytes,
        reduction=round(reduction, 4),
        threshold=threshold,
        confidence=estimate.confidence,
        bpp=None if density.bpp is None else round(density.bpp, 4),
    )


def check_reduction(input_bytes: int, output_bytes: int, rules: EncodingRules) -> Explanation | None:
    """Why a finished encode is not worth keeping, or None when it saved enough. A conversion is kept at any size."""
    if rules.is_conversion or input_bytes <= 0:
        return None
    reduction = 1 - output_bytes / input_bytes
    if reduction >= rules.size_reduction_threshold:
        return None
    return explain(
        "size_reduction_insufficient",
        reduction=round(reduction, 4),
        threshold=rules.size_reduction_threshold,
        output_size=output_bytes,
    )


def abort_limit(source_bytes: int, rules: EncodingRules) -> int | None:
    """The output size past which an encode can no longer save what is asked for."""
    if rules.is_conversion or rules.size_reduction_threshold <= 0 or source_bytes <= 0:
        return None
    return round(source_bytes * (1 - rules.size_reduction_threshold))


def _modelled_ratio(video: VideoStream, encode: VideoEncode, density: Density) -> float:
    """Output to source picture size. A source tells by its own density how demanding it is; a constant quality pulls the
    result towards what is typical for it: hence the geometric mean of both."""
    cost = _CODEC_COST[encode.encoder.codec.value]
    same_look = cost / _CODEC_COST.get(video.codec, 1.0)
    if not density.bpp:
        return min(same_look, 1.0)
    scale = (max(video.width * video.height, 1) / _REFERENCE_PIXELS) ** -0.25
    typical = _TYPICAL_BPP[encode.quality.word] * cost * scale
    return float((same_look * typical / density.bpp) ** 0.5)


def _other_bytes(source_bytes: int, density: Density, duration_s: float) -> float:
    return max(source_bytes - (density.video_bps or 0) * duration_s / 8, 0.0)


def _encode_time_s(video: VideoStream, encode: VideoEncode, duration_s: float | None) -> float | None:
    if not duration_s or video.fps <= 0:
        return None
    pixels = video.width * video.height * video.fps * duration_s
    if encode.encoder.backend is not Backend.CPU:
        return pixels / _GPU_PIXELS_PER_S
    return pixels / (_CPU_PIXELS_PER_S[encode.encoder.codec] * _PRESET_SPEED[encode.quality.preset])
