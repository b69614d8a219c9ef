"""Watched folders, their profiles, and looking at files anew."""

import os
from pathlib import Path

import pytest

from alchemist_desktop.domain.job import JobState
from tests.api.real.support import Face, open_face
from tests.api.support import check_problem
from tests.support.core import quick_settings
from tests.support.media import make_clip

pytestmark = pytest.mark.anyio


def folder(face: Face, name: str) -> str:
    path = face.home / name
    path.mkdir(exist_ok=True)
    return str(path)


async def test_watched_folders_keep_their_ids(face: Face) -> None:
    second = await face.send("POST", "/settings/watch-dirs", {"path": folder(face, "b")})
    first = await face.send("POST", "/settings/watch-dirs", {"path": folder(face, "a"), "is_recursive": False})
    assert set(first) == {"id", "path", "is_recursive", "profile_id", "created_at"}
    assert first["created_at"].endswith("Z")
    assert await face.get("/settings/watch-dirs") == [first, second]
    replaced = await face.send("POST", "/settings/folders", {"dirs": [{"path": "/not/there"}, {"path": second["path"]}]})
    assert [known["path"] for known in replaced] == ["/not/there", second["path"]] or os.sep != "/"
    assert replaced[1]["id"] == second["id"]
    assert await face.send("DELETE", f"/settings/watch-dirs/{second['id']}") == {"ok": True}
    assert [known["path"] for known in await face.get("/settings/watch-dirs")] == ["/not/there"]
    assert [known.path for known in face.stored().scanner.extra_watch_dirs] == ["/not/there"]


async def test_a_text_that_can_be_no_path_changes_nothing(face: Face) -> None:
    before = face.stored()
    reply = await face.client.post("/api/v1/settings/folders", json={"dirs": [{"path": "/media"}, {"path": "/media/\0"}]})
    check_problem(reply, 400, "SETTINGS_INVALID")
    assert face.stored() == before


async def test_a_folder_is_watched_by_its_real_path_once(face: Face) -> None:
    real = folder(face, "real")
    link = face.home / "link"
    link.symlink_to(real)
    assert (await face.send("POST", "/settings/watch-dirs", {"path": str(link)}))["path"] == real
    check_problem(await face.client.post("/api/v1/settings/watch-dirs", json={"path": real}), 409, "WATCH_DIR_EXISTS")
    for wrong in ("/does/not/exist", "relative", "", str(face.config_file), "nul\0byte"):
        check_problem(await face.client.post("/api/v1/settings/watch-dirs", json={"path": wrong}), 400, "INVALID_PATH")
    for method, path in (("DELETE", "/settings/watch-dirs/99"), ("POST", "/settings/watch-dirs/99/reanalyze")):
        check_problem(await face.client.request(method, f"/api/v1{path}"), 404, "WATCH_DIR_NOT_FOUND")


async def test_a_profile_is_assigned_and_taken_back_without_touching_the_file(tmp_path: Path) -> None:
    async with open_face(tmp_path) as face:
        watched = await face.send("POST", "/settings/watch-dirs", {"path": folder(face, "films")})
        face.core.services.settings._is_mutable = False
        path = f"/watch-dirs/{watched['id']}/profile"
        assert await face.send("PATCH", path, {"profile_id": 2}) == {**watched, "profile_id": 2}
        check_problem(await face.client.patch(f"/api/v1{path}", json={"profile_id": 99}), 404, "PROFILE_NOT_FOUND")
        check_problem(await face.client.patch("/api/v1/watch-dirs/99/profile", json={}), 404, "WATCH_DIR_NOT_FOUND")
        assert (await face.get("/settings/watch-dirs"))[0]["profile_id"] == 2
        face.core.services.settings._is_mutable = True
        await face.send("POST", "/settings/watch-dirs", {"path": folder(face, "more")})
        assert [known["profile_id"] for known in await face.get("/settings/watch-dirs")] == [2, None]
        assert await face.send("PATCH", path, {}) == watched


async def test_files_are_looked_at_anew(tmp_path: Path) -> None:
    (tmp_path / "films" / "deep").mkdir(parents=True)
    make_clip(tmp_path / "films" / "a.mkv", duration_s=0.4)
    make_clip(tmp_path / "films" / "deep" / "b.mkv", duration_s=0.4)
    async with open_face(tmp_path, quick_settings(scanner={"directories": [str(tmp_path / "films")]})) as face:
        await face.send("POST", "/scan")
        jobs = {Path(job["input_path"]).name: job["id"] for job in await face.get("/jobs")}
        for job_id in jobs.values():
            await face.send("POST", f"/jobs/{job_id}/cancel")
        shallow = {"path": str(tmp_path / "films"), "is_recursive": False}
        watched = await face.send("POST", "/settings/watch-dirs", shallow)
        assert await face.send("POST", f"/settings/watch-dirs/{watched['id']}/reanalyze") == {"count": 1}
        states = {Path(job["input_path"]).name: job["status"] for job in await face.get("/jobs")}
        assert states == {"a.mkv": JobState.QUEUED, "b.mkv": JobState.CANCELLED}
        assert await face.send("POST", "/library/reanalyze") == {"count": 2, "errors": []}
        details = await face.get(f"/jobs/{jobs['b.mkv']}/details")
        assert (details["job"]["status"], details["decision_explanation"], details["job"]["attempt_count"]) == ("queued", None, 0)


async def test_a_read_only_configuration_is_told_and_kept(face: Face) -> None:
    path = folder(face, "films")
    face.core.services.settings._is_mutable = False
    body = {"path": path}
    check_problem(await face.client.post("/api/v1/settings/watch-dirs", json=body), 409, "CONFIG_WRITE_BLOCKED")
    check_problem(await face.client.post("/api/v1/settings/watch-dirs", json={"path": "/nope"}), 400, "INVALID_PATH")
    assert await face.get("/settings/watch-dirs") == []
