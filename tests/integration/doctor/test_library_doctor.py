"""Passes over a library: interrupted, taken up again, one at a time, and kind to running jobs."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from alchemist_desktop.app.clock import SystemClock
from alchemist_desktop.domain.errors import ConflictError, KnownError, NotFoundError
from alchemist_desktop.domain.events import Event, HealthScanCompleted, HealthScanProgressed, HealthScanStarted, Published
from alchemist_desktop.domain.health import Depth, HealthCategory, HealthCheck, HealthIssue
from alchemist_desktop.domain.settings import Scanner, Settings
from alchemist_desktop.engine.bus import EventBus
from alchemist_desktop.engine.doctor import AT_ONCE, LibraryDoctor
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.health import HealthRepository

pytestmark = pytest.mark.anyio

BAD = HealthIssue(category=HealthCategory.CORRUPT_FILE, summary="It is bad.")


@dataclass
class Stethoscope:
    """An examiner that judges by names; files with `slow` in theirs take until `go_on`."""

    examined: list[str] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    go_on: asyncio.Event = field(default_factory=asyncio.Event)

    async def examine(self, path: str, depth: Depth) -> HealthIssue | None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if "slow" in path:
                await self.go_on.wait()
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.cancelled.append(path)
            raise
        finally:
            self.at_once -= 1
        self.examined.append(path)
        if "hangs" in path:
            raise KnownError("Reading hangs.", code="HEALTH_CHECK_FAILED")
        if "growing" in path:
            Path(path).write_bytes(b"more")
        return BAD if "bad" in path else None


@dataclass
class Ward:
    """A doctor with its library and everything around."""

    library: Path
    bus: EventBus
    checks: HealthRepository
    examiner: Stethoscope
    doctor: LibraryDoctor
    facts: list[Event]
    progress: list[HealthScanProgressed]
    is_busy: bool = False

    def add(self, *names: str) -> None:
        for name in names:
            path = self.library / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"")


@pytest.fixture
async def ward(tmp_path: Path, anyio_backend: object) -> AsyncIterator[Ward]:
    database = Database.open(str(tmp_path / "a.db"))
    library = tmp_path / "library"
    library.mkdir()
    settings = Settings(scanner=Scanner(directories=(str(library),)))
    bus, checks, examiner = EventBus(), HealthRepository(database, SystemClock()), Stethoscope()
    doctor = LibraryDoctor(
        checks=checks,
        examiner=examiner,
        bus=bus,
        clock=SystemClock(),
        settings=lambda: settings,
        is_engine_busy=lambda: made.is_busy,
    )
    made = Ward(library, bus, checks, examiner, doctor, [], [])

    def hear(published: Published) -> None:
        if isinstance(published.event, HealthScanProgressed):
            made.progress.append(published.event)
        elif isinstance(published.event, Event):
            made.facts.append(published.event)

    bus.subscribe(hear)
    yield made
    await doctor.cancel()
    await database.close()


async def test_every_library_file_is_looked_at_results_of_jobs_included(ward: Ward) -> None:
    ward.add("a.mkv", "b/bad.mkv", "b/a-alchemist.mkv", "notes.txt", ".hidden/c.mkv")
    ward.doctor.start(Depth.PACKETS)
    status = await ward.doctor.join()
    assert sorted(Path(path).name for path in ward.examiner.examined) == ["a-alchemist.mkv", "a.mkv", "bad.mkv"]
    assert (status.is_running, status.total, status.checked, status.issues) == (False, 3, 3, 1)
    ((found, job),) = await ward.checks.issues()
    assert (Path(found.path).name, found.issue, found.depth, job) == ("bad.mkv", BAD, Depth.PACKETS, None)
    assert [type(fact) for fact in ward.facts] == [HealthScanStarted, HealthScanCompleted]
    assert ward.progress[-1].status.checked == 3
    assert ward.examiner.most_at_once <= AT_ONCE


async def test_a_pass_over_10000_files_is_interrupted_and_goes_on_where_it_was(ward: Ward) -> None:
    names = [f"{n // 100:03}/{n:05}.mkv" for n in range(10_000)]
    ward.add(*names)
    ward.doctor.start(Depth.HEADER)
    while len(ward.examiner.examined) < 300:
        await asyncio.sleep(0)
    await ward.doctor.cancel()
    before = list(ward.examiner.examined)
    assert len(before) < 10_000
    assert not ward.doctor.status.is_running
    summary = await ward.checks.summary()
    # What was being looked at is lost, everything else is kept.
    assert len(before) - AT_ONCE <= summary.total_checked <= len(before)
    assert summary.unfinished is Depth.HEADER
    ward.examiner.examined.clear()
    ward.doctor.start(Depth.HEADER)
    status = await ward.doctor.join()
    assert len(ward.examiner.examined) == 10_000 - summary.total_checked
    assert (status.total, status.checked) == (10_000, 10_000)
    after = await ward.checks.summary()
    assert (after.total_checked, after.unfinished) == (10_000, None)


async def test_cancelling_ends_what_is_being_looked_at_and_waits_for_that(ward: Ward) -> None:
    ward.add("a.mkv", "slow 1.mkv", "slow 2.mkv", "slow 3.mkv")
    ward.doctor.start(Depth.FULL)
    while ward.examiner.at_once < AT_ONCE or not ward.examiner.examined:
        await asyncio.sleep(0.001)
    await ward.doctor.cancel()
    assert sorted(Path(path).name for path in ward.examiner.cancelled) == ["slow 1.mkv", "slow 2.mkv"]
    assert ward.examiner.at_once == 0
    assert isinstance(ward.facts[-1], HealthScanCompleted)
    assert (await ward.checks.summary()).total_checked == 1  # a.mkv


async def test_a_second_pass_is_refused_while_one_runs(ward: Ward) -> None:
    ward.add("slow.mkv")
    ward.doctor.start(Depth.FULL)
    with pytest.raises(ConflictError) as caught:
        ward.doctor.start(Depth.HEADER)
    assert caught.value.code == "HEALTH_SCAN_IN_PROGRESS"
    ward.examiner.go_on.set()
    await ward.doctor.join()
    ward.doctor.start(Depth.HEADER)
    assert (await ward.doctor.join()).depth is Depth.HEADER


async def test_a_finished_pass_begins_anew_and_a_fresh_one_too(ward: Ward) -> None:
    ward.add("a.mkv", "slow.mkv")
    ward.examiner.go_on.set()
    for fresh in (False, False, True):
        ward.doctor.start(Depth.HEADER, fresh=fresh)
        await ward.doctor.join()
    assert len(ward.examiner.examined) == 6


async def test_a_file_that_changed_since_is_looked_at_again_in_the_same_pass(ward: Ward) -> None:
    ward.add("a.mkv", "slow.mkv")
    ward.doctor.start(Depth.HEADER)
    while not ward.examiner.examined:
        await asyncio.sleep(0.001)
    await ward.doctor.cancel()
    (ward.library / "a.mkv").write_bytes(b"changed")
    ward.examiner.go_on.set()
    ward.doctor.start(Depth.HEADER)
    await ward.doctor.join()
    assert [Path(path).name for path in ward.examiner.examined].count("a.mkv") == 2


async def test_what_cannot_be_judged_now_is_no_finding_and_does_not_end_the_pass(ward: Ward) -> None:
    ward.add("bad growing.mkv", "hangs.mkv", "z.mkv")
    ward.doctor.start(Depth.HEADER)
    status = await ward.doctor.join()
    assert (status.checked, status.unread, status.issues) == (3, 2, 0)
    assert (await ward.checks.summary()).total_checked == 1


async def test_with_the_wish_to_wait_nothing_begins_while_jobs_run(ward: Ward) -> None:
    ward.add("a.mkv")
    ward.is_busy = True
    ward.doctor.start(Depth.HEADER, yields_to_jobs=True)
    while not any(event.status.is_waiting for event in ward.progress):
        await asyncio.sleep(0.001)
    assert ward.examiner.examined == []
    ward.is_busy = False
    assert (await ward.doctor.join()).checked == 1


async def test_files_that_left_the_library_are_forgotten_unless_their_volume_is_away(ward: Ward) -> None:
    ward.add("bad.mkv", "a.mkv")
    ward.doctor.start(Depth.HEADER)
    await ward.doctor.join()
    (ward.library / "bad.mkv").unlink()
    ward.doctor.start(Depth.HEADER)
    await ward.doctor.join()
    assert (await ward.checks.summary()).issues_found == 0
    ward.add("bad.mkv")
    ward.doctor.start(Depth.HEADER)
    await ward.doctor.join()
    ward.library.rename(ward.library.with_name("away"))
    ward.doctor.start(Depth.HEADER)
    await ward.doctor.join()
    assert (await ward.checks.summary()).issues_found == 1


async def test_one_file_is_checked_by_itself_and_forgotten_when_it_is_gone(ward: Ward) -> None:
    ward.add("bad.mkv")
    path = str(ward.library / "bad.mkv")
    check = await ward.doctor.check_file(path, Depth.FULL)
    assert check.issue == BAD
    assert await ward.checks.get(path) == check
    Path(path).unlink()
    with pytest.raises(NotFoundError) as caught:
        await ward.doctor.check_file(path, Depth.FULL)
    assert caught.value.code == "HEALTH_FILE_MISSING"
    assert await ward.checks.get(path) is None


async def test_a_folder_is_looked_at_without_storing_anything(ward: Ward) -> None:
    ward.add("bad.mkv", "hangs.mkv", "a.mkv")
    results = [result async for result in ward.doctor.examine_folder(str(ward.library), Depth.HEADER)]
    assert sum(isinstance(result, KnownError) for result in results) == 1
    assert sum(isinstance(result, HealthCheck) and result.issue == BAD for result in results) == 1
    assert (await ward.checks.summary()).total_checked == 0
