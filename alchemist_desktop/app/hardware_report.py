"""`hardware`: what this machine can encode, as a table for people or as JSON."""

import json
from collections.abc import AsyncGenerator
from typing import Any

from rich.console import Console
from rich.table import Table

from alchemist_desktop.api.schemas.hardware import hardware_json, probe_log_json
from alchemist_desktop.app.core import Core
from alchemist_desktop.domain.hardware import CPU_DEVICE_ID, DEPTHS, Cell
from alchemist_desktop.domain.profile import OutputCodec
from alchemist_desktop.services.hardware import HardwareState

_WORDS = {"works": "works", "failed": "FAILED", "absent": "-", "set_aside": "left aside"}
_TITLES = {OutputCodec.AV1: "AV1", OutputCodec.HEVC: "HEVC", OutputCodec.H264: "H.264"}
_WIDTH = 110


async def hardware_lines(core: Core, *, as_json: bool) -> AsyncGenerator[dict[str, Any], None]:
    """Probe everything anew, then tell."""
    state = await core.services.hardware.probe()
    for line in _document(state).splitlines() if as_json else _lines(state):
        yield {"text": line}
    yield {"failed": 0}


def _document(state: HardwareState) -> str:
    return json.dumps({**hardware_json(state), "probe_log": probe_log_json(state)["entries"]}, indent=2)


def _lines(state: HardwareState) -> list[str]:
    rows = [(device.id, device.name) for device in state.matrix.devices] + [(CPU_DEVICE_ID, "CPU")]
    lines = [f"FFmpeg: {state.matrix.ffmpeg_path} ({state.matrix.ffmpeg_version})", *_table(state, rows)]
    lines.append(f"In use: {state.selection.reason}")
    lines += [f"Note: {note}" for note in state.selection.notes]
    for device_id, name in rows:
        failed = [cell for cell in _cells(state, device_id) if cell.state not in {"works", "absent"}]
        lines += [f"{name}, {cell.encoder} at {cell.bit_depth} bit: {cell.reason}" for cell in failed]
    return lines


def _table(state: HardwareState, rows: list[tuple[str, str]]) -> list[str]:
    table = Table("Device", *(f"{_TITLES[codec]} {depth} bit" for codec in OutputCodec for depth in DEPTHS))
    for device_id, name in rows:
        table.add_row(name, *(_WORDS[cell.state] for cell in _cells(state, device_id)))
    console = Console(width=_WIDTH, color_system=None)
    with console.capture() as captured:
        console.print(table)
    return captured.get().splitlines()


def _cells(state: HardwareState, device_id: str) -> list[Cell]:
    return [state.matrix.cell(device_id, codec, depth, state.set_aside) for codec in OutputCodec for depth in DEPTHS]
