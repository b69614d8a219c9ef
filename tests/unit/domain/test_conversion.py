"""Plans of conversions, and the order of versions."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.domain.capability import Backend, Capabilities, Encoder
from alchemist_desktop.domain.conversion import DEFAULT_CONVERSION, ConversionResolution, ConversionSettings
from alchemist_desktop.domain.errors import InvalidRequestError
from alchemist_desktop.domain.job import FileStamp
from alchemist_desktop.domain.plan import Action, Plan, StreamAction, StreamKind
from alchemist_desktop.domain.planner.conversion import plan_conversion
from alchemist_desktop.domain.probe import AudioStream, Color, DynamicRange, Probe, SubtitleStream, VideoStream
from alchemist_desktop.domain.profile import EncodingRules, OutputCodec
from alchemist_desktop.domain.versions import channel_of, version_key

_CAPABILITIES = Capabilities(
    encoders=tuple(
        Encoder(name=name, codec=codec, backend=Backend.CPU, supports_10bit=codec is not OutputCodec.H264)
        for name, codec in (("libx265", OutputCodec.HEVC), ("libx264", OutputCodec.H264), ("libsvtav1", OutputCodec.AV1))
    ),
    audio_encoders=frozenset({"aac", "libopus", "libmp3lame"}),
)
_HDR = VideoStream(
    index=0, codec="hevc", width=1920, height=1080, fps=25.0, bit_depth=10, bitrate_bps=9_000_000,
    color=Color(primaries="bt2020", transfer="smpte2084", space="bt2020nc", range="tv"), dynamic_range=DynamicRange.HDR10,
)  # fmt: skip


def source(video: VideoStream = _HDR, *others: AudioStream | SubtitleStream) -> Probe:
    return Probe(
        path="/in/film.mkv", stamp=FileStamp(size_bytes=10**8, mtime_ns=1), container="matroska,webm", duration_s=60.0,
        bitrate_bps=10_000_000, streams=(video, *others),
    )  # fmt: skip


def settings(**changes: Any) -> ConversionSettings:
    document = DEFAULT_CONVERSION.model_dump()
    for name, value in changes.items():
        document[name] = {**document[name], **value} if isinstance(value, dict) else value
    return ConversionSettings.model_validate(document)


def plan(wanted: ConversionSettings, probe: Probe) -> Plan:
    return plan_conversion(probe, wanted, EncodingRules(), _CAPABILITIES)


def test_hdr_can_be_kept_or_stripped() -> None:
    kept = plan(settings(), source()).video
    stripped = plan(settings(video={"hdr_mode": "strip_metadata"}), source()).video
    assert kept is not None
    assert stripped is not None
    assert kept.dynamic_range is DynamicRange.HDR10
    assert (stripped.dynamic_range, stripped.color, stripped.hdr_static) == (DynamicRange.SDR, Color(), None)
    assert any("color_trc=unknown" in item for item in stripped.filters)


def test_a_bit_rate_replaces_the_quality() -> None:
    video = plan(settings(video={"mode": "bitrate", "value": None}), source()).video
    assert video is not None
    assert (video.quality.bitrate_kbps, video.quality.value) == (4000, None)
    exact = plan(settings(video={"value": 18}), source()).video
    assert exact is not None
    assert (exact.quality.bitrate_kbps, exact.quality.value) == (None, 18)


def test_sound_goes_becomes_or_stays_as_asked() -> None:
    probe = source(_HDR, AudioStream(index=1, codec="flac", channels=6), AudioStream(index=2, codec="aac", channels=2))

    def sounds(**audio: Any) -> list[tuple[StreamAction, int | None]]:
        streams = plan(settings(audio=audio), probe).streams
        return [(s.action, s.audio.channels if s.audio else None) for s in streams if s.kind is StreamKind.AUDIO]

    assert sounds(codec="copy") == [(StreamAction.COPY, None)] * 2
    assert sounds(codec="drop") == [(StreamAction.DROP, None)] * 2
    assert sounds(codec="opus") == [(StreamAction.ENCODE, 6), (StreamAction.ENCODE, 2)]
    assert sounds(codec="mp3", channels="5.1") == [(StreamAction.ENCODE, 2)] * 2
    assert sounds(codec="aac", channels="7") == [(StreamAction.ENCODE, 8)] * 2


def test_subtitles_that_mp4_cannot_hold_are_refused_unless_they_go() -> None:
    probe = source(_HDR, SubtitleStream(index=1, codec="subrip"))
    with pytest.raises(InvalidRequestError, match="cannot hold the subtitles"):
        plan(settings(output_container="mp4"), probe)
    assert plan(settings(output_container="mp4", subtitles={"mode": "none"}), probe).action is Action.TRANSCODE
    burnt = plan(settings(subtitles={"mode": "burn"}), probe)
    assert [stream.action for stream in burnt.streams][1] is StreamAction.BURN


def test_a_format_that_cannot_be_copied_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="cannot be copied"):
        plan(settings(remux_only=True), source(replace(_HDR, codec="mpeg2video")))


@given(
    st.sampled_from(["original", "custom", "scale_factor"]),
    st.none() | st.integers(-10, 20_000),
    st.none() | st.integers(-10, 20_000),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
def test_any_size_is_even_or_refused(mode: str, width: int | None, height: int | None, factor: float | None) -> None:
    wanted = ConversionResolution(mode=mode, width=width, height=height, scale_factor=factor)
    try:
        video = plan(settings(video={"resolution": wanted.model_dump()}), source()).video
    except InvalidRequestError:
        return
    assert video is not None
    assert video.width >= 2 <= video.height
    assert video.width % 2 == video.height % 2 == 0


@given(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8), st.text(max_size=8))
def test_normalising_twice_changes_nothing_more(codec: str, mode: str, channels: str, container: str) -> None:
    wanted = settings(
        video={"codec": codec, "mode": mode}, audio={"codec": codec, "channels": channels}, output_container=container
    )
    assert wanted.normalised().normalised() == wanted.normalised()


def test_versions_have_an_order() -> None:
    names = ["0.9.0-nightly.3", "0.9.0-rc.2", "0.9.0-rc.10", "0.9.0", "0.10.0", "1.0.0"]
    keys = [version_key(name) for name in names]
    assert None not in keys
    assert sorted(keys, key=lambda key: key or ()) == keys
    assert version_key("v1.0.0") == version_key("1.0.0")
    assert [version_key(text) for text in ("", "1.0", "x", "1.0.0.0")] == [None] * 4
    assert [channel_of(name) for name in ("1.0.0", "1.0.0-rc.1", "1.0.0-nightly")] == ["stable", "rc", "nightly"]
