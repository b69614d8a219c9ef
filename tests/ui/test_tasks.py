"""Coroutines started from slots."""

import asyncio
import inspect
import logging

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from alchemist_desktop.app.loop import make_loop
from alchemist_desktop.domain.errors import ConflictError
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.services.jobs import ActiveJobsError
from alchemist_desktop.ui.colors import Tone
from alchemist_desktop.ui.notices import Notice, Notices
from alchemist_desktop.ui.refresher import Refresher
from alchemist_desktop.ui.tasks import Tasks
from tests.ui.support import until

pytestmark = pytest.mark.anyio


class Desk:
    """Tasks, and what they said."""

    def __init__(self) -> None:
        self.notices = Notices()
        self.said: list[Notice] = []
        self.notices.posted.connect(self.said.append)
        self.tasks = Tasks(self.notices)


@pytest.fixture
async def desk(qapp: object) -> Desk:
    return Desk()


async def fail(error: Exception) -> int:
    raise error


async def answer(value: int) -> int:
    await asyncio.sleep(0)
    return value


def test_nothing_is_started_once_the_loop_is_over(qapp: QApplication) -> None:
    results: list[int] = []

    async def make_desk() -> Desk:
        return Desk()

    with asyncio.Runner(loop_factory=lambda: make_loop(qapp)) as runner:
        desk = runner.run(make_desk())
    coroutine = answer(7)
    desk.tasks.run(coroutine, on_done=results.append)
    qapp.processEvents()
    assert inspect.getcoroutinestate(coroutine) == inspect.CORO_CLOSED
    assert results == []


async def test_the_result_goes_to_the_callback(desk: Desk) -> None:
    results: list[int] = []
    desk.tasks.run(answer(7), on_done=results.append)
    await until(lambda: results)
    assert results == [7]
    assert desk.said == []


@pytest.mark.parametrize(
    "error", [ConflictError("It runs already.", code="X"), ActiveJobsError("It runs already.", [(JobId(1), JobState.ENCODING)])]
)
async def test_a_known_error_is_told_in_its_own_sentence(desk: Desk, error: Exception) -> None:
    errors: list[BaseException] = []
    desk.tasks.run(fail(error), on_error=errors.append)
    await until(lambda: errors)
    assert errors == [error]
    assert desk.said == [Notice(text="It runs already.", tone=Tone.WARNING)]


async def test_any_other_error_is_logged_and_its_traceback_kept(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        desk.tasks.run(fail(ZeroDivisionError("oops")))
        await until(lambda: desk.said)
    assert desk.said[0].text == "Something went wrong."
    assert "ZeroDivisionError: oops" in desk.said[0].details
    assert [record.exc_info is not None for record in caplog.records] == [True]


async def test_stop_ends_what_runs_without_a_word(desk: Desk) -> None:
    ended: list[str] = []

    async def wait() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("ended")

    desk.tasks.run(wait())
    await asyncio.sleep(0)
    desk.tasks.stop()
    await until(lambda: ended)
    assert desk.said == []
    results: list[int] = []
    desk.tasks.run(answer(1), on_done=results.append)
    await asyncio.sleep(0.01)
    assert results == []


async def test_a_refresher_reads_once_for_many_requests_and_once_more_for_late_ones(desk: Desk) -> None:
    parent = QObject()
    gate = asyncio.Event()
    reads: list[int] = []
    applied: list[int] = []

    async def load() -> int:
        reads.append(len(reads))
        await gate.wait()
        return len(reads)

    refresher = Refresher(desk.tasks, load, applied.append, interval_ms=1, parent=parent)
    for _ in range(5):
        refresher.request()
    await until(lambda: reads)
    for _ in range(5):
        refresher.request()
    gate.set()
    await until(lambda: len(applied) == 2)
    await asyncio.sleep(0.05)
    assert len(reads) == 2


async def test_a_refresher_goes_on_after_a_failure(desk: Desk) -> None:
    parent = QObject()
    attempts: list[int] = []
    applied: list[int] = []

    async def load() -> int:
        attempts.append(1)
        if len(attempts) == 1:
            raise ConflictError("Not now.")
        return 5

    refresher = Refresher(desk.tasks, load, applied.append, interval_ms=1, parent=parent)
    refresher.request(at_once=True)
    await until(lambda: desk.said)
    refresher.request(at_once=True)
    await until(lambda: applied)
    assert applied == [5]
