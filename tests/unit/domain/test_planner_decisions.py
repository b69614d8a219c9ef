"""Skip, remux or transcode: which, why, and with which measured values."""

from dataclasses import replace

import pytest

from alchemist_desktop.domain.explanation import Explanation
from alchemist_desktop.domain.job import FileStamp
from alchemist_desktop.domain.plan import Action
from alchemist_desktop.domain.planner import check_reduction, make_plan
from alchemist_desktop.domain.probe import Color, DolbyVision, DynamicRange, Probe, VideoStream
from alchemist_desktop.domain.profile import EncodingRules, OutputCodec
from tests.support.probes import CPU_ONLY, NO_LIMITS, SVT_AV1, X264, X265, audio, gpu, nvenc, probe, video

AV1 = video(codec="av1", bitrate_bps=2_000_000)
MP4 = "mov,mp4,m4a,3gp,3g2,mj2"
SMALL = FileStamp(size_bytes=10 * 1024 * 1024, mtime_ns=1)


def _code(source: Probe, rules: EncodingRules) -> tuple[Action, str]:
    plan = make_plan(source, rules, CPU_ONLY)
    return plan.action, plan.explanation.code


DECISIONS: list[tuple[str, Probe, EncodingRules, Action, str]] = [
    ("a dense H.264 film", probe(), EncodingRules(), Action.TRANSCODE, "transcode_h264_source"),
    ("a dense MPEG-2 film", probe(video(codec="mpeg2video")), EncodingRules(), Action.TRANSCODE, "transcode_recommended"),
    ("sound alone", probe(audio(0)), EncodingRules(), Action.SKIP, "no_video_stream"),
    ("cover art is no video", probe(audio(0), video(index=1, codec="mjpeg", is_attached_picture=True)),
     EncodingRules(), Action.SKIP, "no_video_stream"),
    ("a photo by another name", probe(video(codec="mjpeg"), container="jpeg_pipe"),
     EncodingRules(), Action.SKIP, "no_video_stream"),
    ("no size", probe(video(width=0)), EncodingRules(), Action.SKIP, "incomplete_metadata"),
    ("no codec", probe(video(codec="")), EncodingRules(), Action.SKIP, "incomplete_metadata"),
    ("AV1 at 8 bit", probe(AV1), EncodingRules(), Action.SKIP, "already_target_codec"),
    ("AV1 at 10 bit", probe(replace(AV1, bit_depth=10)), EncodingRules(), Action.SKIP, "already_target_codec"),
    ("HEVC at unknown depth", probe(video(codec="hevc", bit_depth=None)), EncodingRules(codec=OutputCodec.HEVC),
     Action.SKIP, "already_target_codec"),
    ("H.264 at 8 bit", probe(), EncodingRules(codec=OutputCodec.H264), Action.SKIP, "already_target_codec"),
    ("H.264 at 10 bit", probe(video(bit_depth=10)), replace(NO_LIMITS, codec=OutputCodec.H264),
     Action.TRANSCODE, "transcode_h264_source"),
    ("AV1 in MP4, MKV wanted", probe(AV1, container=MP4), EncodingRules(),
     Action.REMUX, "already_target_codec_wrong_container"),
    ("AV1 in MKV, MP4 wanted", probe(AV1), EncodingRules(output_extension="mp4"),
     Action.REMUX, "already_target_codec_wrong_container"),
    ("H.264 in AVI, MKV wanted", probe(container="avi"), EncodingRules(codec=OutputCodec.H264),
     Action.REMUX, "already_target_codec_wrong_container"),
    ("AV1 in MKV, WebM wanted", probe(AV1), EncodingRules(output_extension="webm"), Action.SKIP, "already_target_codec"),
    ("AV1 does not fit MOV", probe(AV1), EncodingRules(output_extension="mov"), Action.SKIP, "already_target_codec"),
    ("few bits per pixel", probe(video(bitrate_bps=1_000_000)), EncodingRules(), Action.SKIP, "bpp_below_threshold"),
    ("too small", probe(stamp=SMALL), EncodingRules(), Action.SKIP, "below_min_file_size"),
    ("Dolby Vision 5", probe(video(codec="hevc", dolby_vision=DolbyVision(profile=5))), EncodingRules(),
     Action.SKIP, "dolby_vision_unsupported"),
    ("Dolby Vision 8.1", probe(video(codec="hevc", dolby_vision=DolbyVision(profile=8, compatibility_id=1))), EncodingRules(),
     Action.TRANSCODE, "transcode_recommended"),
    ("a conversion of the same codec", probe(AV1), EncodingRules(is_conversion=True),
     Action.TRANSCODE, "transcode_conversion_requested"),
    ("a conversion of a small file", probe(stamp=SMALL), EncodingRules(is_conversion=True),
     Action.TRANSCODE, "transcode_conversion_requested"),
    ("a conversion by copying", probe(), EncodingRules(remux_only=True), Action.REMUX, "remux_conversion_remux_only"),
    ("a copy that does not fit", probe(), EncodingRules(remux_only=True, output_extension="webm"),
     Action.SKIP, "no_suitable_encoder"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "rules", "action", "code"), [case[1:] for case in DECISIONS], ids=[c[0] for c in DECISIONS])
