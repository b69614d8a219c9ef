"""A profile over the settings."""

from alchemist_desktop.domain.ids import ProfileId
from alchemist_desktop.domain.profile import AudioMode, HdrMode, OutputCodec, Profile, QualityProfile, StreamRules, SubtitleMode
from alchemist_desktop.domain.rules import encoding_rules
from alchemist_desktop.domain.settings import Files, Hardware, Settings, StreamRulesSettings, Transcode

SETTINGS = Settings(
    transcode=Transcode(
        output_codec=OutputCodec.HEVC,
        size_reduction_threshold=0.4,
        min_bpp_threshold=0.2,
        min_file_size_mb=7,
        subtitle_mode=SubtitleMode.EXTRACT,
        tonemap_peak=600,
        threads=3,
        predict_size=False,
        deinterlace=False,
        stream_rules=StreamRulesSettings(keep_audio_languages=("eng",), keep_subtitle_languages=("ger",)),
    ),
    hardware=Hardware(allow_cpu_fallback=False),
    files=Files(output_extension="mp4"),
)


def _profile(**changes: object) -> Profile:
    values: dict[str, object] = {
        "id": ProfileId(1),
        "name": "Mine",
        "preset": "custom",
        "codec": OutputCodec.H264,
        "quality_profile": QualityProfile.SPEED,
        "hdr_mode": HdrMode.TONEMAP,
        "audio_mode": AudioMode.AAC_STEREO,
    }
    return Profile(**(values | changes))  # type: ignore[arg-type]  # a table of test values


def test_without_a_profile_the_settings_rule() -> None:
    rules = encoding_rules(SETTINGS, None)
    assert (rules.codec, rules.size_reduction_threshold, rules.min_file_size_mb) == (OutputCodec.HEVC, 0.4, 7)
    assert (rules.output_extension, rules.threads, rules.tonemap_peak_nits) == ("mp4", 3, 600)
    assert rules.stream_rules == StreamRules(keep_audio_languages=("eng",), keep_subtitle_languages=("ger",))
    assert (rules.allow_cpu_fallback, rules.predict_size, rules.deinterlace, rules.is_conversion) == (False,) * 4
    assert rules.audio_mode is AudioMode.COPY


def test_a_profile_wins_where_it_says_something() -> None:
    rules = encoding_rules(SETTINGS, _profile(crf_override=30, min_file_size_mb=0, stream_rules=StreamRules()))
    assert (rules.codec, rules.quality, rules.hdr_mode) == (OutputCodec.H264, QualityProfile.SPEED, HdrMode.TONEMAP)
    assert (rules.audio_mode, rules.crf_override) == (AudioMode.AAC_STEREO, 30)
    assert (rules.min_file_size_mb, rules.stream_rules) == (0, StreamRules())


def test_what_a_profile_leaves_open_stays_global() -> None:
    rules = encoding_rules(SETTINGS, _profile())
    assert (rules.size_reduction_threshold, rules.min_bpp_threshold, rules.min_file_size_mb) == (0.4, 0.2, 7)
    assert rules.subtitle_mode is SubtitleMode.EXTRACT
    assert rules.stream_rules.keep_audio_languages == ("eng",)


def test_the_source_peak_of_the_wire_default_is_a_thousand_nits() -> None:
    assert encoding_rules(Settings(), None).tonemap_peak_nits == 1000
