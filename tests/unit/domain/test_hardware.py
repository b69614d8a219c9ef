"""The matrix, and which devices are selected and why."""

from dataclasses import replace

from alchemist_desktop.domain.capability import SetAside, Vendor
from alchemist_desktop.domain.hardware import CPU_DEVICE_ID, CellState, HardwareMatrix, Wish, select, usable
from alchemist_desktop.domain.profile import OutputCodec
from tests.support.hardware import INTEL, NO_AMD, NVIDIA_0, NVIDIA_1, encoder_on, failed, matrix, passed, two_cards
from tests.support.probes import CPU_ONLY

AV1, HEVC, H264 = OutputCodec.AV1, OutputCodec.HEVC, OutputCodec.H264


def ids(found: HardwareMatrix, wish: Wish | None = None) -> list[str]:
    return [device.id for device in select(found, wish or Wish()).devices]


def test_the_device_with_the_most_codecs_comes_first() -> None:
    found = matrix([NVIDIA_0, INTEL], [*passed(NVIDIA_0, HEVC, H264), *passed(INTEL, AV1)])
    assert ids(found) == [INTEL.id, NVIDIA_0.id]  # AV1 counts for more than the two others together
    assert ids(matrix([INTEL, NVIDIA_0], [*passed(INTEL, HEVC), *passed(NVIDIA_0, HEVC)])) == [NVIDIA_0.id, INTEL.id]


def test_a_maker_that_was_chosen_counts_while_one_of_its_devices_works() -> None:
    found = matrix([NVIDIA_0, INTEL], [*passed(NVIDIA_0, AV1), *passed(INTEL, HEVC)])
    assert ids(found, Wish(vendor="intel")) == [INTEL.id]
    assert select(found, Wish(vendor="intel")).reason == "Intel was chosen in the settings."
    without = matrix([NVIDIA_0, INTEL], [*passed(NVIDIA_0, AV1), *failed(INTEL, HEVC, words="x")])
    selection = select(without, Wish(vendor="intel"))
    assert [device.id for device in selection.devices] == [NVIDIA_0.id]
    assert selection.notes[0] == "No device of the chosen maker (intel) works, so another is used."


def test_a_device_that_was_chosen_counts_alone_even_when_it_does_not_work() -> None:
    found = two_cards()
    assert ids(found, Wish(device="/dev/nvidia1")) == ["/dev/nvidia1"]
    selection = select(found, Wish(device="/dev/dri/renderD128"))
    assert (selection.devices, selection.vendor, selection.cpu_is_fallback) == ((), Vendor.CPU, True)
    assert "The chosen device /dev/dri/renderD128 does not work" in selection.reason


def test_the_cpu_is_the_first_choice_only_where_no_hardware_was_expected() -> None:
    assert select(matrix(absences=[NO_AMD]), Wish()).cpu_is_fallback is False
    assert select(matrix(), Wish(vendor="cpu")).cpu_is_fallback is False
    assert select(matrix(), Wish(vendor="nvidia")).cpu_is_fallback is True
    assert select(matrix([NVIDIA_0], failed(NVIDIA_0, HEVC, words="x")), Wish()).cpu_is_fallback is True
    assert select(two_cards(), Wish(vendor="cpu")).devices == ()


def test_the_planner_gets_the_selected_devices_before_the_cpu() -> None:
    found = two_cards()
    capabilities = usable(found, select(found, Wish()), CPU_ONLY)
    assert [(e.name, e.device_path) for e in capabilities.encoders if e.codec is HEVC] == [
        ("hevc_nvenc", "/dev/nvidia0"), ("hevc_nvenc", "/dev/nvidia1"), ("libx265", None),
    ]  # fmt: skip
    assert capabilities.filters == CPU_ONLY.filters
    assert (capabilities.vendor, capabilities.device_path) == (Vendor.NVIDIA, "/dev/nvidia0")


def test_an_encoder_knows_whether_it_passed_at_10_bit() -> None:
    found = matrix([NVIDIA_0], [*passed(NVIDIA_0, AV1), *passed(NVIDIA_0, HEVC, depths=(8,))])
    assert {e.name: e.supports_10bit for e in found.working(NVIDIA_0.id)} == {"av1_nvenc": True, "hevc_nvenc": False}


def test_a_cell_shows_the_best_interface() -> None:
    qsv, vaapi = INTEL.backends
    found = matrix(
        [INTEL],
        [*failed(INTEL, HEVC, words="Error creating a MFX session: -9.", backend=qsv), *passed(INTEL, HEVC, backend=vaapi)],
    )
    cell = found.cell(INTEL.id, HEVC, 10)
    assert (cell.state, cell.encoder) == (CellState.WORKS, "hevc_vaapi")
    aside = (SetAside(encoder=replace(encoder_on(INTEL, HEVC, vaapi), supports_10bit=False), reason="It failed."),)
    assert found.cell(INTEL.id, HEVC, 8, aside).state is CellState.SET_ASIDE


def test_cells_without_a_trial_say_why() -> None:
    found = replace(matrix([NVIDIA_1]), cpu=())
    assert found.cell(NVIDIA_1.id, AV1, 8).state is CellState.ABSENT
    assert (
        found.cell(CPU_DEVICE_ID, AV1, 8).reason == "This FFmpeg was built without a CPU encoder for it. Choose another FFmpeg."
    )
    assert found.cell(CPU_DEVICE_ID, H264, 10).state is CellState.ABSENT
