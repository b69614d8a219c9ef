"""Matrices made by hand, and the hardware service in memory for tests of the faces."""

from collections.abc import Callable, Sequence

from alchemist_desktop.domain.capability import Backend, Encoder, FfmpegInfo, SetAside, Vendor
from alchemist_desktop.domain.errors import InvalidRequestError
from alchemist_desktop.domain.hardware import Absence, Device, HardwareMatrix, Trial, Wish, select
from alchemist_desktop.domain.hardware_words import advise
from alchemist_desktop.domain.profile import OutputCodec
from alchemist_desktop.domain.settings import Hardware, Settings
from alchemist_desktop.services.hardware import HardwareService, HardwareState
from tests.support.probes import CPU_ONLY

NVIDIA_0 = Device(
    id="/dev/nvidia0",
    vendor=Vendor.NVIDIA,
    name="NVIDIA RTX 4070",
    backends=(Backend.NVENC,),
    path="/dev/nvidia0",
    driver="565.57",
)
NVIDIA_1 = Device(
    id="/dev/nvidia1", vendor=Vendor.NVIDIA, name="NVIDIA GTX 1660", backends=(Backend.NVENC,), path="/dev/nvidia1", index=1
)
INTEL = Device(
    id="/dev/dri/renderD128", vendor=Vendor.INTEL, name="Intel graphics (renderD128)", backends=(Backend.QSV, Backend.VAAPI),
    path="/dev/dri/renderD128", driver="i915",
)  # fmt: skip
NO_AMD = Absence(vendor=Vendor.AMD, reason="No AMD graphics were found among the render nodes of this computer.")
NO_AV1 = "[av1_nvenc @ 0x55d0] Codec not supported\n[av1_nvenc @ 0x55d0] No capable devices found"


def encoder_on(device: Device, codec: OutputCodec, backend: Backend | None = None) -> Encoder:
    backend = backend or device.backends[0]
    return Encoder(
        name=f"{codec.value}_{backend.value}", codec=codec, backend=backend, device_path=device.path, device_index=device.index
    )


def passed(device: Device, *codecs: OutputCodec, backend: Backend | None = None, depths: Sequence[int] = (8, 10)) -> list[Trial]:
    """Trials that went well, at every depth a codec has."""
    return [_trial(encoder_on(device, codec, backend), device, depth, "") for codec in codecs for depth in _depths(codec, depths)]


def failed(device: Device, *codecs: OutputCodec, words: str, backend: Backend | None = None) -> list[Trial]:
    return [
        _trial(encoder_on(device, codec, backend), device, depth, words) for codec in codecs for depth in _depths(codec, (8, 10))
    ]


def _depths(codec: OutputCodec, depths: Sequence[int]) -> Sequence[int]:
    return (8,) if codec is OutputCodec.H264 else depths


def _trial(encoder: Encoder, device: Device, depth: int, words: str) -> Trial:
    summary = advise(words) if words else f"{encoder.name} works at {depth} bit."
    return Trial(
        device_id=device.id, encoder=encoder, bit_depth=depth, succeeded=not words, summary=summary, words=words, took_s=0.4
    )


def matrix(devices: Sequence[Device] = (), trials: Sequence[Trial] = (), absences: Sequence[Absence] = ()) -> HardwareMatrix:
    return HardwareMatrix(
        ffmpeg_path="/opt/ffmpeg/bin/ffmpeg",
        ffmpeg_version="ffmpeg version 9.0.2 Copyright (c) 2000-2026 the FFmpeg developers",
        devices=tuple(devices),
        trials=tuple(trials),
        absences=tuple(absences),
        cpu=CPU_ONLY.encoders,
    )


def two_cards() -> HardwareMatrix:
    """Two NVIDIA cards, the second without AV1."""
    every = (OutputCodec.AV1, OutputCodec.HEVC, OutputCodec.H264)
    trials = [*passed(NVIDIA_0, *every), *failed(NVIDIA_1, OutputCodec.AV1, words=NO_AV1), *passed(NVIDIA_1, *every[1:])]
    return matrix([NVIDIA_0, NVIDIA_1], trials, [NO_AMD])


class MemoryHardware(HardwareService):
    """A hardware service whose matrix is given; `calls` records what was asked for."""

    def __init__(self, found: HardwareMatrix | None = None, *, set_aside: tuple[SetAside, ...] = ()) -> None:
        self.found = found
        self.aside = set_aside
        self.wish = Wish()
        self.calls: list[tuple[object, ...]] = []
        self.on_probe: Callable[[], None] = lambda: None
        self.settings = Hardware()

    @property
    def ffmpeg(self) -> FfmpegInfo:
        return FfmpegInfo(path="/opt/ffmpeg/bin/ffmpeg", version="ffmpeg version 9.0.2 Copyright (c) 2000-2026")

    def state(self) -> HardwareState | None:
        if self.found is None:
            return None
        return HardwareState(matrix=self.found, selection=select(self.found, self.wish), set_aside=self.aside, is_probing=False)

    async def probe(self) -> HardwareState:
        self.calls.append(("probe",))
        self.found = self.found or matrix()
        self.on_probe()
        state = self.state()
        assert state is not None
        return state

    async def choose(self, *, vendor: str | None, device: str | None) -> Settings:
        self.calls.append(("choose", vendor, device))
        if device == "/dev/gone":
            raise InvalidRequestError("There is no device /dev/gone.", code="HARDWARE_SETTINGS_INVALID")
        self.wish = Wish(vendor=vendor, device=device)
        return await self.change(lambda old: old.model_copy(update={"preferred_vendor": vendor, "device_path": device}))

    async def change(self, edit: Callable[[Hardware], Hardware]) -> Settings:
        self.settings = edit(self.settings)
        return Settings(hardware=self.settings)
