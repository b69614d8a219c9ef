"""Unpacks backups, proves that they are whole databases of this program, and puts one in place."""

import contextlib
import os
import shutil
import sqlite3
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from alchemist_desktop.domain.errors import InvalidRequestError, KnownError
from alchemist_desktop.storage.connection import Connection, known_errors
from alchemist_desktop.storage.schema import MIGRATIONS, back_up

MIN_COMPATIBLE_VERSION = "0.1.0"  # the first version of the program that can read what is written today

_MAGIC = b"SQLite format 3\0"
_GZIP_MAGIC = b"\x1f\x8b"
_HEADER_BYTES = 100
_CHUNK = 1024 * 1024
_MOST_BYTES = 64 * 1024**3
_SPARE_BYTES = 256 * 1024**2  # room that must be left on the disk
_CHECK_LIMIT_S = 600.0
# Databases of a hundred thousand jobs pack to a fifth or tenth; what is packed a hundred times smaller was made to fill a disk.
_MOST_PACKED, _PACKED_FREELY_BYTES = 100, 64 * 1024**2
_WAL_SUFFIXES = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupFacts:
    """What a valid backup holds. `schema_version` is the number of its newest migration."""

    schema_version: str
    min_compatible_version: str
    migration_count: int
    job_count: int


def unpack(source: Path, target: Path) -> None:
    """Write the database in `source`, gzip or not, to `target`.

    A small file may unpack to an enormous one: no more is written than the database's own header announces, and nothing
    when that is out of proportion or there is no room for it. Raises InvalidRequestError
    (RESTORE_BACKUP_DECOMPRESS_FAILED, RESTORE_BACKUP_INVALID).
    """
    with source.open("rb") as file, target.open("xb") as output:
        blocks = _inflated(file) if file.read(2) == _GZIP_MAGIC else _plain(file)
        file.seek(0)
        header = b""
        for block in blocks:
            header += block
            if len(header) >= _HEADER_BYTES:
                break
        size = _announced_bytes(header)
        if size > max(_PACKED_FREELY_BYTES, _MOST_PACKED * source.stat().st_size):
            raise _invalid("it would grow too much when it is unpacked")
        left = size - len(header)
        if shutil.disk_usage(target.parent).free < left + _SPARE_BYTES:
            raise KnownError("There is too little room to unpack the backup.", code="RESTORE_BACKUP_UPLOAD_WRITE_FAILED")
        output.write(header)
        for block in blocks:
            left -= len(block)
            if left < 0:
                break
            output.write(block)
        if left != 0:
            raise _invalid("it is not as long as its header says")
        output.flush()
        os.fsync(output.fileno())


def check_backup(path: Path) -> BackupFacts:
    """Look the whole database over, without changing it. Raises InvalidRequestError (RESTORE_BACKUP_INVALID)."""
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        ends_s = time.monotonic() + _CHECK_LIMIT_S
        db.set_progress_handler(lambda: time.monotonic() > ends_s, 100_000)
        db.execute("PRAGMA trusted_schema = 0")
        return _facts(db)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise _invalid(str(error)) from error
    finally:
        db.close()


def swap_in(staged: Path, database: Path, snapshot: Path) -> None:
    """Put `staged` in the place of `database`, which nobody may have open, after keeping that as `snapshot`."""
    if database.exists():
        _keep(database, snapshot)
    for suffix in _WAL_SUFFIXES[1:]:
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    staged.replace(database)


def _keep(database: Path, snapshot: Path) -> None:
    connection = Connection(str(database))
    try:
        with known_errors(str(database)):
            back_up(connection, str(snapshot))
    except KnownError:  # damaged, most likely why somebody restores: then its files are kept as they are
        connection.close()
        for suffix in _WAL_SUFFIXES:
            with contextlib.suppress(FileNotFoundError):
                database.with_name(database.name + suffix).replace(snapshot.with_name(snapshot.name + suffix))
    finally:
        connection.close()


def _plain(file: BinaryIO) -> Iterator[bytes]:
    while block := file.read(_CHUNK):
        yield block


def _inflated(file: BinaryIO) -> Iterator[bytes]:
    inflater = zlib.decompressobj(wbits=31)
    try:
        while not inflater.eof:
            data = inflater.unconsumed_tail or file.read(_CHUNK)
            if not data:
                raise InvalidRequestError("The backup ends too early.", code="RESTORE_BACKUP_DECOMPRESS_FAILED")
            if block := inflater.decompress(data, _CHUNK):
                yield block
    except zlib.error as error:
        raise InvalidRequestError(f"The backup cannot be unpacked: {error}.", code="RESTORE_BACKUP_DECOMPRESS_FAILED") from error


def _announced_bytes(header: bytes) -> int:
    """How long the database is, by its header."""
    if not header.startswith(_MAGIC) or len(header) < _HEADER_BYTES:
        raise _invalid("it is no SQLite database")
    page_bytes = int.from_bytes(header[16:18], "big")
    page_bytes = 65536 if page_bytes == 1 else page_bytes
    size = page_bytes * int.from_bytes(header[28:32], "big")
    if not len(header) <= size + _CHUNK or size > _MOST_BYTES or size < _HEADER_BYTES:
        raise _invalid("its header is not plausible")
    return size


def _facts(db: sqlite3.Connection) -> BackupFacts:
    tables = {name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    missing = {"schema_migration", "jobs", "profiles", "preferences"} - tables
    if missing:
        raise _invalid(f"the tables {', '.join(sorted(missing))} are missing")
    applied = [str(name) for (name,) in db.execute("SELECT name FROM schema_migration ORDER BY name")]
    unknown = set(applied) - {path.stem for path in MIGRATIONS.glob("[0-9]*.py")}
    if not applied or unknown:
        raise _invalid("it was written by another version of this program")
    damages = [str(row[0]) for row in db.execute("PRAGMA integrity_check(3)")]
    if damages != ["ok"]:
        raise _invalid(f"it is damaged: {'; '.join(damages)}")
    (jobs,) = db.execute("SELECT count(*) FROM jobs").fetchone()
    return BackupFacts(
        schema_version=str(int(applied[-1].partition("_")[0])),
        min_compatible_version=MIN_COMPATIBLE_VERSION,
        migration_count=len(applied),
        job_count=int(jobs),
    )


def _invalid(reason: str) -> InvalidRequestError:
    return InvalidRequestError(f"This is no backup of this program's database: {reason}.", code="RESTORE_BACKUP_INVALID")
