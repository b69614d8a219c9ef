"""`restore`: puts a backup in the place of the database, keeping what was there before."""

import asyncio
from datetime import datetime
from pathlib import Path

from rich.console import Console

from alchemist_desktop.app.paths import Paths
from alchemist_desktop.app.single_instance import InstanceLock
from alchemist_desktop.domain.errors import ConflictError, InvalidRequestError
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.restore import check_backup, swap_in, unpack


async def run_restore(paths: Paths, file: str) -> int:
    """Check the backup, keep the present database beside itself, and put the backup in its place. Raises KnownError."""
    backup = _existing_file(file)
    paths.create_folders()
    lock = InstanceLock(paths.database)
    if not lock.acquire():
        raise ConflictError("The program is running; end it before restoring a backup.", code="ALREADY_RUNNING")
    try:
        console = Console(highlight=False)
        for line in await asyncio.to_thread(_restore, backup, paths.database):
            console.print(line, markup=False, soft_wrap=True)
        # The first start after this would bring an older backup up to date; doing it now shows that it works.
        await (await asyncio.to_thread(Database.open, str(paths.database))).close()
    finally:
        lock.release()
    return 0


def _existing_file(path: str) -> Path:
    file = Path(path).expanduser()
    if not file.is_file():
        raise InvalidRequestError(f"{path} is not a file.", code="RESTORE_BACKUP_FILE_MISSING", path=path)
    return file


def _restore(backup: Path, database: Path) -> list[str]:
    staged = database.with_name(f"{database.name}.restoring")
    staged.unlink(missing_ok=True)
    snapshot = database.with_name(f"{database.name}.before-restore-{datetime.now():%Y%m%d-%H%M%S}")
    had_one = database.exists()
    try:
        unpack(backup, staged)
        facts = check_backup(staged)
        swap_in(staged, database, snapshot)
    finally:
        staged.unlink(missing_ok=True)
    restored = f"Restored {database}: {facts.job_count} jobs, schema {facts.schema_version}."
    return [restored, f"The database as it was before: {snapshot}"] if had_one else [restored]
