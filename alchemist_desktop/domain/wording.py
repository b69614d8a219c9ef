"""How codecs, sizes and shares read in sentences for people."""

from collections.abc import Mapping
from types import MappingProxyType

CODEC_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "av1": "AV1", "hevc": "HEVC", "h264": "H.264", "vvc": "VVC", "vp9": "VP9", "vp8": "VP8", "mpeg1video": "MPEG-1",
        "mpeg2video": "MPEG-2", "mpeg4": "MPEG-4", "msmpeg4v2": "MS MPEG-4", "msmpeg4v3": "MS MPEG-4", "vc1": "VC-1",
        "wmv1": "WMV", "wmv2": "WMV", "wmv3": "WMV", "prores": "ProRes", "mjpeg": "MJPEG", "dnxhd": "DNxHD", "ffv1": "FFV1",
        "dvvideo": "DV", "h263": "H.263", "flv1": "Flash Video", "theora": "Theora", "rawvideo": "uncompressed video",
        "aac": "AAC", "ac3": "AC-3", "eac3": "E-AC-3", "dts": "DTS", "truehd": "TrueHD", "flac": "FLAC", "alac": "ALAC",
        "opus": "Opus", "mp2": "MP2", "mp3": "MP3", "vorbis": "Vorbis", "subrip": "SRT", "ass": "ASS",
        "mov_text": "timed text", "hdmv_pgs_subtitle": "PGS", "dvd_subtitle": "VobSub", "dvb_subtitle": "DVB subtitles",
        "webvtt": "WebVTT",
    }
)  # fmt: skip
CONTAINER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "matroska": "Matroska", "mov": "MP4/MOV", "mp4": "MP4", "webm": "WebM", "mpegts": "MPEG-TS", "avi": "AVI", "mpeg": "MPEG",
        "asf": "ASF", "flv": "FLV", "ogg": "Ogg",
    }
)  # fmt: skip
_UNITS = ("kB", "MB", "GB", "TB", "PB")


def codec_name(name: str) -> str:
    """`H.264` for `h264`; the code in capitals where there is no better word."""
    return CODEC_NAMES.get(name, name.upper())


def container_name(name: str) -> str:
    """`Matroska` for `matroska`, by the name of a muxer or of a family of demuxers."""
    return CONTAINER_NAMES.get(name, name)


def size(size_bytes: float) -> str:
    """`1.4 GB`, in powers of 1000 as disks are sold."""
    if abs(size_bytes) < 1000:
        return f"{size_bytes:.0f} bytes"
    value, units = size_bytes / 1000, list(_UNITS)
    while abs(value) >= 999.5 and len(units) > 1:
        value /= 1000
        del units[0]
    return f"{value:.{1 if abs(value) < 99.95 else 0}f} {units[0]}"


def unreadable(number: int) -> str:
    """A sentence about what a scan could not look into."""
    what = "1 file or folder" if number == 1 else f"{number:,} files or folders"
    return f"{what} could not be read; the log names {'it' if number == 1 else 'them'}."


def saving(part: float) -> str:
    """`12 % smaller than the source` for 0.12."""
    return f"{share(abs(part))} {'larger' if part < 0 else 'smaller'} than the source"


def share(part: float) -> str:
    """`12 %` for 0.12; one digit more where it would read as nothing."""
    percent = part * 100
    return f"{percent:.{1 if 0 < abs(percent) < 0.95 else 0}f} %"
