"""The first schema (0001_initial): what a new database holds."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from alchemist_desktop.storage.database import Database

pytestmark = pytest.mark.anyio

TABLES = {
    "api_tokens", "attempts", "decisions", "failures", "jobs", "logs", "preferences", "probes", "profiles",
    "replacements", "sessions", "stats", "trash", "users", "watch_dirs",
}  # fmt: skip


async def _make(path: Path) -> None:
    database = Database.open(str(path))
    await database.close()


def _rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.execute(sql))


async def test_a_new_database_has_every_table(tmp_path: Path) -> None:
    await _make(tmp_path / "new.db")
    names = {name for (name,) in _rows(tmp_path / "new.db", "SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert names >= TABLES


async def test_the_built_in_profiles_are_those_of_the_contract(tmp_path: Path) -> None:
    await _make(tmp_path / "new.db")
    sql = "SELECT id, preset, codec, quality_profile, hdr_mode, audio_mode, builtin FROM profiles ORDER BY id"
    assert _rows(tmp_path / "new.db", sql) == [
        (1, "space_saver", "av1", "speed", "tonemap", "aac", 1),
        (2, "quality_first", "hevc", "quality", "preserve", "copy", 1),
        (3, "balanced", "av1", "balanced", "preserve", "copy", 1),
        (4, "streaming", "h264", "balanced", "tonemap", "aac_stereo", 1),
    ]


async def test_two_live_jobs_cannot_have_one_output(tmp_path: Path) -> None:
    await _make(tmp_path / "new.db")
    indexes = {
        str(name): sql for name, sql in _rows(tmp_path / "new.db", "SELECT name, sql FROM sqlite_master WHERE type = 'index'")
    }
    assert str(indexes["jobs_one_per_output"]).startswith("CREATE UNIQUE INDEX")
    assert str(indexes["jobs_one_per_source"]).startswith("CREATE UNIQUE INDEX")
