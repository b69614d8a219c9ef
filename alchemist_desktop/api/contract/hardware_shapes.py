"""Shapes of replies about the hardware: what works, how that was found out, and what may be used."""

from typing import Literal

from alchemist_desktop.api.contract.job_shapes import Reply
from alchemist_desktop.domain.capability import Backend, Vendor
from alchemist_desktop.domain.hardware import CellState
from alchemist_desktop.domain.profile import CpuPreset, OutputCodec


class BackendShape(Reply):
    """An encoder that works."""

    kind: Backend
    codec: OutputCodec
    encoder: str
    device_path: str | None


class ProbeSummaryShape(Reply):
    """How many encoders were tried, and how many of them worked."""

    attempted: int
    succeeded: int
    failed: int


class FfmpegShape(Reply):
    """The FFmpeg in use."""

    path: str
    version: str


class DeviceShape(Reply):
    """An encoding device."""

    id: str
    vendor: Vendor
    name: str
    device_path: str | None
    driver: str | None


class CellShape(Reply):
    """What is known of one device, codec and depth; the CPU is the device `cpu`."""

    device: str
    codec: OutputCodec
    bit_depth: Literal[8, 10]
    state: CellState
    encoder: str | None
    reason: str


class HardwareShape(Reply):
    """What works, and why it was chosen."""

    vendor: Vendor
    device_path: str | None
    supported_codecs: list[OutputCodec]
    backends: list[BackendShape]
    detection_notes: list[str]
    selection_reason: str
    probe_summary: ProbeSummaryShape
    is_probing: bool
    ffmpeg: FfmpegShape
    devices: list[DeviceShape]
    matrix: list[CellShape]


class TrialShape(Reply):
    """One encoder tried on one device at one depth; `stderr` has FFmpeg's own words."""

    encoder: str
    backend: Backend
    device_path: str | None
    success: bool
    stderr: str | None
    vendor: Vendor
    codec: OutputCodec
    selected: bool
    summary: str
    bit_depth: Literal[8, 10]


class ProbeLogShape(Reply):
    """Every trial; none before the first detection has ended."""

    entries: list[TrialShape]


class HardwareSettingsShape(Reply):
    """Which encoders may be used."""

    allow_cpu_fallback: bool
    allow_cpu_encoding: bool
    cpu_preset: CpuPreset
    preferred_vendor: str | None
    device_path: str | None
