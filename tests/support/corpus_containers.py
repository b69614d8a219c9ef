"""Recipes for the corpus: every container a library may hold, and the codecs found in them."""

from collections.abc import Sequence

from tests.support.corpus_recipe import DONE, SKIPPED, X264, Recipe, clip

AAC = ("-c:a", "aac", "-b:a", "96k")
AC3 = ("-c:a", "ac3", "-b:a", "192k")
MP3 = ("-c:a", "libmp3lame", "-b:a", "128k")
VORBIS = ("-c:a", "libvorbis", "-q:a", "4")
OPUS = ("-c:a", "libopus", "-b:a", "96k")
PCM = ("-c:a", "pcm_s16le")
X265 = ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=error:crf=8")
SVT_AV1 = ("-c:v", "libsvtav1", "-preset", "13", "-crf", "8", "-svtav1-params", "lp=1")
VP9 = ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-b:v", "4M")
MPEG2 = ("-c:v", "mpeg2video", "-q:v", "1", "-qmin", "1", "-pix_fmt", "yuv420p")


def recipes() -> list[Recipe]:
    return [*_containers(), *_codecs(), *_targets()]


def _made(name: str, why: str, video: Sequence[str], audio: Sequence[str] | None, *extra: str, size: str = "320x180") -> Recipe:
    return Recipe(name=name, build=clip(video, audio, extra, size=size), expect=DONE, why=why)


def _containers() -> list[Recipe]:
    xvid = ("-c:v", "libxvid", "-vtag", "XVID", "-q:v", "1", "-pix_fmt", "yuv420p")
    amr = ("-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k")
    interlaced = (*X264, "-flags", "+ilme+ildct", "-x264-params", "tff=1")
    return [
        _made("plain.mkv", "the usual Matroska file", X264, AAC),
        _made("plain.mp4", "MP4 with its index at the end", X264, AAC),
        _made("itunes.m4v", "MP4 under Apple's extension, index first", X264, AAC, "-movflags", "+faststart"),
        _made("camera.mov", "QuickTime with uncompressed sound", X264, PCM),
        _made("divx.avi", "AVI has no timestamps, Xvid packs B-frames", xvid, MP3, "-bf", "2"),
        _made("broadcast.ts", "transport stream with a start time of its own", X264, AAC),
        _made("bluray.m2ts", "192-byte packets", X264, AC3, "-mpegts_m2ts_mode", "1"),
        _made("avchd.mts", "interlaced camcorder file", interlaced, AC3, "-f", "mpegts", "-mpegts_m2ts_mode", "1"),
        _made("web.webm", "WebM", VP9, OPUS),
        _made("windows.wmv", "ASF", ("-c:v", "wmv2", "-q:v", "2"), ("-c:a", "wmav2")),
        _made("flash.flv", "FLV with its first codec", ("-c:v", "flv", "-q:v", "2"), MP3, "-ar", "44100"),
        _made("disc.mpg", "MPEG program stream", MPEG2, ("-c:a", "mp2")),
        _made("dvd.vob", "DVD program stream", MPEG2, AC3, "-f", "vob"),
        _made("theora.ogv", "Ogg has timestamps in granules", ("-c:v", "libtheora", "-q:v", "10"), VORBIS),
        _made("phone.3gp", "H.263 and AMR of an old phone", ("-c:v", "h263", "-q:v", "1"), amr, size="176x144"),
        _made("elementary.mpeg", "MPEG-1 without sound", ("-c:v", "mpeg1video", "-q:v", "1"), None, "-f", "mpeg"),
    ]


def _codecs() -> list[Recipe]:
    dv = ("-c:v", "dvvideo", "-pix_fmt", "yuv420p")
    return [
        _made("codec vp8.webm", "VP8", ("-c:v", "libvpx", "-b:v", "4M", "-deadline", "realtime"), VORBIS),
        _made("codec mpeg2.mkv", "MPEG-2 in Matroska, as DVDs are ripped", MPEG2, AC3),
        _made("codec prores.mov", "10-bit 4:2:2 studio codec", ("-c:v", "prores_ks", "-profile:v", "2"), PCM),
        _made("codec ffv1.mkv", "lossless archive codec", ("-c:v", "ffv1", "-pix_fmt", "yuv420p"), ("-c:a", "flac")),
        _made("codec mjpeg.avi", "motion JPEG has the full brightness range", ("-c:v", "mjpeg", "-q:v", "2"), PCM),
        _made("codec dv.avi", "DV: bottom field first, 4:2:0", dv, PCM, "-ar", "48000", "-ac", "2", size="720x576"),
        _made("codec raw.avi", "no compression at all", ("-c:v", "rawvideo", "-pix_fmt", "yuv420p"), PCM, size="160x90"),
        _made("codec dnxhd.mov", "10-bit DNxHR", ("-c:v", "dnxhd", "-profile:v", "dnxhr_hqx", "-pix_fmt", "yuv422p10le"), PCM),
        _made("codec utvideo.avi", "RGB with an alpha channel", ("-c:v", "utvideo", "-pix_fmt", "gbrap"), PCM, size="160x90"),
        _made("codec mpeg4.mp4", "MPEG-4 part 2 in MP4", ("-c:v", "mpeg4", "-q:v", "1"), AAC),
    ]


def _targets() -> list[Recipe]:
    """Files whose codec is one the program itself aims at: which end is right depends on the chosen codec."""
    either = DONE | SKIPPED
    return [
        Recipe(name="codec hevc8.mkv", build=clip((*X265, "-pix_fmt", "yuv420p")), expect=either, why="8-bit HEVC"),
        Recipe(
            name="codec hevc10.mp4",
            build=clip((*X265, "-pix_fmt", "yuv420p10le", "-tag:v", "hvc1")),
            expect=either,
            why="10-bit HEVC in MP4",
        ),
        Recipe(name="codec av1.mkv", build=clip((*SVT_AV1, "-pix_fmt", "yuv420p")), expect=either, why="8-bit AV1"),
        Recipe(
            name="codec av1.mp4",
            build=clip((*SVT_AV1, "-pix_fmt", "yuv420p10le")),
            expect=either,
            why="10-bit AV1 in the wrong container: a copy of its streams is enough",
        ),
    ]
