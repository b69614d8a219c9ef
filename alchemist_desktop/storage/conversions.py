"""Files that were handed in to be converted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from peewee import AutoField, IntegerField, Model, TextField

from alchemist_desktop.domain.conversion import Conversion, ConversionSettings, ConversionState
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.storage.codec import probe_from_json, probe_to_json
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.fields import AnyTextField, UtcField


class ConversionRow(Model):
    """One file that was handed in."""

    id = AutoField()
    upload_path = AnyTextField()
    output_path = AnyTextField(null=True)
    state = TextField()
    settings = TextField(null=True)
    probe = TextField()
    job_id = IntegerField(null=True)
    created_at = UtcField()
    updated_at = UtcField()
    downloaded_at = UtcField(null=True)

    class Meta:
        table_name = "conversions"


class ConversionRepository:
    """Conversions by id."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._db = db
        self._clock = clock

    async def all(self) -> list[Conversion]:
        """In the order in which they came in."""
        return await self._db.read(lambda db: [_to_conversion(row) for row in _rows(db, None)])

    async def get(self, conversion_id: int) -> Conversion | None:
        return await self._db.read(_one, ConversionRow.id == conversion_id)

    async def for_job(self, job_id: JobId) -> Conversion | None:
        return await self._db.read(_one, ConversionRow.job_id == job_id)

    async def add(self, upload_path: str, probe: Probe) -> Conversion:
        return await self._db.write(_add, upload_path, probe, self._clock.now())

    async def draft(self, conversion_id: int, settings: ConversionSettings) -> None:
        """Keep the choices last previewed."""
        state = ConversionState.DRAFT_REMUX if settings.remux_only else ConversionState.DRAFT_TRANSCODE
        await self._update(conversion_id, settings=settings.model_dump_json(), state=state.value)

    async def link(self, conversion_id: int, job_id: JobId, output_path: str, settings: ConversionSettings) -> None:
        """Note the job a conversion became, and the choices it is carried out by."""
        state, text = ConversionState.QUEUED.value, settings.model_dump_json()
        await self._update(conversion_id, job_id=job_id, output_path=output_path, settings=text, state=state)

    async def mark_downloaded(self, conversion_id: int) -> None:
        await self._update(conversion_id, downloaded_at=self._clock.now(), state=ConversionState.DOWNLOADED.value)

    async def delete(self, conversion_id: int) -> None:
        await self._db.write(lambda db: ConversionRow.delete().where(ConversionRow.id == conversion_id).execute(db))

    async def _update(self, conversion_id: int, **columns: object) -> None:
        changed = {**columns, "updated_at": self._clock.now()}
        await self._db.write(lambda db: ConversionRow.update(changed).where(ConversionRow.id == conversion_id).execute(db))


def _rows(db: Connection, condition: Any) -> list[Mapping[str, Any]]:
    query = ConversionRow.select().order_by(ConversionRow.id)
    return list((query if condition is None else query.where(condition)).dicts().execute(db))


def _one(db: Connection, condition: Any) -> Conversion | None:
    rows = _rows(db, condition)
    return _to_conversion(rows[0]) if rows else None


def _add(db: Connection, upload_path: str, probe: Probe, now: datetime) -> Conversion:
    columns = {
        "upload_path": upload_path, "state": ConversionState.UPLOADED.value, "probe": probe_to_json(probe),
        "created_at": now, "updated_at": now,
    }  # fmt: skip
    conversion_id = ConversionRow.insert(columns).execute(db)
    empty = {"output_path": None, "settings": None, "job_id": None, "downloaded_at": None}
    return _to_conversion({**columns, **empty, "id": conversion_id})


def _to_conversion(row: Mapping[str, Any]) -> Conversion:
    settings = None if row["settings"] is None else ConversionSettings.model_validate_json(row["settings"])
    return Conversion(
        id=row["id"],
        upload_path=row["upload_path"],
        output_path=row["output_path"],
        state=ConversionState(row["state"]),
        settings=settings,
        probe=probe_from_json(row["probe"]),
        job_id=None if row["job_id"] is None else JobId(row["job_id"]),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        downloaded_at=row["downloaded_at"],
    )
