"""Comparing an output's streams, picture and length with its plan."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.domain.capability import Backend, Encoder
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.job import FileStamp
from alchemist_desktop.domain.languages import normal_language
from alchemist_desktop.domain.plan import (
    Action,
    AudioEncode,
    Plan,
    Quality,
    StreamAction,
    StreamKind,
    StreamPlan,
    VideoEncode,
)
from alchemist_desktop.domain.probe import (
    AttachmentStream,
    AudioStream,
    Chapter,
    Color,
    DataStream,
    DolbyVision,
    DynamicRange,
    HdrStatic,
    Probe,
    SubtitleStream,
    VideoStream,
)
from alchemist_desktop.domain.profile import CpuPreset, OutputCodec, QualityProfile
from alchemist_desktop.media.parity import Mismatch, compare_inventory, kind_of
from alchemist_desktop.media.picture_parity import compare_picture
from alchemist_desktop.media.timing import compare_durations, frames_agree

DISPLAY = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"
HDR_COLOR = Color(primaries="bt2020", transfer="smpte2084", space="bt2020nc", range="tv")
SOURCE = Probe(
    path="/a.mkv",
    stamp=FileStamp(size_bytes=1, mtime_ns=1),
    container="matroska,webm",
    duration_s=100.0,
    last_packet_s=100.0,
    streams=(
        VideoStream(
            index=0, codec="hevc", width=1920, height=1080, pixel_format="yuv420p10le", bit_depth=10, duration_s=100.0,
            color=HDR_COLOR, dynamic_range=DynamicRange.HDR10,
            hdr_static=HdrStatic(mastering_display=DISPLAY, max_cll=1000, max_fall=400),
        ),
        AudioStream(index=1, codec="flac", language="deu", channels=6, duration_s=100.0),
        AudioStream(index=2, codec="aac", title="Commentary", dispositions=frozenset({"comment"}), channels=2),
        SubtitleStream(index=3, codec="subrip", language="en", dispositions=frozenset({"forced"})),
        AttachmentStream(index=4, codec="ttf", filename="a.ttf"),
    ),
    chapters=(Chapter(start_s=0, end_s=50), Chapter(start_s=50, end_s=100)),
    tags={"title": "A film"},
)  # fmt: skip
VIDEO = VideoEncode(
    encoder=Encoder(name="libsvtav1", codec=OutputCodec.AV1, backend=Backend.CPU),
    quality=Quality(word=QualityProfile.BALANCED, preset=CpuPreset.MEDIUM),
    pixel_format="yuv420p10le",
    bit_depth=10,
    width=1920,
    height=1080,
    color=HDR_COLOR,
    dynamic_range=DynamicRange.HDR10,
    hdr_static=HdrStatic(mastering_display=DISPLAY, max_cll=1000, max_fall=400),
)
PLAN = Plan(
    action=Action.TRANSCODE,
    explanation=explain("transcode_recommended"),
    muxer="matroska",
    extension="mkv",
    video=VIDEO,
    streams=(
        StreamPlan(index=0, kind=StreamKind.VIDEO, action=StreamAction.ENCODE, codec="av1"),
        StreamPlan(
            index=1, kind=StreamKind.AUDIO, action=StreamAction.ENCODE, codec="opus", language="deu",
            audio=AudioEncode(encoder="libopus", codec="opus", bitrate_kbps=256, channels=6),
        ),
        StreamPlan(
            index=2, kind=StreamKind.AUDIO, action=StreamAction.COPY, codec="aac", title="Commentary",
            dispositions=frozenset({"comment"}),
        ),
        StreamPlan(
            index=3, kind=StreamKind.SUBTITLE, action=StreamAction.COPY, codec="subrip", language="en",
            dispositions=frozenset({"forced"}),
        ),
        StreamPlan(index=4, kind=StreamKind.ATTACHMENT, action=StreamAction.COPY, codec="ttf"),
    ),
)  # fmt: skip


def _output() -> Probe:
    video, first, *rest = SOURCE.streams
    assert isinstance(video, VideoStream)
    assert isinstance(first, AudioStream)
    subtitle = rest[1]
    streams = (
        replace(video, codec="av1"),
        replace(first, codec="opus", language="ger"),
        rest[0],
        replace(subtitle, language="eng"),
        rest[2],
    )
    return replace(SOURCE, path="/b.mkv", streams=streams)


OUTPUT = _output()


def with_stream(index: int, **changes: object) -> Probe:
    streams = list(OUTPUT.streams)
    streams[index] = replace(streams[index], **changes)  # type: ignore[arg-type]  # names are those of the stream at hand
    return replace(OUTPUT, streams=tuple(streams))


def without_stream(index: int) -> Probe:
    return replace(OUTPUT, streams=OUTPUT.streams[:index] + OUTPUT.streams[index + 1 :])


def everything(plan: Plan, source: Probe, output: Probe) -> list[Mismatch]:
    return [
        *compare_inventory(plan, source, output),
        *compare_picture(plan, source, output),
        *compare_durations(plan, source, output),
    ]


def test_what_the_plan_promised_agrees_in_everything() -> None:
    assert everything(PLAN, SOURCE, OUTPUT) == []


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (without_stream(0), "0 video streams instead of 1"),
        (without_stream(2), "1 audio streams instead of 2"),
        (without_stream(3), "0 subtitle streams"),
        (without_stream(4), "0 attachment streams"),
        (with_stream(4, filename="b.ttf"), "a.ttf"),
        (with_stream(0, codec="hevc"), "hevc instead of av1"),
        (with_stream(1, codec="aac"), "aac instead of opus"),
        (with_stream(1, language="eng"), "language of audio stream 1 is eng"),
        (with_stream(1, language=None), "language of audio stream 1 is None"),
        (with_stream(3, language=None), "language of subtitle stream 3"),
        (with_stream(1, channels=2), "2 channels instead of 6"),
        (with_stream(2, title=None), "title of audio stream 2 was lost"),
        (with_stream(2, dispositions=frozenset()), "comment"),
        (with_stream(3, dispositions=frozenset()), "forced"),
        (with_stream(1, dispositions=frozenset({"forced"})), "forced"),
        (replace(OUTPUT, chapters=OUTPUT.chapters[:1]), "1 chapters"),
        (replace(OUTPUT, tags={}), "title of the source"),
        (with_stream(0, width=1280), "1280x1080 instead of 1920x1080"),
        (with_stream(0, rotation=90), "1080x1920"),
        (with_stream(0, pixel_format="yuv420p"), "pixel format is yuv420p"),
        (with_stream(0, bit_depth=8), "8 bit instead of 10"),
        (with_stream(0, color=replace(HDR_COLOR, primaries="bt709")), "colour primaries is bt709"),
        (with_stream(0, color=replace(HDR_COLOR, transfer=None)), "colour transfer is None"),
        (with_stream(0, color=replace(HDR_COLOR, space="bt709")), "colour space is bt709"),
        (with_stream(0, dynamic_range=DynamicRange.SDR), "sdr instead of hdr10"),
        (with_stream(0, hdr_static=None), "mastering display"),
        (with_stream(0, hdr_static=HdrStatic(mastering_display=DISPLAY, max_cll=1, max_fall=400)), "max_cll"),
        (with_stream(0, duration_s=98.0), "video stream 0 ends at 98.00 s"),
        (with_stream(1, duration_s=50.0), "audio stream 1 ends at 50.00 s"),
        (replace(OUTPUT, duration_s=97.0, last_packet_s=97.0), "file ends at 97.00 s"),
        (replace(OUTPUT, last_packet_s=60.0), "ends after 60.00 s"),
    ],
)  # fmt: skip
def test_every_loss_is_found(output: Probe, words: str) -> None:
    found = everything(PLAN, SOURCE, output)
    assert any(words in mismatch.sentence for mismatch in found), found


@pytest.mark.parametrize(
    "output",
    [
        with_stream(0, pixel_format="p010le"),
        with_stream(0, color=replace(HDR_COLOR, range=None)),
        with_stream(1, duration_s=100.4),
        with_stream(1, dispositions=frozenset({"default"})),
        with_stream(
            0,
            hdr_static=HdrStatic(
                mastering_display="G(13251,34499)B(7501,3000)R(34000,15999)WP(15635,16450)L(10000000,0)",
                max_cll=1000,
                max_fall=400,
            ),
        ),
        replace(OUTPUT, streams=(*OUTPUT.streams, DataStream(index=5, codec="bin_data"))),
        replace(OUTPUT, duration_s=None, last_packet_s=None),
    ],
)
def test_harmless_differences_are_no_mismatch(output: Probe) -> None:
    assert everything(PLAN, SOURCE, output) == []


def test_a_container_is_not_asked_for_what_it_cannot_carry() -> None:
    streams = tuple(replace(stream, dispositions=frozenset(), language=None) for stream in OUTPUT.streams)
    assert list(compare_inventory(replace(PLAN, muxer="mov"), SOURCE, replace(OUTPUT, streams=streams))) == []
    bare = replace(OUTPUT, streams=tuple(replace(stream, title=None) for stream in streams), tags={}, chapters=())
    assert list(compare_inventory(replace(PLAN, muxer="mpegts", keep_chapters=False), SOURCE, bare)) == []


def test_mp4_keeps_the_titles_of_tracks() -> None:
    found = list(compare_inventory(replace(PLAN, muxer="mp4"), SOURCE, with_stream(2, title=None)))
    assert [mismatch.sentence for mismatch in found] == ["The title of audio stream 2 was lost."]


def _timed(probe: Probe, *times_s: float | None) -> Probe:
    """The probe with the times at which the last packets of its first streams came."""
    timed = tuple(replace(stream, last_time_s=time_s) for stream, time_s in zip(probe.streams, times_s, strict=False))
    return replace(probe, streams=timed + probe.streams[len(times_s) :])


@pytest.mark.parametrize(
    ("source_times", "output_times", "is_same"),
    [
        ((99.9, 99.9), (99.9, 99.8), True),
        ((40.0, 99.9), (40.0, 99.9), True),  # the header of the first speaks for the whole file
        ((99.9, 99.9), (40.0, 99.9), False),
        ((None, 99.9), (40.0, 99.9), True),  # the picture had ended before the part of the source that was read
    ],
)
def test_streams_are_measured_by_their_last_packets(
    source_times: tuple[float | None, ...], output_times: tuple[float | None, ...], is_same: bool
) -> None:
    source, output = _timed(SOURCE, *source_times), _timed(OUTPUT, *output_times)
    video = replace(output.streams[0], duration_s=output_times[0])
    output = replace(output, last_packet_s=104.0, streams=(video, *output.streams[1:]))  # the last one lasts longer
    assert (list(compare_durations(PLAN, source, output)) == []) is is_same


def test_a_dropped_stream_is_not_expected() -> None:
    streams = tuple(replace(s, action=StreamAction.DROP, codec=None) if s.index == 2 else s for s in PLAN.streams)
    assert everything(replace(PLAN, streams=streams), SOURCE, without_stream(2)) == []


def _copied(change: Callable[[VideoStream], VideoStream]) -> list[Mismatch]:
    video = SOURCE.main_video
    assert video is not None
    original = replace(video, dolby_vision=DolbyVision(profile=8, compatibility_id=1), hdr10_plus=True)
    source = replace(SOURCE, streams=(original,))
    plan = replace(
        PLAN, video=None, streams=(StreamPlan(index=0, kind=StreamKind.VIDEO, action=StreamAction.COPY, codec="hevc"),)
    )
    return list(compare_picture(plan, source, replace(SOURCE, streams=(change(original),))))


def test_a_copied_picture_keeps_everything() -> None:
    assert _copied(lambda video: video) == []
    assert [m.sentence for m in _copied(lambda video: replace(video, hdr10_plus=False))] == [
        "The output lost the HDR10+ values of the source."
    ]
    assert len(_copied(lambda video: replace(video, dolby_vision=None))) == 1
    assert len(_copied(lambda video: replace(video, hdr_static=None))) == 3
    assert len(_copied(lambda video: replace(video, pixel_format="yuv420p"))) == 1


def test_a_source_that_starts_late_may_end_earlier_in_the_output() -> None:
    late = replace(SOURCE, start_s=5.0)
    streams = tuple(replace(stream, duration_s=95.0 if stream.duration_s else None) for stream in OUTPUT.streams)
    assert list(compare_durations(PLAN, late, replace(OUTPUT, streams=streams, duration_s=95.0, last_packet_s=95.0))) == []
    assert list(compare_durations(PLAN, late, replace(OUTPUT, duration_s=90.0, last_packet_s=90.0))) != []


def test_kinds_follow_the_stream() -> None:
    cover = VideoStream(index=0, codec="mjpeg", is_attached_picture=True)
    kinds = [kind_of(stream) for stream in (cover, *SOURCE.streams, DataStream(index=9, codec=""))]
    assert kinds == [
        StreamKind.PICTURE, StreamKind.VIDEO, StreamKind.AUDIO, StreamKind.AUDIO, StreamKind.SUBTITLE, StreamKind.ATTACHMENT,
        StreamKind.DATA,
    ]  # fmt: skip


@pytest.mark.parametrize(("first", "second"), [("ger", "deu"), ("fre", "fra"), ("chi", "zho"), (None, "und")])
def test_two_spellings_of_a_language_are_one(first: str | None, second: str | None) -> None:
    assert normal_language(first) == normal_language(second)


@given(st.integers(0, 10**6), st.integers(-5, 5))
def test_frame_counts_may_differ_by_one(frames: int, difference: int) -> None:
    assert frames_agree(frames, frames + difference) is (abs(difference) <= 1)


@given(st.floats(0, 90, allow_nan=False))
def test_no_output_shorter_than_its_source_passes(end_s: float) -> None:
    short = replace(with_stream(0, duration_s=end_s), duration_s=end_s, last_packet_s=end_s)
    assert list(compare_durations(PLAN, SOURCE, short)) != []
