"""Copies of the database."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse
from alchemist_desktop.api.uploads import UploadCodes, receive_part
from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.services.backups import BackupService

_MAX_UPLOAD_BYTES = 2 * 1024**3
_CODES = UploadCodes(
    missing="RESTORE_BACKUP_FILE_MISSING",
    malformed="RESTORE_BACKUP_UPLOAD_CHUNK_FAILED",
    too_large="RESTORE_BACKUP_UPLOAD_TOO_LARGE",
    write_failed="RESTORE_BACKUP_UPLOAD_WRITE_FAILED",
)


class BackupRoutes:
    """Fetch a backup, and check one. Restoring is done from the command line, where nothing else has the database open."""

    def __init__(self, backups: BackupService) -> None:
        self._backups = backups

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("POST", "/system/backup", self.create, "BACKUP_FAILED"),
            Endpoint("POST", "/system/backup/validate-restore", self.validate, "RESTORE_BACKUP_UPLOAD_CREATE_FAILED"),
        ]

    async def create(self, _request: Request) -> Response:
        pieces = self._backups.stream()
        try:
            first = await anext(pieces)  # whatever goes wrong with the copy shows here, while it can still be told
        except (KnownError, OSError) as error:
            raise ProblemError(500, "BACKUP_FAILED", f"The backup could not be made: {error}") from error
        # No Content-Encoding: clients would unpack what is meant to be kept packed.
        headers = {"Content-Disposition": 'attachment; filename="alchemist.db.gz"'}
        return StreamingResponse(_all_of(first, pieces), media_type="application/gzip", headers=headers)

    async def validate(self, request: Request) -> Response:
        try:
            folder = await asyncio.to_thread(self._backups.make_upload_folder)
        except OSError as error:
            raise ProblemError(500, "RESTORE_BACKUP_TEMP_DIR_FAILED", f"There is no place for the upload: {error}.") from error
        with folder:
            upload = Path(folder.name) / "upload"
            part = await receive_part(request, upload, max_bytes=_MAX_UPLOAD_BYTES, codes=_CODES)
            if part.field not in {None, "", "backup"}:
                raise ProblemError(400, "RESTORE_BACKUP_FIELD_INVALID", "The first part must be called backup.")
            facts = await self._backups.inspect_backup(upload)
        return JsonResponse(
            {
                "valid": True,
                "schema_version": facts.schema_version,
                "min_compatible_version": facts.min_compatible_version,
                "migration_count": facts.migration_count,
                "job_count": facts.job_count,
            }
        )


async def _all_of(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece
