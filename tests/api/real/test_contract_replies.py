"""Real replies against the document: every member is documented, and every documented member is there."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.api.real.support import Face, open_face
from tests.support.core import quick_settings
from tests.support.media import make_clip

pytestmark = pytest.mark.anyio


async def check(face: Face, method: str, path: str, template: str | None = None, body: Any = None) -> int:
    """The reply has a documented status, which is returned, and the schema documented for that."""
    document = await face.get("/openapi.json")
    operation = document["paths"][f"/api/v1{template or path}"][method.lower()]
    reply = await face.client.request(method, f"/api/v1{path}", json=body)
    content = operation["responses"][str(reply.status_code)]["content"]
    schema = content[reply.headers["content-type"].partition(";")[0]]["schema"]
    validator = Draft202012Validator({**schema, "components": document["components"]})
    assert [f"{template or path}: {e.json_path}: {e.message}" for e in validator.iter_errors(reply.json())] == []
    return reply.status_code


async def test_every_plain_reply_has_its_schema(tmp_path: Path) -> None:
    library = tmp_path / "films"
    library.mkdir()
    make_clip(library / "a.mkv", duration_s=0.4)
    settings = quick_settings(
        scanner={"directories": [str(library)]},
        schedule={"windows": [{"start_time": "1:00", "end_time": "2:00", "days_of_week": [1], "enabled": False}]},
        notifications={"targets": [{"name": "a", "target_type": "gotify", "config_json": {"server_url": "http://x"}}]},
    )
    async with open_face(tmp_path, settings, start=True) as face:
        await face.send("POST", "/scan")
        await face.send("POST", "/settings/watch-dirs", {"path": str(tmp_path)})
        await face.send("POST", "/engine/resume")
        async with asyncio.timeout(60):
            while (await face.get("/jobs"))[0]["status"] not in {"completed", "failed", "skipped"}:
                await asyncio.sleep(0.05)
        document = await face.get("/openapi.json")
        for path, methods in document["paths"].items():
            plain = path.removeprefix("/api/v1")
            json_reply = "application/json" in methods.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
            if json_reply and "{" not in plain:
                await check(face, "GET", plain)
        job = (await face.get("/jobs"))[0]["id"]
        await check(face, "GET", f"/jobs/{job}/details", "/jobs/{id}/details")
        await check(face, "GET", "/settings/preferences/x", "/settings/preferences/{key}")
        await check(face, "GET", "/stats/top-reason-codes")


async def test_changes_and_errors_have_their_schema(face: Face) -> None:
    await check(face, "GET", "/jobs/9/details", "/jobs/{id}/details")
    await check(face, "GET", "/jobs/x/details", "/jobs/{id}/details")
    await check(face, "POST", "/jobs/9/priority", "/jobs/{id}/priority", {"priority": 1})
    await check(face, "POST", "/jobs/9/priority", "/jobs/{id}/priority", {})
    for action in ("pause", "drain", "stop-drain", "restart"):
        await check(face, "POST", f"/engine/{action}")
    await check(face, "POST", "/engine/mode", None, {"mode": "background"})
    await check(face, "POST", "/engine/mode", None, {"mode": "background", "concurrent_jobs_override": 0})
    for verb in ("restart-failed", "clear-completed", "clear-history"):
        await check(face, "POST", f"/jobs/{verb}")
    await check(face, "POST", "/jobs/batch", None, {"action": "delete", "ids": [1]})
    await check(face, "POST", "/scan/start")
    await check(face, "POST", "/system/selftest")
    await check(face, "POST", "/system/update/check")
    await check(face, "POST", "/system/update/install")
    await check(face, "POST", "/fs/preview", None, {"directories": [str(face.home)]})
    await check(face, "POST", "/settings/api-tokens", None, {"name": "a", "access_level": "read_only"})
    await check(face, "PUT", "/settings/config", None, {"raw_toml": face.config_file.read_text()})
    await check(face, "POST", "/settings/config/validate", None, {"raw_toml": face.config_file.read_text()})
    await check(face, "POST", "/settings/config/validate", None, {"raw_toml": "["})
    await check(face, "PUT", "/settings/bundle", None, (await face.get("/settings/bundle"))["settings"])
    await check(face, "POST", "/library/reanalyze")


async def test_the_library_replies_have_their_schema(tmp_path: Path) -> None:
    library = tmp_path / "films"
    library.mkdir()
    whole, cut = make_clip(library / "a.mkv", duration_s=0.4), library / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[:2000])
    for name in ("b", "c"):
        (library / f"{name}.mkv").write_bytes(whole.read_bytes())
    async with open_face(tmp_path, quick_settings(scanner={"directories": [str(library)]})) as face:
        await face.send("POST", "/scan")
        await check(face, "POST", "/library/health/scan?depth=header", "/library/health/scan")
        async with asyncio.timeout(60):
            while (await face.get("/library/health"))["running"]:
                await asyncio.sleep(0.05)
        assert (await face.get("/library/health/issues"))[0]["path"] == str(cut)
        assert (await face.get("/library/intelligence"))["duplicate_groups"] != []
        for path in ("/library/health", "/library/health/issues", "/library/intelligence"):
            await check(face, "GET", path)
        await check(face, "POST", "/library/health/scan?depth=deep", "/library/health/scan")
        await check(face, "POST", "/library/health/cancel")
        job = (await face.get("/jobs"))[0]["id"]
        await check(face, "POST", f"/library/health/scan/{job}", "/library/health/scan/{id}")
        assert await check(face, "POST", "/library/preview", None, {"path": str(library)}) == 200
        await check(face, "POST", "/library/preview", None, {"path": "/"})
        outside = tmp_path / "outside.mkv"
        outside.write_bytes(b"x")
        for file, status in ((whole, 200), (library / "gone.mkv", 400), (outside, 403)):
            assert await check(face, "POST", "/webhooks/arr", None, {"eventType": "Download", "path": str(file)}) == status
        assert await check(face, "POST", "/webhooks/arr", None, {"eventType": "Test"}) == 202


async def test_hardware_and_messages_have_their_schema(face: Face) -> None:
    await check(face, "GET", "/system/hardware")
    assert await check(face, "POST", "/system/hardware/probe") == 200
    assert (await face.get("/system/hardware"))["matrix"] != []
    for path in ("/system/hardware", "/system/hardware/probe-log", "/settings/hardware"):
        await check(face, "GET", path)
    chosen = await face.get("/settings/hardware")
    await check(face, "POST", "/settings/hardware", None, chosen)
    await check(face, "POST", "/settings/hardware", None, {**chosen, "preferred_vendor": "nobody"})
    target = {
        "name": "a", "target_type": "webhook", "events": ["encode.failed"], "enabled": True,
        "config_json": {"url": "https://9.9.9.9/x"},
    }  # fmt: skip
    assert await check(face, "POST", "/settings/notifications", None, target) == 200
    assert await check(face, "POST", "/settings/notifications", None, {**target, "target_type": "pigeon"}) == 400
    await check(face, "POST", "/settings/notifications/test", None, {**target, "config_json": {}})
    await check(face, "PUT", "/settings/notifications", None, {"quiet_hours_start_local": "23:00"})
    await check(face, "GET", "/settings/notifications")
    for known in (await face.get("/settings/notifications"))["targets"]:
        await check(face, "DELETE", f"/settings/notifications/{known['id']}", "/settings/notifications/{id}")
    await check(face, "DELETE", "/settings/notifications/99", "/settings/notifications/{id}")
