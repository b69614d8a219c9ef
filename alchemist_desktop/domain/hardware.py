"""The hardware matrix: which device encodes which codec at which depth, as proved by trying, and why not where it does not."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from alchemist_desktop.domain.capability import Backend, Capabilities, Encoder, SetAside, Vendor
from alchemist_desktop.domain.profile import OutputCodec

CPU_DEVICE_ID = "cpu"
DEPTHS = (8, 10)
COVERAGE = {OutputCodec.AV1: 4, OutputCodec.HEVC: 2, OutputCodec.H264: 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One encoding device. `id` is its path where it has one; `index` counts the devices of one maker from 0."""

    id: str
    vendor: Vendor
    name: str
    backends: tuple[Backend, ...]  # in the order in which they are preferred
    path: str | None = None
    index: int = 0
    pci_id: str | None = None
    driver: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Absence:
    """A kind of device that is not there: why, and what a person could do."""

    vendor: Vendor
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The devices of this machine and the kinds it lacks."""

    devices: tuple[Device, ...] = ()
    absences: tuple[Absence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One encoder tried on one device at one depth. `words` are FFmpeg's own, `summary` says it in a sentence."""

    device_id: str
    encoder: Encoder
    bit_depth: int
    succeeded: bool
    summary: str
    words: str = ""
    took_s: float = 0.0
    found_no_room: bool = False  # the device was full, which says nothing of what it can do


class CellState(StrEnum):
    """What a cell of the matrix says."""

    WORKS = "works"
    FAILED = "failed"
    ABSENT = "absent"
    SET_ASIDE = "set_aside"  # it was proved, then failed in real jobs


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One device, codec and depth. `reason` is a sentence; `words` FFmpeg's own, where it has spoken."""

    device_id: str
    codec: OutputCodec
    bit_depth: int
    state: CellState
    reason: str
    encoder: str | None = None
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HardwareMatrix:
    """Everything a detection found. `devices` does not list the CPU, whose encoders are in `cpu`."""

    ffmpeg_path: str
    ffmpeg_version: str
    devices: tuple[Device, ...] = ()
    absences: tuple[Absence, ...] = ()
    trials: tuple[Trial, ...] = ()
    cpu: tuple[Encoder, ...] = ()

    def device(self, device_id: str) -> Device | None:
        return next((device for device in self.devices if device.id == device_id), None)

    def working(self, device_id: str) -> tuple[Encoder, ...]:
        """The encoders of a device that passed, best backend first; each says whether it passed at 10 bit too."""
        passed = [trial for trial in self.trials if trial.device_id == device_id and trial.succeeded]
        deep = {trial.encoder.name for trial in passed if trial.bit_depth == 10}
        return tuple(
            replace(trial.encoder, supports_10bit=trial.encoder.name in deep) for trial in passed if trial.bit_depth == 8
        )

    def cell(self, device_id: str, codec: OutputCodec, bit_depth: int, set_aside: Sequence[SetAside] = ()) -> Cell:
        """What is known of one device, codec and depth: the best of its backends counts."""

        def cell(state: CellState, reason: str, encoder: str | None = None, words: str = "") -> Cell:
            return Cell(
                device_id=device_id, codec=codec, bit_depth=bit_depth, state=state, reason=reason, encoder=encoder, words=words
            )

        if codec is OutputCodec.H264 and bit_depth == 10:
            return cell(CellState.ABSENT, "H.264 is written in 8 bit only: hardly any player shows it deeper.")
        if device_id == CPU_DEVICE_ID:
            name = next((encoder.name for encoder in self.cpu if encoder.codec is codec), None)
            if name is None:
                return cell(CellState.ABSENT, "This FFmpeg was built without a CPU encoder for it. Choose another FFmpeg.")
            return cell(CellState.WORKS, f"{name} is built into this FFmpeg.", name)
        trials = [t for t in self.trials if (t.device_id, t.encoder.codec, t.bit_depth) == (device_id, codec, bit_depth)]
        if not trials:
            return cell(CellState.ABSENT, f"No interface of this device has an encoder for {codec.value} in this FFmpeg.")
        aside = {same_encoder(each.encoder): each.reason for each in set_aside}
        best = min(trials, key=lambda trial: (not trial.succeeded, same_encoder(trial.encoder) in aside))
        if best.succeeded and same_encoder(best.encoder) in aside:
            return cell(CellState.SET_ASIDE, aside[same_encoder(best.encoder)], best.encoder.name, best.words)
        state = CellState.WORKS if best.succeeded else CellState.FAILED
        return cell(state, best.summary, best.encoder.name, best.words)


def same_encoder(encoder: Encoder) -> tuple[str, str | None, int]:
    """What two notes of the same encoder on the same device have in common."""
    return (encoder.name, encoder.device_path, encoder.device_index)


