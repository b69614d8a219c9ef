"""The window: navigation, head, message bar and pages; and what closing it means."""

from functools import partial

from PySide6.QtCore import QByteArray, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QStackedWidget, QSystemTrayIcon, QVBoxLayout, QWidget

from alchemist_desktop.domain.ports import EventSource
from alchemist_desktop.services.container import Services
from alchemist_desktop.ui.actions import make_action
from alchemist_desktop.ui.bridge import Bridge
from alchemist_desktop.ui.engine_actions import EngineActions
from alchemist_desktop.ui.face import Face
from alchemist_desktop.ui.figures import Figures
from alchemist_desktop.ui.intake import Intake
from alchemist_desktop.ui.memory import Memory
from alchemist_desktop.ui.notices import Notices
from alchemist_desktop.ui.options import UiOptions
from alchemist_desktop.ui.pages.page import Page
from alchemist_desktop.ui.pages.registry import PAGES
from alchemist_desktop.ui.tasks import Tasks
from alchemist_desktop.ui.theme import Theme
from alchemist_desktop.ui.tray import Tray
from alchemist_desktop.ui.widgets.engine_bar import EngineBar
from alchemist_desktop.ui.widgets.message_bar import MessageBar
from alchemist_desktop.ui.widgets.navigation import Navigation, page_keys


class MainWindow(QMainWindow):
    """Built on the loop's thread while the loop runs. It never ends the program: `quit_requested` asks for that, and
    whoever owns the window then calls `shut_down`.

    With a tray, closing only hides. `services` must be ready to answer; the engine's status is read at once.
    """

    quit_requested = Signal()

    def __init__(self, services: Services, events: EventSource, options: UiOptions) -> None:
        super().__init__()
        self.theme = Theme(options.theme, options.resources, self)
        self.theme.dress(self)
        self.notices = Notices(self)
        self.tasks = Tasks(self.notices)
        self.bridge = Bridge(events, self)
        self.memory = Memory(options.settings_file)
        self.figures = Figures(services, self.bridge, self.tasks, self)
        intake = Intake(services, self.tasks, self.notices, self)
        self.face = Face(
            services=services, bridge=self.bridge, tasks=self.tasks, notices=self.notices,
            theme=self.theme, memory=self.memory, figures=self.figures, intake=intake,
        )  # fmt: skip
        self.engine_actions = EngineActions(services.engine, self.bridge, self.tasks, self.theme, self)
        self._built: dict[int, Page] = {}
        self._lay_out()
        self._add_keys()
        self.tray = self._make_tray(options)
        self.setWindowTitle("Alchemist Desktop")
        self.setWindowIcon(self.theme.icon("app"))
        self.setAcceptDrops(True)
        self.resize(1280, 820)
        self.setMinimumSize(1000, 560)
        self.restoreGeometry(self.memory.layout("window"))
        self.navigation.setCurrentRow(0)
        self.figures.load()

    def page(self, number: int) -> Page:
        """The page at a place of the navigation; it is built when it is first asked for."""
        if number not in self._built:
            page = PAGES[number](self.face)
            self._built[number] = page
            self._stack.addWidget(page)
        return self._built[number]

    def bring_forward(self) -> None:
        """Show the window above others, from wherever it was."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()
        if self.tray is not None:
            self.tray.calm_down()

    def save_layout(self) -> None:
        """Write down size, place and columns."""
        self.memory.save_layout("window", QByteArray(self.saveGeometry()))
        for page in self._built.values():
            page.save_layout()
        self.memory.save()

    def shut_down(self) -> None:
        """Hear and do nothing more; the last call before the window goes for good. May be called twice."""
        self.save_layout()
        self.hide()
        if self.tray is not None:
            self.tray.icon.hide()
        self.bridge.stop()
        self.tasks.stop()

    def closeEvent(self, event: QCloseEvent) -> None:
        event.ignore()
        self.save_layout()
        if self.tray is None:
            self.quit_requested.emit()
            return
        self.hide()
        if self.memory.is_first_time("hidden_to_tray"):
            self.tray.say("Alchemist keeps working", "It is in the tray now. Choose Quit in its menu to end it.")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.face.intake.take(event.mimeData().urls())

    def _lay_out(self) -> None:
        self.navigation = Navigation(PAGES, self.theme)
        self.navigation.chosen.connect(self._on_page_chosen)
        self.message_bar = MessageBar(self.theme)
        self.notices.posted.connect(self.message_bar.show_notice)
        self._stack = QStackedWidget()
        body = QWidget()
        column = QVBoxLayout()
        column.setSpacing(0)
        bar = EngineBar(self.engine_actions, self.figures, self.theme)
        bar.show_originals_kept(not self.face.services.settings.current.files.delete_source)
        self.bridge.settings_changed.connect(lambda event: bar.show_originals_kept(not event.settings.files.delete_source))
        column.addWidget(bar)
        column.addWidget(self.message_bar)
        column.addWidget(self._stack, 1)
        layout = QHBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.navigation)
        layout.addLayout(column, 1)
        self.setCentralWidget(body)

    def _add_keys(self) -> None:
        engine = self.engine_actions
        self.addActions([engine.toggle, engine.drain, engine.suspend])
        self.addAction(make_action(self, "Add a folder", self.face.intake.choose_folder, keys=QKeySequence.StandardKey.Open))
        self.addAction(make_action(self, "Quit", self.quit_requested.emit, keys="Ctrl+Q"))
        self.addAction(make_action(self, "Close the window", self.close, keys=QKeySequence.StandardKey.Close))
        for row, page in enumerate(PAGES):
            choose = partial(self.navigation.setCurrentRow, row)
            self.addAction(make_action(self, page.title, choose, keys=page_keys(row + 1)))

    def _on_page_chosen(self, number: int) -> None:
        self._stack.setCurrentWidget(self.page(number))

    def _make_tray(self, options: UiOptions) -> Tray | None:
        is_there = QSystemTrayIcon.isSystemTrayAvailable() if options.use_tray is None else options.use_tray
        if not is_there:
            return None
        tray = Tray(self.engine_actions, self.bridge, self.theme.icon("app"), self)
        tray.open_wanted.connect(self.bring_forward)
        tray.quit_wanted.connect(self.quit_requested)
        return tray
