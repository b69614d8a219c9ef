"""Copies of the database: making them, and proving that one can be restored."""

import asyncio
import tempfile
import zlib
from collections.abc import AsyncIterator
from pathlib import Path

from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.restore import BackupFacts, check_backup, unpack

_CHUNK = 1024 * 1024
_GZIP = 31


class BackupService:
    """Works in `temp`; the database goes on working meanwhile."""

    def __init__(self, database: Database, temp: Path) -> None:
        self._database = database
        self._temp = temp

    async def stream(self) -> AsyncIterator[bytes]:
        """A whole copy of the database, compressed with gzip, piece by piece. Raises KnownError before the first piece."""
        folder = await asyncio.to_thread(self._make_folder)
        try:
            copy = Path(folder.name) / "alchemist.db"
            await self._database.backup_to(str(copy))
            packer = zlib.compressobj(wbits=_GZIP)
            with await asyncio.to_thread(copy.open, "rb") as file:
                while chunk := await asyncio.to_thread(file.read, _CHUNK):
                    if packed := await asyncio.to_thread(packer.compress, chunk):
                        yield packed
            yield packer.flush()
        finally:
            folder.cleanup()

    def make_upload_folder(self) -> tempfile.TemporaryDirectory[str]:
        """A folder of its own for a backup that comes in; whoever asks for it removes it. Raises OSError."""
        return self._make_folder()

    async def inspect_backup(self, path: Path) -> BackupFacts:
        """Unpack a backup beside itself and look it over whole. Raises InvalidRequestError with a RESTORE_BACKUP_* code."""
        return await asyncio.to_thread(_inspect, path)

    def _make_folder(self) -> tempfile.TemporaryDirectory[str]:
        self._temp.mkdir(parents=True, exist_ok=True, mode=0o700)
        return tempfile.TemporaryDirectory(prefix="backup-", dir=self._temp, ignore_cleanup_errors=True)


def _inspect(path: Path) -> BackupFacts:
    database = path.with_name(f"{path.name}.unpacked")
    unpack(path, database)
    return check_backup(database)
