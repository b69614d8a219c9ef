"""The page of the library folders: which there are, scanning them and watching them."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from alchemist_desktop.domain import events
from alchemist_desktop.domain.engine_state import ScanStatus
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.domain.wording import unreadable
from alchemist_desktop.ui import words
from alchemist_desktop.ui.actions import bind_button, make_action
from alchemist_desktop.ui.dialogs.confirm import ask
from alchemist_desktop.ui.face import Face
from alchemist_desktop.ui.pages.page import Page
from alchemist_desktop.ui.widgets.empty_state import EmptyState
from alchemist_desktop.ui.widgets.labels import PathLabel, text_label


class LibraryPage(Page):
    """Shows `settings.scanner.directories` and the running scan."""

    title = "Library"
    icon_name = "library"

    def __init__(self, face: Face) -> None:
        super().__init__(face)
        self._paths: tuple[str, ...] = ()  # the list shows them as text, which cannot hold every name
        self.folders = QListWidget()
        self.folders.setObjectName("folder_list")
        self.folders.setAccessibleName("Library folders")
        self.folders.setIconSize(QSize(20, 20))
        self.folders.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.add = QPushButton("Add folder…")
        self.remove = QPushButton("Remove")
        self.scan = QPushButton("Scan now")
        self.watch = QCheckBox("Notice new files as they arrive")
        self.empty = EmptyState(face.theme)
        self.scan_text = PathLabel()
        self.scan_bar = QProgressBar(textVisible=False, minimum=0, maximum=0)
        self.scan_bar.setFixedSize(120, 6)
        self._lay_out()
        self._connect()
        self._show_settings(face.services.settings.current)
        self._show_scan(face.services.scans.status())

    def _lay_out(self) -> None:
        self.empty.say(
            icon="folder_add",
            title="No folders yet",
            text="Choose the folders that hold your films and series, or drop them on this window.",
            button="Add a folder…",
        )
        self.add.setProperty("role", "primary")
        self._stack = QStackedWidget()
        self._stack.addWidget(self._make_list())
        self._stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def _make_list(self) -> QWidget:
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(24, 18, 24, 20)
        layout.setSpacing(10)
        layout.addWidget(text_label("Library", "title"))
        layout.addWidget(text_label("Everything below these folders is scanned. Files stay where they are.", "muted"))
        buttons = QHBoxLayout()
        for widget in (self.add, self.remove, self.scan):
            buttons.addWidget(widget)
        buttons.addSpacing(12)
        buttons.addWidget(self.watch)
        buttons.addStretch(1)
        layout.addSpacing(4)
        layout.addLayout(buttons)
        layout.addWidget(self.folders, 1)
        line = QHBoxLayout()
        line.setSpacing(10)
        line.addWidget(self.scan_bar)
        line.addWidget(self.scan_text, 1)
        layout.addLayout(line)
        return body

    def _connect(self) -> None:
        bind_button(self.add, "Ctrl+Shift+O", "Add a folder to the library")
        bind_button(self.scan, "F5", "Look for new and changed files in every folder")
        self.add.clicked.connect(self.face.intake.choose_folder)
        self.empty.clicked.connect(self.face.intake.choose_folder)
        self.scan.clicked.connect(self._on_scan_clicked)
        self.remove.clicked.connect(self._on_remove_asked)
        self.watch.clicked.connect(self._on_watch_clicked)
        self.folders.itemSelectionChanged.connect(self._update_buttons)
        self.folders.addAction(make_action(self.folders, "Remove", self._on_remove_asked, keys=QKeySequence.StandardKey.Delete))
        self.folders.actions()[0].setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        self.remove.setToolTip(self.folders.actions()[0].toolTip())
        bridge = self.face.bridge
        bridge.settings_changed.connect(self._on_settings_changed)
        bridge.scan_started.connect(lambda _event: self._show_scan(self.face.services.scans.status()))
        bridge.scan_progressed.connect(self._on_scan_event)
        bridge.scan_completed.connect(self._on_scan_event)
        self.face.theme.changed.connect(lambda: self._show_settings(self.face.services.settings.current))

    def _on_settings_changed(self, event: events.SettingsChanged) -> None:
        self._show_settings(event.settings)

    def _on_scan_event(self, event: events.ScanProgressed | events.ScanCompleted) -> None:
        self._show_scan(event.status)

    def _show_settings(self, settings: Settings) -> None:
        chosen = self._chosen_path()
        self.folders.clear()
        self._paths = settings.scanner.directories
        for path in settings.scanner.directories:
            item = QListWidgetItem(self.face.theme.icon("folder", self.face.theme.colors.accent), words.shown_path(path))
            item.setToolTip(words.tooltip(words.shown_path(path)))
            self.folders.addItem(item)
            item.setSelected(path == chosen)
        self.watch.setChecked(settings.scanner.watch_enabled)
        self._stack.setCurrentIndex(0 if settings.scanner.directories else 1)
        self._update_buttons()

    def _show_scan(self, status: ScanStatus) -> None:
        self.scan_bar.setVisible(status.is_running)
        self.scan.setText("Stop the scan" if status.is_running else "Scan now")
        self.scan_text.set_text(scan_sentence(status))

    def _on_scan_clicked(self) -> None:
        if self.face.services.scans.status().is_running:
            self.face.tasks.run(self.face.services.scans.cancel())
        else:
            self.face.services.scans.start()
            self._show_scan(self.face.services.scans.status())

    def _on_remove_asked(self) -> None:
        path = self._chosen_path()
        if path is None:
            return
        ask(
            self,
            title="Remove this folder from the library?",
            text=f"{words.shown_path(path)}\n\nIts files and jobs stay; it is not scanned or watched any more.",
            yes="Remove folder",
            on_yes=lambda: self.face.tasks.run(self.face.services.settings.remove_library(path)),
        )

    def _on_watch_clicked(self, is_wanted: bool) -> None:
        def edit(settings: Settings) -> Settings:
            scanner = settings.scanner.model_copy(update={"watch_enabled": is_wanted})
            return settings.model_copy(update={"scanner": scanner})

        current = self.face.services.settings
        self.face.tasks.run(current.change(edit), on_error=lambda _: self._show_settings(current.current))

    def _update_buttons(self) -> None:
        self.remove.setEnabled(self._chosen_path() is not None)

    def _chosen_path(self) -> str | None:
        rows = self.folders.selectionModel().selectedRows()
        return self._paths[rows[0].row()] if rows else None


def scan_sentence(status: ScanStatus) -> str:
    """How far the scan is, or what the last one found."""
    found = f"{words.count(status.files_found, 'file')} found, {status.files_added:,} new"
    if status.is_running:
        where = f" – {words.shown_path(status.current_folder)}" if status.current_folder else ""
        return f"Scanning: {found}{where}"
    if status.unreadable:
        return f"Last scan: {found}. {unreadable(status.unreadable)}"
    return f"Last scan: {found}" if status.files_found else ""