def test_decision(source: Probe, rules: EncodingRules, action: Action, code: str) -> None:
    assert _code(source, rules) == (action, code)


def test_decisions_carry_their_numbers() -> None:
    low = make_plan(probe(video(bitrate_bps=1_000_000)), EncodingRules(), CPU_ONLY).explanation
    assert low.measured == {"bpp": 0.0154, "threshold": 0.042, "bitrate": "measured"}
    small = make_plan(probe(stamp=SMALL), EncodingRules(), CPU_ONLY).explanation
    assert small.measured == {"size_mb": 10.0, "threshold_mb": 50}
    done = make_plan(probe(AV1), EncodingRules(), CPU_ONLY).explanation
    assert done.measured == {"codec": "av1", "bit_depth": 8}
    assert make_plan(probe(video(height=0)), EncodingRules(), CPU_ONLY).explanation.measured == {"missing": "resolution"}


def test_a_plain_hevc_file_loses_no_confidence() -> None:
    """Its depth is known from the plain format name, and its own bit rate is a measurement."""
    plan = make_plan(probe(video(codec="hevc", bitrate_bps=1_000_000)), EncodingRules(), CPU_ONLY)
    assert plan.explanation.measured["threshold"] == pytest.approx(0.07)


def test_an_estimate_must_be_further_below_the_threshold() -> None:
    """8 Mb/s of HEVC at 1080p: 0.123 bits per pixel, times 0.8 for the size, between 0.08 and 0.1."""
    rules = EncodingRules(codec=OutputCodec.H264, predict_size=False, min_bpp_threshold=0.13)
    hevc = video(codec="hevc", bitrate_bps=8_000_000)
    guessed = probe(replace(hevc, bitrate_bps=None), bitrate_bps=8_000_000)
    assert _code(probe(hevc), rules)[1] == "bpp_below_threshold"
    assert _code(guessed, rules)[1] == "transcode_recommended"


def test_the_sound_is_not_taken_for_picture() -> None:
    """2 Mb/s in all, of which 1.5 Mb/s are sound."""
    source = probe(video(bitrate_bps=None), audio(codec="dts", bitrate_bps=1_500_000), bitrate_bps=2_000_000)
    explanation = make_plan(source, EncodingRules(), CPU_ONLY).explanation
    assert explanation.code == "bpp_below_threshold"
    assert explanation.measured["bitrate"] == "estimated"
    assert explanation.measured["bpp"] == pytest.approx(500_000 / (1920 * 1080 * 25) * 0.8, abs=1e-4)


def test_a_cinema_crop_counts_by_its_pixels() -> None:
    wide, full = (video(width=width, height=height, bitrate_bps=2_000_000) for width, height in ((1916, 800), (1920, 800)))
    bpps = [make_plan(probe(v), EncodingRules(min_bpp_threshold=9), CPU_ONLY).explanation.measured["bpp"] for v in (wide, full)]
    assert bpps[0] == pytest.approx(bpps[1], rel=0.01)


def _predict(source: VideoStream, rules: EncodingRules, ratio: float | None = None) -> Explanation:
    return make_plan(probe(source), rules, CPU_ONLY, size_ratio=ratio).explanation


def test_a_known_ratio_decides_exactly() -> None:
    assert _predict(video(), EncodingRules(), 0.71).code == "predicted_reduction_insufficient"
    assert _predict(video(), EncodingRules(), 0.69).code == "transcode_h264_source"
    measured = _predict(video(), EncodingRules(), 0.8).measured
    assert (measured["expected_size"], measured["reduction"], measured["threshold"]) == (1_200_000_000, 0.2, 0.3)
    assert measured["confidence"] == "high"


def test_a_prediction_can_be_switched_off() -> None:
    assert _predict(video(), EncodingRules(predict_size=False), 0.95).code == "transcode_h264_source"


def test_a_prediction_from_guesses_skips_nothing() -> None:
    dense = probe(video(codec="vvc", bitrate_bps=None))
    assert make_plan(dense, EncodingRules(codec=OutputCodec.H264), CPU_ONLY).action is Action.TRANSCODE


def test_a_clearly_more_efficient_source_is_left_alone() -> None:
    explanation = _predict(video(codec="av1", bitrate_bps=6_000_000), EncodingRules(codec=OutputCodec.H264, min_bpp_threshold=0))
    assert explanation.code == "predicted_reduction_insufficient"


@pytest.mark.parametrize(("output_bytes", "code"), [(699, None), (700, None), (701, "size_reduction_insufficient")])
def test_check_reduction_at_its_border(output_bytes: int, code: str | None) -> None:
    explanation = check_reduction(1000, output_bytes, EncodingRules())
    assert (explanation.code if explanation else None) == code


