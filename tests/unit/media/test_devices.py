"""Finding devices in made-up file trees and registries, and the words about those that are missing."""

from pathlib import Path

import pytest

from alchemist_desktop.domain.capability import Backend, Vendor
from alchemist_desktop.domain.hardware import Found
from alchemist_desktop.domain.profile import OutputCodec
from alchemist_desktop.media.capabilities import candidates
from alchemist_desktop.media.devices import Adapter, Roots, find_devices


class Machine:
    """File trees as Linux shows them."""

    def __init__(self, folder: Path) -> None:
        self.roots = Roots(sys=folder / "sys", dev=folder / "dev", proc=folder / "proc", wsl=folder / "wsl")
        (folder / "dev").mkdir()

    def find(self) -> Found:
        return find_devices("linux", self.roots)

    def node(self, number: int, vendor: str, *, is_visible: bool = True, driver: str = "i915") -> Path:
        device = self.roots.sys / "class" / "drm" / f"renderD{number}" / "device"
        device.mkdir(parents=True)
        (device / "vendor").write_text(f"{vendor}\n")
        (device / "device").write_text("0x56a0\n")
        (device / "uevent").write_text(f"DRIVER={driver}\nPCI_SLOT_NAME=0000:03:00.0\n")
        path = self.roots.dev / "dri" / f"renderD{number}"
        if is_visible:
            path.parent.mkdir(exist_ok=True)
            path.touch()
        return path

    def nvidia(self, *minors: int) -> None:
        (self.roots.dev / "nvidiactl").touch()
        for minor in minors:
            (self.roots.dev / f"nvidia{minor}").touch()
            folder = self.roots.proc / "driver" / "nvidia" / "gpus" / f"0000:0{minor}:00.0"
            folder.mkdir(parents=True)
            (folder / "information").write_text(
                f"Model: \t\t NVIDIA Card {minor}\nBus Location: \t 0000:0{minor}:00.0\nDevice Minor: \t {minor}\n"
            )
        version = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  565.57.01  Thu Oct 10 12:29:05 UTC 2024\n"
        (self.roots.proc / "driver" / "nvidia" / "version").write_text(version)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def why(found: Found, vendor: Vendor) -> str:
    return next(absence.reason for absence in found.absences if absence.vendor is vendor)


def test_every_render_node_of_intel_and_amd_is_a_device(machine: Machine) -> None:
    intel, amd, second = machine.node(128, "0x8086"), machine.node(129, "0x1002", driver="amdgpu"), machine.node(130, "0x1002")
    found = machine.find()
    assert [(d.path, d.vendor, d.index, d.driver) for d in found.devices] == [
        (str(intel), Vendor.INTEL, 0, "i915"), (str(amd), Vendor.AMD, 0, "amdgpu"), (str(second), Vendor.AMD, 1, "i915"),
    ]  # fmt: skip
    assert found.devices[0].pci_id == "0000:03:00.0 0x56a0"
    assert found.devices[0].backends == (Backend.QSV, Backend.VAAPI, Backend.VULKAN)
    assert [absence.vendor for absence in found.absences] == [Vendor.NVIDIA]


def test_nvidia_cards_are_counted_and_described(machine: Machine) -> None:
    machine.nvidia(0, 1)
    found = machine.find()
    assert [(d.id, d.index, d.name, d.driver) for d in found.devices] == [
        (str(machine.roots.dev / "nvidia0"), 0, "NVIDIA Card 0", "565.57.01"),
        (str(machine.roots.dev / "nvidia1"), 1, "NVIDIA Card 1", "565.57.01"),
    ]
    assert found.devices[1].pci_id == "0000:01:00.0"


def test_a_container_with_only_the_second_card_counts_from_zero(machine: Machine) -> None:
    machine.nvidia(3)
    assert [(d.index, d.path) for d in machine.find().devices] == [(0, str(machine.roots.dev / "nvidia3"))]


def test_under_windows_linux_the_driver_of_windows_counts(machine: Machine) -> None:
    (machine.roots.dev / "dxg").touch()
    assert machine.find().devices == ()
    machine.roots.wsl.mkdir()
    (machine.roots.wsl / "libcuda.so.1").touch()
    assert [(d.vendor, d.backends) for d in machine.find().devices] == [(Vendor.NVIDIA, (Backend.NVENC,))]


def test_what_is_missing_is_told_with_something_to_do(machine: Machine) -> None:
    found = machine.find()
    assert found.devices == ()
    assert "install NVIDIA's driver; in a container, pass the GPU through" in why(found, Vendor.NVIDIA)
    assert "no render node" in why(found, Vendor.INTEL)
    machine.node(128, "0x10de", driver="nouveau")
    machine.node(129, "0x1002", is_visible=False)
    found = machine.find()
    assert found.devices == ()
    assert "A card is there, but NVIDIA's own driver is not loaded" in why(found, Vendor.NVIDIA)
    assert "In a container, pass /dev/dri through" in why(found, Vendor.AMD)
    assert why(found, Vendor.INTEL) == "No Intel graphics were found among the render nodes of this computer."
    (machine.roots.dev / "nvidiactl").touch()
    assert "shows no card" in why(machine.find(), Vendor.NVIDIA)


def test_windows_names_its_adapters() -> None:
    adapters = [
        Adapter(name="GeForce A", hardware_id=r"pci\ven_10de&dev_2684", driver_version="32.0.15.6"),
        Adapter(name="Iris", hardware_id=r"PCI\VEN_8086&DEV_4680", driver_version="31.0"),
        Adapter(name="GeForce B", hardware_id=r"pci\ven_10de&dev_2484", driver_version="32.0.15.6"),
        Adapter(name="Basic Display", hardware_id="root\\basicdisplay", driver_version="10"),
    ]
    found = find_devices("win32", adapters=lambda: adapters)
    assert [(d.id, d.name, d.index, d.backends) for d in found.devices] == [
        ("nvidia:0", "GeForce A", 0, (Backend.NVENC,)), ("intel:0", "Iris", 0, (Backend.QSV,)),
        ("nvidia:1", "GeForce B", 1, (Backend.NVENC,)),
    ]  # fmt: skip
    assert [absence.vendor for absence in found.absences] == [Vendor.AMD]


def test_a_mac_has_no_av1() -> None:
    (apple,) = find_devices("darwin").devices
    assert {encoder.codec for encoder in candidates(apple)} == {OutputCodec.HEVC, OutputCodec.H264}
