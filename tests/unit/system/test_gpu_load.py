from pathlib import Path

import pytest

from alchemist_desktop.system.gpu_load import GpuLoad, GpuMeter


def _card(folder: Path, name: str, **files: str) -> None:
    device = folder / "drm" / name / "device"
    device.mkdir(parents=True)
    for file, text in files.items():
        (device / file).write_text(text)


def test_amd_tells_its_load_in_files(tmp_path: Path) -> None:
    _card(tmp_path, "card0")  # one that tells nothing
    _card(tmp_path, "card1", gpu_busy_percent="37\n", mem_info_vram_used="2000\n", mem_info_vram_total="8000\n")
    meter = GpuMeter(drm=tmp_path / "drm", nvidia_control=tmp_path / "nvidiactl")
    assert meter.read() == GpuLoad(percent=37.0, memory_percent=25.0)


def test_where_nobody_tells_nothing_is_known(tmp_path: Path) -> None:
    _card(tmp_path, "card0", gpu_busy_percent="broken")
    assert GpuMeter(drm=tmp_path / "drm", nvidia_control=tmp_path / "nvidiactl").read() == GpuLoad()


def test_a_driver_without_its_library_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "drm").mkdir()
    (tmp_path / "nvidiactl").touch()
    meter = GpuMeter(drm=tmp_path / "drm", nvidia_control=tmp_path / "nvidiactl")
    assert meter.read() == meter.read()


@pytest.mark.parametrize("name", ["card0/gt/gt0/rc6_residency_ms", "card1/device/tile0/gt0/gtidle/idle_residency_ms"])
def test_intel_is_busy_while_it_does_not_sleep(tmp_path: Path, name: str) -> None:
    file = tmp_path / "drm" / name
    file.parent.mkdir(parents=True)
    times_s = iter([10.0, 14.0, 16.0])
    meter = GpuMeter(drm=tmp_path / "drm", nvidia_control=tmp_path / "nvidiactl", now_s=lambda: next(times_s))
    loads = []
    for idle_ms in (1000, 4000, 4000):
        file.write_text(f"{idle_ms}\n")
        loads.append(meter.read().percent)
    assert loads == [None, 25.0, 100.0]
