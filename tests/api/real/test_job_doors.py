"""Files handed to the queue, and what a run of theirs tells, over a real socket with the real FFmpeg."""

import logging
from pathlib import Path

import pytest

from alchemist_desktop.domain.job import JobState
from tests.api.real.support import Face, open_face
from tests.api.support import check_problem
from tests.support.core import quick_settings, until_state
from tests.support.media import make_clip

pytestmark = pytest.mark.anyio


async def test_a_result_is_no_error_for_those_who_hand_it_in(tmp_path: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    (library / "film-alchemist.mkv").write_bytes(b"result")
    (library / "notes.txt").write_bytes(b"text")
    settings = quick_settings(scanner={"directories": (str(library.resolve()),)})
    async with open_face(tmp_path, settings) as face:
        path = str(library / "film-alchemist.mkv")
        reply = await face.send("POST", "/jobs/enqueue", {"path": path})
        assert reply == {"enqueued": False, "message": "This is a result of an earlier job."}
        taken = await face.send("POST", "/webhooks/arr", {"eventType": "Download", "movieFile": {"path": path}})
        assert (taken["accepted"], taken["enqueued"]) == (True, False)
        reply = await face.client.post("/api/v1/jobs/enqueue", json={"path": str(library / "notes.txt")})
        check_problem(reply, 400, "ENQUEUE_UNSUPPORTED_TYPE")


async def test_what_ffmpeg_says_is_in_the_log_of_its_job(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    library = tmp_path / "library"
    library.mkdir()
    clip = make_clip(library / "film.mkv", duration_s=1.0)
    damaged = bytearray(clip.read_bytes())
    damaged[len(damaged) // 2 : len(damaged) // 2 + 2000] = b"\xff" * 2000
    clip.write_bytes(damaged)
    settings = quick_settings(scanner={"directories": (str(library.resolve()),)})
    with caplog.at_level(logging.INFO, "alchemist_desktop"):
        async with open_face(tmp_path, settings, start=True) as face:
            await face.send("POST", "/jobs/enqueue", {"path": str(clip)})
            job = await until_state(face.core, "film.mkv", JobState.COMPLETED, JobState.FAILED)
    said = [record for record in caplog.records if record.getMessage().startswith("FFmpeg: ")]
    assert said
    assert {(record.levelname, vars(record)["job_id"]) for record in said} == {("INFO", job.id)}


async def test_a_database_that_cannot_be_written_is_told_by_the_codes_of_the_routes(face: Face) -> None:
    await face.core.database.write(lambda db: db.sql("PRAGMA query_only = 1"))
    assert await face.get("/jobs") == [], "a token is good, though its use cannot be noted"
    profile = {
        "name": "a",
        "preset": "b",
        "codec": "av1",
        "quality_profile": "speed",
        "hdr_mode": "preserve",
        "audio_mode": "copy",
    }
    for path, body, code in (
        ("/settings/preferences", {"key": "a", "value": "b"}, "SETTING_PREFERENCE_SET_FAILED"),
        ("/profiles", profile, "CREATE_PROFILE_FAILED"),
        ("/settings/api-tokens", {"name": "a", "access_level": "jellyfin"}, "API_TOKEN_CREATE_FAILED"),
    ):
        problem = check_problem(await face.client.post(f"/api/v1{path}", json=body), 500, code)
        assert problem["detail"] == "The database cannot be written; check the rights of its folder."
