"""Recipes for the corpus: many or unusual sound tracks, subtitles, attachments, chapters, data and pictures beside the video."""

from collections.abc import Sequence
from pathlib import Path

from tests.support.bitstreams import pgs_subtitles, timecode_to_telemetry
from tests.support.corpus_containers import AAC, AC3, MP3, OPUS, PCM, VORBIS, VP9
from tests.support.corpus_recipe import DONE, FAILED, PICTURE, SKIPPED, TONE, X264, Build, Recipe, clip, damaged, ffmpeg
from tests.support.media import run_ffmpeg

SRT = "1\n00:00:00,100 --> 00:00:00,600\nGrüße, <i>Welt</i>\n\n2\n00:00:00,700 --> 00:00:01,100\nsecond line\n"
ASS = """[Script Info]
ScriptType: v4.00+
PlayResX: 320
PlayResY: 180

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Italic, Alignment
Style: Default,Quiet Sans,20,&H00FFFFFF,0,0,2

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.10,0:00:01.00,Default,,0,0,0,,{\\pos(160,90)}Styled
"""
CHAPTERS = """;FFMETADATA1
title=A film; with \\= signs
artist=Ångström
[CHAPTER]
TIMEBASE=1/1000
START=0
END=500
title=Anfang
[CHAPTER]
TIMEBASE=1/1000
START=500
END=1200
title=終わり
"""
LANGUAGES = ("eng", "ger", "fre", "jpn", "spa", "ita", "und", "chi")


def recipes() -> list[Recipe]:
    return [*_audio(), *_subtitles(), *_companions(), *_pictures_beside()]


def _sound(layout: str) -> tuple[str, ...]:
    return ("-f", "lavfi", "-i", f"anoisesrc=d=1.2:a=0.1,aformat=channel_layouts=mono,pan={layout}|c0=c0")


def _audio() -> list[Recipe]:
    experimental = ("-strict", "-2")
    return [
        Recipe(name="no sound.mkv", build=clip(audio=None), expect=DONE, why="no sound at all"),
        Recipe(name="eight tracks.mkv", build=_eight_tracks, expect=DONE, why="eight languages, five dispositions"),
        Recipe(name="mono 8 kHz.mkv", build=clip(audio=(*PCM, "-ac", "1", "-ar", "8000")), expect=DONE, why="mono"),
        Recipe(
            name="71 flac.mkv",
            build=ffmpeg(*PICTURE, *_sound("7.1"), *X264, "-c:a", "flac"),
            expect=DONE,
            why="eight channels",
        ),
        Recipe(
            name="51 side flac.mkv",
            build=ffmpeg(*PICTURE, *_sound("5.1(side)"), *X264, "-c:a", "flac"),
            expect=DONE,
            why="the side layout that libopus refuses",
        ),
        Recipe(
            name="truehd.mkv",
            build=ffmpeg(*PICTURE, *_sound("5.1"), *X264, "-c:a", "truehd", "-ar", "48000", *experimental),
            expect=DONE,
            why="TrueHD",
        ),
        Recipe(
            name="dts.mkv",
            build=ffmpeg(*PICTURE, *_sound("5.1(side)"), *X264, "-c:a", "dca", "-ar", "48000", *experimental),
            expect=DONE,
            why="DTS",
        ),
        Recipe(name="alac.mov", build=clip(audio=("-c:a", "alac")), expect=DONE, why="Apple's lossless codec"),
        Recipe(name="pcm kinds.mkv", build=_pcm_kinds, expect=DONE, why="16 and 24 bit, floating point, big-endian"),
        Recipe(name="lossy kinds.mkv", build=_lossy_kinds, expect=DONE, why="Opus, Vorbis, MP3, AC-3 and E-AC-3 together"),
        Recipe(
            name="second default.mkv",
            build=ffmpeg(
                *PICTURE, *TONE, *TONE, "-map", "0", "-map", "1", "-map", "2", *X264, *AC3,
                "-disposition:a:0", "0", "-disposition:a:1", "default",
            ),
            expect=DONE,
            why="the second sound track is the default one",
        ),
    ]  # fmt: skip


def _eight_tracks(out: Path, bench: Path) -> None:
    args: list[str | Path] = [*PICTURE, *TONE, "-map", "0"]
    for number, language in enumerate(LANGUAGES):
        args += ["-map", "1", f"-metadata:s:a:{number}", f"language={language}", f"-metadata:s:a:{number}", f"title=Ton {number}"]
    dispositions = ("default", "dub", "comment", "original+forced", "visual_impaired")
    for number, disposition in enumerate(dispositions):
        args += [f"-disposition:a:{number}", disposition]
    run_ffmpeg([*args, *X264, *AC3, out])


