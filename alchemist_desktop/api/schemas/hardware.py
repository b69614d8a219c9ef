"""The hardware on the wire."""

from alchemist_desktop.api.schemas.bodies import Body
from alchemist_desktop.api.schemas.encoding import JsonObject
from alchemist_desktop.domain.capability import Vendor
from alchemist_desktop.domain.hardware import CPU_DEVICE_ID, DEPTHS, HardwareMatrix, same_encoder
from alchemist_desktop.domain.profile import CpuPreset, OutputCodec
from alchemist_desktop.domain.settings import Hardware
from alchemist_desktop.services.hardware import HardwareState

_STDERR_KEPT = 2000


class HardwareBody(Body):
    """The hardware settings as clients send them."""

    allow_cpu_fallback: bool
    allow_cpu_encoding: bool
    cpu_preset: str
    preferred_vendor: str | None = None
    device_path: str | None = None

    def applied_to(self, old: Hardware) -> Hardware:
        """Unknown presets count as medium; what clients do not know stays as it is."""
        presets = {preset.value: preset for preset in CpuPreset}
        return old.model_copy(
            update={
                "allow_cpu_fallback": self.allow_cpu_fallback,
                "allow_cpu_encoding": self.allow_cpu_encoding,
                "cpu_preset": presets.get(self.cpu_preset.strip().lower(), CpuPreset.MEDIUM),
                "preferred_vendor": self.preferred_vendor,
                "device_path": self.device_path,
            }
        )


def hardware_settings_json(hardware: Hardware) -> JsonObject:
    return {
        "allow_cpu_fallback": hardware.allow_cpu_fallback,
        "allow_cpu_encoding": hardware.allow_cpu_encoding,
        "cpu_preset": hardware.cpu_preset,
        "preferred_vendor": hardware.preferred_vendor,
        "device_path": hardware.device_path,
    }


def hardware_json(state: HardwareState) -> JsonObject:
    """What works, and why it was chosen; `matrix`, `devices` and `is_probing` go beyond the contract."""
    matrix, selection = state.matrix, state.selection
    encoders = [encoder for device in selection.devices for encoder in matrix.working(device.id)]
    codecs = {encoder.codec.value for encoder in encoders or matrix.cpu}
    return {
        "vendor": selection.vendor,
        "device_path": selection.device_path,
        "supported_codecs": sorted(codecs),
        "backends": [{"kind": e.backend, "codec": e.codec, "encoder": e.name, "device_path": e.device_path} for e in encoders],
        "detection_notes": [*selection.notes, *(f"{each.encoder.name}: {each.reason}" for each in state.set_aside)],
        "selection_reason": selection.reason,
        "probe_summary": _summary(matrix),
        "is_probing": state.is_probing,
        "ffmpeg": {"path": matrix.ffmpeg_path, "version": matrix.ffmpeg_version},
        "devices": [
            {"id": d.id, "vendor": d.vendor, "name": d.name, "device_path": d.path, "driver": d.driver} for d in matrix.devices
        ],
        "matrix": [
            _cell(state, device_id, codec, depth) for device_id in _rows(matrix) for codec in OutputCodec for depth in DEPTHS
        ],
    }


def probe_log_json(state: HardwareState | None) -> JsonObject:
    if state is None:
        return {"entries": []}
    chosen = {device.id for device in state.selection.devices}
    vendors = {device.id: device.vendor for device in state.matrix.devices}
    aside = {same_encoder(each.encoder) for each in state.set_aside}
    entries = [
        {
            "encoder": trial.encoder.name,
            "backend": trial.encoder.backend,
            "device_path": trial.encoder.device_path,
            "success": trial.succeeded,
            "stderr": trial.words[-_STDERR_KEPT:] or None,
            "vendor": vendors.get(trial.device_id, Vendor.CPU),
            "codec": trial.encoder.codec,
            "selected": trial.succeeded and trial.device_id in chosen and same_encoder(trial.encoder) not in aside,
            "summary": trial.summary,
            "bit_depth": trial.bit_depth,
        }
        for trial in state.matrix.trials
    ]
    return {"entries": entries}


def _summary(matrix: HardwareMatrix) -> JsonObject:
    passed = sum(trial.succeeded for trial in matrix.trials)
    return {"attempted": len(matrix.trials), "succeeded": passed, "failed": len(matrix.trials) - passed}


def _rows(matrix: HardwareMatrix) -> list[str]:
    return [*(device.id for device in matrix.devices), CPU_DEVICE_ID]


def _cell(state: HardwareState, device_id: str, codec: OutputCodec, depth: int) -> JsonObject:
    cell = state.matrix.cell(device_id, codec, depth, state.set_aside)
    return {
        "device": device_id,
        "codec": codec,
        "bit_depth": depth,
        "state": cell.state,
        "encoder": cell.encoder,
        "reason": cell.reason,
    }
