"""An open database and a clock that stands still until it is told."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.jobs import JobRepository
from tests.unit.storage.support import SetClock


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture
async def db(tmp_path: Path, anyio_backend: str) -> AsyncIterator[Database]:
    database = Database.open(str(tmp_path / "data" / "alchemist.db"))
    yield database
    await database.close()


@pytest.fixture
def jobs(db: Database, clock: SetClock) -> JobRepository:
    return JobRepository(db, clock)
