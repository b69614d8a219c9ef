"""Migration 0004_api: from the schema before it, with its rows, to the one after it."""

from pathlib import Path

import pytest

from alchemist_desktop.domain.conversion import DEFAULT_CONVERSION, ConversionState
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.storage.conversions import ConversionRepository, ConversionRow
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.schedule import ScheduleIdRepository
from tests.api.in_memory import make_probe
from tests.unit.storage.support import SetClock, connect_before

pytestmark = pytest.mark.anyio


async def test_rows_survive_and_new_tables_are_there(tmp_path: Path) -> None:
    connection = connect_before("0004_api", tmp_path)
    connection.sql("INSERT INTO preferences VALUES ('kept', 'yes')")
    connection.close()
    database = Database.open(str(tmp_path / "a.db"))
    try:
        assert await database.read(lambda db: db.sql("SELECT value FROM preferences").fetchall()) == [("yes",)]
        columns = await database.read(lambda db: {row[1] for row in db.sql("PRAGMA table_info(conversions)")})
        assert columns == set(ConversionRow._meta.columns)
        assert await ScheduleIdRepository(database).assign(["a", "a", "b"]) == [1, 2, 3]
    finally:
        await database.close()


async def test_ids_of_windows_stay_with_their_span(tmp_path: Path) -> None:
    database = Database.open(str(tmp_path / "a.db"))
    try:
        ids = ScheduleIdRepository(database)
        assert await ids.assign(["a", "a", "b"]) == [1, 2, 3]
        assert await ids.assign(["b", "c", "a", "a"]) == [3, 4, 1, 2]
        await ids.forget(1)
        assert await ids.assign(["a", "b"]) == [2, 3]
        assert await ids.assign(["c"]) == [5]
    finally:
        await database.close()


async def test_a_conversion_is_stored_whole(tmp_path: Path) -> None:
    database = Database.open(str(tmp_path / "a.db"))
    try:
        conversions = ConversionRepository(database, SetClock())
        probe = make_probe("/temp/\udcff.mkv")
        added = await conversions.add("/temp/\udcff.mkv", probe)
        assert (added.state, added.probe, added.settings) == (ConversionState.UPLOADED, probe, None)
        await conversions.draft(added.id, DEFAULT_CONVERSION)
        await conversions.link(added.id, JobId(7), "/out/\udcff.mkv", DEFAULT_CONVERSION)
        linked = await conversions.for_job(JobId(7))
        assert linked is not None
        assert (linked.id, linked.output_path, linked.settings) == (added.id, "/out/\udcff.mkv", DEFAULT_CONVERSION)
        await conversions.mark_downloaded(added.id)
        (stored,) = await conversions.all()
        assert (stored.state, stored.downloaded_at is not None) == (ConversionState.DOWNLOADED, True)
        await conversions.delete(added.id)
        assert await conversions.get(added.id) is None
    finally:
        await database.close()
