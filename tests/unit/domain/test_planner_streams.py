"""What happens to every single stream, container by container."""

from dataclasses import replace

import pytest

from alchemist_desktop.domain.plan import Plan, StreamAction, StreamKind, StreamPlan
from alchemist_desktop.domain.planner import make_plan
from alchemist_desktop.domain.probe import AttachmentStream, AudioStream, Chapter, DataStream, Stream, SubtitleStream
from alchemist_desktop.domain.profile import AudioMode, EncodingRules, OutputCodec, StreamRules, SubtitleMode
from tests.support.probes import CPU_ONLY, NO_LIMITS, audio, probe, subtitle, video

FONT = AttachmentStream(index=1, codec="ttf", filename="a.ttf", mimetype="font/ttf")
TIMECODE = DataStream(index=1, codec="", codec_tag="tmcd")
COVER = video(index=1, codec="mjpeg", is_attached_picture=True)


def _plan(*streams: Stream, extension: str = "mkv", rules: EncodingRules = NO_LIMITS, remux: bool = False) -> Plan:
    return make_plan(probe(video(), *streams), replace(rules, output_extension=extension, remux_only=remux), CPU_ONLY)


def _only(stream: Stream, extension: str = "mkv", rules: EncodingRules = NO_LIMITS, *, remux: bool = False) -> StreamPlan:
    plans = [s for s in _plan(stream, extension=extension, rules=rules, remux=remux).streams if s.index == stream.index]
    assert len(plans) == 1
    return plans[0]


@pytest.mark.parametrize(
    ("codec", "extension", "action", "result"),
    [
        ("aac", "mkv", StreamAction.COPY, "aac"),
        ("truehd", "mkv", StreamAction.COPY, "truehd"),
        ("pcm_bluray", "mkv", StreamAction.ENCODE, "flac"),
        ("pcm_s16le", "mov", StreamAction.COPY, "pcm_s16le"),
        ("flac", "mov", StreamAction.ENCODE, "alac"),
        ("truehd", "mp4", StreamAction.ENCODE, "aac"),
        ("dts", "mp4", StreamAction.COPY, "dts"),
        ("flac", "mp4", StreamAction.COPY, "flac"),
        ("vorbis", "mp4", StreamAction.ENCODE, "aac"),
        ("mp2", "mp4", StreamAction.COPY, "mp3"),
        ("aac", "webm", StreamAction.ENCODE, "opus"),
        ("opus", "webm", StreamAction.COPY, "opus"),
        ("speex", "mkv", StreamAction.ENCODE, "aac"),
        ("vorbis", "ts", StreamAction.ENCODE, "aac"),
        ("opus", "avi", StreamAction.ENCODE, "mp3"),
        ("", "mkv", StreamAction.DROP, None),
    ],
)
def test_sound_by_container(codec: str, extension: str, action: StreamAction, result: str | None) -> None:
    planned = _only(audio(codec=codec), extension)
    assert (planned.action, planned.codec) == (action, result)
    assert (planned.note is None) is (action is StreamAction.COPY)


@pytest.mark.parametrize(
    ("codec", "extension", "action", "result"),
    [
        ("mov_text", "mkv", StreamAction.CONVERT, "subrip"),
        ("subrip", "mp4", StreamAction.CONVERT, "mov_text"),
        ("ass", "mp4", StreamAction.CONVERT, "mov_text"),
        ("ass", "mkv", StreamAction.COPY, "ass"),
        ("subrip", "webm", StreamAction.CONVERT, "webvtt"),
        ("hdmv_pgs_subtitle", "mkv", StreamAction.COPY, "hdmv_pgs_subtitle"),
        ("hdmv_pgs_subtitle", "mp4", StreamAction.DROP, None),
        ("dvd_subtitle", "mp4", StreamAction.COPY, "dvd_subtitle"),
        ("dvd_subtitle", "mov", StreamAction.DROP, None),
        ("eia_608", "mkv", StreamAction.DROP, None),
        ("subrip", "avi", StreamAction.DROP, None),
        ("ttml", "mkv", StreamAction.DROP, None),
    ],
)
@pytest.mark.parametrize("remux", [False, True])
def test_subtitles_by_container(codec: str, extension: str, action: StreamAction, result: str | None, remux: bool) -> None:
    if remux and extension == "webm":
        extension, result = "mkv", "subrip"
        action = StreamAction.COPY  # WebM cannot take the picture of this probe
    planned = _only(subtitle(codec=codec), extension, remux=remux)
    assert (planned.action, planned.codec) == (action, result)
    assert (planned.note is None) is (action is StreamAction.COPY)


