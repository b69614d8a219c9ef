"""The argument list, option by option."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from alchemist_desktop.domain.capability import Backend, Encoder
from alchemist_desktop.domain.planner import make_plan
from alchemist_desktop.domain.probe import AttachmentStream, Color, HdrStatic, Probe, Stream
from alchemist_desktop.domain.profile import AudioMode, CpuPreset, EncodingRules, OutputCodec, QualityProfile, SubtitleMode
from alchemist_desktop.media.command import build_command, build_picture_command, pictures_to_extract
from alchemist_desktop.media.encoders.families import FAMILIES
from tests.support.probes import CPU_ONLY, NO_LIMITS, audio, probe, subtitle, video

MASTERING = "G(13250,34500)B(7500,3000)R(34000,16000)WP(15635,16450)L(10000000,1)"


def _argv(
    source: Probe, *, sidecars: dict[int, str] | None = None, pictures: dict[int, str] | None = None, **rules: Any
) -> list[str]:
    plan = make_plan(source, replace(NO_LIMITS, **rules), CPU_ONLY)
    return build_command("ffmpeg", plan, source, output="/out/o.bin", sidecars=sidecars or {}, pictures=pictures or {})


def _values(argv: Sequence[str], option: str) -> list[str]:
    return [value for name, value in pairwise(argv) if name == option]


def _source(*streams: Stream, **changes: Any) -> Probe:
    return probe(video(), *streams, **changes)


def test_the_frame_of_the_command() -> None:
    argv = _argv(_source(audio()))
    assert argv[0] == "ffmpeg"
    assert _values(argv, "-progress") == ["pipe:1"]
    assert _values(argv, "-stats_period") == ["0.5"]
    assert _values(argv, "-i") == ["file:/films/a film.mkv"]
    assert _values(argv, "-map") == ["0:0", "0:1"]
    assert (_values(argv, "-map_metadata"), _values(argv, "-map_chapters")) == (["0"], ["0"])
    assert argv[-3:] == ["-f", "matroska", "file:/out/o.bin"]
    assert {"-nostats", "-y", "-hide_banner"} < set(argv)
    assert "-nostdin" not in argv  # `q` on standard input is how it is asked to stop


def test_a_remux_has_progress_and_copies() -> None:
    argv = _argv(_source(audio()), remux_only=True, output_extension="mp4")
    assert _values(argv, "-progress") == ["pipe:1"]
    assert [_values(argv, f"-c:{n}") for n in (0, 1)] == [["copy"], ["copy"]]
    assert _values(argv, "-f") == ["mp4"]


@pytest.mark.parametrize("path", ["-dash.mkv", "a:b.mkv", "100%d.mkv", "it's.mkv", "http:x.mkv", "\udce9.mkv"])
def test_any_name_is_taken_as_a_file(path: str) -> None:
    assert _values(_argv(_source(path=path)), "-i") == [f"file:{path}"]


def test_the_picture_keeps_the_times_of_its_frames() -> None:
    argv = _argv(_source())
    assert _values(argv, "-fps_mode:0") == ["passthrough"]
    assert _values(argv, "-enc_time_base:0") == ["demux"]
    assert _values(argv, "-g:0") == ["250"]
    assert "-fps_mode:0" not in _argv(probe(video(codec="mpeg4")), output_extension="avi")


def test_hevc_in_mp4_is_tagged_for_apple() -> None:
    hevc: dict[str, Any] = {"codec": OutputCodec.HEVC}
    assert _values(_argv(_source(), **hevc, output_extension="mp4"), "-tag:0") == ["hvc1"]
    assert _values(_argv(_source(), **hevc), "-tag:0") == []
    copied = probe(video(codec="hevc"))
    assert _values(_argv(copied, **hevc, output_extension="mp4"), "-tag:0") == ["hvc1"]


def test_marks_language_and_title_are_stated() -> None:
    argv = _argv(_source(audio(language="ger", title="a=b", dispositions=frozenset({"comment", "default", "timed_thumbnails"}))))
    assert _values(argv, "-disposition:1") == ["comment+default"]
    assert _values(argv, "-disposition:0") == ["0"]
    assert _values(argv, "-metadata:s:1") == ["language=ger", "title=a=b"]


def test_old_measurements_leave_encoded_tracks_only() -> None:
    tags = {"BPS-eng": "1", "NUMBER_OF_BYTES": "2", "HANDLER_NAME": "x"}
    argv = _argv(probe(video(tags=tags), audio(tags=tags)))
    assert _values(argv, "-metadata:s:0") == ["BPS-eng=", "NUMBER_OF_BYTES="]
    assert _values(argv, "-metadata:s:1") == []


def test_sound_options() -> None:
    argv = _argv(_source(audio(1, "flac", channels=6, channel_layout="5.1(side)"), audio(2)), audio_mode=AudioMode.OPUS)
    assert (_values(argv, "-c:1"), _values(argv, "-b:1")) == (["libopus"], ["256k"])
    assert _values(argv, "-filter:1") == ["aformat=channel_layouts=5.1"]
    assert _values(argv, "-b:2") == ["160k"]


def test_lossless_sound_has_no_bit_rate() -> None:
    argv = _argv(_source(audio(1, "pcm_bluray")))
    assert (_values(argv, "-c:1"), _values(argv, "-b:1"), _values(argv, "-ac:1")) == (["flac"], [], ["2"])


def test_fonts_are_attached_without_marks() -> None:
    font = AttachmentStream(index=1, codec="ttf", filename="a.ttf", mimetype="font/ttf")
    argv = _argv(_source(font))
    assert _values(argv, "-c:1") == ["copy"]
    assert "-disposition:1" not in argv


def test_sidecars_are_further_outputs() -> None:
    source = _source(subtitle(1, language="eng"), subtitle(2, "ass"))
    argv = _argv(source, subtitle_mode=SubtitleMode.EXTRACT, sidecars={1: "/out/o.eng.srt", 2: "/out/o.und.ass"})
    main, first, second = argv.index("file:/out/o.bin"), argv.index("file:/out/o.eng.srt"), argv.index("file:/out/o.und.ass")
    assert argv[main + 1 : first] == ["-map", "0:1", "-c:0", "srt", "-f", "srt"]
    assert argv[first + 1 : second] == ["-map", "0:2", "-c:0", "ass", "-f", "ass"]


def test_covers_in_matroska_are_attached_from_files() -> None:
    cover = video(index=1, codec="png", is_attached_picture=True)
    source = _source(cover, audio(2))
    plan = make_plan(source, NO_LIMITS, CPU_ONLY)
    assert [stream.index for stream in pictures_to_extract(plan)] == [1]
    argv = _argv(source, pictures={1: "/work/1.png"})
    assert _values(argv, "-map") == ["0:0", "0:2"]
    assert _values(argv, "-attach") == ["file:/work/1.png"]
    assert _values(argv, "-metadata:s:2") == ["mimetype=image/png", "filename=cover.png"]
    extract = build_picture_command("ffmpeg", source, {1: "/work/1.png"})
    assert extract[-9:] == ["-map", "0:1", "-c", "copy", "-frames:v", "1", "-f", "image2pipe", "file:/work/1.png"]


def test_covers_in_mp4_are_streams() -> None:
    cover = video(index=1, codec="mjpeg", is_attached_picture=True)
    source = _source(cover)
    assert pictures_to_extract(make_plan(source, replace(NO_LIMITS, output_extension="mp4"), CPU_ONLY)) == ()
    assert _values(_argv(source, output_extension="mp4"), "-disposition:1") == ["attached_pic"]


@pytest.mark.parametrize(
    ("tags", "has_cover", "flags"),
    [
        ({"title": "x"}, False, "+faststart"),
        ({"title": "x", "DIRECTOR": "y"}, False, "+faststart+use_metadata_tags"),
        ({"DIRECTOR": "y"}, True, "+faststart"),
    ],
)
def test_mp4_keeps_rare_tags_unless_that_costs_the_cover(tags: dict[str, str], has_cover: bool, flags: str) -> None:
    covers = (video(index=1, codec="mjpeg", is_attached_picture=True),) if has_cover else ()
    assert _values(_argv(_source(*covers, tags=tags), output_extension="mp4"), "-movflags") == [flags]


def test_brands_of_the_old_container_go() -> None:
    argv = _argv(_source(tags={"MAJOR_BRAND": "isom", "title": "x"}))
    assert _values(argv, "-metadata") == ["MAJOR_BRAND="]


def test_track_titles_in_mp4_are_handler_names() -> None:
    argv = _argv(_source(audio(title="Kommentar")), output_extension="mp4")
    assert _values(argv, "-metadata:s:1") == ["handler_name=Kommentar"]


def test_mov_gets_the_language_codes_it_knows() -> None:
    argv = _argv(_source(audio(language="fre")), output_extension="mov", codec=OutputCodec.HEVC)
    assert _values(argv, "-metadata:s:1") == ["language=fra"]


# Encoders


@pytest.mark.parametrize("codec", list(OutputCodec))
def test_better_words_mean_lower_values(codec: OutputCodec) -> None:
    values = []
    for word in (QualityProfile.QUALITY, QualityProfile.BALANCED, QualityProfile.SPEED):
        source = probe(video(codec="mpeg2video"))
        values.append(int(_values(_argv(source, codec=codec, quality=word), "-crf:0")[0]))
    assert values == sorted(set(values))


@pytest.mark.parametrize(
    ("codec", "override", "value"),
    [(OutputCodec.AV1, 70, "63"), (OutputCodec.AV1, 45, "45"), (OutputCodec.HEVC, 70, "51"), (OutputCodec.HEVC, 0, "0")],
)
def test_an_exact_value_stays_on_the_scale(codec: OutputCodec, override: int, value: str) -> None:
    assert _values(_argv(_source(), codec=codec, crf_override=override), "-crf:0") == [value]


def test_a_bit_rate_replaces_the_quality() -> None:
    argv = _argv(_source(), video_bitrate_kbps=1500, is_conversion=True)
    assert (_values(argv, "-b:0"), _values(argv, "-crf:0")) == (["1500k"], [])


@pytest.mark.parametrize("preset", list(CpuPreset))
def test_svt_speeds_are_numbers(preset: CpuPreset) -> None:
    assert _values(_argv(_source(), cpu_preset=preset), "-preset:0")[0].isdigit()


def test_static_hdr_values_in_each_notation() -> None:
    static = HdrStatic(mastering_display=MASTERING, max_cll=1000, max_fall=400)
    hdr = probe(video(codec="vp9", bit_depth=10, color=Color(transfer="smpte2084"), hdr_static=static))
    x265 = _values(_argv(hdr, codec=OutputCodec.HEVC), "-x265-params:0")[0]
    assert f"master-display={MASTERING}:max-cll=1000,400" in x265
    svt = _values(_argv(hdr), "-svtav1-params:0")[0]
    assert svt == (
        "mastering-display=G(0.26500,0.69000)B(0.15000,0.06000)R(0.68000,0.32000)WP(0.31270,0.32900)L(1000.00000,0.00010)"
        ":content-light=1000,400"
    )


def test_threads_are_limited_where_each_encoder_wants_it() -> None:
    assert _values(_argv(_source(), threads=3), "-threads:0") == ["3"]
    assert "pools=3" in _values(_argv(_source(), threads=3, codec=OutputCodec.HEVC), "-x265-params:0")[0]


def test_libaom_needs_its_bit_rate_set_to_zero() -> None:
    aom = Encoder(name="libaom-av1", codec=OutputCodec.AV1, backend=Backend.CPU)
    source = _source()
    plan = make_plan(source, EncodingRules(), replace(CPU_ONLY, encoders=(aom,)))
    argv = build_command("ffmpeg", plan, source, output="o")
    assert (_values(argv, "-crf:0"), _values(argv, "-b:0")) == (["30"], ["0"])


def test_every_backend_has_its_family() -> None:
    assert set(FAMILIES) == set(Backend)