def _per_track(codecs: Sequence[str]) -> list[str | Path]:
    args: list[str | Path] = [*PICTURE, *TONE, "-map", "0", *["-map", "1"] * len(codecs)]
    for number, codec in enumerate(codecs):
        args += [f"-c:a:{number}", codec]
    return args


def _pcm_kinds(out: Path, bench: Path) -> None:
    run_ffmpeg([*_per_track(("pcm_s16le", "pcm_s24le", "pcm_f32le", "pcm_s16be")), *X264, out])


def _lossy_kinds(out: Path, bench: Path) -> None:
    run_ffmpeg([*_per_track(("libopus", "libvorbis", "libmp3lame", "ac3", "eac3")), "-ar", "48000", *X264, out])


def _write_texts(bench: Path) -> tuple[Path, Path, Path]:
    srt, ass, sup = bench / "a.srt", bench / "a.ass", bench / "a.sup"
    srt.write_text(SRT, encoding="utf-8")
    ass.write_text(ASS, encoding="utf-8")
    sup.write_bytes(pgs_subtitles([(0.1, 0.5), (0.6, 1.1)]))
    return srt, ass, sup


def _with_subtitle(kind: str, *options: str, audio: Sequence[str] = AAC, before_input: Sequence[str] = ()) -> Build:
    """The usual clip with one subtitle track made from the text, or from the pictures, of `kind`."""

    def build(out: Path, bench: Path) -> None:
        sources = dict(zip(("srt", "ass", "sup"), _write_texts(bench), strict=True))
        source: list[str | Path] = [*before_input, "-i", sources[kind]]
        run_ffmpeg([*PICTURE, *TONE, *source, "-map", "0", "-map", "1", "-map", "2", *X264, *audio, *options, out])

    return build


def _subtitles() -> list[Recipe]:
    vp9 = (*VP9, *OPUS, "-c:s", "webvtt")
    forced = ("-c:s", "mov_text", "-disposition:s:0", "default+forced", "-metadata:s:s:0", "language=ger")
    return [
        Recipe(name="everything.mkv", build=_everything, expect=DONE, why="all kinds of tracks a disc rip has"),
        Recipe(name="mov text.mp4", build=_with_subtitle("srt", *forced), expect=DONE, why="MP4 text that Matroska refuses"),
        Recipe(name="webvtt.webm", build=_with_subtitle("srt", *vp9), expect=DONE, why="WebVTT"),
        Recipe(
            name="vobsub.mkv",
            build=_with_subtitle("sup", "-c:s", "dvdsub", before_input=("-fix_sub_duration",)),
            expect=DONE,
            why="DVD picture subtitles",
        ),
        Recipe(
            name="endless subtitle.mkv",
            build=_with_subtitle("sup", "-c:s", "dvdsub"),
            expect=DONE | FAILED,
            why="a subtitle without an end makes the header announce 49 days",
        ),
        Recipe(
            name="pgs.m2ts",
            build=_with_subtitle("sup", "-c:s", "copy", "-mpegts_m2ts_mode", "1", audio=AC3),
            expect=DONE,
            why="Blu-ray picture subtitles in their own container",
        ),
        Recipe(name="dvbsub.ts", build=_with_subtitle("sup", "-c:s", "dvbsub"), expect=DONE, why="broadcast picture subtitles"),
    ]


def _everything(out: Path, bench: Path) -> None:
    """Two sound tracks, two SRT, ASS, PGS, a font, two chapters, tags in several scripts."""
    srt, ass, sup = _write_texts(bench)
    font, chapters = bench / "Quiet Sans.ttf", bench / "chapters.txt"
    font.write_bytes(bytes(range(256)) * 8)
    chapters.write_text(CHAPTERS, encoding="utf-8")
    inputs: list[str | Path] = [*PICTURE, *TONE, *TONE, "-i", srt, "-i", srt, "-i", ass, "-i", sup, "-i", chapters]
    maps = [part for number in range(7) for part in ("-map", str(number))]
    tags = [
        "-metadata:s:a:0", "language=eng", "-metadata:s:a:1", "language=ger", "-metadata:s:a:1", "title=Kommentar",
        "-disposition:a:1", "comment", "-metadata:s:s:0", "language=eng", "-disposition:s:0", "default+forced",
        "-metadata:s:s:1", "language=ger", "-disposition:s:1", "hearing_impaired", "-metadata:s:s:2", "title=Signs",
        "-metadata:s:v:0", "title=Bild",
    ]  # fmt: skip
    codecs = [*X264, "-c:a:0", "ac3", "-c:a:1", "flac", "-c:s:0", "srt", "-c:s:1", "srt", "-c:s:2", "ass", "-c:s:3", "copy"]
    attach: list[str | Path] = ["-attach", font, "-metadata:s:t:0", "mimetype=application/x-truetype-font"]
    run_ffmpeg([*inputs, *maps, "-map_metadata", "7", "-map_chapters", "7", *codecs, *tags, *attach, out])


