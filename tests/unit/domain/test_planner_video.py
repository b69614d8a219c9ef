"""How the main picture is encoded: depth, size, colour, HDR."""

from dataclasses import replace
from typing import Any

import pytest

from alchemist_desktop.domain.plan import Plan, VideoEncode
from alchemist_desktop.domain.planner import make_plan
from alchemist_desktop.domain.planner.filters import escape
from alchemist_desktop.domain.probe import Color, DolbyVision, DynamicRange, HdrStatic
from alchemist_desktop.domain.profile import HdrMode, OutputCodec
from tests.support.probes import CPU_ONLY, NO_LIMITS, gpu, nvenc, probe, video

BT2020 = Color(primaries="bt2020", transfer="smpte2084", space="bt2020nc", range="tv")
STATIC = HdrStatic(mastering_display="G(1,2)B(3,4)R(5,6)WP(7,8)L(10000000,1)", max_cll=1000, max_fall=400)
HDR10: dict[str, Any] = {
    "codec": "vp9", "bit_depth": 10, "pixel_format": "yuv420p10le", "color": BT2020, "dynamic_range": DynamicRange.HDR10,
    "hdr_static": STATIC,
}  # fmt: skip


def _plan(target: OutputCodec, hdr_mode: HdrMode = HdrMode.PRESERVE, **changes: Any) -> Plan:
    rules = replace(NO_LIMITS, codec=target, hdr_mode=hdr_mode)
    return make_plan(probe(video(**({"codec": "mpeg2video"} | changes))), rules, CPU_ONLY)


def _encode(target: OutputCodec, hdr_mode: HdrMode = HdrMode.PRESERVE, **changes: Any) -> VideoEncode:
    encode = _plan(target, hdr_mode, **changes).video
    assert encode is not None
    return encode


def _note(plan: Plan) -> str:
    return plan.streams[0].note or ""


@pytest.mark.parametrize("changes", [{"pixel_format": "yuva420p"}, {"pixel_format": "gbrap"}, {"tags": {"alpha_mode": "1"}}])
def test_lost_transparency_is_told(changes: dict[str, Any]) -> None:
    assert "transparency" in _note(_plan(OutputCodec.AV1, **changes))
    assert "transparency" not in _note(_plan(OutputCodec.AV1))


def test_an_hdr_picture_with_half_a_description_is_tagged_before_its_tones_are_mapped() -> None:
    unsaid = replace(BT2020, primaries=None, space=None)
    encode = _encode(OutputCodec.H264, **HDR10 | {"color": unsaid, "hdr_static": None})
    assert encode.filters[0] == "setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv"
    assert encode.dynamic_range is DynamicRange.SDR


@pytest.mark.parametrize(
    ("codec", "source_depth", "depth", "pixel_format"),
    [
        (OutputCodec.AV1, 8, 10, "yuv420p10le"),
        (OutputCodec.AV1, 10, 10, "yuv420p10le"),
        (OutputCodec.HEVC, 8, 8, "yuv420p"),
        (OutputCodec.HEVC, None, 8, "yuv420p"),
        (OutputCodec.HEVC, 12, 10, "yuv420p10le"),
        (OutputCodec.H264, 10, 8, "yuv420p"),
    ],
)
def test_depth(codec: OutputCodec, source_depth: int | None, depth: int, pixel_format: str) -> None:
    encode = _encode(codec, bit_depth=source_depth)
    assert (encode.bit_depth, encode.pixel_format) == (depth, pixel_format)


def test_odd_sizes_gain_a_line() -> None:
    plan = _plan(OutputCodec.HEVC, width=321, height=181)
    assert plan.video is not None
    assert (plan.video.width, plan.video.height) == (322, 182)
    assert "pad=322:182:0:0" in plan.video.filters
    assert "black line" in _note(plan)


def test_a_turned_picture_comes_out_upright() -> None:
    encode = _encode(OutputCodec.HEVC, width=1920, height=1081, rotation=90)
    assert (encode.width, encode.height) == (1082, 1920)
    assert "pad=1082:1920:0:0" in encode.filters


