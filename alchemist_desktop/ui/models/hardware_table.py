"""The hardware matrix as a table: one row per device, the CPU, and each kind of device that is not there."""

from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from alchemist_desktop.domain.capability import Vendor
from alchemist_desktop.domain.hardware import CPU_DEVICE_ID, DEPTHS, Cell, CellState
from alchemist_desktop.domain.profile import OutputCodec
from alchemist_desktop.services.hardware import HardwareState
from alchemist_desktop.ui import words
from alchemist_desktop.ui.colors import Tone
from alchemist_desktop.ui.theme import Theme

VENDOR_WORDS = {
    Vendor.NVIDIA: "NVIDIA", Vendor.AMD: "AMD", Vendor.INTEL: "Intel", Vendor.APPLE: "Apple", Vendor.CPU: "CPU",
}  # fmt: skip
STATE_WORDS = {
    CellState.WORKS: ("✓ Works", Tone.SUCCESS),
    CellState.FAILED: ("✕ Failed", Tone.DANGER),
    CellState.SET_ASIDE: ("! Left aside", Tone.WARNING),
    CellState.ABSENT: ("–", Tone.NEUTRAL),
}
_COLUMNS = tuple((codec, depth) for codec in OutputCodec for depth in DEPTHS)

_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True)
class HardwareRow:
    """One line of the matrix. `absence` tells why a kind of device is not there; such a row has no cells."""

    title: str
    cells: tuple[Cell, ...] = ()
    absence: str = ""


class HardwareTable(QAbstractTableModel):
    """Shows the state given by `show_state`; column 0 names the device."""

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: list[HardwareRow] = []

    def show_state(self, state: HardwareState | None) -> None:
        self.beginResetModel()
        self._rows = [] if state is None else _rows(state)
        self.endResetModel()

    def row(self, number: int) -> HardwareRow:
        return self._rows[number]

    def cell(self, index: _Index) -> Cell | None:
        """The cell of the matrix at this place; None for the names and for what is not there."""
        cells = self._rows[index.row()].cells
        return cells[index.column() - 1] if cells and index.column() > 0 else None

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._rows)

    def columnCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else 1 + len(_COLUMNS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if orientation is Qt.Orientation.Vertical or role != Qt.ItemDataRole.DisplayRole:
            return None
        return "Device" if section == 0 else column_title(section - 1)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        row = self._rows[index.row()]
        cell = self.cell(index)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return row.title if index.column() == 0 else STATE_WORDS[cell.state if cell else CellState.ABSENT][0]
            case Qt.ItemDataRole.ForegroundRole:
                return self._color(index.column(), row, cell)
            case Qt.ItemDataRole.ToolTipRole:
                return words.tooltip(cell.reason if cell else row.absence or row.title)
            case Qt.ItemDataRole.AccessibleTextRole:
                return accessible_text(row, cell, index.column())
            case _:
                return None

    def _color(self, column: int, row: HardwareRow, cell: Cell | None) -> QColor:
        if column == 0:
            return QColor(self._theme.colors.muted if row.absence else self._theme.colors.text)
        tone = STATE_WORDS[cell.state][1] if cell else Tone.NEUTRAL
        return QColor(self._theme.colors.muted if tone is Tone.NEUTRAL else self._theme.colors.tone(tone))


def column_title(number: int) -> str:
    codec, depth = _COLUMNS[number]
    return f"{words.codec(codec.value)} {depth} bit"


def accessible_text(row: HardwareRow, cell: Cell | None, column: int) -> str:
    if cell is None:
        return f"{row.title}: {row.absence}" if row.absence else row.title
    return f"{row.title}, {column_title(column - 1)}: {cell.state.value.replace('_', ' ')}. {cell.reason}"


def _rows(state: HardwareState) -> list[HardwareRow]:
    matrix = state.matrix
    named = [(device.id, device.name) for device in matrix.devices] + [(CPU_DEVICE_ID, "CPU")]
    rows = [
        HardwareRow(name, tuple(matrix.cell(device_id, codec, depth, state.set_aside) for codec, depth in _COLUMNS))
        for device_id, name in named
    ]
    return rows + [HardwareRow(f"{VENDOR_WORDS[a.vendor]} – not there", absence=a.reason) for a in matrix.absences]