@pytest.mark.parametrize(
    ("stream", "extension", "action"),
    [
        (FONT, "mkv", StreamAction.COPY),
        (FONT, "mp4", StreamAction.DROP),
        (replace(FONT, mimetype=None), "mkv", StreamAction.DROP),
        (TIMECODE, "mkv", StreamAction.DROP),
        (TIMECODE, "mov", StreamAction.DROP),
        (COVER, "mkv", StreamAction.COPY),
        (COVER, "mp4", StreamAction.COPY),
        (COVER, "webm", StreamAction.DROP),
        (COVER, "mov", StreamAction.DROP),
        (video(index=1, codec="hevc", width=640), "mp4", StreamAction.COPY),
        (video(index=1, codec="hevc", width=640), "webm", StreamAction.DROP),
    ],
)
def test_companions_by_container(stream: Stream, extension: str, action: StreamAction) -> None:
    planned = _only(stream, extension)
    assert planned.action is action
    assert (planned.note is None) is (action is StreamAction.COPY)


def test_a_chapter_track_is_not_reported_as_a_loss() -> None:
    track = DataStream(index=1, codec="bin_data", codec_tag="text")
    source = probe(video(), track, chapters=(Chapter(start_s=0, end_s=1),))
    note = make_plan(source, NO_LIMITS, CPU_ONLY).streams[-1].note
    assert note == "The chapter track is written anew from the list of chapters."


def test_language_title_and_marks_travel() -> None:
    marks = frozenset({"default", "comment"})
    planned = _only(audio(language="ger", title="Kommentar", dispositions=marks))
    assert (planned.language, planned.title, planned.dispositions) == ("ger", "Kommentar", marks)


def test_marks_a_container_does_not_store_are_named() -> None:
    planned = _only(audio(dispositions=frozenset({"default", "comment"}), codec="opus"), "webm")
    assert planned.dispositions == {"default"}
    assert planned.note == "The mark comment of stream 1 is left out: WebM does not store it."


def test_titles_and_chapters_a_container_does_not_store_are_named() -> None:
    chapters = (Chapter(start_s=0.0, end_s=5.0),)
    source = probe(video(), audio(title="Comments"), chapters=chapters)
    plan = make_plan(source, replace(NO_LIMITS, output_extension="ts", codec=OutputCodec.HEVC), CPU_ONLY)
    assert not plan.keep_chapters
    assert plan.notes == (
        "The chapters are left out: MPEG-TS does not store them.",
        "The title Comments of stream 1 is left out: MPEG-TS does not store it.",
    )


@pytest.mark.parametrize("extension", ["mkv", "mp4", "mov", "webm"])
def test_titles_are_kept_where_they_can_be(extension: str) -> None:
    assert _only(audio(title="Comments", codec="opus"), extension).title == "Comments"


def test_languages_to_keep_may_be_written_in_any_of_their_codes() -> None:
    rules = replace(NO_LIMITS, stream_rules=StreamRules(keep_audio_languages=("de",), keep_subtitle_languages=("deu",)))
    plan = _plan(audio(1, language="ger"), audio(2, language="eng"), subtitle(3, language="ger"), rules=rules)
    assert [stream.index for stream in plan.output_streams] == [0, 1, 3]


def test_mp4_switches_one_track_of_each_kind_on() -> None:
    plan = _plan(audio(1), audio(2), subtitle(3), extension="mp4")
    assert [s.index for s in plan.streams if "default" in s.dispositions and s.is_in_output] == [0, 1, 3]


def test_the_output_lists_kinds_in_order() -> None:
    streams = (COVER, replace(FONT, index=2), subtitle(3), audio(4), video(index=5, codec="hevc", width=64))
    kinds = [s.kind for s in _plan(*streams).streams]
    order = list(StreamKind)
    assert kinds == sorted(kinds, key=order.index)


# Sound that is encoded


