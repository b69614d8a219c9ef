"""Looking for media folders."""

import asyncio
import sys
from pathlib import Path

import pytest

from alchemist_desktop.domain.errors import BusyError
from alchemist_desktop.domain.folder_view import PreviewReport
from alchemist_desktop.services.library_preview import LibraryPreview
from tests.api.real.support import Face
from tests.api.support import check_problem
from tests.support.media import make_clip

pytestmark = pytest.mark.anyio


def files(folder: Path, *names: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_bytes(b"x")
    return folder


async def test_a_folder_is_shown_with_its_folders(face: Face) -> None:
    top = files(face.home / "top", "film.mkv")
    files(top / "Zoo", "a.mkv", "b.mkv", "c.mp4")
    files(top / "apes", "one.avi")
    files(top / ".hidden")
    files(top / "Movies")
    view = await face.get("/fs/browse", path=str(top))
    shown = [(entry["name"], entry["hidden"], entry["media_hint"], entry["readable"]) for entry in view["entries"]]
    assert shown == [
        (".hidden", True, "low", True), ("apes", False, "medium", True), ("Movies", False, "high", True), ("Zoo", False, "high", True),
    ]  # fmt: skip
    assert view["path"] == str(top)
    assert view["readable"] is True
    assert view["breadcrumbs"][-1] == {"label": "top", "path": str(top)}
    assert view["breadcrumbs"][0]["path"] == top.anchor


async def test_what_cannot_be_read_is_told_and_not_an_error(face: Face) -> None:
    for path in (face.home / "nothing", face.config_file):
        view = await face.get("/fs/browse", path=str(path))
        assert (view["readable"], view["entries"]) == (False, [])
        assert str(path) in view["warnings"][0]
    assert (await face.get("/fs/browse"))["path"] == Path("/").absolute().anchor


@pytest.mark.skipif(sys.platform == "win32", reason="paths of Unix")
@pytest.mark.parametrize("path", ["/etc", "/proc/self", "/root/x", "/usr/../etc", "/home/x/.ssh/keys", "link/inside"])
async def test_folders_of_the_system_are_refused_by_any_way_to_them(face: Face, path: str) -> None:
    (face.home / "link").symlink_to("/etc")
    wanted = str(face.home / path) if path.startswith("link") else path
    check_problem(await face.client.get("/api/v1/fs/browse", params={"path": wanted}), 403, "FS_PATH_FORBIDDEN")
    reply = await face.client.post("/api/v1/fs/preview", json={"directories": [wanted]})
    check_problem(reply, 403, "FS_PATH_FORBIDDEN")
    entry = next(entry for entry in (await face.get("/fs/browse", path=str(face.home)))["entries"] if entry["name"] == "link")
    assert (entry["readable"], entry["warning"]) == (False, "This folder belongs to the system.")


async def test_a_preview_counts_media_within_its_budget(face: Face) -> None:
    few = files(face.home / "few", "a.mkv", "b.txt")
    many = files(face.home / "many", *(f"{number:03}.mkv" for number in range(250)))
    report = await face.send("POST", "/fs/preview", {"directories": [str(few), " ", "/not/there", str(many)]})
    first, missing, last = report["directories"]
    assert (first["media_files"], first["sample_files"]) == (1, [str(few / "a.mkv")])
    assert (missing["exists"], missing["readable"], len(missing["warnings"])) == (False, False, 1)
    assert last["media_files"] == 199
    assert len(last["sample_files"]) == 5
    assert (report["total_media_files"], report["truncated"], len(report["warnings"])) == (200, True, 1)


async def test_a_preview_has_limits(face: Face) -> None:
    many = {"directories": [f"/{number}" for number in range(17)]}
    check_problem(await face.client.post("/api/v1/fs/preview", json=many), 400, "FS_PREVIEW_TOO_MANY_DIRECTORIES")
    body = {"directories": [str(files(face.home / "big", *(f"{n}.txt" for n in range(3000))))]}
    replies = await asyncio.gather(*(face.client.post("/api/v1/fs/preview", json=body) for _ in range(3)))
    statuses = sorted(reply.status_code for reply in replies)
    assert statuses[0] == 200
    assert set(statuses) <= {200, 429}
    assert all(reply.json()["code"] == "PREVIEW_BUSY" for reply in replies if reply.status_code == 429)


async def test_previews_of_both_kinds_take_turns(face: Face) -> None:
    films = files(face.home / "films", "a.mkv")
    await face.send("POST", "/settings/watch-dirs", {"path": str(films)})
    services = face.core.services
    makers = (lambda: services.browser.preview([str(films)]), lambda: services.preview.preview(str(films), 1))
    for first, second in (makers, makers[::-1]):
        # Both begin before either can end: the first takes its turn before it waits for anything.
        done, refused = await asyncio.gather(first(), second(), return_exceptions=True)
        assert isinstance(done, PreviewReport | LibraryPreview)
        assert isinstance(refused, BusyError)
        assert refused.code == "PREVIEW_BUSY"
    await face.send("POST", "/fs/preview", {"directories": [str(films)]})
    await face.send("POST", "/library/preview", {"path": str(films)})


async def test_registered_folders_are_recommended(face: Face) -> None:
    films = files(face.home / "films", "a.mkv", "b.mkv", "c.mkv")
    await face.send("POST", "/settings/watch-dirs", {"path": str(films)})
    found = (await face.get("/fs/recommendations"))["recommendations"]
    mine = next(item for item in found if item["path"] == str(films))
    assert mine == {"path": str(films), "label": "films", "reason": "Configured already.", "media_hint": "high"}
    assert len(found) <= 16
    assert len({item["path"] for item in found}) == len(found)


async def test_a_file_whose_result_is_there_is_told_to_be_skipped(face: Face) -> None:
    films = face.home / "films"
    films.mkdir()
    make_clip(films / "a.mkv", duration_s=0.4)
    make_clip(films / "b.mkv", duration_s=0.4)
    (films / "b-alchemist.mkv").write_bytes(b"result")
    await face.send("POST", "/settings/watch-dirs", {"path": str(films)})
    samples = (await face.send("POST", "/library/preview", {"path": str(films)}))["samples"]
    assert [(Path(sample["path"]).name, sample["action"]) for sample in samples] == [("a.mkv", "encode"), ("b.mkv", "skip")]
    assert samples[1]["reason"] == "output_already_exists"
