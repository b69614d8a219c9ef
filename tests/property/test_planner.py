"""What holds for every file, every choice and every machine."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.domain.capability import Capabilities, Encoder
from alchemist_desktop.domain.plan import Action, Plan, StreamAction, StreamKind
from alchemist_desktop.domain.planner import make_plan
from alchemist_desktop.domain.probe import (
    AttachmentStream,
    AudioStream,
    Color,
    DataStream,
    Probe,
    Stream,
    SubtitleStream,
    VideoStream,
)
from alchemist_desktop.domain.profile import (
    AudioMode,
    EncodingRules,
    HdrMode,
    OutputCodec,
    StreamRules,
    SubtitleMode,
)
from alchemist_desktop.media.command import build_command, pictures_to_extract
from tests.support.probes import CPU_ONLY, SVT_AV1, X264, X265, probe

LANGUAGES = st.sampled_from([None, "eng", "ger", "und", "x-odd"])
MARKS = st.frozensets(st.sampled_from(["default", "forced", "comment", "lyrics"]))
DEMUXERS = {
    "matroska": "matroska,webm",
    "webm": "matroska,webm",
    "mp4": "mov,mp4,m4a,3gp,3g2,mj2",
    "mov": "mov,mp4,m4a,3gp,3g2,mj2",
}

videos = st.builds(
    VideoStream,
    index=st.just(0),
    codec=st.sampled_from(["h264", "hevc", "av1", "mpeg2video", "vp9", "mjpeg", ""]),
    width=st.integers(0, 4096),
    height=st.integers(0, 2160),
    bit_depth=st.sampled_from([None, 8, 10, 12]),
    fps=st.sampled_from([0.0, 23.976, 25.0, 60.0]),
    rotation=st.sampled_from([0, 90, 180, 270]),
    field_order=st.sampled_from(["progressive", "tt", "unknown"]),
    color=st.builds(Color, transfer=st.sampled_from([None, "bt709", "smpte2084", "arib-std-b67"])),
    bitrate_bps=st.one_of(st.none(), st.integers(0, 10**8)),
    is_attached_picture=st.booleans(),
    dispositions=MARKS,
)
audios = st.builds(
    AudioStream,
    index=st.just(0),
    codec=st.sampled_from(["aac", "flac", "truehd", "dts", "pcm_bluray", "speex", ""]),
    channels=st.integers(0, 20),
    language=LANGUAGES,
    title=st.one_of(st.none(), st.text(max_size=8)),
    dispositions=MARKS,
)
subtitles = st.builds(
    SubtitleStream,
    index=st.just(0),
    codec=st.sampled_from(["subrip", "ass", "mov_text", "webvtt", "hdmv_pgs_subtitle", "dvd_subtitle", "eia_608", "ttml", ""]),
    language=LANGUAGES,
    dispositions=MARKS,
)
others = st.one_of(
    st.builds(AttachmentStream, index=st.just(0), codec=st.just("ttf"), filename=st.sampled_from([None, "a.ttf"]), mimetype=st.just("x/y")),
    st.builds(DataStream, index=st.just(0), codec=st.just(""), codec_tag=st.sampled_from(["tmcd", "text"])),
)  # fmt: skip
streams = st.lists(st.one_of(videos, audios, subtitles, others), max_size=8)


@st.composite
def probes(draw: st.DrawFn) -> Probe:
    found: list[Stream] = [replace(stream, index=index) for index, stream in enumerate(draw(streams))]
    return replace(
        probe(duration_s=draw(st.sampled_from([None, 0.0, 60.0])), start_s=draw(st.sampled_from([0.0, 1.4]))),
        streams=tuple(found),
        container=draw(st.sampled_from(["matroska,webm", "mov,mp4,m4a,3gp,3g2,mj2", "avi", "mpegts"])),
    )


rules = st.builds(
    EncodingRules,
    codec=st.sampled_from(OutputCodec),
    hdr_mode=st.sampled_from(HdrMode),
    audio_mode=st.sampled_from(AudioMode),
    subtitle_mode=st.sampled_from(SubtitleMode),
    output_extension=st.sampled_from(["mkv", "mp4", "mov", "webm", "ts", "avi", "odd"]),
    min_bpp_threshold=st.sampled_from([0.0, 0.1]),
    min_file_size_mb=st.sampled_from([0, 50, 5000]),
    size_reduction_threshold=st.sampled_from([0.0, 0.3, 1.0]),
    allow_fallback=st.booleans(),
    allow_cpu_encoding=st.booleans(),
    remux_only=st.booleans(),
    crf_override=st.one_of(st.none(), st.integers(0, 255)),
    stream_rules=st.builds(
        StreamRules,
        strip_audio_by_title=st.lists(st.text(max_size=3), max_size=2).map(tuple),
        keep_audio_languages=st.lists(st.sampled_from(["eng", "GER"]), max_size=2).map(tuple),
        keep_only_default_audio=st.booleans(),
        keep_subtitle_languages=st.lists(st.sampled_from(["eng"]), max_size=1).map(tuple),
    ),
)
encoders = st.lists(st.sampled_from([SVT_AV1, X265, X264, replace(X265, supports_10bit=False)]), unique=True)


def _machine(found: list[Encoder]) -> Capabilities:
    return replace(CPU_ONLY, encoders=tuple(found))


machines = encoders.map(_machine)


@given(source=probes(), rule=rules, machine=machines)
def test_every_source_stream_has_exactly_one_plan(source: Probe, rule: EncodingRules, machine: Capabilities) -> None:
    plan = make_plan(source, rule, machine)
    if plan.action is Action.SKIP:
        assert plan.streams == ()
    else:
        assert sorted(s.index for s in plan.streams) == [s.index for s in source.streams]


@given(source=probes(), rule=rules, machine=machines)
def test_a_stream_leaves_only_with_a_word(source: Probe, rule: EncodingRules, machine: Capabilities) -> None:
    for stream in make_plan(source, rule, machine).streams:
        assert stream.is_in_output or stream.note
        assert stream.is_in_output == (stream.codec is not None)


@given(source=probes(), rule=rules, machine=machines)
def test_one_picture_is_encoded_exactly_when_the_file_is(source: Probe, rule: EncodingRules, machine: Capabilities) -> None:
    plan = make_plan(source, rule, machine)
    encoded = [s for s in plan.streams if s.kind is StreamKind.VIDEO and s.action is StreamAction.ENCODE]
    is_transcode = plan.action is Action.TRANSCODE
    assert len(encoded) == is_transcode
    assert (plan.video is not None) is is_transcode


@given(source=probes(), rule=rules, machine=machines)
def test_sound_never_disappears_altogether(source: Probe, rule: EncodingRules, machine: Capabilities) -> None:
    plan = make_plan(source, rule, machine)
    if plan.action is not Action.SKIP and any(audio.codec for audio in source.audios):
        kept = [s for s in plan.output_streams if s.kind is StreamKind.AUDIO]
        assert kept or any(not audio.codec for audio in source.audios)


@given(source=probes(), rule=rules, machine=machines, ratio=st.one_of(st.none(), st.floats(0, 3)))
def test_equal_questions_have_equal_answers(
    source: Probe, rule: EncodingRules, machine: Capabilities, ratio: float | None
) -> None:
    assert make_plan(source, rule, machine, size_ratio=ratio) == make_plan(source, rule, machine, size_ratio=ratio)


def _result_of(plan: Plan, source: Probe) -> Probe:
    """What a probe of the output would say."""
    by_index = {stream.index: stream for stream in source.streams}
    found: list[Stream] = []
    for position, planned in enumerate(plan.output_streams):
        stream = replace(by_index[planned.index], index=position, codec=planned.codec or "", dispositions=planned.dispositions)
        if isinstance(stream, VideoStream) and planned.action is StreamAction.ENCODE and plan.video is not None:
            stream = replace(
                stream,
                width=plan.video.width,
                height=plan.video.height,
                bit_depth=plan.video.bit_depth,
                color=plan.video.color,
                dynamic_range=plan.video.dynamic_range,
            )
        found.append(stream)
    return replace(source, streams=tuple(found), container=DEMUXERS.get(plan.muxer, plan.muxer))


@given(source=probes(), rule=rules, machine=machines)
def test_a_result_is_left_alone(source: Probe, rule: EncodingRules, machine: Capabilities) -> None:
    rule = replace(rule, remux_only=False)
    plan = make_plan(source, rule, machine)
    if plan.action is not Action.SKIP and len(source.videos) == 1:
        assert make_plan(_result_of(plan, source), rule, machine).action is Action.SKIP


@given(source=probes(), rule=rules, machine=machines)
def test_the_command_maps_every_planned_stream_once(source: Probe, rule: EncodingRules, machine: Capabilities) -> None:
    plan = make_plan(source, rule, machine)
    if plan.action is Action.SKIP:
        return
    sidecars = {s.index: f"/side{s.index}" for s in plan.streams if s.sidecar}
    argv = build_command("ffmpeg", plan, source, output="/o", sidecars=sidecars)
    mapped = Counter(value for name, value in pairwise(argv) if name == "-map")
    attached = {s.index for s in pictures_to_extract(plan)}
    expected = [s.index for s in plan.output_streams if s.index not in attached] + list(sidecars)
    assert mapped == Counter(f"0:{index}" for index in expected)
    assert all(isinstance(word, str) for word in argv)
    assert argv.count("file:/o") == 1
