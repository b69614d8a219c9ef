"""The real FFmpeg takes every hardware encoder's argument line and misses nothing but the device."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from alchemist_desktop.domain.capability import Backend, Encoder
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.domain.profile import OutputCodec
from tests.support.argument_lines import LINUX_ENCODERS, Case, ask, cases, line_for, make_sources, options_in, wrong_options
from tests.support.encoder_help import options_of, parse_recorded
from tests.support.videotoolbox_options import RECORDED


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Probe]:
    return make_sources(tmp_path_factory.mktemp("it's a [source], a:b"))


def test_there_are_fifteen() -> None:
    assert len({encoder.name for encoder in LINUX_ENCODERS}) == 15


@pytest.mark.slow
@pytest.mark.parametrize("encoder", LINUX_ENCODERS, ids=lambda encoder: encoder.name)
def test_ffmpeg_misses_nothing_but_the_device(encoder: Encoder, sources: Mapping[str, Probe], tmp_path: Path) -> None:
    faults = {
        case: verdict.fault for case in cases(encoder) if (verdict := ask(line_for(case, sources, tmp_path / "o.mkv"))).fault
    }
    assert faults == {}


@pytest.mark.parametrize("encoder", LINUX_ENCODERS, ids=lambda encoder: encoder.name)
def test_every_option_belongs_to_the_encoder_and_has_a_value_it_takes(encoder: Encoder, sources: Mapping[str, Probe]) -> None:
    known = options_of(encoder.name)
    assert [fault for case in cases(encoder) for fault in wrong_options(case, sources, known)] == []


@pytest.mark.parametrize("codec", [OutputCodec.HEVC, OutputCodec.H264])
def test_videotoolbox_against_its_recorded_options(codec: OutputCodec, sources: Mapping[str, Probe]) -> None:
    encoder = Encoder(name=f"{codec.value}_videotoolbox", codec=codec, backend=Backend.VIDEOTOOLBOX)
    known = parse_recorded(RECORDED[encoder.name])
    assert [fault for case in cases(encoder) for fault in wrong_options(case, sources, known)] == []


def test_the_checks_see_what_is_wrong(sources: Mapping[str, Probe], tmp_path: Path) -> None:
    encoder = next(encoder for encoder in LINUX_ENCODERS if encoder.name == "hevc_nvenc")
    line = line_for(Case(encoder, "8 bit", "none", False), sources, tmp_path / "o.mkv")
    wrong_value = [*line]
    wrong_value[wrong_value.index("-cq:0") + 1] = "200"
    assert "out of range" in str(ask(wrong_value).fault)
    wrong_filter = [word.replace("format=yuv420p", "fromat=yuv420p") for word in line]
    assert ask(wrong_filter).fault is not None
    assert "crf" not in options_of("hevc_nvenc")
    assert options_of("hevc_nvenc")["cq"].refuses("200") is not None
    assert options_of("hevc_nvenc")["preset"].refuses("medium-rare") is not None


@pytest.mark.parametrize("encoder", LINUX_ENCODERS, ids=lambda encoder: encoder.name)
def test_deep_pictures_stay_deep_and_flat_ones_flat(encoder: Encoder, sources: Mapping[str, Probe], tmp_path: Path) -> None:
    def chain(source: str) -> str:
        return options_in(line_for(Case(encoder, source, "none", False), sources, tmp_path / "o.mkv"))["-filter"]

    is_h264, is_av1 = encoder.codec is OutputCodec.H264, encoder.codec is OutputCodec.AV1
    assert ("p010le" in chain("HDR10")) is not is_h264
    assert ("p010le" in chain("8 bit")) is is_av1  # AV1 is always written in 10 bit
    if is_h264:
        assert "tonemap" in chain("HDR10")
    shallow = replace(encoder, supports_10bit=False)
    flat = options_in(line_for(Case(shallow, "HDR10", "none", False), sources, tmp_path / "o.mkv"))["-filter"]
    assert "p010" not in flat
    assert "tonemap" in flat
