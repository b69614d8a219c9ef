"""Keeps the results of hardware detections by what they depend on: system, FFmpeg, drivers and devices."""

import json

from pydantic import TypeAdapter

from alchemist_desktop.domain.hardware import HardwareMatrix
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.tables import HardwareRow

_MATRIX = TypeAdapter(HardwareMatrix)
_KEPT = 8  # several FFmpegs, or a card that comes and goes


class HardwareRepository:
    """The newest matrix for each key. A key names everything that could change the result."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def get(self, key: str) -> HardwareMatrix | None:
        """None also for a row of another version of the program, which cannot be read any more."""
        text = await self._db.read(_get, key)
        if text is None:
            return None
        try:
            return _MATRIX.validate_python(json.loads(text))
        except ValueError:
            return None

    async def put(self, key: str, matrix: HardwareMatrix) -> None:
        text = _MATRIX.dump_json(matrix).decode()
        now = self._clock.now()

        def store(db: Connection) -> None:
            HardwareRow.insert(key=key, matrix=text, created_at=now).on_conflict_replace().execute(db)
            kept = HardwareRow.select(HardwareRow.key).order_by(HardwareRow.created_at.desc()).limit(_KEPT)
            HardwareRow.delete().where(HardwareRow.key.not_in(kept)).execute(db)

        await self._db.write(store)


def _get(db: Connection, key: str) -> str | None:
    rows = list(HardwareRow.select(HardwareRow.matrix).where(HardwareRow.key == key).tuples().execute(db))
    return rows[0][0] if rows else None
