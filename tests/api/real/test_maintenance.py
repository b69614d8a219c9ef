"""Self-test, telemetry and updates."""

import asyncio
import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from alchemist_desktop.app.clock import SystemClock
from alchemist_desktop.app.standing_tasks import standing_tasks
from alchemist_desktop.services.updates import UpdatesService
from tests.api.real.support import Face
from tests.api.support import check_problem

pytestmark = pytest.mark.anyio


async def test_every_stage_of_the_self_test_is_told(face: Face) -> None:
    first, second = await asyncio.gather(*(face.client.post("/api/v1/system/selftest") for _ in range(2)))
    done, busy = (first, second) if first.status_code == 200 else (second, first)
    check_problem(busy, 429, "SELFTEST_BUSY")
    body = done.json()
    assert [stage["name"] for stage in body["stages"]] == ["Write Temp", "Analyze", "Plan", "Execute", "Verify"], body
    assert all(stage["success"] and stage["duration_ms"] >= 0 and stage["message"] for stage in body["stages"])
    assert (body["success"], body["error"]) == (True, None)
    assert list(face.core.paths.temp.iterdir()) == []


async def test_the_self_test_ends_at_the_first_stage_that_fails(face: Face) -> None:
    face.core.paths.temp.mkdir(parents=True, exist_ok=True)
    broken = face.home / "ffmpeg"
    broken.write_text("#!/bin/sh\necho no good >&2\nexit 1\n")
    broken.chmod(0o755)
    object.__setattr__(face.core.parts.ffmpeg, "path", str(broken))
    body = (await face.client.post("/api/v1/system/selftest")).json()
    assert [(stage["name"], stage["success"]) for stage in body["stages"]] == [("Write Temp", False)]
    assert body["success"] is False
    assert "no good" in body["error"]


async def test_telemetry_is_shown_only_while_it_is_switched_on(face: Face) -> None:
    check_problem(await face.client.get("/api/v1/telemetry/payload"), 403, "TELEMETRY_DISABLED")
    system = {"monitoring_poll_interval": 2, "conversion_upload_limit_gb": 1, "conversion_download_retention_hours": 1}
    await face.send("POST", "/settings/system", {**system, "enable_telemetry": True})
    payload = await face.get("/telemetry/payload")
    assert uuid.UUID(payload["runtime_id"])
    assert payload["timestamp"].endswith("+00:00")
    assert payload["concurrent_limit"] == face.settings.transcode.concurrent_jobs
    assert set(payload) == {
        "runtime_id", "timestamp", "version", "os_version", "is_docker", "uptime_seconds", "cpu_count", "memory_total_mb",
        "active_jobs", "concurrent_limit",
    }  # fmt: skip


async def test_without_a_place_to_ask_nothing_is_claimed(face: Face) -> None:
    status = await face.get("/system/update")
    assert (status["latest_version"], status["update_available"], status["can_self_update"]) == (None, False, False)
    assert (status["action"], status["verification_status"], status["asset"]) == ("unsupported", "manifest_unavailable", None)
    assert status["guidance"]
    refused = check_problem(await face.client.post("/api/v1/system/update/install"), 409, "UPDATE_SELF_INSTALL_UNAVAILABLE")
    assert refused["detail"] == status["guidance"]


@contextmanager
def release_feed(body: bytes, asked: list[str]) -> Iterator[str]:
    class Feed(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Feed)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/releases"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def with_feed(face: Face, feed: str, version: str) -> None:
    face.core.services.updates._feed = feed
    face.core.services.updates._version = version


_RELEASES = b"""[{"tag_name": "v0.9.0-rc.2", "html_url": "https://example.org/rc"}, {"tag_name": "v2.0.0", "draft": true},
 {"tag_name": "v0.8.10", "html_url": "https://example.org/stable"}, {"tag_name": "v0.8.9"}, {"tag_name": "other"}, 3]"""


async def test_releases_are_looked_for_where_somebody_said_so(face: Face) -> None:
    asked: list[str] = []
    with release_feed(_RELEASES, asked) as feed:
        with_feed(face, feed, "0.8.9")
        status = await face.get("/system/update")
        assert (status["latest_version"], status["update_available"]) == ("0.8.10", True)
        assert (status["release_url"], status["action"]) == ("https://example.org/stable", "guided")
        assert await face.get("/system/update") == status
        assert asked == ["/releases"]
        check_problem(await face.client.post("/api/v1/system/update/install"), 409, "UPDATE_SELF_INSTALL_UNAVAILABLE")
        with_feed(face, feed, "0.8.10")
        installed = await face.send("POST", "/system/update/install")
        assert (installed["install_state"], installed["status"]["update_available"]) == ("up_to_date", False)
        system = {"monitoring_poll_interval": 2, "conversion_upload_limit_gb": 1, "conversion_download_retention_hours": 1}
        await face.send("POST", "/settings/system", {**system, "enable_telemetry": False, "update_channel": "rc"})
        assert (await face.get("/system/update"))["latest_version"] == "0.9.0-rc.2"


@pytest.mark.parametrize("body", [b"not json", b"{}"])
async def test_a_feed_that_fails_is_told(face: Face, body: bytes) -> None:
    with release_feed(body, []) as feed:
        with_feed(face, feed, "0.1.0")
        check_problem(await face.client.post("/api/v1/system/update/check"), 502, "SYSTEM_UPDATE_CHECK_FAILED")
    check_problem(await face.client.get("/api/v1/system/update"), 502, "SYSTEM_UPDATE_CHECK_FAILED")
    local = UpdatesService(feed="file:///etc/passwd", settings=lambda: face.settings, clock=SystemClock())
    with pytest.raises(Exception, match="no web address"):
        await local.check_for_update()


async def test_new_versions_are_looked_for_without_being_asked_for(face: Face, caplog: pytest.LogCaptureFixture) -> None:
    asked: list[str] = []
    with release_feed(_RELEASES, asked) as feed, caplog.at_level(logging.INFO):
        with_feed(face, feed, "0.8.9")
        async with standing_tasks(face.core), asyncio.timeout(30):
            while not any("is there: " in message for message in caplog.messages):
                await asyncio.sleep(0.02)
        await face.get("/system/update")
    assert len(asked) == 1, "the answer is remembered"
