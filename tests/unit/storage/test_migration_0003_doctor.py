"""0003_doctor: a filled database of the version before gets the new tables, and the tracks of the probes it holds."""

from pathlib import Path

from alchemist_desktop.storage.codec import probe_to_json
from alchemist_desktop.storage.connection import Connection
from alchemist_desktop.storage.fields import encode_text
from alchemist_desktop.storage.schema import migrate
from tests.unit.storage.support import connect_before
from tests.unit.storage.test_known import full_probe

PATH = "/lib/caf\udce9.mkv"


def put_probe(db: Connection, path: str, text: str) -> None:
    sql = "INSERT OR REPLACE INTO probes VALUES (CAST(? AS TEXT), 1, '1', 'p', ?, 0)"
    db.sql(sql, (encode_text(path), text))


def tracks(db: Connection) -> list[tuple[object, ...]]:
    return db.sql("SELECT path, stream_index, kind, codec, profile, channels, duration_s FROM tracks ORDER BY 1, 2").fetchall()


EXPECTED = [
    (PATH, 0, "video", "hevc", None, None, 12.5),
    (PATH, 1, "audio", "dts", "DTS-HD MA", 6, 12.5),
]


def test_0003_doctor_takes_over_what_is_known(tmp_path: Path) -> None:
    db = connect_before("0003_doctor", tmp_path)
    try:
        put_probe(db, PATH, probe_to_json(full_probe(PATH)))
        put_probe(db, "/lib/odd.mkv", "no json at all")
        migrate(db, db.database)
        assert tracks(db) == EXPECTED
        assert db.sql("SELECT count(*) FROM health_checks").fetchone() == (0,)
    finally:
        db.close()


def test_tracks_follow_their_probe(tmp_path: Path) -> None:
    db = Connection(str(tmp_path / "a.db"))
    try:
        migrate(db, db.database)
        text = probe_to_json(full_probe(PATH))
        put_probe(db, PATH, text)
        assert tracks(db) == EXPECTED
        put_probe(db, PATH, text.replace('"dts"', '"flac"'))
        assert [row[3] for row in tracks(db)] == ["hevc", "flac"]
        db.sql("DELETE FROM probes")
        assert tracks(db) == []
    finally:
        db.close()
