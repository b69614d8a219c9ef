"""The model of the job table: the ids of the whole list, and of the jobs themselves only what was looked at."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from alchemist_desktop.domain.attempt import JobProgress
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Job
from alchemist_desktop.ui.models.job_cells import COLUMNS, Column, cell_text, cell_tooltip
from alchemist_desktop.ui.models.order_change import ChangeKind, OrderChange

Index = QModelIndex | QPersistentModelIndex

JOB_ROLE = Qt.ItemDataRole.UserRole  # the Job, or None while it is on its way
PROGRESS_ROLE = Qt.ItemDataRole.UserRole + 1  # its JobProgress, or None

_PAGE_ROWS = 64
_PAGES_AT_ONCE = 4  # a fast scroll passes pages nobody looks at; only the last ones are fetched
_MOST_JOBS_KEPT = 20_000
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class JobTableModel(QAbstractTableModel):
    """Shows jobs by id. Does no I/O: `rows_wanted` asks for the jobs named by `take_wanted`, and `put` delivers them."""

    rows_wanted = Signal()

    def __init__(self, parent: QObject | None = None, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        super().__init__(parent)
        self._now = now
        self._ids: Sequence[JobId] = []
        self._jobs: dict[JobId, Job] = {}
        self._progress: dict[JobId, JobProgress] = {}
        self._rows: dict[JobId, int] = {}  # of rows that were drawn since the order last changed: no others need repainting
        self._absent: set[JobId] = set()
        self._stale: set[JobId] = set()
        self._wanted_pages: dict[int, None] = {}  # newest last
        self._timer = QTimer(self, singleShot=True, interval=0)
        self._timer.timeout.connect(self.rows_wanted)

    # What views ask

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(self._ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 (Qt's own signature)
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = Column(index.column())
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if COLUMNS[column].is_number else _LEFT
        if role not in {Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole, JOB_ROLE, PROGRESS_ROLE}:
            return None
        job = self.job_at(index.row())
        if job is None or role == JOB_ROLE:
            return job
        progress = self._progress.get(job.id)
        if role == PROGRESS_ROLE:
            return progress
        tell = cell_text if role == Qt.ItemDataRole.DisplayRole else cell_tooltip
        return tell(column, job, progress, self._now())

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(COLUMNS):
            return None
        facts = COLUMNS[Column(section)]
        if role == Qt.ItemDataRole.DisplayRole:
            return facts.heading
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _RIGHT if facts.is_number else _LEFT
        return facts.hint or None if role == Qt.ItemDataRole.ToolTipRole else None

    # Rows and ids

    @property
    def ids(self) -> Sequence[JobId]:
        """The ids in order; the list is replaced as a whole and never changed in place."""
        return self._ids

    def job(self, job_id: JobId) -> Job | None:
        return self._jobs.get(job_id)

    def progress(self, job_id: JobId) -> JobProgress | None:
        return self._progress.get(job_id)

    def row_of(self, job_id: JobId) -> int | None:
        """The row of a job that was drawn, or was kept through a reset."""
        return self._rows.get(job_id)

    def job_at(self, row: int) -> Job | None:
        """The job in a row; None (and it is asked for) while only its id is known."""
        job_id = self._ids[row]
        self._rows[job_id] = row
        job = self._jobs.get(job_id)
        if (job is None and job_id not in self._absent) or job_id in self._stale:
            self._want(row // _PAGE_ROWS)
        return job

    # What the feed delivers

    def apply_order(self, ids: Sequence[JobId], change: OrderChange) -> None:
        """Replace the ids by `ids`; `change` is the step from the present ones to these."""
        if change.kind is ChangeKind.NONE:
            return
        begin, end = self._brackets(change)
        begin()
        self._ids = ids
        self._rows = dict(change.places)
        self._absent.clear()
        end()

    def put(self, jobs: Mapping[JobId, Job], asked: Iterable[JobId] = ()) -> None:
        """Take in jobs that were asked for; those of `asked` that did not come are not asked for again."""
        self._absent.update(job_id for job_id in asked if job_id not in jobs)
        self._stale.difference_update(asked)
        for job in jobs.values():
            self._keep_newer(job)
        while len(self._jobs) > _MOST_JOBS_KEPT:
            del self._jobs[next(iter(self._jobs))]
        rows = [row for row in map(self.row_of, jobs) if row is not None]
        if rows:
            self.dataChanged.emit(self.index(min(rows), 0), self.index(max(rows), len(COLUMNS) - 1))

    def replace(self, job: Job) -> None:
        """A job changed: show its new snapshot where it is in sight."""
        if not job.state.is_active:
            self._progress.pop(job.id, None)
        self._keep_newer(job)
        self._repaint(job.id, Column.STATE, Column.UPDATED)

    def forget(self) -> None:
        """Many jobs changed: ask again for each that is in sight."""
        self._stale = set(self._jobs)
        self._absent.clear()
        if self._ids:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._ids) - 1, len(COLUMNS) - 1))

    def set_progress(self, progress: JobProgress) -> None:
        self._progress[progress.job_id] = progress
        self._repaint(progress.job_id, Column.STATE, Column.PROGRESS)

    def take_wanted(self) -> list[JobId]:
        """The ids of rows that were looked at lately and whose jobs are missing."""
        pages = list(self._wanted_pages)[-_PAGES_AT_ONCE:]
        self._wanted_pages.clear()
        ids = [job_id for page in sorted(pages) for job_id in self._ids[page * _PAGE_ROWS : (page + 1) * _PAGE_ROWS]]
        return [job_id for job_id in ids if job_id not in self._jobs or job_id in self._stale]

    def _keep_newer(self, job: Job) -> None:
        """An answer that was under way while the job changed must not undo the change."""
        known = self._jobs.get(job.id)
        if known is None or known.updated_at <= job.updated_at:
            self._jobs[job.id] = job

    def _want(self, page: int) -> None:
        self._wanted_pages.pop(page, None)
        self._wanted_pages[page] = None
        if not self._timer.isActive():
            self._timer.start()

    def _repaint(self, job_id: JobId, first: Column, last: Column) -> None:
        row = self._rows.get(job_id)
        if row is not None:
            self.dataChanged.emit(self.index(row, first), self.index(row, last), [Qt.ItemDataRole.DisplayRole])

    def _brackets(self, change: OrderChange) -> tuple[Callable[[], object], Callable[[], object]]:
        """What Qt wants called before and after the ids are replaced."""
        root, last = QModelIndex(), change.first + change.count - 1
        match change.kind:
            case ChangeKind.INSERT:
                return lambda: self.beginInsertRows(root, change.first, last), self.endInsertRows
            case ChangeKind.REMOVE:
                return lambda: self.beginRemoveRows(root, change.first, last), self.endRemoveRows
            case ChangeKind.MOVE:
                # Qt counts the target before the row is taken out.
                below = change.target + 1 if change.target > change.first else change.target
                return lambda: self.beginMoveRows(root, change.first, change.first, root, below), self.endMoveRows
            case _:
                return self.beginResetModel, self.endResetModel
