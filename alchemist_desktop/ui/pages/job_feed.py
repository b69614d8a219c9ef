"""Feeds the job table: reads the order of a query, fetches the rows in sight and passes live changes on."""

import asyncio
from array import array
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import cast

from PySide6.QtCore import QObject, Signal

from alchemist_desktop.domain import events
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import ACTIVE_STATES, TERMINAL_STATES, Job, JobState
from alchemist_desktop.domain.queries import JobQuery, JobSort
from alchemist_desktop.ui.face import Face
from alchemist_desktop.ui.models.job_table import JobTableModel
from alchemist_desktop.ui.models.order_change import OrderChange, order_change
from alchemist_desktop.ui.refresher import Refresher

_ORDER_INTERVAL_MS = 1000
_Order = tuple[JobQuery, Sequence[JobId], OrderChange]


class JobFeed(QObject):
    """Keeps `model` true to `query`. `keep` names the jobs whose rows must be known again after a new order."""

    order_loaded = Signal()

    def __init__(self, face: Face, model: JobTableModel, query: JobQuery, keep: Callable[[], frozenset[JobId]]) -> None:
        super().__init__(model)
        self._jobs = face.services.jobs
        self._tasks = face.tasks
        self._model = model
        self._keep = keep
        self._query = query
        self._is_fetching = False
        self._order = Refresher(face.tasks, self._load_order, self._on_order, interval_ms=_ORDER_INTERVAL_MS, parent=self)
        model.rows_wanted.connect(self._fetch_rows)
        bridge = face.bridge
        for signal in (bridge.job_added, bridge.job_removed, bridge.job_list_changed):
            signal.connect(self._on_list_changed)
        bridge.job_changed.connect(self._on_job_changed)
        bridge.job_progressed.connect(self._on_job_progressed)

    @property
    def query(self) -> JobQuery:
        return self._query

    def set_query(self, query: JobQuery) -> None:
        if query != self._query:
            self._query = query
            self.load()

    def load(self) -> None:
        """Read the order now."""
        self._order.request(at_once=True)

    async def _load_order(self) -> _Order:
        query, old = self._query, self._model.ids
        parts = [await self._jobs.list_ids(part) for part in order_parts(query)]
        new = await asyncio.to_thread(_joined, parts)
        return query, new, await asyncio.to_thread(order_change, old, new, self._keep())

    def _on_order(self, order: _Order) -> None:
        query, ids, change = order
        if query == self._query:  # otherwise a newer load is under way
            self._model.apply_order(ids, change)
            self.order_loaded.emit()

    def _fetch_rows(self) -> None:
        if self._is_fetching:
            return
        ids = self._model.take_wanted()
        if ids:
            self._is_fetching = True
            self._tasks.run(
                self._jobs.get_many(ids),
                on_done=lambda jobs: self._on_rows(ids, jobs),
                on_error=lambda _: self._on_fetch_failed(ids),
            )

    def _on_rows(self, ids: Sequence[JobId], jobs: dict[JobId, Job]) -> None:
        self._is_fetching = False
        self._model.put(jobs, ids)
        self._fetch_rows()

    def _on_fetch_failed(self, ids: Sequence[JobId]) -> None:
        self._is_fetching = False
        self._model.put({}, ids)  # not asked for again before the order is read anew

    def _on_list_changed(self, event: events.Event) -> None:
        if isinstance(event, events.JobListChanged):
            self._model.forget()
        self._order.request()

    def _on_job_changed(self, event: events.JobChanged) -> None:
        self._model.replace(event.job)
        if event.state_changed or self._query.sort in {JobSort.PRIORITY, JobSort.QUEUE}:
            self._order.request()

    def _on_job_progressed(self, event: events.JobProgressed) -> None:
        self._model.set_progress(event.progress)


def order_parts(query: JobQuery) -> list[JobQuery]:
    """The queries whose answers, one after the other, are the order of `query`.

    What runs, then what will run, in that order; jobs that have ended have no place in a queue and follow, newest first.
    """
    if query.sort is not JobSort.QUEUE or query.descending:
        return [query]
    parts = [replace(query, states=states) for states in (ACTIVE_STATES, frozenset({JobState.QUEUED}))]
    parts.append(replace(query, states=TERMINAL_STATES, sort=JobSort.UPDATED_AT, descending=True))
    wanted = query.states or frozenset(JobState)
    return [replace(part, states=part.states & wanted) for part in parts if part.states & wanted]


def _joined(parts: Sequence[Sequence[JobId]]) -> Sequence[JobId]:
    """A job that moved on between two answers is in both, and keeps its first place until the order is read again."""
    *earlier, last = [part for part in parts if part] or [[]]
    if not earlier:
        return last
    # The last part, the jobs that have ended, is by far the longest: only the others are put into a table.
    head = dict.fromkeys(chain.from_iterable(earlier))
    joined = array("q", head)
    joined.extend(job_id for job_id in last if job_id not in head)
    return cast("Sequence[JobId]", joined)