def _encoded(source: AudioStream, mode: AudioMode, extension: str = "mkv") -> StreamPlan:
    return _only(source, extension, replace(NO_LIMITS, audio_mode=mode))


@pytest.mark.parametrize(
    ("mode", "channels", "codec", "kbps", "out_channels", "layout"),
    [
        (AudioMode.AAC, 2, "aac", 192, 2, "stereo"),
        (AudioMode.AAC, 6, "aac", 384, 6, "5.1"),
        (AudioMode.AAC, 8, "aac", 512, 8, "7.1"),
        (AudioMode.AAC_STEREO, 6, "aac", 192, 2, "stereo"),
        (AudioMode.OPUS, 1, "opus", 96, 1, "mono"),
        (AudioMode.OPUS, 6, "opus", 256, 6, "5.1"),
        (AudioMode.OPUS, 7, "opus", 320, 7, "6.1"),
        (AudioMode.OPUS, 16, "opus", 320, 8, "7.1"),
    ],
)
def test_each_track_by_its_own_channels(
    mode: AudioMode, channels: int, codec: str, kbps: int, out_channels: int, layout: str
) -> None:
    encode = _encoded(audio(codec="flac", channels=channels, channel_layout="5.1(side)"), mode).audio
    assert encode is not None
    assert (encode.codec, encode.bitrate_kbps, encode.channels, encode.channel_layout) == (codec, kbps, out_channels, layout)


def test_tracks_do_not_share_a_bit_rate() -> None:
    rules = replace(NO_LIMITS, audio_mode=AudioMode.OPUS)
    plan = _plan(audio(1, "flac", channels=6), audio(2, "flac"), rules=rules)
    assert [s.audio.bitrate_kbps for s in plan.streams if s.audio] == [256, 160]


def test_a_poor_track_gets_no_more_bits_than_it_has() -> None:
    encode = _encoded(audio(codec="mp3", bitrate_bps=96_000), AudioMode.AAC).audio
    assert encode is not None
    assert encode.bitrate_kbps == 96


def test_what_is_wanted_already_is_copied() -> None:
    assert _encoded(audio(codec="aac", channels=6), AudioMode.AAC).action is StreamAction.COPY
    assert _encoded(audio(codec="aac"), AudioMode.AAC_STEREO).action is StreamAction.COPY
    assert _encoded(audio(codec="aac", channels=6), AudioMode.AAC_STEREO).action is StreamAction.ENCODE


def test_a_remux_encodes_only_what_does_not_fit() -> None:
    rules = replace(NO_LIMITS, audio_mode=AudioMode.OPUS, stream_rules=StreamRules(keep_audio_languages=("eng",)))
    assert _only(audio(codec="ac3", language="ger"), rules=rules, remux=True).action is StreamAction.COPY
    assert _only(audio(codec="vorbis"), "mp4", rules, remux=True).codec == "aac"


def test_without_libopus_sound_becomes_aac() -> None:
    rules = replace(NO_LIMITS, audio_mode=AudioMode.OPUS)
    capabilities = replace(CPU_ONLY, audio_encoders=frozenset({"aac"}))
    streams = make_plan(probe(video(), audio(codec="flac")), rules, capabilities).streams
    assert streams[1].codec == "aac"


# Which tracks stay


ENG, GER, NONE = audio(1, language="eng"), audio(2, language="ger"), audio(3)
COMMENTARY = audio(4, language="eng", title="Director's COMMENTARY")


@pytest.mark.parametrize(
    ("rules", "kept"),
    [
        (StreamRules(), [1, 2, 3, 4]),
        (StreamRules(keep_audio_languages=("ENG",)), [1, 3, 4]),
        (StreamRules(strip_audio_by_title=("commentary",)), [1, 2, 3]),
        (StreamRules(strip_audio_by_title=("",)), [1, 2, 3, 4]),
        (StreamRules(keep_only_default_audio=True), [1]),
        (StreamRules(keep_only_default_audio=True, keep_audio_languages=("ger",)), [2, 3]),
    ],
)
def test_stream_rules(rules: StreamRules, kept: list[int]) -> None:
    plan = _plan(ENG, GER, NONE, COMMENTARY, rules=replace(NO_LIMITS, stream_rules=rules))
    assert [s.index for s in plan.output_streams if s.kind is StreamKind.AUDIO] == kept
    dropped = [s for s in plan.streams if s.action is StreamAction.DROP]
    assert all(s.note for s in dropped)


