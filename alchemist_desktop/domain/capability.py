"""What this machine can encode, as proved by trying."""

from dataclasses import dataclass
from enum import StrEnum

from alchemist_desktop.domain.profile import OutputCodec


class Backend(StrEnum):
    """Families of encoders."""

    NVENC = "nvenc"
    QSV = "qsv"
    VAAPI = "vaapi"
    AMF = "amf"
    VULKAN = "vulkan"
    VIDEOTOOLBOX = "videotoolbox"
    CPU = "cpu"


class Vendor(StrEnum):
    """Makers of encoding hardware; the values are stored and sent."""

    NVIDIA = "nvidia"
    AMD = "amd"
    INTEL = "intel"
    APPLE = "apple"
    CPU = "cpu"


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """One concrete FFmpeg encoder on one device."""

    name: str  # FFmpeg's name, e.g. "hevc_nvenc", "libsvtav1"
    codec: OutputCodec
    backend: Backend
    device_path: str | None = None
    supports_10bit: bool = True
    device_index: int = 0  # which of its maker's devices, where there is no path


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A proved encoder that is not to be used for the time being, and why: a sentence."""

    encoder: Encoder
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """The encoders that are proved to work, best first, and which other parts this FFmpeg has.

    Those in `set_aside` are used only where nothing else may do the work. `cpu_is_fallback` says that graphics hardware
    was wanted, or is there, although none of it works.
    """

    encoders: tuple[Encoder, ...]
    vendor: Vendor = Vendor.CPU
    device_path: str | None = None
    has_libvmaf: bool = False
    audio_encoders: frozenset[str] = frozenset({"aac"})
    filters: frozenset[str] = frozenset()
    set_aside: tuple[SetAside, ...] = ()
    cpu_is_fallback: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FfmpegInfo:
    """The FFmpeg in use: its path, the first line of its version, and what it was built with."""

    path: str
    version: str
    encoders: frozenset[str] = frozenset()
    filters: frozenset[str] = frozenset()
