"""Detection on a made-up machine: real trials through the real command builder, remembered and proved anew."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from alchemist_desktop.domain.capability import Backend
from alchemist_desktop.domain.errors import InvalidRequestError, UnavailableError
from alchemist_desktop.domain.events import HardwareChanged
from alchemist_desktop.domain.hardware import CellState, Found
from alchemist_desktop.domain.profile import OutputCodec
from alchemist_desktop.media.capabilities import detect
from alchemist_desktop.media.ffmpeg import find_ffmpeg
from alchemist_desktop.media.qprocess import QtProcessRunner
from tests.integration.hardware.machine import EVERY, TWO_CARDS, Machine
from tests.support import gpu_ffmpeg
from tests.support.core import collect, open_test_core, quick_settings
from tests.support.hardware import INTEL, NVIDIA_0

pytestmark = pytest.mark.anyio

AV1, HEVC, H264 = OutputCodec.AV1, OutputCodec.HEVC, OutputCodec.H264


async def test_every_cell_tells_what_was_proved(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {**TWO_CARDS, "eight_bit_only": ["1"]})
    found = await detect(QtProcessRunner(), find_ffmpeg(machine.ffmpeg), machine.find())
    states = {
        (d.index, codec, depth): found.cell(d.id, codec, depth)
        for d in found.devices
        for codec in OutputCodec
        for depth in (8, 10)
    }
    assert {key for key, cell in states.items() if cell.state is CellState.WORKS} == {
        (0, AV1, 8), (0, AV1, 10), (0, HEVC, 8), (0, HEVC, 10), (0, H264, 8), (1, HEVC, 8), (1, H264, 8),
    }  # fmt: skip
    assert states[1, AV1, 8].state is CellState.FAILED
    assert states[1, AV1, 8].reason == "This card does not encode this codec."
    assert "No capable devices found" in states[1, AV1, 8].words
    assert states[1, HEVC, 10].reason == "This card does not encode this codec in 10 bit."
    assert states[0, H264, 10].state is CellState.ABSENT
    assert [encoder.supports_10bit for encoder in found.working("/dev/nvidia1")] == [False, False]


async def test_the_interfaces_of_one_node_are_tried_each(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {"nodes": {"/dev/dri/renderD128": ["hevc"]}}, devices=[INTEL])
    found = await detect(QtProcessRunner(), find_ffmpeg(machine.ffmpeg), machine.find())
    assert [(e.name, e.backend) for e in found.working(INTEL.id)] == [("hevc_qsv", Backend.QSV), ("hevc_vaapi", Backend.VAAPI)]
    assert found.cell(INTEL.id, HEVC, 10).encoder == "hevc_qsv"
    assert found.cell(INTEL.id, AV1, 8).state is CellState.FAILED


async def test_a_driver_that_hangs_is_ended_and_told(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {"cards": {"0": EVERY}, "mode": {"0": "hang"}, "trials_too": True}, devices=[NVIDIA_0])
    found = await detect(QtProcessRunner(), find_ffmpeg(machine.ffmpeg), machine.find(), limit_s=1.5)
    assert found.working(NVIDIA_0.id) == ()
    assert "did not end within 1.5 seconds" in found.cell(NVIDIA_0.id, HEVC, 8).reason


async def test_without_devices_nothing_is_run_and_nothing_waits(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {}, devices=[])
    async with machine.core(start=False) as core:
        state = core.services.hardware.state()
        assert state is not None
        assert core.services.engine.status().hardware_pending is False
        assert gpu_ffmpeg.runs(tmp_path) == []
        assert state.selection.devices == ()
        assert state.selection.notes == ("AMD: No AMD graphics were found among the render nodes of this computer.",)
        assert core.parts.capabilities().encoders == state.matrix.cpu


async def test_the_engine_waits_for_the_first_detection_only(tmp_path: Path) -> None:
    machine = Machine(tmp_path, TWO_CARDS)
    async with machine.core(start=False) as core:
        assert core.services.hardware.state() is None
        assert core.services.engine.status().hardware_pending is True
        with pytest.raises(UnavailableError) as caught:
            await core.services.engine.resume()
        assert caught.value.code == "HARDWARE_DETECTION_PENDING"
        await core.services.hardware.ready()
        await core.services.hardware.probe()
        assert core.services.engine.status().hardware_pending is False
    async with machine.core(start=False) as core:
        state = core.services.hardware.state()  # remembered, and being proved anew
        assert state is not None
        assert (len(state.matrix.working("/dev/nvidia0")), state.is_probing) == (3, True)
        assert core.services.engine.status().hardware_pending is False


@pytest.mark.parametrize("change", ["driver", "card", "ffmpeg"])
async def test_another_driver_card_or_ffmpeg_makes_the_memory_worthless(tmp_path: Path, change: str) -> None:
    machine = Machine(tmp_path, TWO_CARDS, devices=[NVIDIA_0])
    async with machine.core(start=False) as core:
        await core.services.hardware.probe()
    match change:
        case "driver":
            machine.devices = [replace(NVIDIA_0, driver="570.1")]
        case "card":
            machine.devices = [replace(NVIDIA_0, pci_id="0000:0a:00.0")]
        case "ffmpeg":
            machine.ffmpeg = shutil.copy(machine.ffmpeg, f"{machine.ffmpeg}-new")
    async with machine.core(start=False) as core:
        assert core.services.hardware.state() is None
        assert core.services.engine.status().hardware_pending is True


async def test_probing_again_sees_what_changed_and_tells_it(tmp_path: Path) -> None:
    machine = Machine(tmp_path, TWO_CARDS)
    async with machine.core(start=False) as core:
        await core.services.hardware.probe()
        told = collect(core)
        machine.configure(cards={"0": ["hevc"]})
        state = await core.services.hardware.probe()
        await asyncio.sleep(0)  # the news comes in the next turn of the loop
    assert [encoder.name for encoder in state.matrix.working("/dev/nvidia0")] == ["hevc_nvenc"]
    assert state.matrix.working("/dev/nvidia1") == ()
    assert any(isinstance(event, HardwareChanged) for event in told)


async def test_a_card_that_is_only_full_keeps_what_it_has_proved(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {"cards": {"0": EVERY}}, devices=[NVIDIA_0])
    async with machine.core(start=False) as core:
        proved = await core.services.hardware.probe()
        machine.configure(mode={"0": "sessions"}, trials_too=True)
        full = await core.services.hardware.probe()
        machine.configure(mode={"0": "refuse"})
        refused = await core.services.hardware.probe()
    assert [e.name for e in full.matrix.working(NVIDIA_0.id)] == [e.name for e in proved.matrix.working(NVIDIA_0.id)]
    assert refused.matrix.working(NVIDIA_0.id) == ()


async def test_a_device_is_chosen_by_path_or_maker(tmp_path: Path) -> None:
    machine = Machine(tmp_path, TWO_CARDS)
    async with machine.core(start=False) as core:
        hardware = core.services.hardware
        await hardware.probe()
        assert [d.id for d in hardware.state().selection.devices] == ["/dev/nvidia0", "/dev/nvidia1"]  # type: ignore[union-attr]  # probed
        await hardware.choose(vendor=None, device="/dev/nvidia1")
        chosen = hardware.state()
        assert chosen is not None
        assert [device.id for device in chosen.selection.devices] == ["/dev/nvidia1"]
        assert {e.device_path for e in core.parts.capabilities().encoders} == {"/dev/nvidia1", None}
        await hardware.choose(vendor="CPU", device=None)
        assert core.services.settings.current.hardware.preferred_vendor == "cpu"
        assert {e.backend for e in core.parts.capabilities().encoders} == {Backend.CPU}
        with pytest.raises(InvalidRequestError):
            await hardware.choose(vendor="3dfx", device=None)
        with pytest.raises(InvalidRequestError):
            await hardware.choose(vendor=None, device="/dev/dri/renderD999")


async def test_a_real_machine_is_examined_within_seconds(tmp_path: Path) -> None:
    """Whatever this computer has: the program says something of each maker and offers the CPU."""
    from alchemist_desktop.media.devices import find_devices

    async with open_test_core(tmp_path, quick_settings(), start=False, find=find_devices) as core:
        await core.services.hardware.ready()
        state = core.services.hardware.state()
    assert state is not None
    told = {device.vendor for device in state.matrix.devices} | {absence.vendor for absence in state.matrix.absences}
    assert len(told) >= 1
    assert {encoder.codec for encoder in state.matrix.cpu} == set(OutputCodec)
    assert isinstance(find_devices(), Found)
