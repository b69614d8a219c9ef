"""The table of jobs: fixed row height, whole rows, a selection that survives a new order."""

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QItemSelection, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.queries import JobSort
from alchemist_desktop.ui.models.job_cells import COLUMNS, Column
from alchemist_desktop.ui.models.job_table import JobTableModel
from alchemist_desktop.ui.theme import Theme
from alchemist_desktop.ui.widgets.job_delegates import FileDelegate, ProgressDelegate, ResultDelegate, RowDelegate, StateDelegate

_ROW_HEIGHT = 32
_MOST_KEPT = 2_000  # rows whose selection is carried over a new order


class JobView(QTableView):
    """Shows a JobTableModel. `current_changed` carries the id of the current job or None; `sort_wanted` a JobSort and
    whether it is descending."""

    current_changed = Signal(object)
    selection_changed = Signal()
    sort_wanted = Signal(object, bool)

    def __init__(self, model: JobTableModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("job_view")
        self.setAccessibleName("Jobs")
        self._model = model
        self.hovered_row = -1
        self._kept: tuple[list[JobId], JobId | None, JobId | None] = ([], None, None)
        self.setModel(model)
        self._set_up_view()
        self._set_up_header()
        self._set_up_delegates(theme)
        model.modelAboutToBeReset.connect(self._remember)
        model.modelReset.connect(self._restore)
        model.rowsRemoved.connect(self._select_neighbour)
        self.selectionModel().currentRowChanged.connect(self._on_current_changed)
        self.selectionModel().selectionChanged.connect(lambda *_: self.selection_changed.emit())

    def selected_ids(self) -> list[JobId]:
        """The selected jobs from top to bottom."""
        ids = self._model.ids
        ranges = sorted((r.top(), r.bottom()) for r in self.selectionModel().selection().toList())
        return [job_id for top, bottom in ranges for job_id in ids[top : bottom + 1]]

    def current_id(self) -> JobId | None:
        row = self.currentIndex().row()
        return self._model.ids[row] if 0 <= row < len(self._model.ids) else None

    def kept_ids(self) -> frozenset[JobId]:
        """The jobs whose place matters to the person: selected ones, the current one, the topmost in sight."""
        singles = (self.current_id(), self._top_id())
        return frozenset([*self.selected_ids()[:_MOST_KEPT], *(job_id for job_id in singles if job_id is not None)])

    def show_sort(self, sort: JobSort, *, descending: bool) -> None:
        column = next(c for c, facts in COLUMNS.items() if facts.sort is sort)
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(column, order)

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)
        super().leaveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.rowAt(round(event.position().y())))
        super().mouseMoveEvent(event)

    def _hover(self, row: int) -> None:
        old, self.hovered_row = self.hovered_row, row
        for each in {old, row} - {-1} if old != row else ():
            top = self.rowViewportPosition(each)
            self.viewport().update(0, top, self.viewport().width(), _ROW_HEIGHT)

    def _set_up_view(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        rows = self.verticalHeader()
        rows.setDefaultSectionSize(_ROW_HEIGHT)
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.hide()

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        header.setSectionsMovable(True)
        header.setSectionsClickable(True)
        header.setSortIndicatorShown(True)
        header.setHighlightSections(False)
        header.setMinimumSectionSize(48)
        for column, facts in COLUMNS.items():
            header.resizeSection(column, facts.width)
        header.setSectionResizeMode(Column.FILE, QHeaderView.ResizeMode.Stretch)
        header.sectionClicked.connect(self._on_heading_clicked)

    def _set_up_delegates(self, theme: Theme) -> None:
        self.setItemDelegate(RowDelegate(theme, self))
        for column, kind in (
            (Column.STATE, StateDelegate), (Column.FILE, FileDelegate),
            (Column.RESULT, ResultDelegate), (Column.PROGRESS, ProgressDelegate),
        ):  # fmt: skip
            self.setItemDelegateForColumn(column, kind(theme, self))

    def _on_heading_clicked(self, section: int) -> None:
        header = self.horizontalHeader()
        sort = COLUMNS[Column(section)].sort
        if sort is not None:
            self.sort_wanted.emit(sort, header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder)

    def _on_current_changed(self, _current: QModelIndex, _previous: QModelIndex) -> None:
        self.current_changed.emit(self.current_id())

    def _top_id(self) -> JobId | None:
        """The job at the top edge, unless the view is at the top, where it stays."""
        row = self.rowAt(0)
        return self._model.ids[row] if row > 0 else None

    def _remember(self) -> None:
        self._kept = (self.selected_ids()[:_MOST_KEPT], self.current_id(), self._top_id())

    def _restore(self) -> None:
        selected, current, top = self._kept
        flags = QItemSelectionModel.SelectionFlag
        self.selectionModel().select(self._selection_of(selected), flags.ClearAndSelect | flags.Rows)
        current_row = self._model.row_of(current) if current is not None else None
        if current_row is not None:
            self.selectionModel().setCurrentIndex(self._model.index(current_row, Column.STATE), flags.NoUpdate)
        top_row = self._model.row_of(top) if top is not None else None
        if top_row is not None:
            self.verticalScrollBar().setValue(top_row * _ROW_HEIGHT)
        if current is not None and current_row is None:
            self.current_changed.emit(None)

    def _select_neighbour(self) -> None:
        """When the selected rows went, the one that took their place is what the next key means."""
        if self.currentIndex().isValid() and not self.selectionModel().hasSelection():
            self.selectRow(self.currentIndex().row())

    def _selection_of(self, ids: Iterable[JobId]) -> QItemSelection:
        selection = QItemSelection()
        rows = sorted(row for row in map(self._model.row_of, ids) if row is not None)
        for row in rows:
            selection.select(self._model.index(row, 0), self._model.index(row, len(COLUMNS) - 1))
        return selection
