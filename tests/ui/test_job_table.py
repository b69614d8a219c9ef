"""The model of the job table."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest
from PySide6.QtCore import QModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from alchemist_desktop.domain.attempt import JobProgress
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Job, JobState, Phase
from alchemist_desktop.ui.models.job_cells import Column
from alchemist_desktop.ui.models.job_table import JobTableModel
from alchemist_desktop.ui.models.order_change import order_change
from tests.ui.support import make_job

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def model(qapp: object) -> JobTableModel:
    return JobTableModel(now=lambda: NOW)


def show(model: JobTableModel, *jobs: Job) -> None:
    ids = [job.id for job in jobs]
    model.apply_order(ids, order_change(model.ids, ids))
    model.put({job.id: job for job in jobs})


def text(model: JobTableModel, row: int, column: Column) -> str | None:
    value = model.index(row, column).data()
    assert value is None or isinstance(value, str)
    return value


def test_it_is_a_proper_model_through_all_changes(model: JobTableModel, qtmodeltester: ModelTester) -> None:
    jobs = {number: make_job(number) for number in range(1, 9)}
    check = cast("Callable[[JobTableModel], None]", qtmodeltester.check)  # pytest-qt does not annotate it
    check(model)
    for order in ([1, 2, 3, 4], [1, 2, 5, 6, 3, 4], [1, 2, 3, 4], [2, 3, 4, 1], [1, 2, 3, 4], [8, 1, 7], []):
        show(model, *(jobs[number] for number in order))
        assert [text(model, row, Column.FILE) for row in range(model.rowCount())] == [
            jobs[number].input_path.rsplit("/", 1)[1] for number in order
        ]
        check(model)


def test_rows_have_no_children(model: JobTableModel) -> None:
    show(model, make_job(1))
    assert model.rowCount(model.index(0, 0)) == 0
    assert model.rowCount(QModelIndex()) == 1


def test_only_rows_that_are_looked_at_are_asked_for(model: JobTableModel, qtbot: QtBot) -> None:
    ids = [JobId(number) for number in range(1, 100_001)]
    model.apply_order(ids, order_change([], ids))
    with qtbot.waitSignal(model.rows_wanted, timeout=2000):
        assert text(model, 50_000, Column.FILE) is None
    wanted = model.take_wanted()
    assert JobId(50_001) in wanted
    assert len(wanted) <= 64
    assert model.take_wanted() == []


def test_a_fast_scroll_asks_for_the_last_pages_only(model: JobTableModel) -> None:
    ids = [JobId(number) for number in range(100_000)]
    model.apply_order(ids, order_change([], ids))
    for row in range(0, 100_000, 100):
        model.job_at(row)
    wanted = model.take_wanted()
    assert JobId(99_900) in wanted
    assert len(wanted) <= 256


def test_a_job_that_does_not_exist_is_asked_for_once(model: JobTableModel) -> None:
    model.apply_order([JobId(1)], order_change([], [JobId(1)]))
    model.job_at(0)
    model.put({}, model.take_wanted())
    model.job_at(0)
    assert model.take_wanted() == []


def test_a_change_repaints_its_row_alone(model: JobTableModel, qtbot: QtBot) -> None:
    show(model, make_job(1), make_job(2), make_job(3))
    assert model.job_at(1) is not None
    with qtbot.waitSignal(model.dataChanged) as change:
        model.replace(make_job(2, JobState.CANCELLED, updated_at=NOW))
    first, last, *_ = change.args or []
    assert (first.row(), last.row()) == (1, 1)
    assert text(model, 1, Column.STATE) == "Cancelled"


def test_an_answer_from_before_a_change_does_not_undo_it(model: JobTableModel) -> None:
    old = make_job(1)
    new = replace(old, state=JobState.FAILED, updated_at=old.updated_at + timedelta(seconds=1))
    model.apply_order([old.id], order_change([], [old.id]))
    model.job_at(0)
    model.replace(new)
    model.put({old.id: old}, [old.id])
    assert text(model, 0, Column.STATE) == "Failed"


def test_after_a_change_of_many_rows_they_are_read_again_and_stay_in_sight(model: JobTableModel) -> None:
    job = make_job(1)
    show(model, job)
    model.forget()
    assert text(model, 0, Column.STATE) == "Queued"
    assert model.take_wanted() == [job.id]
    model.put({job.id: replace(job, state=JobState.SKIPPED)}, [job.id])
    assert text(model, 0, Column.STATE) == "Skipped"
    assert model.take_wanted() == []


def test_progress_shows_and_ends_with_the_work(model: JobTableModel) -> None:
    job = make_job(1, JobState.ENCODING)
    show(model, job)
    model.set_progress(JobProgress(job_id=job.id, phase=Phase.ENCODING, percent=41.6, speed=2.25, eta_s=720))
    assert text(model, 0, Column.PROGRESS) == "42 % · 2.2× · 12 min left"
    model.set_progress(JobProgress(job_id=job.id, phase=Phase.VERIFYING, percent=3.0, is_suspended=True))
    assert text(model, 0, Column.PROGRESS) == "3 % · Verifying"
    assert text(model, 0, Column.STATE) == "Suspended"
    failed = replace(
        job, state=JobState.FAILED, failure=explain("disk_full", error="x"), updated_at=job.updated_at + timedelta(seconds=1)
    )
    model.replace(failed)
    assert text(model, 0, Column.PROGRESS) == "The volume is full."
    assert model.progress(job.id) is None


@pytest.mark.parametrize(
    ("job", "column", "expected"),
    [
        (make_job(1, priority=0), Column.PRIORITY, "–"),
        (make_job(1, priority=-3), Column.PRIORITY, "-3"),
        (make_job(1, video_codec=None), Column.CODEC, "–"),
        (make_job(1, video_codec="hevc"), Column.CODEC, "HEVC"),
        (make_job(1, not_before=NOW + timedelta(minutes=5)), Column.PROGRESS, "Next try in 5 min"),
        (make_job(1, input_path="/films/caf\udce9\n<b>.mkv"), Column.FILE, "caf��<b>.mkv"),
        (make_job(1, JobState.ANALYZING), Column.PROGRESS, "Starting"),
        (make_job(1, JobState.ANALYZING, phase=Phase.PROBING), Column.PROGRESS, "Reading"),
        (make_job(1, updated_at=NOW - timedelta(hours=2)), Column.UPDATED, "2 h ago"),
        (make_job(1, JobState.SKIPPED, decision=explain("bpp_below_threshold", bpp=0.1, threshold=1)), Column.PROGRESS, "The file is already compact."),
    ],
)  # fmt: skip
def test_cells(model: JobTableModel, job: Job, column: Column, expected: str) -> None:
    show(model, job)
    assert text(model, 0, column) == expected


def test_a_name_in_a_tooltip_is_no_markup(model: JobTableModel) -> None:
    show(model, make_job(1, input_path="/films/<img src=x>.mkv"))
    tooltip = model.index(0, Column.FILE).data(Qt.ItemDataRole.ToolTipRole)
    assert tooltip == "<p>/films/&lt;img src=x&gt;.mkv</p>"


def test_memory_stays_bounded(model: JobTableModel) -> None:
    ids = [JobId(number) for number in range(1, 30_001)]
    model.apply_order(ids, order_change([], ids))
    for first in range(0, 30_000, 1000):
        model.put({job_id: make_job(job_id) for job_id in ids[first : first + 1000]})
    assert sum(model.job(job_id) is not None for job_id in ids) == 20_000
    assert model.job(ids[-1]) is not None
