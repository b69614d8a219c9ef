"""Every place that takes a path: nothing outside the registered folders is opened, made or changed."""

import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.media import make_clip, run_ffmpeg
from tests.support.opens import watched_opens
from tests.support.target import TIMEOUT_S, Target, json_of

pytestmark = pytest.mark.slow

_SECRET = "what nobody may read"
_DOCUMENT = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text())
# A subtitle of a library file goes beside its result; everything is encoded, and quickly.
_QUICK: dict[str, dict[str, object]] = {
    "transcode": {
        "min_file_size_mb": 0, "size_reduction_threshold": 0.0, "min_bpp_threshold": 0.0, "predict_size": False,
        "output_codec": "hevc", "quality_profile": "speed", "subtitle_mode": "extract",
    },
    "hardware": {"cpu_preset": "faster"},
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A program whose library holds links to a folder that is none of its business."""

    target: Target
    outside: Path

    @property
    def library(self) -> Path:
        return self.target.library

    def evil_paths(self) -> list[str]:
        library, secret = self.library, self.outside / "secret.mkv"
        return [
            str(secret),
            f"{library}/../outside/secret.mkv",
            f"{library}/./../outside//secret.mkv",
            f"{library}/link.mkv",
            f"{library}/linked/secret.mkv",
            f"{library}/linked/../outside/secret.mkv",
            f"{library}x/secret.mkv",
            "../outside/secret.mkv",
            "secret.mkv",
            "~/secret.mkv",
            "~root/x.mkv",
            "$HOME/secret.mkv",
            "",
            "   ",
            "\0",
            f"{library}/film.mkv\0.txt",
            f"{library}/{'a' * 300}.mkv",
            "/" + "a/" * 5000 + "b.mkv",
            f"{library}/CON",
            f"{library}/nul.mkv:stream",
            "\\\\server\\share\\film.mkv",
            "C:\\Windows\\win.ini",
            f"file://{secret}",
            f"file:{secret}",
            f"concat:{secret}|{secret}",
            f"concatf:{secret}",
            f"subfile,,start,0,end,9,,:{secret}",
            f"crypto:{secret}",
            f"async:{secret}",
            "http://127.0.0.1:9/x.mkv",
            "pipe:0",
            "data:video/x-matroska;base64,AAAA",
            "-i",
            "/etc/passwd",
            "/proc/self/environ",
            "/proc/self/root/etc/passwd",
            "/dev/zero",
            "/dev/stdin",
            str(self.outside),
            f"{library}/\udce9.mkv",
        ]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    folder = tmp_path_factory.mktemp("place")
    outside = folder / "outside"
    (outside / "deeper").mkdir(parents=True)
    make_clip(outside / "secret.mkv", duration_s=0.5)
    make_clip(outside / "deeper" / "film.mkv", duration_s=0.5)
    (outside / "secret.txt").write_text(_SECRET)
    library = folder / "library"
    library.mkdir()
    (library / "link.mkv").symlink_to(outside / "secret.mkv")
    (library / "linked").symlink_to(outside)
    (library / "system").symlink_to("/etc")
    with Target(folder, _QUICK) as running:
        yield Place(running, outside)
        assert "Traceback" not in running.program.output + running.log


@contextmanager
def untouched(folder: Path) -> Iterator[None]:
    """Nothing in the folder is opened, made, changed or removed meanwhile."""
    before = _snapshot(folder)
    with watched_opens(folder) as opened:
        yield
        assert opened() == set()
    assert _snapshot(folder) == before


def _snapshot(folder: Path) -> dict[str, tuple[int, str]]:
    found = {}
    for path in sorted(folder.rglob("*")):
        content = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path)] = (path.lstat().st_mtime_ns, content)
    return found


Ask = Callable[[httpx.Client, str], httpx.Response]


def _arr(**members: Any) -> dict[str, Any]:
    return {"eventType": "Download", **members}


# Where a client names a file that is to be worked on: each must refuse what is not in the library.
_FILE_ROUTES: dict[str, Ask] = {
    "enqueue": lambda client, path: client.post("/jobs/enqueue", content=_json({"path": path})),
    "arr path": lambda client, path: client.post("/webhooks/arr", content=_json(_arr(path=path))),
    "arr file": lambda client, path: client.post("/webhooks/arr", content=_json(_arr(movieFile={"path": path}))),
    "arr episode": lambda client, path: client.post("/webhooks/arr", content=_json(_arr(episodeFile={"path": path}))),
    "arr files": lambda client, path: client.post("/webhooks/arr", content=_json(_arr(episodeFiles=[{"path": path}] * 2))),
    "arr imported": lambda client, path: client.post("/webhooks/arr", content=_json(_arr(importedMovieFiles=[{"path": path}]))),
    "arr relative": lambda client, path: client.post(
        "/webhooks/arr", content=_json(_arr(movie={"folderPath": path}, movieFile={"relativePath": "../secret.mkv"}))
    ),
    "arr series": lambda client, path: client.post(
        "/webhooks/arr", content=_json(_arr(series={"path": "/"}, episodeFile={"relativePath": path}))
    ),
}


def _json(body: Any) -> bytes:
    return json.dumps(body).encode()


@pytest.mark.parametrize("route", _FILE_ROUTES)
def test_no_file_outside_gets_into_the_queue(place: Place, route: str) -> None:
    client = place.target.client(headers={"Content-Type": "application/json"})
    with untouched(place.outside):
        for path in place.evil_paths():
            reply = _FILE_ROUTES[route](client, path)
            assert reply.status_code in {400, 403, 422}, (path, reply.text)
            assert reply.json()["code"].startswith(("ENQUEUE_", "ARR_WEBHOOK_", "INVALID_BODY", "MALFORMED_JSON")), (
                path,
                reply.text,
            )
    assert json_of(client.get("/jobs")) == []


def test_translated_paths_are_checked_where_they_lead(place: Place) -> None:
    client = place.target.client()
    settings = json_of(client.get("/settings/bundle"))["settings"]
    before = settings["system"]["arr_path_translations"]
    settings["system"]["arr_path_translations"] = [
        {"from": "/films", "to": str(place.outside)},
        {"from": "/more", "to": f"{place.library}/../outside"},
        {"from": "/links", "to": f"{place.library}/linked"},
    ]
    json_of(client.put("/settings/bundle", json=settings))
    with untouched(place.outside):
        for path in ("/films/secret.mkv", "/more/secret.mkv", "/links/secret.mkv", "/films/../../etc/passwd"):
            reply = client.post("/webhooks/arr", json=_arr(path=path))
            assert (reply.status_code, reply.json()["code"]) in {
                (403, "ARR_WEBHOOK_ENQUEUE_REJECTED"),
                (400, "ARR_WEBHOOK_ENQUEUE_REJECTED"),
            }
    settings["system"]["arr_path_translations"] = before
    json_of(client.put("/settings/bundle", json=settings))


def test_a_preview_stays_in_the_library(place: Place) -> None:
    client = place.target.client(headers={"Content-Type": "application/json"})
    with untouched(place.outside):
        for path in (
            *place.evil_paths(),
            f"{place.library}/linked",
            f"{place.library}/linked/deeper",
            f"{place.library}/system",
            "/",
        ):
            reply = client.post("/library/preview", content=_json({"path": path}))
            assert reply.status_code in {400, 403, 422}, (path, reply.text)
            assert reply.json()["code"] in {
                "PREVIEW_PATH_MISSING", "PREVIEW_NOT_DIRECTORY", "PREVIEW_PATH_FORBIDDEN", "INVALID_BODY", "MALFORMED_JSON",
            }  # fmt: skip
        whole = json_of(client.post("/library/preview", json={"path": str(place.library)}))
    assert whole["scanned"] == 0, "links were followed"


def test_browsing_shows_folders_only_and_none_of_the_systems(place: Place) -> None:
    client = place.target.client()
    with untouched(place.outside):
        for path in (*place.evil_paths(), f"{place.library}/linked", str(place.outside)):
            reply = client.get("/fs/browse", params={"path": path.encode("utf-8", "surrogateescape")})
            assert reply.status_code in {200, 400, 403}, (path, reply.text)
            assert "secret.txt" not in reply.text
            assert _SECRET not in reply.text
            if reply.status_code == 200:
                assert all(Path(entry["path"]).is_dir() for entry in reply.json()["entries"])
    for path in ("/etc", "/etc/../etc", "//etc", "/proc/self", "/root", f"{place.library}/system", "/usr/../etc", "/dev/fd", "/var/log",
                 f"{place.library}/../library/system/ssl"):  # fmt: skip
        for reply in (client.get("/fs/browse", params={"path": path}), client.post("/fs/preview", json={"directories": [path]})):
            assert (reply.status_code, reply.json()["code"]) == (403, "FS_PATH_FORBIDDEN"), path
    assert all(entry["name"] != "root" or not entry["readable"] for entry in json_of(client.get("/fs/browse?path=/"))["entries"])


# Settings that name a place: what is not there, or is no folder, is refused, and what is refused changes nothing.
_SETTING_ROUTES: dict[str, Ask] = {
    "watch-dirs": lambda client, path: client.post("/settings/watch-dirs", content=_json({"path": path})),
    "files": lambda client, path: client.post(
        "/settings/files",
        content=_json({"delete_source": False, "output_extension": "mkv", "output_suffix": "-x", "replace_strategy": "keep",
                       "output_root": path or "x"}),
    ),
    "hardware": lambda client, path: client.post(
        "/settings/hardware",
        content=_json({"allow_cpu_fallback": True, "allow_cpu_encoding": True, "cpu_preset": "faster", "device_path": path or "x"}),
    ),
}  # fmt: skip


@pytest.mark.parametrize("route", _SETTING_ROUTES)
def test_places_that_are_none_are_not_stored(place: Place, route: str) -> None:
    client = place.target.client(headers={"Content-Type": "application/json"})
    before = json_of(client.get("/settings/bundle"))
    wrong = [
        path for path in place.evil_paths() if path.strip() and ("\0" in path or not path.startswith("/") or not _is_there(path))
    ]
    assert len(wrong) > 20
    for path in wrong:
        reply = _SETTING_ROUTES[route](client, path)
        assert reply.status_code in {400, 422}, (path, reply.text)
    assert json_of(client.get("/settings/bundle")) == before


def _is_there(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # too long for the system
        return False


@pytest.mark.parametrize("name", ["..", "../x", "a/b", "a\\b", "x\0y", ".", "mkv/../../x"])
def test_no_ending_of_a_name_leads_to_another_folder(place: Place, name: str) -> None:
    client = place.target.client(headers={"Content-Type": "application/json"})
    body = {"delete_source": False, "output_extension": "mkv", "output_suffix": "-x", "replace_strategy": "keep"}
    if name not in {".", ".."}:  # dots alone stay within the name
        for member in ("output_extension", "output_suffix"):
            reply = client.post("/settings/files", content=_json({**body, member: name}))
            assert (reply.status_code, reply.json()["code"]) == (400, "FILE_SETTINGS_INVALID"), (member, reply.text)


def test_no_client_chooses_a_program(place: Place) -> None:
    client = place.target.client()
    before = json_of(client.get("/settings/bundle"))["settings"]
    settings = {**before, "hardware": {**before["hardware"], "ffmpeg_path": "/bin/sh"}}
    client.put("/settings/bundle", json=settings)
    client.put("/settings/config", json={"raw_toml": '[hardware]\nffmpeg_path = "/bin/sh"\nallow_cpu_fallback = true\n[transcode]\n'
               "size_reduction_threshold=0.3\nmin_bpp_threshold=0.1\nmin_file_size_mb=0\nconcurrent_jobs=1\n[scanner]\ndirectories=[]\n"})  # fmt: skip
    assert json_of(client.get("/settings/bundle"))["settings"]["hardware"]["ffmpeg_path"] == before["hardware"]["ffmpeg_path"]
    json_of(client.put("/settings/bundle", json=before))


def test_ids_in_paths_are_numbers_and_nothing_else(place: Place) -> None:
    client = place.target.client()
    operations = [
        (method.upper(), path.removeprefix("/api/v1"))
        for path, methods in _DOCUMENT["paths"].items()
        for method in methods
        if "{id}" in path
    ]
    assert len(operations) > 15
    for method, path in operations:
        for wrong in ("0", "-1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1" * 400, "1e3", "0x1", "1.0",
                      "..", "%2e%2e", "..%2f..%2fetc%2fpasswd", "%00", "1%00", "%F0%9F%8E%AC", "1;drop", "' or 1=1 --", "١"):  # fmt: skip
            reply = place.target.client().request(method, path.replace("{id}", wrong), json={})
            assert reply.status_code in {400, 404, 405, 409, 422}, (method, path, wrong, reply.text)
    assert client.get("/settings/preferences/..%2f..%2fetc%2fpasswd").status_code in {200, 404}


_EVIL_NAMES = (
    "../../../evil.mkv", "/tmp/evil.mkv", "..\\..\\evil.mkv", "C:\\evil.mkv", "a/../../evil.mkv", "evil\0.mkv", "CON.mkv", "nul",
    "con .mkv", "~/evil.mkv", ".", "..", "", " ", "\r\nX: y.mkv", "x" * 5000 + ".mkv", "film.mkv/", "-i.mkv", "concat:film.mkv",
    "🎬\u202egnp.mkv", "film." + "m" * 5000, "%2e%2e%2fevil.mkv", "a:b.mkv", "|sh.mkv", "$(touch evil).mkv",
)  # fmt: skip


def _upload(client: httpx.Client, name: str, content: bytes) -> httpx.Response:
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').encode("utf-8", "surrogateescape")
    part = b'--b\r\nContent-Disposition: form-data; name="file"; filename="' + quoted.replace(b"\r\n", b"%0D%0A") + b'"\r\n\r\n'
    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    return client.post("/conversion/uploads", content=part + content + b"\r\n--b--\r\n", headers=headers)


def test_names_of_uploads_stay_names(place: Place) -> None:
    temp = place.target.program.home / "temp"
    content = (place.outside / "secret.mkv").read_bytes()
    folders = {path for path in place.target.program.home.rglob("*") if not path.is_relative_to(temp)}
    with untouched(place.outside):
        for name in _EVIL_NAMES:
            client = place.target.client()
            reply = _upload(client, name, content)
            assert reply.status_code in {200, 400}, (name, reply.text)
            if reply.status_code == 200:
                number = reply.json()["conversion_job_id"]
                (stored,) = (path for path in (temp / "uploads").rglob("*") if path.is_file())
                assert stored.parent.parent == temp / "uploads"
                assert stored.stem.split(".")[0].strip().lower() not in {"con", "nul", ""}
                for container in ("../../evil", "mkv/../../x", "/tmp/x", "..", "m\0", "a b", "x" * 300, "-f", "mkv|tee:x"):
                    body = {
                        "conversion_job_id": number,
                        "settings": {**reply.json()["normalized_settings"], "output_container": container},
                    }
                    refused = client.post("/conversion/preview", json=body)
                    assert refused.status_code == 400, (container, refused.text)
                assert client.delete(f"/conversion/jobs/{number}").status_code == 200
    assert not [path for path in (temp / "uploads").rglob("*") if path.is_file()]
    made = {path for path in place.target.program.home.rglob("*") if not path.is_relative_to(temp)} - folders
    assert not [path for path in made if "evil" in path.name]


class Lure(threading.Thread):
    """A server on this computer that notes who connects."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.visits = 0

    def run(self) -> None:
        try:
            while True:
                self._socket.accept()[0].close()
                self.visits += 1
        except OSError:
            return

    def __enter__(self) -> "Lure":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.join(10)


def _lists(outside: Path, port: int) -> dict[str, bytes]:
    """Files that would lead FFmpeg to others, bare and disguised."""
    secret, address = outside / "secret.mkv", f"http://127.0.0.1:{port}/x.ts"
    plain = {
        "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{address}\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n",
        "hls key": f'#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="{address}"\n#EXTINF:1,\n{secret}\n',
        "concat": f"ffconcat version 1.0\nfile '{secret}'\nfile '{address}'\n",
        "dash": f'<?xml version="1.0"?><MPD type="static"><Period><BaseURL>{address}</BaseURL></Period></MPD>',
        "sdp": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video {port} RTP/AVP 96\n",
        "late sdp": f"\0x=0\nc=IN IP4 127.0.0.1\nm=video {port} RTP/AVP 96\n",
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg"><image href="{address}"/></svg>',
        "playlist": f"[playlist]\nFile1={address}\n",
    }
    lists = {name: text.encode() for name, text in plain.items()}
    lists |= {f"{name}, padded": b"\xef\xbb\xbf\r\n " + content + bytes(5000) for name, content in lists.items()}
    return lists


def _references(folder: Path, outside: Path, port: int) -> dict[str, bytes]:
    """Real media with names of other files inside."""
    inside = folder / "inside.mkv"
    note = folder / "note.txt"
    note.write_text(_SECRET)
    run_ffmpeg(["-i", outside / "secret.mkv", "-attach", note, "-map", "0", "-metadata:s:t", "mimetype=text/plain", "-metadata:s:t",
                "filename=../../../../evil.txt", "-metadata", f"title=http://127.0.0.1:{port}/", "-c", "copy", inside])  # fmt: skip
    mov = folder / "inside.mov"
    run_ffmpeg(["-i", outside / "secret.mkv", "-an", "-c", "copy", mov])
    # A track that says its data lies in another file: `url ` with an address, not flagged as being in this one.
    content = mov.read_bytes()
    place = content.rindex(b"url \0\0\0\1")
    referring = content[: place + 4] + bytes(4) + content[place + 8 :]
    return {"attachment": inside.read_bytes(), "reference": referring}


def test_no_upload_leads_to_other_files_or_into_the_network(place: Place, tmp_path: Path) -> None:
    with Lure() as lure:
        files = {**_lists(place.outside, lure.port), **_references(tmp_path, place.outside, lure.port)}
        with untouched(place.outside):
            for kind, content in files.items():
                for name in ("film.mkv", "film.m3u8"):
                    client = place.target.client()
                    reply = _upload(client, name, content)
                    assert reply.status_code == (200 if kind in {"attachment", "reference"} else 400) or kind == "reference", (
                        kind,
                        reply.text,
                    )
                    if reply.status_code == 200:
                        client.delete(f"/conversion/jobs/{reply.json()['conversion_job_id']}")
        assert lure.visits == 0


def _states(client: httpx.Client) -> dict[str, str]:
    """By file name, the state of each job; of those that wait, `decided` or why they failed the last time."""
    return {Path(job["input_path"]).name: _state(job) for job in json_of(client.get("/jobs?limit=200"))}


def _state(job: dict[str, Any]) -> str:
    if job["status"] != "queued":
        return str(job["status"])
    if job["failure_explanation"]:
        return str(job["failure_explanation"]["code"])
    return "decided" if job["decision_explanation"] else "queued"


def _until(place: Place, is_reached: Callable[[dict[str, str]], bool]) -> dict[str, str]:
    client = place.target.client()
    ends_s = time.monotonic() + 2 * TIMEOUT_S
    while not is_reached(states := _states(client)):
        assert time.monotonic() < ends_s, str(states)
        time.sleep(0.2)
    return states


def test_files_of_the_library_lead_nowhere_else_either(place: Place, tmp_path: Path) -> None:
    client = place.target.client()
    (place.library / "show").mkdir()
    clips = [make_clip(place.library / name, duration_s=0.5) for name in ("swapped.mkv", "show/film.mkv", "honest.mkv")]
    srt = tmp_path / "a.srt"
    srt.write_text("1\n00:00:00,000 --> 00:00:00,400\nHello\n")
    run_ffmpeg(["-i", clips[2], "-i", srt, "-map", "0", "-map", "1", "-c", "copy", "-metadata:s:s:0", "language=../../../outside/evil",
                "-metadata:s:s:0", "title=../../evil", "-metadata", "title=../../../evil", place.library / "tags.mkv"])  # fmt: skip
    with Lure() as lure:
        lists = _lists(place.outside, lure.port)
        for number, content in enumerate(lists.values()):
            (place.library / f"list{number}.mkv").write_bytes(content)
        with untouched(place.outside):
            json_of(client.post("/scan"))
            names = {"swapped.mkv", "film.mkv", "honest.mkv", "tags.mkv", *(f"list{n}.mkv" for n in range(len(lists)))}
            known = _until(place, lambda states: states.keys() == names and set(states.values()) == {"failed", "decided"})
            assert {name for name, state in known.items() if state == "failed"} == {f"list{n}.mkv" for n in range(len(lists))}
            # While they wait in the queue their places are taken by links to the outside.
            clips[0].unlink()
            clips[0].symlink_to(place.outside / "secret.mkv")
            (place.library / "show").rename(tmp_path / "gone")  # no later scan is to find it
            (place.library / "show").symlink_to(place.outside / "deeper")
            json_of(client.post("/engine/resume"))
            done = _until(place, lambda states: set(states.values()) <= {"completed", "failed", "source_missing"})
            json_of(client.post("/engine/pause"))
        assert lure.visits == 0
    assert done["honest.mkv"] == done["tags.mkv"] == "completed"
    assert done["swapped.mkv"] == done["film.mkv"] == "source_missing"
    assert sorted(path.name for path in place.library.iterdir() if "evil" in path.name or "tags" in path.name) in (
        ["tags-alchemist.mkv", "tags-alchemist.outside_evil.srt", "tags.mkv"],
        ["tags-alchemist.mkv", "tags-alchemist.und.srt", "tags.mkv"],
    )


_COVERED = {
    "GET /fs/browse path",
    "POST /conversion/uploads file",
    "POST /fs/preview directories",
    "POST /jobs/enqueue path",
    "POST /library/preview path",
    "POST /settings/files output_root",
    "POST /settings/hardware device_path",
    "POST /settings/watch-dirs path",
    "POST /webhooks/arr path",
    "POST /webhooks/arr relativePath",
    "POST /webhooks/arr folderPath",
    # These name folders that need not be there; files below them still go through a scan, which follows no links.
    "POST /settings/folders path",
    "POST /setup/complete directories",
    "PUT /settings/bundle device_path",
    "PUT /settings/bundle directories",
    "PUT /settings/bundle ffmpeg_path",
    "PUT /settings/bundle output_root",
    "PUT /settings/bundle path",
    "PUT /settings/bundle from",
    "PUT /settings/bundle to",
}


def test_every_member_that_names_a_path_is_known_here() -> None:
    found = set()
    for path, methods in _DOCUMENT["paths"].items():
        for method, operation in methods.items():
            route = f"{method.upper()} {path.removeprefix('/api/v1')}"
            names = [parameter["name"] for parameter in operation.get("parameters", [])]
            for content in operation.get("requestBody", {}).get("content", {}).values():
                names += _text_members(content["schema"], ())
            found |= {f"{route} {name}" for name in names if _is_path(name)}
    assert found == _COVERED


def _is_path(name: str) -> bool:
    return name in {"file", "from", "to", "directories"} or name.endswith(("path", "Path", "_root", "_dir", "_file", "_folder"))


def _text_members(schema: dict[str, Any], seen: tuple[str, ...]) -> list[str]:
    """The names of all members below a schema."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return [] if name in seen else _text_members(_DOCUMENT["components"]["schemas"][name], (*seen, name))
    names = list(schema.get("properties", {}))
    inner = [
        *schema.get("properties", {}).values(),
        *(part for key in ("anyOf", "allOf", "oneOf") for part in schema.get(key, [])),
    ]
    inner += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    return names + [name for part in inner for name in _text_members(part, seen)]
