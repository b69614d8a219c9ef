"""The stored job list against the rules it is made from: the state machine, and what a search means."""

import asyncio
import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import JobState, can_move
from alchemist_desktop.domain.queries import JobQuery, JobSort
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.fields import explanation_to_json
from alchemist_desktop.storage.jobs import JobRepository
from tests.unit.storage.support import SetClock, claim_first, found

STATES = st.sampled_from(JobState)
ASCII_LOWER = {ord(upper): ord(upper) + 32 for upper in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}


class JobListMachine(RuleBasedStateMachine):
    """Moves, claims, requeues, archives and finds in any order; a plain dict says what must come of it."""

    jobs_made = Bundle("jobs_made")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.runner = asyncio.Runner()
        self.database = Database.open(str(Path(self.folder.name) / "jobs.db"))
        self.clock = SetClock()
        self.jobs = JobRepository(self.database, self.clock)
        self.states: dict[JobId, JobState] = {}
        self.archived: set[JobId] = set()

    def teardown(self) -> None:
        self.runner.run(self.database.close())
        self.runner.close()
        self.folder.cleanup()

    @rule(target=jobs_made)
    def add(self) -> JobId:
        self.clock.advance(seconds=1)
        (job,) = self.runner.run(self.jobs.upsert_found([found(f"/lib/{len(self.states)}.mkv")])).added
        self.states[job.id] = job.state
        assert job.state is JobState.QUEUED
        return job.id

    @rule(job_id=jobs_made, new=STATES, expected=st.none() | st.frozensets(STATES))
    def move(self, job_id: JobId, new: JobState, expected: frozenset[JobState] | None) -> None:
        old = self.states[job_id]
        is_allowed = can_move(old, new) and job_id not in self.archived and (expected is None or old in expected)
        moved = self.runner.run(self.jobs.transition(job_id, new, expected=expected))
        assert (moved is not None) == is_allowed
        if moved is not None:
            assert moved.state is new
            self.states[job_id] = new

    @rule(job_id=jobs_made)
    def requeue(self, job_id: JobId) -> None:
        is_allowed = not self.states[job_id].is_active and job_id not in self.archived
        assert bool(self.runner.run(self.jobs.requeue([job_id]))) == is_allowed
        if is_allowed:
            self.states[job_id] = JobState.QUEUED

    @rule(job_id=jobs_made)
    def archive(self, job_id: JobId) -> None:
        is_allowed = not self.states[job_id].is_active and job_id not in self.archived
        assert bool(self.runner.run(self.jobs.archive([job_id]))) == is_allowed
        if is_allowed:
            self.archived.add(job_id)

    @rule(job_id=jobs_made, size_bytes=st.integers(2000, 10**9))
    def file_changes(self, job_id: JobId, size_bytes: int) -> None:
        job = self.runner.run(self.jobs.get(job_id))
        assert job is not None
        result = self.runner.run(self.jobs.upsert_found([found(job.input_path, size_bytes=size_bytes)]))
        if self.states[job_id].is_active or size_bytes == job.stamp.size_bytes:
            assert result.unchanged == 1
        else:
            assert [again.id for again in result.requeued] == [job_id]
            self.states[job_id] = JobState.QUEUED
            self.archived.discard(job_id)

    @rule()
    def claim(self) -> None:
        waiting = [i for i, state in self.states.items() if state is JobState.QUEUED and i not in self.archived]
        claimed = self.runner.run(claim_first(self.jobs, self.clock.now()))
        assert (claimed.id if claimed else None) == min(waiting, default=None)
        if claimed is not None:
            self.states[claimed.id] = JobState.ANALYZING

    @invariant()
    def list_agrees(self) -> None:
        live = {i: state for i, state in self.states.items() if i not in self.archived}
        listed = self.runner.run(self.jobs.find(JobQuery(limit=None)))
        assert {job.id: job.state for job in listed} == live
        counts = self.runner.run(self.jobs.count_by_state())
        assert all(counts[state] == list(live.values()).count(state) for state in JobState)


TestJobListMachine = JobListMachine.TestCase
TestJobListMachine.settings = settings(max_examples=15, stateful_step_count=25, deadline=None)

_LETTERS = st.text(st.sampled_from('aAbBéÉ%_"\\ 1ß日-[]*'), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    names=st.lists(_LETTERS, min_size=1, max_size=8, unique=True),
    words=st.lists(_LETTERS, min_size=1, max_size=4),
    needles=st.lists(_LETTERS, min_size=1, max_size=6),
    sort=st.sampled_from(JobSort),
    descending=st.booleans(),
)
def test_search_is_a_literal_substring_that_ignores_ascii_case(
    names: list[str], words: list[str], needles: list[str], sort: JobSort, descending: bool
) -> None:
    async def check() -> None:
        with tempfile.TemporaryDirectory() as folder:
            database = Database.open(str(Path(folder) / "jobs.db"))
            try:
                await _check_searches(database, names, words, needles, JobQuery(sort=sort, descending=descending, limit=None))
            finally:
                await database.close()

    asyncio.run(check())


async def _check_searches(database: Database, names: list[str], words: list[str], needles: list[str], base: JobQuery) -> None:
    jobs = JobRepository(database, SetClock())
    texts: dict[JobId, list[str]] = {}
    stored: dict[JobId, str] = {}
    for number, name in enumerate(names):
        job = (await jobs.upsert_found([found(f"/lib/{name}", output=f"/out/{number}")])).added[0]
        texts[job.id] = [job.input_path]
        if number < len(words):
            failure = explain("unknown_failure", error=words[number])
            await jobs.transition(job.id, JobState.ANALYZING)
            await jobs.transition(job.id, JobState.FAILED, failure=failure)
            stored[job.id] = explanation_to_json(failure).translate(ASCII_LOWER)
            texts[job.id] += [failure.code, failure.summary, failure.detail, failure.operator_guidance or "", words[number]]
    for needle in (*needles, names[0], names[-1][1:], words[0]):
        query = JobQuery(search=needle, sort=base.sort, descending=base.descending, limit=None)
        listed = list(await jobs.list_ids(query))
        low = needle.translate(ASCII_LOWER)
        wanted = {i for i, parts in texts.items() if any(low in part.translate(ASCII_LOWER) for part in parts)}
        # The stored form of an explanation may hold a little more than its texts: separators and the names of figures.
        assert wanted <= set(listed)
        escaped = json.dumps(low, ensure_ascii=False)[1:-1]
        assert all(escaped in stored.get(i, "") for i in set(listed) - wanted)
        assert [job.id for job in await jobs.find(query)] == listed