def test_when_no_track_would_be_left_the_default_one_stays() -> None:
    default = replace(GER, dispositions=frozenset({"default"}))
    plan = _plan(ENG, default, rules=replace(NO_LIMITS, stream_rules=StreamRules(keep_audio_languages=("jpn",))))
    assert [s.index for s in plan.output_streams if s.kind is StreamKind.AUDIO] == [2]


def test_a_track_that_stays_takes_over_as_default() -> None:
    default = replace(ENG, dispositions=frozenset({"default"}))
    plan = _plan(default, GER, rules=replace(NO_LIMITS, stream_rules=StreamRules(keep_audio_languages=("ger",))))
    assert [s.index for s in plan.output_streams if "default" in s.dispositions and s.is_in_output] == [2]


# Subtitle modes


def _subtitles(mode: SubtitleMode, *streams: SubtitleStream, **rules: tuple[str, ...]) -> list[StreamPlan]:
    chosen = replace(NO_LIMITS, subtitle_mode=mode, stream_rules=StreamRules(**rules))  # type: ignore[arg-type]  # test values
    return [s for s in _plan(*streams, rules=chosen).streams if s.kind is StreamKind.SUBTITLE]


def test_burning_in_takes_the_forced_one_and_keeps_the_others() -> None:
    default, forced = (subtitle(i, dispositions=frozenset({mark})) for i, mark in ((2, "default"), (3, "forced")))
    plans = _subtitles(SubtitleMode.BURN, subtitle(1), default, forced)
    assert [p.action for p in plans] == [StreamAction.COPY, StreamAction.COPY, StreamAction.BURN]


def test_pictures_cannot_be_burnt_in_and_stay() -> None:
    (planned,) = _subtitles(SubtitleMode.BURN, subtitle(1, "hdmv_pgs_subtitle"))
    assert planned.action is StreamAction.COPY
    assert planned.note is not None


def test_the_burnt_subtitle_is_counted_among_subtitles_only() -> None:
    rules = replace(NO_LIMITS, subtitle_mode=SubtitleMode.BURN)
    streams = (audio(1), subtitle(2, "hdmv_pgs_subtitle"), subtitle(3))
    plan = make_plan(probe(video(), *streams), rules, CPU_ONLY)
    assert plan.video is not None
    assert [f for f in plan.video.filters if f.startswith("subtitles=")] == ["subtitles=filename=file\\\\:/films/a film.mkv:si=1"]


def test_a_file_that_starts_late_keeps_its_subtitles_in_step() -> None:
    rules = replace(NO_LIMITS, subtitle_mode=SubtitleMode.BURN)
    plan = make_plan(probe(video(), subtitle(1), start_s=1.4), rules, CPU_ONLY)
    assert plan.video is not None
    shifts = [f for f in plan.video.filters if f.startswith("setpts")]
    assert shifts == ["setpts=PTS+(1.400000)/TB", "setpts=PTS-(1.400000)/TB"]


def test_extracting_names_each_file_once() -> None:
    plans = _subtitles(
        SubtitleMode.EXTRACT,
        subtitle(1, language="eng"),
        subtitle(2, language="eng"),
        subtitle(3, "ass", language="eng"),
        subtitle(4, "webvtt", language="pt-BR"),
        subtitle(5, "mov_text"),
        subtitle(6, "hdmv_pgs_subtitle"),
    )
    assert [p.sidecar for p in plans] == [".eng.srt", ".eng.2.srt", ".eng.ass", ".pt_br.vtt", ".und.srt", None]
    assert plans[5].action is StreamAction.COPY
    assert plans[5].note is not None


def test_no_subtitles_are_wanted() -> None:
    (planned,) = _subtitles(SubtitleMode.NONE, subtitle(1))
    assert planned.action is StreamAction.DROP
    assert planned.note == "Subtitle 1 (SRT) is left out: subtitles are not wanted."


def test_subtitle_languages() -> None:
    plans = _subtitles(
        SubtitleMode.COPY, subtitle(1, language="ger"), subtitle(2, language="eng"), subtitle(3), keep_subtitle_languages=("eng",)
    )
    assert [p.is_in_output for p in plans] == [False, True, True]
