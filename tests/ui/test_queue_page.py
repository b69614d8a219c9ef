"""The queue page: list, filters, actions and details."""

import asyncio
import shlex
from dataclasses import replace
from functools import partial

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QMessageBox, QPushButton, QWidget

from alchemist_desktop.domain.events import JobAdded, JobListChanged
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.queries import JobQuery, JobSort
from alchemist_desktop.ui.models.job_cells import Column
from alchemist_desktop.ui.pages.queue import QueuePage
from tests.ui.conftest import OpenWindow, queue_page
from tests.ui.support import World, film_details, make_job, make_world, until

pytestmark = [pytest.mark.anyio, pytest.mark.qt_log_ignore("This plugin does not support")]  # said of every dialog offscreen


async def opened(open_window: OpenWindow, world: World) -> QueuePage:
    page = queue_page(open_window(world))
    await until(lambda: page.model.rowCount() and page.model.job_at(0))
    return page


def select(page: QueuePage, *job_ids: int) -> None:
    """Select rows by job, the last one becoming the current one."""
    flags = QItemSelectionModel.SelectionFlag
    page.view.selectionModel().clearSelection()
    for job_id in job_ids:
        row = list(page.model.ids).index(JobId(job_id))
        page.model.job_at(row)
        page.view.selectionModel().setCurrentIndex(page.model.index(row, 0), flags.Select | flags.Rows)


async def until_known(page: QueuePage, *job_ids: int) -> None:
    await until(lambda: all(page.model.job(JobId(job_id)) is not None for job_id in job_ids))
    page.actions_.update()


def button_of(box: QWidget, text: str) -> QPushButton:
    return next(button for button in box.findChildren(QPushButton) if button.text() == text)


def shows(page: QueuePage, ids: list[JobId]) -> bool:
    return list(page.model.ids) == ids


def texts(page: QueuePage, column: Column) -> list[str | None]:
    return [page.model.index(row, column).data() for row in range(page.model.rowCount())]


async def test_what_runs_comes_first_then_the_queue_then_the_newest(open_window: OpenWindow, world: World) -> None:
    world.jobs.change(9, priority=5)
    page = await opened(open_window, world)
    assert list(page.model.ids) == [1, 9, *range(4, 9), *range(10, 41), 2, 3]
    shown = texts(page, Column.STATE)
    assert [shown[0], shown[1], *shown[-2:]] == ["Encoding", "Queued", "Failed", "Completed"]


