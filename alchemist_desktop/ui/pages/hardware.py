"""The page of the hardware: what each device can encode, which FFmpeg is used, and the choice of a device."""

from PySide6.QtCore import QItemSelection, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QSplitter,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from alchemist_desktop.domain.capability import Vendor
from alchemist_desktop.services.hardware import HardwareState
from alchemist_desktop.ui import words
from alchemist_desktop.ui.actions import bind_button
from alchemist_desktop.ui.face import Face
from alchemist_desktop.ui.models.hardware_table import HardwareRow, HardwareTable
from alchemist_desktop.ui.pages.page import Page
from alchemist_desktop.ui.widgets.hardware_details import HardwareDetails
from alchemist_desktop.ui.widgets.labels import PathLabel, text_label

_ROW_HEIGHT = 38
_HEADER_HEIGHT = 30
_FRAME = 4
_NAME_WIDTH = 250
_UNKNOWN = "The hardware is being examined. Jobs start as soon as that is done."

Choice = tuple[str | None, str | None]  # maker and device, as the settings hold them


class HardwarePage(Page):
    """Shows the newest detection. Follows `hardware_changed` and `settings_changed`; asks the service only for its state."""

    title = "Hardware"
    icon_name = "hardware"

    def __init__(self, face: Face) -> None:
        super().__init__(face)
        self.model = HardwareTable(face.theme, self)
        self.table = QTableView()
        self.details = HardwareDetails()
        self.probe = QPushButton("Probe again")
        self.device = QComboBox()
        self.reason = text_label("", "muted", wraps=True)
        self.ffmpeg = PathLabel()
        self.busy = QProgressBar(textVisible=False, minimum=0, maximum=0)
        self._lay_out()
        self._connect()
        self._show_state()

    def _lay_out(self) -> None:
        self.probe.setProperty("role", "primary")
        self.device.setAccessibleName("Device to encode with")
        self.device.setMinimumSize(280, self.probe.sizeHint().height())
        self.busy.setFixedSize(120, 6)
        self._dress_table()
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.table)
        splitter.addWidget(self.details)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 18, 24, 20)
        layout.setSpacing(10)
        layout.addWidget(text_label("Hardware", "title"))
        layout.addWidget(self.reason)
        layout.addLayout(_line(text_label("FFmpeg", "muted"), self.ffmpeg))
        layout.addLayout(self._make_tools())
        layout.addWidget(splitter, 1)

    def _make_tools(self) -> QHBoxLayout:
        tools = QHBoxLayout()
        tools.setSpacing(10)
        tools.addWidget(self.probe)
        label = QLabel("Encode with")
        label.setBuddy(self.device)
        tools.addWidget(label)
        tools.addWidget(self.device)
        tools.addWidget(self.busy)
        tools.addStretch(1)
        return tools

    def _dress_table(self) -> None:
        table = self.table
        table.setObjectName("matrix")
        table.setAccessibleName("What each device can encode")
        table.setModel(self.model)
        table.setShowGrid(False)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        table.verticalHeader().setDefaultSectionSize(_ROW_HEIGHT)
        header = table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(0, _NAME_WIDTH)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        header.setFixedHeight(_HEADER_HEIGHT)

    def _connect(self) -> None:
        bind_button(self.probe, "F5", "Try every encoder of every device again")
        self.probe.clicked.connect(self._on_probe_clicked)
        self.device.activated.connect(self._on_device_chosen)
        self.table.selectionModel().selectionChanged.connect(self._on_selected)
        self.face.bridge.hardware_changed.connect(lambda _event: self._show_state())
        self.face.bridge.settings_changed.connect(lambda _event: self._show_state())
        self.face.theme.changed.connect(self._show_state)

    def _on_probe_clicked(self) -> None:
        self._show_busy(True)
        probing = self.face.services.hardware.probe()
        self.face.tasks.run(probing, on_done=lambda _state: self._show_state(), on_error=lambda _error: self._show_state())

    def _on_device_chosen(self, _number: int) -> None:
        vendor, device = self.device.currentData()
        choosing = self.face.services.hardware.choose(vendor=vendor, device=device)
        self.face.tasks.run(choosing, on_done=lambda _settings: self._show_state(), on_error=lambda _error: self._show_state())

    def _on_selected(self, _new: QItemSelection, _old: QItemSelection) -> None:
        chosen = self.table.selectionModel().selectedIndexes()
        if chosen:
            index = chosen[0]
            self.details.explain(self.model.row(index.row()), self.model.cell(index), index.column())
            self.details.setCurrentIndex(0)

    def _show_state(self) -> None:
        service = self.face.services.hardware
        state = service.state()
        place = self.table.selectionModel().currentIndex()
        row, column = max(place.row(), 0), max(place.column(), 1)
        self.model.show_state(state)
        self.details.show_log(state)
        self.reason.setText(_sentence(state))
        info = service.ffmpeg
        self.ffmpeg.set_text(f"{info.version.removeprefix('ffmpeg version ').partition(' ')[0]} – {words.shown_path(info.path)}")
        self._show_choices(state)
        self._show_busy(state is None or state.is_probing)
        self.table.setMaximumHeight(_HEADER_HEIGHT + max(self.model.rowCount(), 1) * _ROW_HEIGHT + _FRAME)
        if state is None:
            self.details.explain(HardwareRow("Nothing is known yet", absence=_UNKNOWN), None, 0)
        if row < self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(row, column))

    def _show_choices(self, state: HardwareState | None) -> None:
        hardware = self.face.services.settings.current.hardware
        current: Choice = (hardware.preferred_vendor or None, hardware.device_path or None)
        choices: list[tuple[str, Choice]] = [("The best device, and others beside it", (None, None))]
        if state is not None:
            choices += [(device.name, (None, device.id)) for device in state.matrix.devices]
        choices.append(("The CPU alone", (Vendor.CPU.value, None)))
        if current not in [choice for _title, choice in choices]:
            choices.append((words.shown_path(current[1] or current[0] or ""), current))
        self.device.clear()
        for title, choice in choices:
            self.device.addItem(title, choice)
        self.device.setCurrentIndex([choice for _title, choice in choices].index(current))

    def _show_busy(self, is_busy: bool) -> None:
        self.busy.setVisible(is_busy)
        self.probe.setEnabled(not is_busy)
        self.probe.setText("Probing…" if is_busy else "Probe again")


def _sentence(state: HardwareState | None) -> str:
    if state is None:
        return _UNKNOWN
    aside = [f"{each.encoder.name} is left aside: {each.reason}" for each in state.set_aside]
    return " ".join([state.selection.reason, *aside])


def _line(*widgets: QWidget) -> QHBoxLayout:
    line = QHBoxLayout()
    line.setSpacing(8)
    for widget in widgets[:-1]:
        line.addWidget(widget)
    line.addWidget(widgets[-1], 1)
    return line
