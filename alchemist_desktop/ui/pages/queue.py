"""The page of the job table: filters, table, details."""

from dataclasses import replace

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QSplitter, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from alchemist_desktop.domain.queries import JobQuery, JobSort
from alchemist_desktop.ui.actions import make_action
from alchemist_desktop.ui.face import Face
from alchemist_desktop.ui.memory import Memory
from alchemist_desktop.ui.models.job_cells import COLUMNS
from alchemist_desktop.ui.models.job_table import JobTableModel
from alchemist_desktop.ui.pages.details_feed import DetailsFeed
from alchemist_desktop.ui.pages.job_feed import JobFeed
from alchemist_desktop.ui.pages.page import Page
from alchemist_desktop.ui.pages.queue_actions import QueueActions
from alchemist_desktop.ui.pages.queue_cleanup import cleanup_menu
from alchemist_desktop.ui.widgets.empty_state import EmptyState
from alchemist_desktop.ui.widgets.filter_bar import FilterBar
from alchemist_desktop.ui.widgets.job_details import JobDetailsPane
from alchemist_desktop.ui.widgets.job_view import JobView

_AGES_INTERVAL_MS = 30_000
_SORT_CHOICE = "queue_sort"


class QueuePage(Page):
    """Shows every job that is not archived."""

    title = "Queue"
    icon_name = "queue"

    def __init__(self, face: Face) -> None:
        super().__init__(face)
        self._is_details_hidden = False
        self.model = JobTableModel(self)
        self.view = JobView(self.model, face.theme)
        self.filters = FilterBar(face.theme)
        self.details = JobDetailsPane(face.theme)
        self.empty = EmptyState(face.theme)
        self.feed = JobFeed(face, self.model, _first_query(face.memory), self.view.kept_ids)
        self.actions_ = QueueActions(face, self.model, self.view.selected_ids, self.view)
        self.details_feed = DetailsFeed(face, self.model, self.details)
        self._lay_out()
        self._connect()
        self._add_keys()
        self.feed.load()

    def save_layout(self) -> None:
        self.face.memory.save_layout("queue_columns", self.view.horizontalHeader().saveState())
        self.face.memory.save_layout("queue_split", self._splitter.saveState())

    def _lay_out(self) -> None:
        self.filters.add_widget(self._make_menu_button())
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        self._splitter = QSplitter(Qt.Orientation.Vertical)
        self._splitter.addWidget(self._stack)
        self._splitter.addWidget(self.details)
        self._splitter.setStretchFactor(0, 3)
        self._splitter.setStretchFactor(1, 2)
        self._splitter.setSizes([460, 290])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.filters)
        layout.addWidget(self._splitter, 1)
        self.view.horizontalHeader().restoreState(self.face.memory.layout("queue_columns"))
        self._splitter.restoreState(self.face.memory.layout("queue_split"))
        self.view.show_sort(self.feed.query.sort, descending=self.feed.query.descending)

    def _connect(self) -> None:
        self.filters.changed.connect(self._on_filter_changed)
        self.view.sort_wanted.connect(self._on_sort_wanted)
        self.view.current_changed.connect(self.details_feed.follow)
        self.view.selection_changed.connect(self.actions_.update)
        self.view.customContextMenuRequested.connect(self._on_menu_requested)
        self.model.dataChanged.connect(lambda *_: self.actions_.update())
        self.feed.order_loaded.connect(self._on_order_loaded)
        self.empty.clicked.connect(self._on_empty_clicked)
        self.face.figures.totals_changed.connect(self.filters.show_counts)
        self.filters.show_counts(self.face.figures.totals)
        self.face.bridge.settings_changed.connect(lambda _event: self._on_order_loaded())
        ages = QTimer(self, interval=_AGES_INTERVAL_MS)
        ages.timeout.connect(self.view.viewport().update)
        ages.start()

    def _add_keys(self) -> None:
        keys = (
            ("Search", self._on_search_asked, QKeySequence.StandardKey.Find),
            ("Clear the filter", self.filters.clear, "Escape"),
            ("Show or hide details", self._on_details_toggled, "Ctrl+I"),
        )
        for text, call, key in keys:
            action = make_action(self, text, call, keys=key)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.addAction(action)

    def _make_menu_button(self) -> QWidget:
        button = QToolButton(popupMode=QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setProperty("role", "flat")
        button.setToolTip("Tidy up")
        button.setAccessibleName("Tidy up the list")
        button.setMenu(cleanup_menu(self.face, button))
        self.face.theme.changed.connect(lambda: button.setIcon(self.face.theme.icon("more")))
        button.setIcon(self.face.theme.icon("more"))
        return button

    # The list

    def _on_filter_changed(self) -> None:
        self.feed.set_query(replace(self.feed.query, states=self.filters.states, search=self.filters.text))

    def _on_sort_wanted(self, sort: JobSort, descending: bool) -> None:
        self.feed.set_query(replace(self.feed.query, sort=sort, descending=descending))
        self.face.memory.save_choice(_SORT_CHOICE, f"{sort} {'descending' if descending else 'ascending'}")

    def _on_order_loaded(self) -> None:
        is_empty = self.model.rowCount() == 0
        self._stack.setCurrentIndex(1 if is_empty else 0)
        self.details.setVisible(not is_empty and not self._is_details_hidden)
        if is_empty:
            self._explain_emptiness()

    @property
    def _is_filtered(self) -> bool:
        return bool(self.feed.query.states or self.feed.query.search)

    def _explain_emptiness(self) -> None:
        if self._is_filtered:
            self.empty.say(
                icon="search",
                title="No job matches",
                text="Nothing in the list has this state and these words.",
                button="Clear the filter",
            )
        elif self.face.services.settings.current.scanner.directories:
            self.empty.say(
                icon="queue",
                title="Nothing is queued",
                text="Scan the library to find files that can become smaller, or drop files on this window.",
                button="Scan the library",
            )
        else:
            self.empty.say(
                icon="folder_add",
                title="Add your first folder",
                text="Choose a folder with films or series, or drop it on this window. "
                "Files are looked at first, and no original leaves its place before its result was checked to the end.",
                button="Add a folder…",
            )

    def _on_empty_clicked(self) -> None:
        if self._is_filtered:
            self.filters.clear()
        elif self.face.services.settings.current.scanner.directories:
            self.face.services.scans.start()
        else:
            self.face.intake.choose_folder()

    # Keys and menus

    def _on_search_asked(self) -> None:
        self.filters.search.setFocus()
        self.filters.search.selectAll()

    def _on_details_toggled(self) -> None:
        self._is_details_hidden = not self._is_details_hidden
        self.details.setVisible(not self._is_details_hidden)

    def _on_menu_requested(self, at: QPoint) -> None:
        menu = self.actions_.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.view.viewport().mapToGlobal(at))


def _first_query(memory: Memory) -> JobQuery:
    """In the order that was chosen last; at first, and after the file was spoiled by hand, as jobs run."""
    name, _, direction = memory.choice(_SORT_CHOICE).partition(" ")
    is_known = name in {facts.sort for facts in COLUMNS.values()}
    if not is_known:
        return JobQuery(sort=JobSort.QUEUE, limit=None)
    return JobQuery(sort=JobSort(name), descending=direction == "descending", limit=None)
