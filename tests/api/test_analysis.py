"""What people are told about a file from its probe alone."""

from typing import Any

import pytest

from alchemist_desktop.api.contract.conversion_shapes import AnalysisShape
from alchemist_desktop.api.schemas.analysis import analysis_json
from alchemist_desktop.domain.probe import Color, DolbyVision, DynamicRange, Probe
from tests.support.probes import audio, probe, subtitle, video


def _report(of: Probe) -> dict[str, Any]:
    analysis = analysis_json(of)
    AnalysisShape.model_validate(analysis)
    report: dict[str, Any] = analysis["analysis_report"]
    return report


def _plain(**changes: Any) -> Probe:
    """Nothing about it is remarkable: 0.06 bits per pixel, and other streams beside the picture."""
    return probe(video(bitrate_bps=4_000_000), audio(bitrate_bps=400_000), **{"bitrate_bps": 5_000_000, **changes})


def test_a_file_without_anything_remarkable_has_no_labels() -> None:
    assert set(_report(_plain())) == {"metrics"}


@pytest.mark.parametrize(
    ("given", "labels"),
    [
        (probe(video(bitrate_bps=20_000_000), bitrate_bps=40_000_000), ["high_bpp_density"]),
        (probe(video(bitrate_bps=1_000_000), bitrate_bps=2_000_000), ["low_bpp_density"]),
        (probe(video(bitrate_bps=4_000_000), bitrate_bps=4_300_000), ["remux_like_density"]),
        (probe(video(bitrate_bps=4_000_000), audio(codec="flac"), bitrate_bps=5_000_000), ["heavy_audio", "lossless_audio"]),
        (probe(video(bitrate_bps=4_000_000), subtitle(codec="hdmv_pgs_subtitle"), bitrate_bps=5_000_000), ["image_subtitle"]),
        (probe(video(bitrate_bps=4_000_000), subtitle(codec="ass"), bitrate_bps=5_000_000), ["styled_subtitle"]),
        (probe(video(bitrate_bps=4_000_000, dynamic_range=DynamicRange.HLG), bitrate_bps=5_000_000), ["hdr_metadata"]),
        (
            probe(video(bitrate_bps=4_000_000, color=Color(primaries="bt2020")), bitrate_bps=5_000_000),
            ["bt2020_without_transfer"],
        ),
        (
            probe(video(bitrate_bps=4_000_000, dolby_vision=DolbyVision(profile=5)), bitrate_bps=5_000_000),
            ["dolby_vision_metadata"],
        ),
        (probe(video(bitrate_bps=4_000_000, field_order="tt"), bitrate_bps=5_000_000), ["interlaced_metadata"]),
        (probe(video(bitrate_bps=4_000_000, real_fps=50.0), bitrate_bps=5_000_000), ["variable_frame_rate_hint"]),
        (probe(video(bitrate_bps=None), bitrate_bps=5_000_000), ["missing_video_bitrate"]),
    ],
)
def test_labels(given: Probe, labels: list[str]) -> None:
    assert _report(given)["labels"] == labels


def test_figures() -> None:
    given = probe(
        video(bitrate_bps=4_000_000, frame_count=14_985, dynamic_range=DynamicRange.UNKNOWN),
        audio(1, bitrate_bps=400_000),
        audio(2, bitrate_bps=600_000),
        subtitle(3),
        subtitle(4, codec="dvd_subtitle"),
        bitrate_bps=5_000_000,
        duration_s=600.0,
    )
    figures = _report(given)["metrics"]
    assert figures.pop("raw_bpp") == pytest.approx(4_000_000 / (1920 * 1080 * 25))
    assert figures.pop("normalized_bpp") == pytest.approx(0.8 * 4_000_000 / (1920 * 1080 * 25))
    assert figures == {
        "audio_bitrate_share": 0.2,
        "fps_from_average_rate": 25.0,
        "fps_from_frame_count": 24.975,
        "estimated_container_bitrate_bps": 5_000_000,
        "video_stream_count": 1,
        "audio_stream_count": 2,
        "subtitle_stream_count": 2,
        "image_subtitle_count": 1,
        "text_subtitle_count": 1,
        "hdr_metadata_present": False,
        "has_bt2020_metadata": False,
        "has_missing_color_transfer": True,
    }


def test_figures_that_are_not_known_are_left_out() -> None:
    figures = _report(probe(video(fps=0.0, bitrate_bps=None), audio(), bitrate_bps=None, duration_s=None))["metrics"]
    assert not figures.keys() & {
        "raw_bpp", "normalized_bpp", "audio_bitrate_share", "fps_from_average_rate", "fps_from_frame_count",
        "estimated_container_bitrate_bps",
    }  # fmt: skip
    assert _report(_plain(bitrate_bps=None))["metrics"]["estimated_container_bitrate_bps"] > 0
