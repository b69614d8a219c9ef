"""Bad input on every route: a problem document with a documented code, and nothing changed."""

import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any, Self

import httpx
import pytest

from alchemist_desktop.domain.settings import Settings
from tests.api.real.support import Face, open_face
from tests.api.support import check_problem
from tests.support.bad_requests import Request, Walker, encoded, mutations
from tests.support.core import quick_settings
from tests.support.media import make_clip
from tests.support.openapi_client import ContractError, Document, Operation

pytestmark = pytest.mark.anyio

_DOCUMENT = Document(json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_bytes()))
_WITH_INPUT = [each for each in _DOCUMENT.operations.values() if each.said["parameters"] or "requestBody" in each.said]
# The document says of these that anything else counts as something.
_LENIENT = {"get_jobs": frozenset({"sort_by"})}
# What the requests themselves are recorded in.
_RECORDS = frozenset({"logs"})


def _settings(library: Path) -> Settings:
    return quick_settings(
        scanner={"directories": [str(library)]}, notifications={"allow_local_notifications": True, "enabled": True}
    )


@pytest.fixture
async def library(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    folder.mkdir()
    make_clip(folder / "film.mkv", duration_s=0.2)
    return folder


@pytest.fixture
async def face(tmp_path: Path, library: Path) -> AsyncIterator[Face]:
    """A library with a job, and one of everything that has a number."""
    async with open_face(tmp_path, _settings(library)) as opened:
        await opened.send("POST", "/scan")
        await opened.send("POST", "/settings/watch-dirs", {"path": str(tmp_path)})
        await opened.send("POST", "/settings/schedule", _DOCUMENT.example("post_settings_schedule"))
        await opened.send("POST", "/settings/notifications", _body_of("post_settings_notifications", library))
        reply = await opened.client.post("/api/v1/conversion/uploads", files={"file": (library / "film.mkv").read_bytes()})
        assert reply.status_code == 200, reply.text
        yield opened


def _body_of(operation_id: str, library: Path) -> Any:
    """A body that would be taken: the document's example, with what this library has."""
    operation = _DOCUMENT.operations[operation_id]
    if "application/json" not in operation.said.get("requestBody", {}).get("content", {}):
        return None
    text = json.dumps(_DOCUMENT.example(operation_id))
    text = text.replace("/media/films/Film (2020)/Film.mkv", str(library / "film.mkv")).replace("/media/films", str(library))
    return json.loads(text.replace("/media/new", str(library)).replace("https://example.org/hook", "http://127.0.0.1:9/"))


class _Witness:
    """Tells everything a refused request must leave as it is."""

    def __init__(self, face: Face) -> None:
        self._face = face
        self._database = sqlite3.connect(f"file:{face.core.paths.database}?mode=ro", uri=True)
        self._version = -1
        self._rows: dict[str, list[tuple[Any, ...]]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._database.close()

    def snapshot(self) -> dict[str, Any]:
        kept = [self._face.config_file, *(self._face.home / "films").rglob("*"), *(self._face.home / "temp").rglob("*")]
        files = {str(path): _digest(path) for path in kept}
        engine = self._face.core.services.engine.status()
        return {"rows": self._tables(), "files": files, "settings": self._face.settings, "engine": engine}

    def _tables(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every row of every table; read again only when something was written."""
        ((version,),) = self._database.execute("PRAGMA data_version")
        if version != self._version:
            names = [name for (name,) in self._database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            self._rows = {name: self._rows_of(name) for name in names if name not in _RECORDS and not name.startswith("sqlite_")}
            self._version = version
        return self._rows

    def _rows_of(self, table: str) -> list[tuple[Any, ...]]:
        names = [name for _, name, *_ in self._database.execute(f"PRAGMA table_info({table})") if name != "last_used_at"]
        return self._database.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1").fetchall()


def _digest(path: Path) -> tuple[int, str] | None:
    return (path.stat().st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest()) if path.is_file() else None


async def _send(face: Face, request: Request) -> httpx.Response:
    headers = {} if request.content_type is None else {"Content-Type": request.content_type}
    return await face.client.request(
        request.method, request.path, params=dict(request.query), content=request.content, headers=headers
    )


def _fault(operation: Operation, request: Request, reply: httpx.Response) -> str | None:
    """What is wrong with the reply, or None."""
    if reply.is_success:
        return f"was taken: {reply.text[:200]}" if request.must_be_refused else None
    code = reply.json()["code"]
    check_problem(reply, reply.status_code, code)
    content = operation.said["responses"].get(str(reply.status_code), {}).get("content", {})
    if "application/problem+json" not in content:
        return f"answered {reply.status_code} {code}, which is not documented"
    if code not in content["application/problem+json"]["schema"]["allOf"][1]["properties"]["code"]["enum"]:
        return f"answered {code}, which is not documented for {reply.status_code}"
    if reply.status_code >= 500 or (request.must_be_refused and reply.status_code not in request.statuses):
        return f"answered {reply.status_code} {code}: {reply.json()['detail'][:200]}"
    return None


async def _faults(face: Face, operation: Operation, requests: Iterable[Request]) -> list[str]:
    """What was not refused as it should be, or not without a trace."""
    faults = []
    with _Witness(face) as witness:
        before = witness.snapshot()
        for request in requests:
            reply = await _send(face, request)
            fault = _fault(operation, request, reply)
            after = witness.snapshot()
            if fault is None and not reply.is_success and after != before:
                fault = f"answered {reply.status_code} {reply.json()['code']} and changed something"
            before = after
            if fault is not None:
                faults.append(f"{request.what} {fault}")
    return faults


def _walker(operation: Operation, library: Path) -> Walker:
    lenient = _LENIENT.get(operation.id, frozenset())
    return Walker(document=_DOCUMENT, operation=operation, identity="1", body=_body_of(operation.id, library), lenient=lenient)


@pytest.mark.parametrize("tag", sorted({tag for each in _WITH_INPUT for tag in each.said["tags"]} - {"setup"}))
async def test_bad_input_is_refused_and_changes_nothing(face: Face, library: Path, tag: str) -> None:
    faults = []
    for operation in _WITH_INPUT:
        if tag in operation.said["tags"]:
            for listed in ("notifications", "schedule", "watch-dirs"):  # their rows follow the settings when they are asked for
                await face.get(f"/settings/{listed}")
            faults += await _faults(face, operation, _walker(operation, library).requests())
    assert not faults, "\n".join(faults)


async def test_a_bad_set_up_is_refused_and_leaves_it_to_be_done(tmp_path: Path, library: Path) -> None:
    operation = _DOCUMENT.operations["post_setup_complete"]
    requests = [request for request in _walker(operation, library).requests() if request.must_be_refused]
    whole = _body_of("put_settings_bundle", library)
    nested = mutations(_DOCUMENT, _DOCUMENT.schema_of_body("put_settings_bundle"), whole)
    pointer = f"{_DOCUMENT.operations['put_settings_bundle'].pointer}/requestBody/content/application~1json/schema"
    account = {"username": "owner", "password": "a good password"}
    for what, settings in nested:
        if settings is not None and not _fits(settings, pointer):
            content = encoded({**account, "settings": settings})
            requests.append(Request(what=f"settings: {what}", method="POST", path=operation.path, content=content))
    async with open_face(tmp_path, _settings(library), account=False) as face:
        faults = await _faults(face, operation, requests)
        assert not faults, "\n".join(faults)
        assert (await face.get("/setup/status"))["setup_required"] is True


def _fits(value: object, pointer: str) -> bool:
    try:
        _DOCUMENT.check(value, pointer, "it")
    except ContractError:
        return False
    return True
