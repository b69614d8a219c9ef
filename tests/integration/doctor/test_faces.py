"""The library's health, intelligence and previews through the whole program: real files, database, FFmpeg and HTTP."""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from alchemist_desktop.api.app import create_app
from alchemist_desktop.api.options import ApiOptions
from alchemist_desktop.api.server import EmbeddedServer
from alchemist_desktop.app.core import Core
from alchemist_desktop.domain.access import AccessLevel
from alchemist_desktop.domain.errors import BusyError
from alchemist_desktop.domain.health import Depth
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.domain.queries import JobQuery
from alchemist_desktop.services.library_preview import LibraryPreview
from tests.api.support import check_problem
from tests.support.core import open_test_core, quick_settings
from tests.support.media import make_clip, run_ffmpeg

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole film, the same once more under another name, one cut off, two of one name, and one with a commentary."""
    folder = tmp_path_factory.mktemp("shelf")
    film = make_clip(folder / "Film.mkv", duration_s=1.0)
    shutil.copy(film, folder / "film again (1999).mkv")
    long = make_clip(folder / "long.mkv", duration_s=8.0, size="64x36")
    (folder / "cut.mkv").write_bytes(long.read_bytes()[: long.stat().st_size // 2])
    long.unlink()
    for season, tone in (("1", "300"), ("2", "500")):
        (folder / season).mkdir()
        sine = ("-f", "lavfi", "-i", f"sine=f={tone}:d=1")
        run_ffmpeg(
            [
                *sine,
                "-f",
                "lavfi",
                "-i",
                f"testsrc2=s=64x36:d=1:r={tone[0]}",
                "-c:v",
                "mpeg4",
                "-c:a",
                "flac",
                folder / season / "01.mkv",
            ]
        )
    talk = ("-map", "0:v", "-map", "0:a", "-map", "0:a", "-c", "copy", "-metadata:s:a:1", "title=Commentary by the cast")
    run_ffmpeg(["-i", film, *talk, folder / "talk.mkv"])
    return folder


@asynccontextmanager
async def program(home: Path, library: Path) -> AsyncIterator[tuple[Core, httpx.AsyncClient]]:
    """The program with this library, its jobs analysed as far as scanning does, and a client of its server."""
    settings = quick_settings(scanner={"directories": (str(library),)})
    async with open_test_core(home, settings, start=False) as core:
        await core.services.settings.change(lambda known: known)
        if not await core.services.access.has_user():
            await core.services.access.create_user("admin", "correct horse")
        _, token = await core.services.access.create_token("tests", AccessLevel.FULL_ACCESS)
        options = ApiOptions()
        server = EmbeddedServer(create_app(core.services, core.bus, options), stop_event=options.stop, port=0)
        await server.start()
        base = f"http://127.0.0.1:{server.port}/api/v1"
        headers = {"Authorization": f"Bearer {token}"}
        try:
            async with httpx.AsyncClient(base_url=base, headers=headers, trust_env=False, timeout=30) as client:
                yield core, client
        finally:
            await server.stop()


async def test_the_library_is_checked_over_http(tmp_path: Path, shelf: Path) -> None:
    async with program(tmp_path, shelf) as (core, client):
        await core.services.scans.run()
        assert (await client.get("/library/health")).json()["last_run"] is None
        assert (await client.post("/library/health/scan?depth=packets")).status_code == 202
        check_problem(await client.post("/library/health/scan"), 409, "HEALTH_SCAN_IN_PROGRESS")
        await core.doctor.join()
        summary = (await client.get("/library/health")).json()
        (issue,) = (await client.get("/library/health/issues")).json()
        again = await client.post(f"/library/health/scan/{issue['job']['id']}")
    assert (summary["total_checked"], summary["issues_found"]) == (6, 1)
    assert summary["last_run"] is not None
    assert issue["job"]["input_path"] == str(shelf / "cut.mkv")
    assert issue["report"]["category"] == "truncated_file"
    assert again.json() == {"job_id": issue["job"]["id"], "issue_found": True}


async def test_a_file_that_is_gone_is_what_is_wrong_until_it_is_back(tmp_path: Path, shelf: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    film = Path(shutil.copy(shelf / "Film.mkv", library))
    aside = tmp_path / "aside.mkv"
    async with program(tmp_path, library) as (core, client):
        await core.services.scans.run()
        (job,) = (await client.get("/jobs")).json()
        film.rename(aside)
        checked = await client.post(f"/library/health/scan/{job['id']}")
        assert (checked.status_code, checked.json()) == (200, {"job_id": job["id"], "issue_found": True})
        (issue,) = (await client.get("/library/health/issues")).json()
        assert (issue["path"], issue["report"]["summary"]) == (str(film), "The file is not there any more.")
        aside.rename(film)
        assert (await client.post(f"/library/health/scan/{job['id']}")).json()["issue_found"] is False
        assert (await client.get("/library/health/issues")).json() == []


async def test_a_library_that_is_away_says_nothing_about_its_files(tmp_path: Path, shelf: Path) -> None:
    library = tmp_path / "library"
    library.mkdir()
    shutil.copy(shelf / "Film.mkv", library)
    async with program(tmp_path, library) as (core, client):
        await core.services.scans.run()
        (job,) = (await client.get("/jobs")).json()
        library.rename(tmp_path / "away")
        check_problem(await client.post(f"/library/health/scan/{job['id']}"), 404, "HEALTH_FILE_MISSING")
        assert (await client.get("/library/health/issues")).json() == []


async def test_a_pass_ends_with_the_program_and_goes_on_after_it(tmp_path: Path, shelf: Path) -> None:
    async with program(tmp_path, shelf) as (core, _client):
        core.services.health.start(Depth.FULL)
    async with program(tmp_path, shelf) as (core, _client):
        assert (await core.services.health.summary()).unfinished in {Depth.FULL, None}
        core.services.health.start(Depth.FULL)
        assert (await core.doctor.join()).checked == 6


async def test_intelligence_finds_the_copy_and_not_the_first_episodes(tmp_path: Path, shelf: Path) -> None:
    async with program(tmp_path, shelf) as (core, client):
        await core.services.scans.run()
        for job in await core.services.jobs.find(JobQuery(limit=None)):
            probe = await core.parts.prober.probe(job.input_path)
            if isinstance(probe, Probe):
                await core.parts.stores.probes.put(probe, "tests")
        body = (await client.get("/library/intelligence")).json()
        assert (await client.get("/library/intelligence")).json() == body
    (group,) = body["duplicate_groups"]
    assert {Path(file["path"]).name for file in group["paths"]} == {"Film.mkv", "film again (1999).mkv"}
    assert group["proved"] is True
    assert group["freed_bytes"] == (shelf / "Film.mkv").stat().st_size
    assert body["total_duplicates"] == 1
    advice = {(each["type"], Path(each["path"]).relative_to(shelf).as_posix()) for each in body["recommendations"]}
    assert advice == {
        ("commentary_cleanup_candidate", "talk.mkv"),
        ("wasteful_audio_layout", "1/01.mkv"),
        ("wasteful_audio_layout", "2/01.mkv"),
    }


async def test_a_preview_plans_and_changes_nothing(tmp_path: Path, shelf: Path) -> None:
    async with program(tmp_path, shelf) as (core, client):
        body = (await client.post("/library/preview", json={"path": str(shelf)})).json()
        few = (await client.post("/library/preview", json={"path": str(shelf), "max_files": 2})).json()
        below = (await client.post("/library/preview", json={"path": str(shelf / "1")})).json()
        counts = await core.database.read(
            lambda db: [db.sql(f"SELECT count(*) FROM {table}").fetchone()[0] for table in ("jobs", "probes", "decisions")]
        )
    assert (body["scanned"], body["truncated"]) == (6, False)
    assert body["counts"] == {"skip": 0, "remux": 0, "encode": 5, "error": 1}
    assert {sample["path"] for sample in body["samples"]} == {str(path) for path in shelf.rglob("*.mkv")}
    assert (few["scanned"], few["truncated"]) == (2, True)
    assert [Path(sample["path"]).name for sample in below["samples"]] == ["01.mkv"]
    assert counts == [0, 0, 0]


async def test_previews_of_other_places_are_refused(tmp_path: Path, shelf: Path) -> None:
    async with program(tmp_path, shelf) as (_core, client):
        for path, status, code in (
            ("", 400, "PREVIEW_PATH_MISSING"),
            (str(shelf / "nowhere"), 400, "PREVIEW_PATH_MISSING"),
            (str(shelf / "Film.mkv"), 400, "PREVIEW_NOT_DIRECTORY"),
            (str(shelf.parent), 403, "PREVIEW_PATH_FORBIDDEN"),
        ):
            check_problem(await client.post("/library/preview", json={"path": path}), status, code)


async def test_only_one_preview_runs_at_a_time(tmp_path: Path, shelf: Path) -> None:
    async with program(tmp_path, shelf) as (core, _client):
        preview = core.services.preview.preview
        first, second = await asyncio.gather(preview(str(shelf), 5), preview(str(shelf), 5), return_exceptions=True)
        assert isinstance(first, LibraryPreview)
        assert isinstance(second, BusyError)
        assert second.code == "PREVIEW_BUSY"
        assert (await preview(str(shelf), 5)).scanned == 5


@pytest.mark.parametrize(("depth", "names"), [("header", ["cut.mkv"]), ("full", ["cut.mkv"])])
def test_the_doctor_command_tells_by_its_exit_code(tmp_path: Path, shelf: Path, depth: str, names: list[str]) -> None:
    def doctor(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
        home = {
            "ALCHEMIST_DATA_DIR": str(tmp_path / "d"),
            "ALCHEMIST_CONFIG_PATH": str(tmp_path / "c.toml"),
            "ALCHEMIST_LOG_DIR": str(tmp_path / "l"),
            "ALCHEMIST_TEMP_DIR": str(tmp_path / "t"),
        }
        argv = [sys.executable, "-m", "alchemist_desktop", "doctor", str(folder), "--depth", depth, *options]
        return subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, **home})

    found = doctor(shelf, "--json")
    assert found.returncode == 1, found.stderr
    rows = json.loads(found.stdout)
    assert len(rows) == 6
    assert [Path(row["path"]).name for row in rows if row["category"] is not None] == names
    told = doctor(shelf)
    assert told.returncode == 1
    assert "truncated_file" in told.stdout
    fine = doctor(shelf / "1")
    assert fine.returncode == 0, fine.stdout + fine.stderr
    assert "nothing found" in fine.stdout
    assert doctor(shelf / "nowhere").returncode == 1
