"""Probes and capabilities made by hand, for tests of pure code."""

from dataclasses import replace
from typing import Any

from alchemist_desktop.domain.capability import Backend, Capabilities, Encoder, Vendor
from alchemist_desktop.domain.job import FileStamp
from alchemist_desktop.domain.probe import AudioStream, Probe, Stream, SubtitleStream, VideoStream
from alchemist_desktop.domain.profile import EncodingRules, OutputCodec

SVT_AV1 = Encoder(name="libsvtav1", codec=OutputCodec.AV1, backend=Backend.CPU)
X265 = Encoder(name="libx265", codec=OutputCodec.HEVC, backend=Backend.CPU)
X264 = Encoder(name="libx264", codec=OutputCodec.H264, backend=Backend.CPU)
CPU_ONLY = Capabilities(
    encoders=(SVT_AV1, X265, X264),
    audio_encoders=frozenset({"aac", "libopus", "flac", "alac", "libmp3lame"}),
    filters=frozenset({"zscale", "tonemap", "subtitles", "bwdif"}),
)
NO_LIMITS = EncodingRules(min_bpp_threshold=0.0, min_file_size_mb=0, size_reduction_threshold=0.0)


def gpu(*encoders: Encoder, cpu: tuple[Encoder, ...] = CPU_ONLY.encoders) -> Capabilities:
    """A machine with an NVIDIA card that works with `encoders`."""
    return replace(CPU_ONLY, encoders=(*encoders, *cpu), vendor=Vendor.NVIDIA)


def nvenc(codec: OutputCodec, *, supports_10bit: bool = True) -> Encoder:
    return Encoder(name=f"{codec.value}_nvenc", codec=codec, backend=Backend.NVENC, supports_10bit=supports_10bit)


def video(**changes: Any) -> VideoStream:
    """A 1080p H.264 film at 20 Mb/s."""
    plain = VideoStream(
        index=0,
        codec="h264",
        width=1920,
        height=1080,
        pixel_format="yuv420p",
        bit_depth=8,
        fps=25.0,
        fps_ratio=(25, 1),
        real_fps=25.0,
        bitrate_bps=20_000_000,
    )
    return replace(plain, **changes)


def audio(index: int = 1, codec: str = "aac", **changes: Any) -> AudioStream:
    plain = AudioStream(index=index, codec=codec, channels=2, channel_layout="stereo", sample_rate_hz=48_000)
    return replace(plain, **changes)


def subtitle(index: int = 1, codec: str = "subrip", **changes: Any) -> SubtitleStream:
    return replace(SubtitleStream(index=index, codec=codec), **changes)


def probe(*streams: Stream, **changes: Any) -> Probe:
    """A ten-minute Matroska file of 1.5 GB; without streams it has the plain video alone."""
    plain = Probe(
        path="/films/a film.mkv",
        stamp=FileStamp(size_bytes=1_500_000_000, mtime_ns=1),
        container="matroska,webm",
        duration_s=600.0,
        streams=streams or (video(),),
    )
    return replace(plain, **changes)