def _companions() -> list[Recipe]:
    timecode = ("-timecode", "01:00:00:00")
    telemetry = damaged(clip(extra=timecode), timecode_to_telemetry, suffix=".mp4")
    return [
        Recipe(name="timecode.mov", build=clip(audio=PCM, extra=timecode), expect=DONE, why="a QuickTime timecode track"),
        Recipe(
            name="timecode and text.mp4",
            build=_with_subtitle("srt", "-c:s", "mov_text", *timecode),
            expect=DONE,
            why="MP4 text and a timecode track, neither of which Matroska takes as it is",
        ),
        Recipe(name="data.ts", build=_data_stream, expect=DONE, why="a private data stream in broadcast"),
        Recipe(name="telemetry.mp4", build=telemetry, expect=DONE, why="an action camera's telemetry"),
        Recipe(
            name="chapters.mp4",
            build=_chapters,
            expect=DONE,
            why="MP4 chapters are a hidden text track too",
        ),
    ]


def _data_stream(out: Path, bench: Path) -> None:
    data = bench / "data.bin"
    data.write_bytes(b"DATA" + bytes(range(200)))
    inputs: list[str | Path] = [*PICTURE, *TONE, "-f", "data", "-i", data]
    run_ffmpeg([*inputs, "-map", "0", "-map", "1", "-map", "2", *X264, *AAC, "-c:d", "copy", out])


def _chapters(out: Path, bench: Path) -> None:
    chapters = bench / "chapters.txt"
    chapters.write_text(CHAPTERS, encoding="utf-8")
    run_ffmpeg([*PICTURE, *TONE, "-i", chapters, "-map", "0", "-map", "1", "-map_metadata", "2", *X264, *AAC, out])


def _cover(bench: Path) -> Path:
    cover = bench / "cover.jpg"
    run_ffmpeg(["-f", "lavfi", "-i", "color=red:s=96x96", "-frames:v", "1", cover])
    return cover


def _pictures_beside() -> list[Recipe]:
    return [
        Recipe(name="cover.mkv", build=_cover_in_mkv, expect=DONE, why="a cover picture among the attachments"),
        Recipe(name="cover.mp4", build=_cover_in_mp4, expect=DONE, why="a cover picture that is a video stream"),
        Recipe(name="song.mp4", build=_song_with_cover, expect=SKIPPED, why="the only picture is the cover"),
        Recipe(name="sound only.mkv", build=ffmpeg(*TONE, *VORBIS), expect=SKIPPED, why="no picture at all"),
        Recipe(name="sound only.avi", build=ffmpeg(*TONE, *MP3), expect=SKIPPED, why="no picture in a video container"),
        Recipe(name="two angles.mkv", build=_two_angles, expect=DONE, why="two videos, the second is larger and default"),
    ]


def _cover_in_mkv(out: Path, bench: Path) -> None:
    attach: list[str | Path] = [
        "-attach",
        _cover(bench),
        "-metadata:s:t:0",
        "mimetype=image/jpeg",
        "-metadata:s:t:0",
        "filename=cover.jpg",
    ]
    run_ffmpeg([*PICTURE, *TONE, *X264, *AAC, *attach, out])


def _cover_in_mp4(out: Path, bench: Path) -> None:
    maps = ["-map", "0", "-map", "1", "-map", "2"]
    film = ["-c:v:1", "libx264", "-preset", "ultrafast", "-crf", "10", "-pix_fmt:v:1", "yuv420p"]
    run_ffmpeg(
        ["-i", _cover(bench), *PICTURE, *TONE, *maps, "-c:v:0", "copy", *film, *AAC, "-disposition:v:0", "attached_pic", out]
    )


def _song_with_cover(out: Path, bench: Path) -> None:
    cover: list[str | Path] = ["-i", _cover(bench)]
    run_ffmpeg([*cover, *TONE, "-map", "0", "-map", "1", "-c:v", "copy", *AAC, "-disposition:v:0", "attached_pic", out])


def _two_angles(out: Path, bench: Path) -> None:
    small = ["-f", "lavfi", "-i", "testsrc=s=160x90:r=25:d=1.2"]
    maps = ["-map", "0", "-map", "1", "-map", "2"]
    run_ffmpeg([*small, *PICTURE, *TONE, *maps, *X264, *AAC, "-disposition:v:0", "0", "-disposition:v:1", "default", out])
