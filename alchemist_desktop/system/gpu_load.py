"""How busy the first graphics card is: through NVIDIA's library, or the files that Linux drivers of AMD and Intel keep."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_DRM = Path("/sys/class/drm")
_NVIDIA_CONTROL = Path("/dev/nvidiactl")
# Intel tells how long the card has slept: the first is of the driver i915, the second of its successor xe.
_INTEL_IDLE_MS = ("gt/gt0/rc6_residency_ms", "device/tile0/gt0/gtidle/idle_residency_ms")


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuLoad:
    """Percents, 0..100; None where the driver does not tell."""

    percent: float | None = None
    memory_percent: float | None = None


class GpuMeter:
    """Reads the load. NVIDIA's library is opened at the first reading, and only where its driver is loaded."""

    def __init__(
        self, *, drm: Path = _DRM, nvidia_control: Path = _NVIDIA_CONTROL, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._drm = drm
        self._now_s = now_s
        self._last_idle: tuple[float, float] | None = None  # seconds of the clock, and of sleep until then
        self._nvidia_control = nvidia_control
        self._nvml: Any = None
        self._nvml_was_tried = False

    def read(self) -> GpuLoad:
        return self._from_nvml() or self._from_sysfs() or self._from_sleep() or GpuLoad()

    def _from_nvml(self) -> GpuLoad | None:
        nvml = self._open_nvml()
        if nvml is None:
            return None
        try:
            card = nvml.nvmlDeviceGetHandleByIndex(0)
            memory = nvml.nvmlDeviceGetMemoryInfo(card)
            used = 100.0 * memory.used / memory.total if memory.total else None
            return GpuLoad(percent=float(nvml.nvmlDeviceGetUtilizationRates(card).gpu), memory_percent=used)
        except nvml.NVMLError:
            return None

    def _open_nvml(self) -> Any:
        if not self._nvml_was_tried and (self._nvidia_control.exists() or not self._drm.parent.exists()):
            self._nvml_was_tried = True
            try:
                import pynvml
            except ImportError:
                return None
            try:
                pynvml.nvmlInit()
                self._nvml = pynvml
            except pynvml.NVMLError:
                return None
        return self._nvml

    def _from_sysfs(self) -> GpuLoad | None:
        for card in sorted(self._drm.glob("card[0-9]*/device")):
            percent = _number(card / "gpu_busy_percent")
            if percent is None:
                continue
            used, total = _number(card / "mem_info_vram_used"), _number(card / "mem_info_vram_total")
            return GpuLoad(percent=percent, memory_percent=100.0 * used / total if used is not None and total else None)
        return None

    def _from_sleep(self) -> GpuLoad | None:
        """Of Intel's cards, which tell no load: how much of the time since the last reading the card was awake."""
        times = (_number(card / name) for card in sorted(self._drm.glob("card[0-9]*")) for name in _INTEL_IDLE_MS)
        idle_ms = next((value for value in times if value is not None), None)
        if idle_ms is None:
            return None
        last, now = self._last_idle, (self._now_s(), idle_ms / 1000)
        self._last_idle = now
        if last is None or now[0] <= last[0]:
            return None
        return GpuLoad(percent=min(max(100.0 * (1 - (now[1] - last[1]) / (now[0] - last[0])), 0.0), 100.0))


def _number(path: Path) -> float | None:
    try:
        return float(path.read_text())
    except (OSError, ValueError):
        return None