def test_check_reduction_lets_a_conversion_grow() -> None:
    assert check_reduction(1000, 5000, EncodingRules(is_conversion=True)) is None


def test_a_growing_output_never_counts_as_a_saving() -> None:
    explanation = check_reduction(1000, 1001, replace(NO_LIMITS))
    assert explanation is not None
    assert explanation.measured["reduction"] == pytest.approx(-0.001)


def test_the_abort_limit_follows_the_threshold() -> None:
    assert make_plan(probe(), EncodingRules(), CPU_ONLY).abort_above_bytes == 1_050_000_000
    assert make_plan(probe(), NO_LIMITS, CPU_ONLY).abort_above_bytes is None
    assert make_plan(probe(), EncodingRules(is_conversion=True), CPU_ONLY).abort_above_bytes is None


# Encoder choice

H264_NVENC, HEVC_NVENC = nvenc(OutputCodec.H264), nvenc(OutputCodec.HEVC)


@pytest.mark.parametrize(
    ("rules", "capabilities", "encoder", "is_fallback"),
    [
        (EncodingRules(), CPU_ONLY, "libsvtav1", False),
        (EncodingRules(codec=OutputCodec.HEVC), gpu(H264_NVENC, HEVC_NVENC), "hevc_nvenc", False),
        # the wanted codec on the CPU before another codec on the GPU
        (EncodingRules(), gpu(H264_NVENC, HEVC_NVENC), "libsvtav1", True),
        # the better codec before the better place in the list
        (EncodingRules(), gpu(H264_NVENC, HEVC_NVENC, cpu=()), "hevc_nvenc", True),
        (EncodingRules(allow_cpu_fallback=False), gpu(H264_NVENC), "h264_nvenc", True),
        (EncodingRules(output_extension="mov"), CPU_ONLY, "libx265", True),
        (EncodingRules(codec=OutputCodec.HEVC, output_extension="webm"), CPU_ONLY, "libsvtav1", True),
    ],
)
def test_encoder_choice(rules: EncodingRules, capabilities: object, encoder: str, is_fallback: bool) -> None:
    plan = make_plan(probe(video(codec="mpeg2video")), rules, capabilities)  # type: ignore[arg-type]  # parametrized
    assert plan.video is not None
    assert plan.video.encoder.name == encoder
    assert (plan.fallback is not None) is is_fallback


def test_a_deep_source_prefers_an_encoder_that_keeps_its_depth() -> None:
    capabilities = gpu(nvenc(OutputCodec.HEVC, supports_10bit=False))
    rules = replace(NO_LIMITS, codec=OutputCodec.HEVC)
    deep = make_plan(probe(video(bit_depth=10)), rules, capabilities).video
    plain = make_plan(probe(), rules, capabilities).video
    assert deep is not None
    assert plain is not None
    assert (deep.encoder.name, plain.encoder.name) == ("libx265", "hevc_nvenc")


def test_reasons_for_no_encoder() -> None:
    forbidden = make_plan(probe(), EncodingRules(allow_cpu_encoding=False), CPU_ONLY).explanation
    assert (forbidden.code, forbidden.measured["requested_codec"]) == ("no_available_encoders", "av1")
    strict = make_plan(probe(), EncodingRules(allow_fallback=False), replace(CPU_ONLY, encoders=(X265, X264))).explanation
    assert (strict.code, strict.measured) == ("preferred_codec_unavailable_fallback_disabled", {"codec": "av1"})
    nothing = make_plan(probe(), EncodingRules(output_extension="webm"), replace(CPU_ONLY, encoders=(X264,))).explanation
    assert nothing.code == "no_suitable_encoder"


def test_the_result_of_a_fallback_is_not_encoded_again() -> None:
    """AV1 is wanted, only HEVC can be made: an HEVC file is as good as it gets here."""
    capabilities = replace(CPU_ONLY, encoders=(X265, X264))
    assert make_plan(probe(video(codec="hevc")), NO_LIMITS, capabilities).explanation.code == "already_target_codec"


def test_an_exact_value_belongs_to_the_codec_it_was_chosen_for() -> None:
    rules = replace(NO_LIMITS, crf_override=45)
    own = make_plan(probe(), rules, CPU_ONLY).video
    other = make_plan(probe(video(codec="mpeg2video")), rules, replace(CPU_ONLY, encoders=(X264,))).video
    assert own is not None
    assert other is not None
    assert (own.encoder, own.quality.value) == (SVT_AV1, 45)
    assert (other.encoder, other.quality.value) == (X264, None)


def test_hdr_without_tone_mapping_is_not_squeezed_into_8_bit() -> None:
    hdr = video(codec="hevc", bit_depth=10, dynamic_range=DynamicRange.HDR10, color=Color(transfer="smpte2084"))
    capabilities = replace(CPU_ONLY, filters=frozenset({"bwdif"}))
    plan = make_plan(probe(hdr), replace(NO_LIMITS, codec=OutputCodec.H264), capabilities)
    assert (plan.action, plan.explanation.code) == (Action.SKIP, "no_suitable_encoder")