async def test_the_chosen_order_is_there_at_the_next_start(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    page.view.sort_wanted.emit(JobSort.SIZE, True)
    again = queue_page(open_window(world))
    assert (again.feed.query.sort, again.feed.query.descending) == (JobSort.SIZE, True)
    assert again.view.horizontalHeader().sortIndicatorSection() == Column.SIZE
    again.face.memory.save_choice("queue_sort", "nonsense descending")
    third = queue_page(open_window(world))
    assert (third.feed.query.sort, third.feed.query.descending) == (JobSort.QUEUE, False)


@pytest.mark.parametrize(("chip", "expected"), [("Failed", [2]), ("Active", [1]), ("Completed", [3]), ("Cancelled", [])])
async def test_a_chip_shows_its_states_alone(open_window: OpenWindow, world: World, chip: str, expected: list[int]) -> None:
    page = await opened(open_window, world)
    page.filters.choose(chip)
    await until(lambda: list(page.model.ids) == expected)
    assert page.empty.isVisible() == (not expected)


async def test_chips_show_counts_that_follow_the_jobs(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)

    def chip(name: str) -> str:
        return next(b.text() for b in page.filters._group.buttons() if b.text().startswith(name))

    await until(lambda: chip("Queued") == "Queued  37")
    world.jobs.change(4, state=JobState.CANCELLED)
    await until(lambda: chip("Queued") == "Queued  36")
    assert chip("Cancelled") == "Cancelled  1"
    assert chip("All") == "All  40"


async def test_typing_searches_once_it_pauses(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    before = len(world.jobs.asked("list_ids"))
    QTest.keyClicks(page.filters.search, "000017")
    await until(lambda: list(page.model.ids) == [17])
    queries = [query for (query,) in world.jobs.asked("list_ids")[before:] if isinstance(query, JobQuery)]
    assert {query.search for query in queries} == {"000017"}


async def test_escape_clears_the_filter(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    page.filters.search.setText("nothing like that")
    page.filters.choose("Failed")
    await until(lambda: page.empty.isVisible())
    assert page.empty.title == "No job matches"
    page.filters.search.setFocus()
    QTest.keyClick(page.filters.search, Qt.Key.Key_Escape)
    await until(lambda: len(page.model.ids) == 40)
    assert page.view.isVisible()


async def test_a_click_on_a_heading_sorts_in_the_service(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    header = page.view.horizontalHeader()

    def click(column: Column) -> None:
        at = QPoint(header.sectionViewportPosition(column) + 20, header.height() // 2)
        QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)

    for _ in range(2):
        click(Column.SIZE)
        query = page.feed.query
        assert query.sort is JobSort.SIZE
        jobs = sorted(world.jobs.jobs.values(), key=lambda job: job.stamp.size_bytes, reverse=query.descending)
        await until(partial(shows, page, [job.id for job in jobs]))
    click(Column.CODEC)
    assert page.feed.query.sort is JobSort.SIZE


async def test_selection_and_current_job_survive_a_new_order(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    select(page, 5, 9)
    page.view.sort_wanted.emit(JobSort.INPUT_PATH, False)
    await until(lambda: page.model.ids[0] != 1)
    assert set(page.view.selected_ids()) == {5, 9}
    assert page.view.current_id() == 9


async def test_a_changed_job_shows_without_a_new_read_of_its_row(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    reads = len(world.jobs.asked("get_many"))
    row = list(page.model.ids).index(JobId(2))
    world.jobs.change(2, priority=7)
    assert page.model.index(row, Column.PRIORITY).data() == "7"
    assert len(world.jobs.asked("get_many")) == reads


async def test_progress_moves_a_row(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    world.progress(1, 12.0, speed=3.0, eta_s=60.0)
    await until(lambda: page.model.index(0, Column.PROGRESS).data() == "12 % · 3.0× · 1 min left")


async def test_new_jobs_appear_and_removed_ones_go(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    job = make_job(41)
    world.jobs.jobs[job.id] = job
    world.events.publish(JobAdded(job=job))
    await until(lambda: len(page.model.ids) == 41)
    await world.jobs.batch("delete", [JobId(2)])
    await until(lambda: JobId(2) not in page.model.ids)
    world.jobs.jobs.clear()
    world.events.publish(JobListChanged())
    await until(lambda: page.empty.isVisible())
    assert page.empty.title == "Nothing is queued"
    page.empty.clicked.emit()
    assert world.scans.starts == 1


@pytest.mark.parametrize(
    ("key", "modifier", "job_ids", "expected"),
    [
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.NoModifier, (4, 5), ("batch", "cancel", (4, 5))),
        (Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier, (2,), ("batch", "restart", (2,))),
        (Qt.Key.Key_Delete, Qt.KeyboardModifier.ShiftModifier, (3,), ("batch", "delete", (3,))),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier, (4,), ("set_priority", 4, 1)),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier, (4,), ("set_priority", 4, -1)),
        (Qt.Key.Key_Space, Qt.KeyboardModifier.NoModifier, (1, 4), ("suspend", 1)),
    ],
    ids=["cancel", "restart", "archive", "sooner", "later", "suspend"],
)
async def test_keys_act_on_the_selection(
    open_window: OpenWindow,
    world: World,
    key: Qt.Key,
    modifier: Qt.KeyboardModifier,
    job_ids: tuple[int, ...],
    expected: tuple[object, ...],
) -> None:
    page = await opened(open_window, world)
    select(page, *job_ids)
    await until_known(page, *job_ids)
    page.view.setFocus()
    world.jobs.calls.clear()
    QTest.keyClick(page.view, key, modifier)
    await until(lambda: expected in world.jobs.calls)
    acting = [call for call in world.jobs.calls if call[0] == expected[0]]
    assert acting == [expected]


async def test_space_resumes_what_is_suspended(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    world.progress(1, 10.0, is_suspended=True)
    await until(lambda: page.model.progress(JobId(1)))
    select(page, 1)
    page.actions_.update()
    assert page.actions_.hold.text() == "Resume"
    page.actions_.hold.trigger()
    await until(lambda: world.jobs.asked("resume"))
    assert world.jobs.asked("resume") == [(1,)]
    assert world.jobs.asked("suspend") == []


async def test_many_jobs_are_asked_about_first(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    page.view.selectAll()
    page.actions_.cancel.trigger()
    box = page.view.findChild(QMessageBox)
    assert box is not None
    assert box.text() == "Cancel 40 jobs?"
    assert world.jobs.asked("batch") == []
    button_of(box, "Cancel 40 jobs").click()
    await until(lambda: world.jobs.asked("batch"))
    assert world.jobs.asked("batch") == [("cancel", (1, *range(4, 41), 2, 3))]


async def test_actions_fit_the_state(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    actions = page.actions_
    select(page, 1)
    assert (actions.cancel.isEnabled(), actions.restart.isEnabled(), actions.undo.isEnabled()) == (True, False, False)
    select(page, 3)
    assert (actions.cancel.isEnabled(), actions.restart.isEnabled(), actions.undo.isEnabled()) == (False, True, True)
    page.view.clearSelection()
    assert not any(action.isEnabled() for action in page.view.actions())


async def test_the_original_comes_back_after_a_question(open_window: OpenWindow, world: World) -> None:
    window = open_window(world)
    page = queue_page(window)
    await until(lambda: page.model.rowCount())
    select(page, 3)
    await until_known(page, 3)
    page.actions_.undo.trigger()
    box = page.view.findChild(QMessageBox)
    assert box is not None
    button_of(box, "Bring it back").click()
    await until(lambda: window.message_bar.isVisible())
    assert world.jobs.asked("undo") == [(3,)]
    assert window.message_bar.text() == f"The original is back: {world.jobs.jobs[JobId(3)].input_path}"


async def test_path_and_command_go_to_the_clipboard(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    job = world.jobs.jobs[JobId(3)]
    world.jobs.details_of[job.id] = film_details(job)
    select(page, 3)
    await until_known(page, 3)
    page.actions_.copy_path.trigger()
    assert QGuiApplication.clipboard().text() == job.input_path
    page.actions_.copy_command.trigger()
    await until(lambda: QGuiApplication.clipboard().text().startswith("ffmpeg"))
    assert shlex.split(QGuiApplication.clipboard().text()) == list(film_details(job).attempts[-1].command)


async def test_the_context_menu_offers_every_action(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    select(page, 4)
    page.view.customContextMenuRequested.emit(QPoint(10, 10))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert {action for action in menu.actions() if not action.isSeparator()} == set(page.view.actions())
    menu.close()


async def test_details_tell_state_reason_streams_attempts_and_log(open_window: OpenWindow, world: World) -> None:
    job = make_job(2, JobState.FAILED, failure=explain("disk_full", error="/media/films: No space left on device."))
    world.jobs.jobs[job.id] = job
    world.jobs.details_of[job.id] = film_details(job)
    page = await opened(open_window, world)
    select(page, 2)
    await until(lambda: page.details.job_id == 2)
    summary = page.details.summary
    assert summary.name.text() == job.input_path.rsplit("/", 1)[1]
    assert summary.state.text() == "Failed"
    assert summary.summary.text() == "The volume is full."
    assert summary.detail.text() == "/media/films: No space left on device."
    assert summary.guidance.text() == "Free some space, or empty the trash."
    assert summary.sizes.description.endswith("GB")
    assert "Left out because the profile keeps English and German subtitles." in page.details.streams.texts()
    assert {"libsvtav1", "av1_nvenc", "1 h 10 min"} <= set(page.details.attempts.texts())
    assert page.details.log.toPlainText().endswith("Conversion failed!")


async def test_details_follow_changes_and_progress(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    select(page, 1)
    await until(lambda: page.details.job_id == 1)
    world.progress(1, 55.0, speed=2.0, expected_output_bytes=1_000_000)
    await until(lambda: page.details.summary.activity.text() == "55 % · 2.0×")
    assert "expected 1.0 MB" in page.details.summary.sizes.description
    world.jobs.change(1, state=JobState.COMPLETED, output_size_bytes=2_000_000)
    await until(lambda: page.details.summary.state.text() == "Completed")
    assert "to 2.0 MB" in page.details.summary.sizes.description


async def test_details_of_a_job_that_ended_early_promise_nothing(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    select(page, 1)
    await until(lambda: page.details.job_id == 1)
    assert page.details.streams.texts() == ["The file has not been looked into yet."]
    assert page.details.attempts.texts() == ["Nothing has been encoded yet."]
    world.jobs.change(1, state=JobState.FAILED, failure=explain("corrupt_or_unreadable_media", error="moov atom not found"))
    await until(lambda: page.details.summary.state.text() == "Failed")
    assert page.details.streams.texts() == ["Nothing is known of its streams."]
    assert page.details.attempts.texts() == ["Nothing was encoded."]


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"can_undo": True}, "The original is in the trash; “Bring the original back” undoes the replacement."),
        ({"can_undo": False, "is_original_kept": True}, "The original stays where it was."),
        ({"can_undo": False, "is_original_kept": False}, "The original is not there any more."),
    ],
)
async def test_details_tell_where_result_and_original_are(
    open_window: OpenWindow, world: World, facts: dict[str, bool], sentence: str
) -> None:
    job = world.jobs.jobs[JobId(3)]
    world.jobs.details_of[job.id] = replace(film_details(job), **facts)  # type: ignore[arg-type]  # members of JobDetails
    page = await opened(open_window, world)
    select(page, 3)
    await until(lambda: page.details.job_id == 3)
    assert page.details.summary.files.text() == f"The result is {job.output_path}. {sentence}"
    assert page.details.summary.numbers.text() == ""


async def test_details_clear_when_their_job_goes(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    select(page, 2)
    await until(lambda: page.details.job_id == 2)
    page.filters.choose("Cancelled")
    await until(lambda: not page.model.ids)
    await until(lambda: page.details.job_id is None)


async def test_when_the_selected_job_goes_its_neighbour_is_selected(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    select(page, 2)
    await until_known(page, 2, 3)
    page.actions_.archive.trigger()
    await until(lambda: JobId(2) not in page.model.ids)
    assert page.view.selected_ids() == [page.view.current_id()]
    assert page.view.current_id() in {40, 3}


async def test_details_can_be_hidden(open_window: OpenWindow, world: World) -> None:
    page = await opened(open_window, world)
    page.view.setFocus()
    QTest.keyClick(page.view, Qt.Key.Key_I, Qt.KeyboardModifier.ControlModifier)
    assert not page.details.isVisible()
    world.events.publish(JobListChanged())
    await asyncio.sleep(0.05)
    assert not page.details.isVisible()


async def test_without_folders_the_first_step_is_shown(open_window: OpenWindow) -> None:
    page = queue_page(open_window(make_world(folders=())))
    await until(lambda: page.empty.isVisible())
    assert page.empty.title == "Add your first folder"


async def test_a_million_jobs_are_opened_by_reading_only_what_is_seen(open_window: OpenWindow) -> None:
    world = make_world(vast=1_000_000)
    page = queue_page(open_window(world))
    await until(lambda: page.model.rowCount() == 1_000_000)
    page.view.scrollToBottom()
    await until(lambda: page.model.job_at(999_999))
    assert page.model.job(JobId(500_000)) is None