def test_interlaced_pictures() -> None:
    assert "bwdif" in _encode(OutputCodec.HEVC, field_order="tt").filters[0]
    rules = replace(NO_LIMITS, deinterlace=False)
    woven = make_plan(probe(video(field_order="tt")), rules, CPU_ONLY)
    assert woven.video is not None
    assert woven.video.filters == ()
    assert "interlaced" in _note(woven)


def test_hdr10_keeps_its_values() -> None:
    encode = _encode(OutputCodec.HEVC, **HDR10)
    assert (encode.color, encode.hdr_static, encode.dynamic_range) == (BT2020, STATIC, DynamicRange.HDR10)
    assert encode.filters == ("setparams=color_primaries=bt2020:color_trc=smpte2084:colorspace=bt2020nc:range=tv",)


def test_hlg_keeps_its_tags_and_gets_no_hdr10_values() -> None:
    hlg = HDR10 | {"color": replace(BT2020, transfer="arib-std-b67"), "dynamic_range": DynamicRange.HLG}
    encode = _encode(OutputCodec.HEVC, **hlg)
    assert (encode.dynamic_range, encode.hdr_static, encode.color.transfer) == (DynamicRange.HLG, None, "arib-std-b67")


@pytest.mark.parametrize(("codec", "mode"), [(OutputCodec.HEVC, HdrMode.TONEMAP), (OutputCodec.H264, HdrMode.PRESERVE)])
def test_tone_mapping_leaves_nothing_of_hdr(codec: OutputCodec, mode: HdrMode) -> None:
    plan = _plan(codec, mode, **HDR10)
    assert plan.video is not None
    assert (plan.video.color.transfer, plan.video.dynamic_range, plan.video.hdr_static) == ("bt709", DynamicRange.SDR, None)
    chain = ",".join(plan.video.filters)
    assert "npl=100" in chain
    assert "tonemap=tonemap=hable:desat=0.2:peak=10" in chain
    assert "mapped to SDR" in _note(plan)


def test_tone_mapping_touches_no_sdr_picture() -> None:
    assert _encode(OutputCodec.HEVC, HdrMode.TONEMAP).filters == ()


def test_hdr_on_an_8_bit_gpu_is_mapped() -> None:
    weak = gpu(nvenc(OutputCodec.HEVC, supports_10bit=False), cpu=())
    plan = make_plan(probe(video(**HDR10)), replace(NO_LIMITS, codec=OutputCodec.HEVC), weak)
    assert plan.video is not None
    assert (plan.video.bit_depth, plan.video.dynamic_range) == (8, DynamicRange.SDR)


@pytest.mark.parametrize(
    ("compatibility_id", "base"), [(1, DynamicRange.HDR10), (4, DynamicRange.HLG), (2, DynamicRange.SDR), (6, DynamicRange.HDR10)]
)
def test_dolby_vision_keeps_its_base_picture(compatibility_id: int, base: DynamicRange) -> None:
    vision = DolbyVision(profile=8, compatibility_id=compatibility_id)
    plan = _plan(OutputCodec.AV1, dolby_vision=vision, dynamic_range=DynamicRange.DOLBY_VISION, bit_depth=10)
    assert plan.video is not None
    assert plan.video.dynamic_range is base
    assert "Dolby Vision layer is left out" in _note(plan)


def test_dynamic_metadata_is_named_as_lost() -> None:
    assert "HDR10+" in _note(_plan(OutputCodec.HEVC, **HDR10, hdr10_plus=True))


def test_colour_words_that_say_nothing_are_not_written() -> None:
    encode = _encode(OutputCodec.HEVC, color=Color(primaries="unknown", transfer="bt709", space="gbr"))
    assert encode.color == Color(transfer="bt709")
    assert encode.filters == ("setparams=color_trc=bt709",)


def test_hdr_without_primaries_gets_the_usual_ones() -> None:
    encode = _encode(OutputCodec.HEVC, **(HDR10 | {"color": Color(transfer="smpte2084")}))
    assert (encode.color.primaries, encode.color.space) == ("bt2020", "bt2020nc")


def test_escaping_covers_both_parsers() -> None:
    assert escape("it's a [test], a:b") == r"it\\\'s a \[test\]\, a\\:b"
