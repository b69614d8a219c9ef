"""What each container can hold, as FFmpeg's muxers and common players have it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType


class PictureForm(StrEnum):
    """How a container keeps cover art."""

    NONE = "none"
    STREAM = "stream"  # a video stream marked as attached picture
    ATTACHMENT = "attachment"  # a file inside the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container: its muxer, and the codecs it takes without conversion.

    `subtitle_text` is the format text subtitles are converted to, `lossless` the sound codec for lossless tracks it cannot
    copy, `lossy` the one for all others. `family` tells which demuxer reads it. `dispositions` are the marks of tracks that
    it stores, and `titles`, `languages` and `chapters` whether it stores those; `reads_as` has the sound codecs that a demuxer
    gives another name afterwards.
    """

    muxer: str
    family: str
    video: frozenset[str]
    audio: frozenset[str]
    subtitles: frozenset[str]
    subtitle_text: str | None
    lossless: str | None
    lossy: str
    dispositions: frozenset[str]
    reads_as: Mapping[str, str] = field(default_factory=dict)
    titles: bool = True
    languages: bool = True
    chapters: bool = True
    attachments: bool = False
    pictures: PictureForm = PictureForm.NONE
    picture_codecs: frozenset[str] = frozenset()


def _set(*words: str) -> frozenset[str]:
    return frozenset(" ".join(words).split())


_PCM_LE = "pcm_s16le pcm_s24le pcm_s32le pcm_f32le pcm_f64le pcm_u8 pcm_alaw pcm_mulaw"
_PCM_BE = "pcm_s16be pcm_s24be pcm_s32be"

_MATROSKA = Container(
    muxer="matroska",
    family="matroska",
    video=_set(
        "h264 hevc av1 vp8 vp9 mpeg1video mpeg2video mpeg4 msmpeg4v1 msmpeg4v2 msmpeg4v3 wmv1 wmv2 wmv3 vc1 theora",
        "mjpeg prores dnxhd ffv1 huffyuv utvideo dvvideo flv1 rv10 rv20 rv30 rv40 rawvideo vvc",
    ),
    audio=_set(
        "aac ac3 eac3 dts truehd mlp flac alac mp1 mp2 mp3 opus vorbis tta wavpack wmav1 wmav2 wmapro adpcm_ms",
        "adpcm_ima_wav amr_nb cook sipr",
        _PCM_LE,
        _PCM_BE,
    ),
    subtitles=_set("subrip srt ass ssa webvtt text hdmv_pgs_subtitle pgs dvd_subtitle dvb_subtitle hdmv_text_subtitle"),
    subtitle_text="subrip",
    lossless="flac",
    lossy="aac",
    dispositions=_set("default forced original dub comment hearing_impaired visual_impaired descriptions"),
    attachments=True,
    pictures=PictureForm.ATTACHMENT,
    picture_codecs=_set("mjpeg png gif"),
)
# TrueHD and raw PCM can be written into MP4 but hardly anything plays them there.
_MP4 = Container(
    muxer="mp4",
    family="mov",
    video=_set("h264 hevc av1 vp9 mpeg1video mpeg2video mpeg4 mjpeg vc1 vvc"),
    audio=_set("aac ac3 eac3 dts flac alac mp2 mp3 opus"),
    subtitles=_set("mov_text tx3g dvd_subtitle"),
    subtitle_text="mov_text",
    lossless=None,
    lossy="aac",
    dispositions=_set("default forced dub comment hearing_impaired visual_impaired descriptions captions"),
    reads_as=MappingProxyType({"mp2": "mp3"}),
    pictures=PictureForm.STREAM,
    picture_codecs=_set("mjpeg png bmp"),
)
_MOV = Container(
    muxer="mov",
    family="mov",
    video=_set("h264 hevc mpeg1video mpeg2video mpeg4 mjpeg prores dnxhd dvvideo png qtrle rawvideo"),
    audio=_set("aac ac3 eac3 alac mp2 mp3 adpcm_ima_qt pcm_s8 pcm_f32be pcm_f64be", _PCM_LE, _PCM_BE),
    subtitles=_set("mov_text tx3g"),
    subtitle_text="mov_text",
    lossless="alac",
    lossy="aac",
    dispositions=_set("default"),
)
_WEBM = Container(
    muxer="webm",
    family="matroska",
    video=_set("av1 vp8 vp9"),
    audio=_set("opus vorbis"),
    subtitles=_set("webvtt"),
    subtitle_text="webvtt",
    lossless=None,
    lossy="opus",
    dispositions=_set("default forced"),
)
# The transport stream muxer takes anything, but only these come back out as what they were.
_MPEGTS = Container(
    muxer="mpegts",
    family="mpegts",
    video=_set("h264 hevc mpeg1video mpeg2video mpeg4 vc1"),
    audio=_set("aac ac3 eac3 dts truehd mp2 mp3 opus"),
    subtitles=_set("dvb_subtitle dvb_teletext hdmv_pgs_subtitle pgs"),
    subtitle_text=None,
    lossless=None,
    lossy="aac",
    dispositions=_set("hearing_impaired visual_impaired"),
    titles=False,
    chapters=False,
)
_AVI = Container(
    muxer="avi",
    family="avi",
    video=_set("h264 mpeg4 msmpeg4v2 msmpeg4v3 mjpeg mpeg2video dvvideo huffyuv ffv1"),
    audio=_set("aac ac3 mp2 mp3 pcm_s16le pcm_s24le pcm_u8"),
    subtitles=frozenset(),
    subtitle_text=None,
    lossless=None,
    lossy="mp3",
    dispositions=frozenset(),
    titles=False,
    languages=False,
    chapters=False,
)

_BY_EXTENSION: Mapping[str, Container] = MappingProxyType(
    {
        "mkv": _MATROSKA,
        "mp4": _MP4,
        "m4v": _MP4,
        "mov": _MOV,
        "webm": _WEBM,
        "ts": _MPEGTS,
        "m2ts": _MPEGTS,
        "mts": _MPEGTS,
        "avi": _AVI,
    }
)


def container_for(extension: str) -> Container:
    """The container a file name extension asks for; Matroska, which holds nearly everything, for any other."""
    return _BY_EXTENSION.get(extension.lower().lstrip("."), _MATROSKA)


def family_of(demuxer: str) -> str:
    """The family of a file by the name of its demuxer, which lists several names (`mov,mp4,m4a,...`, `matroska,webm`)."""
    names = demuxer.split(",")
    return "mov" if "mp4" in names else names[0]


def is_still_picture(demuxer: str) -> bool:
    """Whether the file is a single picture, whatever its name says."""
    return demuxer.endswith("_pipe") or demuxer == "image2"
