"""Remembered detections."""

from pathlib import Path

import pytest

from alchemist_desktop.app.clock import SystemClock
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.hardware import HardwareRepository
from tests.support.hardware import matrix, two_cards

pytestmark = pytest.mark.anyio


async def test_a_matrix_survives_and_the_oldest_are_forgotten(tmp_path: Path) -> None:
    database = Database.open(str(tmp_path / "a.db"))
    try:
        store = HardwareRepository(database, SystemClock())
        await store.put("first", two_cards())
        assert await store.get("first") == two_cards()
        assert await store.get("other") is None
        await store.put("first", matrix())
        assert await store.get("first") == matrix()
        for number in range(9):
            await store.put(str(number), matrix())
        assert await store.get("first") is None
        assert await store.get("8") == matrix()
        await database.write(lambda db: db.sql('UPDATE hardware SET matrix = \'{"of": "another version"}\''))
        assert await store.get("8") is None
    finally:
        await database.close()
