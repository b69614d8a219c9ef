"""The page of the library's health: look for damaged files, and see what was found."""

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from alchemist_desktop.domain import events
from alchemist_desktop.domain.health import DEPTH_SENTENCES, Depth, HealthCheck, HealthStatus, HealthSummary
from alchemist_desktop.domain.job import Job
from alchemist_desktop.ui import words
from alchemist_desktop.ui.actions import bind_button
from alchemist_desktop.ui.face import Face
from alchemist_desktop.ui.folders import open_folder_of
from alchemist_desktop.ui.health_words import DEPTH_WORDS, progress_sentence, run_word, summary_sentence
from alchemist_desktop.ui.pages.page import Page
from alchemist_desktop.ui.refresher import Refresher
from alchemist_desktop.ui.widgets.empty_state import EmptyState
from alchemist_desktop.ui.widgets.issue_tree import IssueTree
from alchemist_desktop.ui.widgets.labels import PathLabel, text_label

_REFRESH_MS = 1500
_Found = tuple[HealthSummary, list[tuple[HealthCheck, Job | None]]]


class HealthPage(Page):
    """Starts and stops checks of the library, and lists what they found by its kind."""

    title = "Health"
    icon_name = "health"

    def __init__(self, face: Face) -> None:
        super().__init__(face)
        self._summary: HealthSummary | None = None
        self._issues_told = -1
        self.depths = QButtonGroup(self)
        self.depth_text = text_label("", "muted", wraps=True)
        self.run = QPushButton()
        self.run.setProperty("role", "primary")
        self.waits = QCheckBox("Only while no job runs")
        self.bar = QProgressBar(textVisible=False)
        self.progress_text = PathLabel()
        self.summary_text = text_label("", "muted")
        self.tree = IssueTree(face.theme)
        self.details = QPlainTextEdit(readOnly=True)
        self.again = QPushButton("Check again")
        self.open = QPushButton("Open folder")
        self.empty = EmptyState(face.theme)
        self._stack = QStackedWidget()
        self._refresher: Refresher[_Found] = Refresher(
            face.tasks, self._load, self._on_loaded, interval_ms=_REFRESH_MS, parent=self
        )
        self._lay_out()
        self._connect()
        self._show_status(face.services.health.status())
        self._show_chosen(None)
        self._refresher.request(at_once=True)

    @property
    def wanted_depth(self) -> Depth:
        return list(Depth)[self.depths.checkedId()]

    def choose_depth(self, depth: Depth) -> None:
        """Choose how deep the next check looks, as a click would."""
        self.depths.button(depth.rank).click()

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 18, 24, 20)
        layout.setSpacing(10)
        layout.addWidget(text_label("Health", "title"))
        layout.addWidget(text_label("Looks for damaged files in the whole library. Nothing is changed.", "muted"))
        layout.addSpacing(4)
        layout.addLayout(self._make_choices())
        layout.addWidget(self.depth_text)
        line = QHBoxLayout()
        line.setSpacing(10)
        self.bar.setFixedSize(220, 6)
        line.addWidget(self.bar)
        line.addWidget(self.progress_text, 1)
        layout.addLayout(line)
        layout.addWidget(self.summary_text)
        self._stack.addWidget(self._make_findings())
        self._stack.addWidget(self.empty)
        layout.addWidget(self._stack, 1)

    def _make_choices(self) -> QHBoxLayout:
        choices = QHBoxLayout()
        choices.setSpacing(6)
        for depth in Depth:
            chip = QToolButton()
            chip.setText(DEPTH_WORDS[depth])
            chip.setCheckable(True)
            chip.setChecked(depth is Depth.SAMPLE)
            chip.setProperty("role", "chip")
            chip.setToolTip(words.tooltip(DEPTH_SENTENCES[depth]))
            self.depths.addButton(chip, depth.rank)
            choices.addWidget(chip)
        choices.addSpacing(12)
        choices.addWidget(self.run)
        choices.addSpacing(6)
        choices.addWidget(self.waits)
        choices.addStretch(1)
        return choices

    def _make_findings(self) -> QWidget:
        self.details.setAccessibleName("What was found in the chosen file")
        self.details.setObjectName("issue_details")
        below = QWidget()
        layout = QVBoxLayout(below)
        layout.setContentsMargins(0, 8, 0, 0)
        buttons = QHBoxLayout()
        buttons.addWidget(self.again)
        buttons.addWidget(self.open)
        buttons.addStretch(1)
        layout.addLayout(buttons)
        layout.addWidget(self.details, 1)
        splitter = QSplitter(Qt.Orientation.Vertical)
        splitter.setChildrenCollapsible(False)
        splitter.addWidget(self.tree)
        splitter.addWidget(below)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 1)
        return splitter

    def _connect(self) -> None:
        bind_button(self.run, "F6", "Check the library, or stop the check")
        bind_button(self.again, "Ctrl+Shift+R", "Check the chosen file again")
        bind_button(self.open, "Ctrl+Return", "Open the folder of the chosen file")
        self.depths.idClicked.connect(lambda _id: self._show_status(self.face.services.health.status()))
        self.run.clicked.connect(self._on_run_clicked)
        self.empty.clicked.connect(self._on_run_clicked)
        self.again.clicked.connect(self._on_again_clicked)
        self.open.clicked.connect(self._on_open_clicked)
        self.tree.chosen_changed.connect(self._show_chosen)
        bridge = self.face.bridge
        bridge.health_scan_started.connect(self._on_scan_event)
        bridge.health_scan_progressed.connect(self._on_scan_event)
        bridge.health_scan_completed.connect(self._on_scan_completed)
        bridge.health_checked.connect(lambda _event: self._refresher.request(at_once=True))

    async def _load(self) -> _Found:
        health = self.face.services.health
        return await health.summary(), await health.issues()

    def _on_loaded(self, found: _Found) -> None:
        self._summary, issues = found
        self.tree.show_checks([check for check, _job in issues])
        self.summary_text.setText(summary_sentence(self._summary, datetime.now(UTC)))
        self._show_status(self.face.services.health.status())

    def _on_scan_event(self, event: events.HealthScanStarted | events.HealthScanProgressed) -> None:
        self._show_status(event.status)
        if event.status.issues != self._issues_told:
            self._issues_told = event.status.issues
            self._refresher.request()

    def _on_scan_completed(self, event: events.HealthScanCompleted) -> None:
        self._show_status(event.status)
        self._refresher.request(at_once=True)

    def _show_status(self, status: HealthStatus) -> None:
        self.depth_text.setText(DEPTH_SENTENCES[status.depth if status.is_running else self.wanted_depth])
        self.run.setText(run_word(status, self._summary, self.wanted_depth))
        for button in self.depths.buttons():
            button.setEnabled(not status.is_running)
        self.waits.setEnabled(not status.is_running)
        self.bar.setVisible(status.is_running)
        self.progress_text.setVisible(status.is_running)
        self.bar.setMaximum(status.total or 0)
        self.bar.setValue(status.checked)
        self.progress_text.set_text(progress_sentence(status) if status.is_running else "")
        self._show_emptiness(status)

    def _show_emptiness(self, status: HealthStatus) -> None:
        """Say why there is no list where there is none."""
        summary = self._summary
        has_issues = summary is not None and summary.issues_found > 0
        self._stack.setCurrentIndex(0 if has_issues else 1)
        if status.is_running:
            self.empty.say(
                icon="health", title="Nothing found so far", text="Files with something wrong appear here.", button="Stop"
            )
        elif summary is None or not summary.total_checked:
            text = "A check reads your files and tells which are empty, cut off or damaged."
            self.empty.say(icon="health", title="Not checked yet", text=text, button="Check library")
        else:
            text = f"{words.count(summary.total_checked, 'file')} checked, none has anything wrong."
            self.empty.say(icon="health", title="Nothing found", text=text, button="Check again")

    def _show_chosen(self, check: HealthCheck | None) -> None:
        for button in (self.again, self.open):
            button.setEnabled(check is not None)
        if check is None or check.issue is None:
            self.details.setPlainText("")
            return
        issue = check.issue
        lines = (check.path, "", issue.summary, issue.advice, "", issue.raw_output)
        self.details.setPlainText(words.shown_text("\n".join(lines)))

    def _on_run_clicked(self) -> None:
        health = self.face.services.health
        if health.status().is_running:
            self.face.tasks.run(health.cancel())
            return
        health.start(self.wanted_depth, yields_to_jobs=self.waits.isChecked())
        self._show_status(health.status())

    def _on_again_clicked(self) -> None:
        check = self.tree.chosen()
        if check is None:
            return
        self.again.setEnabled(False)
        name = words.file_name(check.path)

        def tell(now: HealthCheck) -> None:
            self.face.notices.tell(f"{name}: nothing is wrong any more." if now.issue is None else f"{name}: {now.issue.summary}")
            self.again.setEnabled(self.tree.chosen() is not None)

        def enable(_error: BaseException) -> None:
            self.again.setEnabled(self.tree.chosen() is not None)

        self.face.tasks.run(self.face.services.health.check_file(check.path), on_done=tell, on_error=enable)

    def _on_open_clicked(self) -> None:
        check = self.tree.chosen()
        if check is not None:
            open_folder_of(check.path, self.face.notices)