def keep_proved(old: HardwareMatrix | None, new: HardwareMatrix) -> HardwareMatrix:
    """The new result, except that a trial which only met a full device does not undo what was proved before."""
    proved = {(t.device_id, t.encoder.name, t.bit_depth): t for t in old.trials if t.succeeded} if old else {}
    trials = tuple(proved.get((t.device_id, t.encoder.name, t.bit_depth), t) if t.found_no_room else t for t in new.trials)
    return replace(new, trials=trials)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a person chose: a maker, or one device by its path or id."""

    vendor: str | None = None
    device: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The devices that do the work, best first, and why these; empty means the CPU. `notes` tell what was not possible."""

    devices: tuple[Device, ...]
    reason: str
    notes: tuple[str, ...] = ()
    cpu_is_fallback: bool = False

    @property
    def vendor(self) -> Vendor:
        return self.devices[0].vendor if self.devices else Vendor.CPU

    @property
    def device_path(self) -> str | None:
        return self.devices[0].path if self.devices else None


_CODEC_TITLES = {OutputCodec.AV1: "AV1", OutputCodec.HEVC: "HEVC", OutputCodec.H264: "H.264"}
_VENDOR_ORDER = (Vendor.APPLE, Vendor.NVIDIA, Vendor.INTEL, Vendor.AMD)


def select(matrix: HardwareMatrix, wish: Wish) -> Selection:
    """The devices to work with. A named device counts alone; a named maker counts while one of its devices works."""
    working = sorted((d for d in matrix.devices if matrix.working(d.id)), key=lambda device: _rank(matrix, device))
    if wish.vendor == Vendor.CPU.value:
        return Selection(devices=(), reason="The CPU was chosen in the settings.")
    notes = [f"{_title(absence.vendor)}: {absence.reason}" for absence in matrix.absences]
    notes += [f"{d.name} was found, but none of its encoders works." for d in matrix.devices if not matrix.working(d.id)]
    if wish.device:
        return _named_device(wish.device, working, tuple(notes))
    if wish.vendor:
        of_vendor = tuple(device for device in working if device.vendor.value == wish.vendor)
        if of_vendor:
            return _chosen(of_vendor, f"{_title(of_vendor[0].vendor)} was chosen in the settings.", notes)
        notes.insert(0, f"No device of the chosen maker ({wish.vendor}) works, so another is used.")
    if working:
        codecs = {encoder.codec for encoder in matrix.working(working[0].id)}
        names = ", ".join(name for codec, name in _CODEC_TITLES.items() if codec in codecs)
        return _chosen(tuple(working), f"{working[0].name} encodes the most: {names}.", notes)
    return Selection(
        devices=(),
        reason="No graphics device works, so the CPU does the encoding.",
        notes=tuple(notes),
        cpu_is_fallback=bool(matrix.devices or wish.vendor),
    )


def _chosen(devices: tuple[Device, ...], reason: str, notes: Sequence[str]) -> Selection:
    if len(devices) > 1:
        reason += f" Beside it works {' and '.join(device.name for device in devices[1:])}."
    return Selection(devices=devices, reason=reason, notes=tuple(notes))


def _named_device(named: str, working: Sequence[Device], notes: tuple[str, ...]) -> Selection:
    device = next((device for device in working if named in {device.id, device.path}), None)
    if device is not None:
        return Selection(devices=(device,), reason=f"{device.name} was chosen in the settings.", notes=notes)
    missing = f"The chosen device {named} does not work, so the CPU does the encoding where that is allowed."
    return Selection(devices=(), reason=missing, notes=(missing, *notes), cpu_is_fallback=True)


def _rank(matrix: HardwareMatrix, device: Device) -> tuple[int, int, str]:
    codecs = {encoder.codec for encoder in matrix.working(device.id)}
    return (-sum(COVERAGE[codec] for codec in codecs), _VENDOR_ORDER.index(device.vendor), device.id)


def _title(vendor: Vendor) -> str:
    return {Vendor.NVIDIA: "NVIDIA", Vendor.AMD: "AMD", Vendor.INTEL: "Intel", Vendor.APPLE: "Apple"}.get(vendor, "CPU")


def usable(matrix: HardwareMatrix, selection: Selection, base: Capabilities) -> Capabilities:
    """What the planner may use: the selected devices' encoders, then those of the CPU from `base`."""
    on_devices = _flatten(matrix.working(device.id) for device in selection.devices)
    return Capabilities(
        encoders=(*on_devices, *base.encoders),
        vendor=selection.vendor,
        device_path=selection.device_path,
        has_libvmaf=base.has_libvmaf,
        audio_encoders=base.audio_encoders,
        filters=base.filters,
        cpu_is_fallback=selection.cpu_is_fallback,
    )


def _flatten(groups: Iterable[tuple[Encoder, ...]]) -> tuple[Encoder, ...]:
    return tuple(encoder for group in groups for encoder in group)
