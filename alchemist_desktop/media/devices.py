"""Looks which encoding devices this machine has, without opening any, and says why a kind is missing."""

import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from alchemist_desktop.domain.capability import Backend, Vendor
from alchemist_desktop.domain.hardware import Absence, Device, Found

_PCI_VENDORS = {"0x10de": Vendor.NVIDIA, "0x8086": Vendor.INTEL, "0x1002": Vendor.AMD}
_LINUX_BACKENDS = {
    Vendor.NVIDIA: (Backend.NVENC, Backend.VULKAN),
    Vendor.INTEL: (Backend.QSV, Backend.VAAPI, Backend.VULKAN),
    Vendor.AMD: (Backend.AMF, Backend.VAAPI, Backend.VULKAN),
}
_WINDOWS_BACKENDS = {Vendor.NVIDIA: Backend.NVENC, Vendor.INTEL: Backend.QSV, Vendor.AMD: Backend.AMF}
_WINDOWS_DISPLAY_CLASS = r"SYSTEM\CurrentControlSet\Control\Class\{4d36e968-e325-11ce-bfc1-08002be10318}"
_WINDOWS_VENDOR = re.compile(r"ven_(10de|8086|1002)", re.IGNORECASE)
_TITLES = {Vendor.NVIDIA: "NVIDIA", Vendor.INTEL: "Intel", Vendor.AMD: "AMD"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Roots:
    """Where Linux shows its devices; tests show others."""

    sys: Path = Path("/sys")
    dev: Path = Path("/dev")
    proc: Path = Path("/proc")
    wsl: Path = Path("/usr/lib/wsl/lib")


@dataclass(frozen=True, slots=True, kw_only=True)
class Adapter:
    """A display adapter as the Windows registry describes it."""

    name: str
    hardware_id: str
    driver_version: str


def find_devices(
    platform: str = sys.platform, roots: Roots | None = None, adapters: Callable[[], Sequence[Adapter]] | None = None
) -> Found:
    """Every device that is worth a trial. Reads a few small files; takes milliseconds."""
    if platform == "darwin":
        apple = Device(id="apple", vendor=Vendor.APPLE, name="Apple VideoToolbox", backends=(Backend.VIDEOTOOLBOX,))
        return Found(devices=(apple,))
    if platform == "win32":
        return _on_windows((adapters or _registry_adapters)())
    return _on_linux(roots or Roots())


def _on_linux(roots: Roots) -> Found:
    nodes = _render_nodes(roots)
    nvidia = _nvidia_cards(roots)
    devices = (*nvidia, *(node.device for node in nodes if node.device is not None))
    absences = [] if nvidia else [Absence(vendor=Vendor.NVIDIA, reason=_why_no_nvidia(roots, nodes))]
    for vendor in (Vendor.INTEL, Vendor.AMD):
        if not any(device.vendor is vendor for device in devices):
            absences.append(Absence(vendor=vendor, reason=_why_no_node(vendor, nodes, roots)))
    return Found(devices=devices, absences=tuple(absences))


@dataclass(frozen=True, slots=True)
class _Node:
    """A render node of sysfs; `device` is None where it is of no use here."""

    name: str
    vendor: Vendor | None
    device: Device | None


def _render_nodes(roots: Roots) -> list[_Node]:
    folders = sorted((roots.sys / "class" / "drm").glob("renderD*"), key=lambda folder: int(folder.name[7:] or 0))
    nodes: list[_Node] = []
    for folder in folders:
        vendor = _PCI_VENDORS.get(_read(folder / "device" / "vendor"))
        path = roots.dev / "dri" / folder.name
        index = sum(node.vendor is vendor for node in nodes)
        is_useful = vendor in {Vendor.INTEL, Vendor.AMD} and path.exists()
        nodes.append(_Node(folder.name, vendor, _node_device(folder, path, vendor, index) if vendor and is_useful else None))
    return nodes


def _node_device(folder: Path, path: Path, vendor: Vendor, index: int) -> Device:
    event = dict(line.partition("=")[::2] for line in _read(folder / "device" / "uevent").splitlines())
    chip = _read(folder / "device" / "device")
    return Device(
        id=str(path),
        vendor=vendor,
        name=f"{_TITLES[vendor]} graphics ({path.name})",
        backends=_LINUX_BACKENDS[vendor],
        path=str(path),
        index=index,
        pci_id=f"{event.get('PCI_SLOT_NAME', '')} {chip}".strip() or None,
        driver=event.get("DRIVER"),
    )


def _nvidia_cards(roots: Roots) -> tuple[Device, ...]:
    numbers = sorted(int(match[1]) for path in roots.dev.glob("nvidia*") if (match := re.fullmatch(r"nvidia(\d+)", path.name)))
    if not numbers and (roots.dev / "dxg").exists() and (roots.wsl / "libcuda.so.1").exists():
        path = str(roots.dev / "dxg")
        return (Device(id=path, vendor=Vendor.NVIDIA, name="NVIDIA GPU (WSL)", backends=(Backend.NVENC,), path=path),)
    if not (roots.dev / "nvidiactl").exists():
        return ()
    described = _nvidia_descriptions(roots)
    driver = re.search(r"\b\d{3}\.\d+(?:\.\d+)?\b", _read(roots.proc / "driver" / "nvidia" / "version"))
    cards = []
    for index, number in enumerate(numbers):
        model, pci = described.get(number, (f"NVIDIA GPU {number}", None))
        path = str(roots.dev / f"nvidia{number}")
        cards.append(
            Device(
                id=path, vendor=Vendor.NVIDIA, name=model, backends=_LINUX_BACKENDS[Vendor.NVIDIA], path=path, index=index,
                pci_id=pci, driver=driver[0] if driver else None,
            )
        )  # fmt: skip
    return tuple(cards)


def _nvidia_descriptions(roots: Roots) -> dict[int, tuple[str, str | None]]:
    """Model and PCI address by the number of the device file."""
    found: dict[int, tuple[str, str | None]] = {}
    for path in sorted((roots.proc / "driver" / "nvidia" / "gpus").glob("*/information")):
        facts = {key.strip(): value.strip() for key, _, value in (line.partition(":") for line in _read(path).splitlines())}
        if facts.get("Device Minor", "").isdecimal():
            found[int(facts["Device Minor"])] = (
                facts.get("Model") or "NVIDIA GPU",
                facts.get("Bus Location") or path.parent.name,
            )
    return found


def _why_no_nvidia(roots: Roots, nodes: Sequence[_Node]) -> str:
    if (roots.dev / "nvidiactl").exists():
        return "The NVIDIA driver is loaded but shows no card. In a container, pass the cards through as well."
    if any(node.vendor is Vendor.NVIDIA for node in nodes):
        return "A card is there, but NVIDIA's own driver is not loaded. Install it, then restart the computer."
    return "No card was found. If there is one, install NVIDIA's driver; in a container, pass the GPU through."


def _why_no_node(vendor: Vendor, nodes: Sequence[_Node], roots: Roots) -> str:
    title = _TITLES[vendor]
    hidden = [node.name for node in nodes if node.vendor is vendor]
    if hidden:
        return f"{title} graphics are there, but {roots.dev / 'dri' / hidden[0]} is not. In a container, pass /dev/dri through."
    if not nodes:
        return f"No {title} graphics were found: this system shows no render node (/dev/dri/renderD…). Is the driver loaded?"
    return f"No {title} graphics were found among the render nodes of this computer."


def _on_windows(adapters: Sequence[Adapter]) -> Found:
    devices: list[Device] = []
    for adapter in adapters:
        match = _WINDOWS_VENDOR.search(adapter.hardware_id)
        vendor = _PCI_VENDORS[f"0x{match[1].lower()}"] if match else None
        index = sum(device.vendor is vendor for device in devices)
        # FFmpeg opens Intel's and AMD's encoders by their maker, so a second adapter of the same one cannot be told apart.
        if vendor is None or (index and vendor is not Vendor.NVIDIA):
            continue
        devices.append(
            Device(
                id=f"{vendor.value}:{index}", vendor=vendor, name=adapter.name, backends=(_WINDOWS_BACKENDS[vendor],),
                index=index, pci_id=adapter.hardware_id, driver=adapter.driver_version,
            )
        )  # fmt: skip
    missing = [vendor for vendor in _WINDOWS_BACKENDS if not any(device.vendor is vendor for device in devices)]
    reason = "No such display adapter was found. If there is one, install its maker's driver."
    return Found(devices=tuple(devices), absences=tuple(Absence(vendor=vendor, reason=reason) for vendor in missing))


def _registry_adapters() -> list[Adapter]:
    adapters: list[Adapter] = []
    if sys.platform == "win32":
        import winreg

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _WINDOWS_DISPLAY_CLASS) as parent:
            for number in range(winreg.QueryInfoKey(parent)[0]):
                try:
                    with winreg.OpenKey(parent, winreg.EnumKey(parent, number)) as key:
                        values = [
                            str(winreg.QueryValueEx(key, n)[0]) for n in ("DriverDesc", "MatchingDeviceId", "DriverVersion")
                        ]
                except OSError:  # keys of other purpose, and such as only the system may read
                    continue
                adapters.append(Adapter(name=values[0], hardware_id=values[1], driver_version=values[2]))
    return adapters


def _read(path: Path) -> str:
    try:
        return os.fsdecode(path.read_bytes()).strip()
    except OSError:
        return ""
