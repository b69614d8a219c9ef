"""Backups: made, checked, and put in place again."""

import gzip
import sqlite3
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from tests.api.real.support import Face, announce_upload
from tests.api.support import check_problem

pytestmark = pytest.mark.anyio


async def fetch(face: Face) -> bytes:
    reply = await face.client.post("/api/v1/system/backup")
    assert reply.status_code == 200
    assert reply.headers["content-type"] == "application/gzip"
    assert "content-encoding" not in reply.headers
    assert reply.headers["content-disposition"] == 'attachment; filename="alchemist.db.gz"'
    return reply.content


async def offer(face: Face, content: bytes, field: str = "backup") -> httpx.Response:
    return await face.client.post("/api/v1/system/backup/validate-restore", files={field: ("alchemist.db.gz", content)})


async def test_a_backup_is_whole_and_valid_packed_or_not(face: Face) -> None:
    await face.send("POST", "/settings/preferences", {"key": "mark", "value": "before"})
    packed = await fetch(face)
    for content in (packed, gzip.decompress(packed)):
        reply = await offer(face, content)
        assert reply.status_code == 200, reply.text
        body = reply.json()
        assert body == {
            "valid": True, "schema_version": body["schema_version"], "min_compatible_version": "0.1.0",
            "migration_count": body["migration_count"], "job_count": 0,
        }  # fmt: skip
        assert int(body["schema_version"]) >= body["migration_count"] >= 2
    assert list(face.core.paths.temp.iterdir()) == []


def _foreign() -> bytes:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE t(x)")
    return bytes(db.serialize())


def _as_is(content: bytes) -> bytes:
    return content


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda _good: b"", "RESTORE_BACKUP_INVALID"),
        (lambda _good: b"no database", "RESTORE_BACKUP_INVALID"),
        (lambda good: good[:5000], "RESTORE_BACKUP_INVALID"),
        (lambda good: good + b"more", "RESTORE_BACKUP_INVALID"),
        (lambda good: good[:8192] + b"\x55" * 4096 + good[12288:], "RESTORE_BACKUP_INVALID"),
        (lambda _good: _foreign(), "RESTORE_BACKUP_INVALID"),
        (lambda good: gzip.compress(good)[:-2000], "RESTORE_BACKUP_DECOMPRESS_FAILED"),
        (lambda _good: b"\x1f\x8b and then nonsense", "RESTORE_BACKUP_DECOMPRESS_FAILED"),
        (lambda good: gzip.compress(good[:100] + bytes(200_000_000)), "RESTORE_BACKUP_INVALID"),
    ],
)
async def test_what_is_no_backup_is_refused(face: Face, spoil: Callable[[bytes], bytes], code: str) -> None:
    good = gzip.decompress(await fetch(face))
    check_problem(await offer(face, spoil(good)), 400, code)
    assert list(face.core.paths.temp.iterdir()) == []


async def test_an_upload_must_have_the_right_form(face: Face) -> None:
    path = "/api/v1/system/backup/validate-restore"
    check_problem(await offer(face, await fetch(face), "other"), 400, "RESTORE_BACKUP_FIELD_INVALID")
    multipart = {"Content-Type": "multipart/form-data; boundary=x"}
    empty = await face.client.post(path, content=b"--x--\r\n", headers=multipart)
    check_problem(empty, 400, "RESTORE_BACKUP_FILE_MISSING")
    cut = await face.client.post(
        path, content=b'--x\r\nContent-Disposition: form-data; name="backup"\r\n\r\nabc', headers=multipart
    )
    check_problem(cut, 400, "RESTORE_BACKUP_UPLOAD_CHUNK_FAILED")
    wrong = await face.client.post(path, content=b"not multipart", headers=multipart)
    check_problem(wrong, 400, "RESTORE_BACKUP_UPLOAD_CHUNK_FAILED")
    check_problem(await face.client.post(path, json={}), 400, "MULTIPART_REQUIRED")
    assert await announce_upload(face, path.removeprefix("/api/v1"), 3 * 1024**3) == (413, "RESTORE_BACKUP_UPLOAD_TOO_LARGE")


def run_restore(home: Path, file: Path) -> subprocess.CompletedProcess[str]:
    script = "from alchemist_desktop.app.main import main; main()"
    environment = {
        "ALCHEMIST_DATA_DIR": str(home / "data"), "ALCHEMIST_CONFIG_PATH": str(home / "config.toml"), "PATH": "/usr/bin:/bin",
        "ALCHEMIST_TEMP_DIR": str(home / "temp"), "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(Path(__file__).parents[3]),
        "HOME": str(home),
    }  # fmt: skip
    argv = [sys.executable, "-c", script, "restore", str(file)]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)


def marks(database: Path) -> list[str]:
    db = sqlite3.connect(database)
    try:
        return [value for (value,) in db.execute("SELECT value FROM preferences WHERE key = 'face/mark'")]
    finally:
        db.close()


async def test_a_backup_can_be_put_in_place_of_the_database(face: Face, tmp_path: Path) -> None:
    await face.send("POST", "/settings/preferences", {"key": "mark", "value": "before"})
    backup = tmp_path / "backup.gz"
    backup.write_bytes(await fetch(face))
    await face.send("POST", "/settings/preferences", {"key": "mark", "value": "after"})
    home = tmp_path / "other"
    (home / "data").mkdir(parents=True)
    database = home / "data" / "alchemist.db"
    await face.core.database.backup_to(str(database))
    done = run_restore(home, backup)
    assert done.returncode == 0, done.stdout + done.stderr
    assert marks(database) == ["before"]
    (snapshot,) = database.parent.glob("alchemist.db.before-restore-*")
    assert marks(snapshot) == ["after"]
    backup.write_bytes(zlib.compress(b"x"))
    refused = run_restore(home, backup)
    assert refused.returncode == 1
    assert "no backup" in refused.stderr
    assert marks(database) == ["before"]


async def test_a_damaged_database_is_kept_as_it_is(face: Face, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    backup.write_bytes(gzip.decompress(await fetch(face)))
    data = tmp_path / "other" / "data"
    data.mkdir(parents=True)
    (data / "alchemist.db").write_bytes(b"damaged beyond words" * 100)
    done = run_restore(tmp_path / "other", backup)
    assert done.returncode == 0, done.stdout + done.stderr
    (snapshot,) = data.glob("alchemist.db.before-restore-*")
    assert snapshot.read_bytes() == b"damaged beyond words" * 100
