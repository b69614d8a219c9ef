"""What this machine can encode with the FFmpeg in use."""

from alchemist_desktop.domain.capability import Backend, Capabilities, Encoder, FfmpegInfo, Vendor
from alchemist_desktop.domain.profile import OutputCodec

# Best first. libaom is last: it makes the smallest files of all, at a speed nobody waits for.
_CPU_ENCODERS = (
    Encoder(name="libsvtav1", codec=OutputCodec.AV1, backend=Backend.CPU),
    Encoder(name="libx265", codec=OutputCodec.HEVC, backend=Backend.CPU),
    Encoder(name="libx264", codec=OutputCodec.H264, backend=Backend.CPU),
    Encoder(name="libaom-av1", codec=OutputCodec.AV1, backend=Backend.CPU),
)
_AUDIO_ENCODERS = frozenset({"aac", "libopus", "libmp3lame", "ac3", "eac3", "flac"})


def detect(info: FfmpegInfo) -> Capabilities:
    """Everything that may be used; blocks."""
    return cpu_capabilities(info)


def cpu_capabilities(info: FfmpegInfo) -> Capabilities:
    """The software encoders. They need no device, so being built in is proof enough."""
    return Capabilities(
        encoders=tuple(encoder for encoder in _CPU_ENCODERS if encoder.name in info.encoders),
        vendor=Vendor.CPU,
        has_libvmaf="libvmaf" in info.filters,
        audio_encoders=_AUDIO_ENCODERS & info.encoders,
        filters=info.filters,
    )
