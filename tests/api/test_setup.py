"""The first run: the gate, the order of its checks, what it leaves behind."""

from pathlib import Path
from typing import Any

import pytest

from alchemist_desktop.domain.settings import Settings
from tests.api.support import Json, World, bearer, check_problem

pytestmark = pytest.mark.anyio

_ACCOUNT = {"username": " admin ", "password": "long enough"}
_REMOTE = {"X-Forwarded-For": "203.0.113.7"}


@pytest.fixture
def fresh() -> World:
    """A program nobody has set up yet, behind a proxy that tells the callers' addresses."""
    world = World()
    world.access.users.clear()
    world.settings.file_exists = False
    world.set_options(trusted_proxies=("127.0.0.1",))
    return world


def _nested(**scanner: object) -> dict[str, Any]:
    document: dict[str, Any] = Settings().model_dump(mode="json", by_alias=True)
    document["scanner"].update(scanner)
    return document


async def test_setup_by_choices(fresh: World, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    body = {
        **_ACCOUNT,
        "concurrent_jobs": 3,
        "directories": [str(tmp_path), "  ", str(tmp_path / "link")],
        "output_codec": "hevc",
        "min_file_size_mb": 7,
    }
    async with fresh.client(None) as client:
        status = (await client.get("/api/v1/setup/status")).json()
        assert status == {"setup_required": True, "enable_telemetry": False, "config_mutable": True}
        reply = await client.post("/api/v1/setup/complete", json=body)
        assert reply.json() == {"status": "saved", "message": reply.json()["message"], "concurrent_jobs": 3}
        assert reply.headers["set-cookie"].startswith("alchemist_session=")
        assert (await client.get("/api/v1/jobs")).status_code == 200  # signed in at once
        assert (await client.get("/api/v1/setup/status", headers=_REMOTE)).json()["setup_required"] is False
        check_problem(await client.post("/api/v1/setup/complete", json=body), 403, "SETUP_ALREADY_COMPLETE")
    stored = fresh.settings.current
    assert stored.scanner.directories == (str(tmp_path.resolve()),)
    assert stored.scanner.watch_enabled is True
    assert (stored.transcode.concurrent_jobs, stored.transcode.output_codec) == (3, "hevc")
    assert (stored.transcode.min_file_size_mb, stored.transcode.size_reduction_threshold) == (7, 0.0)
    assert fresh.access.users == {"admin": "long enough"}
    assert (fresh.engine.state.concurrent_limit, fresh.engine.state.is_manual_override) == (3, True)
    assert fresh.scans.started == [False]


async def test_setup_with_a_whole_config_in_an_old_clients_shape(fresh: World, tmp_path: Path) -> None:
    document = _nested(directories=[str(tmp_path)])
    document["notifications"]["targets"] = [
        {"name": "chat", "target_type": "discord", "endpoint_url": "https://d.example/x", "events": ["completed", "failed"]}
    ]
    body = {**_ACCOUNT, "settings": document, "concurrent_jobs": 0}
    async with fresh.client(None) as client:
        reply = await client.post("/api/setup/complete", json=body)
    assert reply.json()["concurrent_jobs"] == 1
    (target,) = fresh.settings.current.notifications.targets
    assert (target.target_type, target.config_json) == ("discord_webhook", {"webhook_url": "https://d.example/x"})
    assert target.events == ("encode.completed", "encode.failed")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"username": " ab ", "password": "short"}, "SETUP_USERNAME_INVALID"),
        ({"password": "short", "concurrent_jobs": 0}, "SETUP_PASSWORD_INVALID"),
        ({"concurrent_jobs": 0, "size_reduction_threshold": 2}, "SETUP_CONCURRENT_JOBS_INVALID"),
        ({"size_reduction_threshold": 1.5, "min_bpp_threshold": -1}, "SETUP_THRESHOLD_INVALID"),
        ({"min_bpp_threshold": -0.1, "directories": []}, "SETUP_BPP_INVALID"),
        ({"directories": ["/no/such/folder"]}, "SETUP_DIRECTORIES_INVALID"),
        ({"directories": ["relative"]}, "SETUP_DIRECTORIES_INVALID"),
        ({"directories": ["/nul\0byte"]}, "SETUP_DIRECTORIES_INVALID"),
        ({"directories": [__file__]}, "SETUP_DIRECTORIES_INVALID"),
        ({"directories": ["", " "]}, "SETUP_DIRECTORIES_REQUIRED"),
        ({"concurrent_jobs": 65}, "SETUP_VALIDATION_FAILED"),
    ],
)
async def test_choices_are_checked_in_order(fresh: World, tmp_path: Path, changes: Json, code: str) -> None:
    body = {**_ACCOUNT, "concurrent_jobs": 1, "directories": [str(tmp_path)], **changes}
    async with fresh.client(None) as client:
        check_problem(await client.post("/api/v1/setup/complete", json=body), 400, code)
    assert fresh.access.users == {}
    assert fresh.settings.file_exists is False


@pytest.mark.parametrize(
    ("section", "member", "value", "code"),
    [
        ("scanner", "directories", "text", "SETUP_CONFIG_INVALID"),
        ("transcode", "output_codec", "vp9", "SETUP_CONFIG_INVALID"),
        ("scanner", "directories", [], "SETUP_DIRECTORIES_REQUIRED"),
        ("scanner", "directories", ["/no/such/folder"], "SETUP_DIRECTORIES_INVALID"),
        ("transcode", "concurrent_jobs", 0, "SETUP_CONCURRENT_JOBS_REQUIRED"),
        ("transcode", "min_bpp_threshold", -1, "SETUP_VALIDATION_FAILED"),
        ("notifications", "targets", [{"name": "a", "target_type": "pager"}], "SETUP_VALIDATION_FAILED"),
    ],
)
async def test_a_whole_config_is_checked(
    fresh: World, tmp_path: Path, section: str, member: str, value: object, code: str
) -> None:
    document = _nested(directories=[str(tmp_path)])
    document[section][member] = value
    async with fresh.client(None) as client:
        reply = await client.post("/api/v1/setup/complete", json={**_ACCOUNT, "settings": document})
        check_problem(reply, 400, code)
        del document["hardware"]
        missing = await client.post("/api/v1/setup/complete", json={**_ACCOUNT, "settings": document})
        check_problem(missing, 400, "SETUP_CONFIG_INVALID")


async def test_an_account_that_is_there_cannot_be_taken_over(fresh: World, tmp_path: Path) -> None:
    fresh.access.users["admin"] = "of old"  # only the settings file was lost
    body = {**_ACCOUNT, "concurrent_jobs": 1, "directories": [str(tmp_path)]}
    async with fresh.client(None) as client:
        check_problem(await client.post("/api/v1/setup/complete", json=body), 400, "SETUP_USERNAME_INVALID")
        assert (await client.get("/api/v1/setup/status")).json()["setup_required"] is True
    assert fresh.access.users == {"admin": "of old"}
    assert fresh.settings.file_exists is False


async def test_setup_cannot_write_where_writing_is_off(fresh: World) -> None:
    fresh.settings.is_mutable = False
    body = {**_ACCOUNT, "concurrent_jobs": 1, "directories": ["/no/such/folder"]}
    async with fresh.client(None) as client:
        check_problem(await client.post("/api/v1/setup/complete", json=body), 409, "CONFIG_WRITE_BLOCKED")


@pytest.mark.parametrize("path", ["/api/v1/setup/status", "/api/v1/jobs", "/", "/api/settings/bundle", "/health"])
async def test_the_gate_lets_the_lan_in_and_nobody_else(fresh: World, path: str) -> None:
    async with fresh.client(None) as client:
        check_problem(await client.get(path, headers=_REMOTE), 403, "SETUP_ACCESS_FORBIDDEN")
        assert (await client.get(path)).status_code != 403
        assert (await client.get(path, headers={"X-Forwarded-For": "192.168.7.7"})).status_code != 403


@pytest.mark.parametrize("path", ["/api/v1/health", "/api/v1/ready", "/api/health", "/api/ready"])
async def test_the_gate_does_not_hide_health(fresh: World, path: str) -> None:
    async with fresh.client(None) as client:
        assert (await client.get(path, headers=_REMOTE)).status_code == 200


@pytest.mark.parametrize(
    ("query", "is_admitted"),
    [
        ("", False),
        ("token=wrong", False),
        ("token=", False),
        ("Token=s%26cret+1", False),
        ("token=wrong&token=s%26cret+1", False),
        ("token=s%26cret%201", False),
        ("a=b&token=s%26cret+1", True),
        ("token=%73%26cret+1&token=wrong", True),
    ],
)
@pytest.mark.parametrize("headers", [{}, _REMOTE])
async def test_with_a_setup_token_nothing_else_counts(
    fresh: World, query: str, is_admitted: bool, headers: dict[str, str]
) -> None:
    fresh.set_options(setup_token="s&cret+1")
    async with fresh.client(None) as client:
        reply = await client.get(f"/api/v1/setup/status?{query}", headers=headers)
    if is_admitted:
        assert reply.status_code == 200
    else:
        check_problem(reply, 403, "SETUP_ACCESS_FORBIDDEN")


async def test_behind_the_gate_only_setup_is_public(fresh: World) -> None:
    async with fresh.client(None) as client:
        assert (await client.get("/api/v1/settings/bundle")).status_code == 200
        check_problem(await client.get("/api/v1/jobs"), 401, "AUTH_REQUIRED")
        check_problem(await client.get("/api/v1/settings/api-tokens"), 401, "AUTH_REQUIRED")


async def test_afterwards_the_bundle_is_public_no_more(world: World) -> None:
    async with world.client(None) as client:
        check_problem(await client.get("/api/v1/settings/bundle"), 401, "AUTH_REQUIRED")
        check_problem(await client.put("/api/v1/settings/bundle", json={}), 401, "AUTH_REQUIRED")


async def test_a_lost_settings_file_does_not_open_the_door_but_lost_accounts_do(world: World) -> None:
    async with world.client(None) as client:
        assert (await client.get("/api/v1/setup/status")).json()["setup_required"] is False
        world.settings.file_exists = False
        check_problem(await client.get("/api/v1/jobs", headers=bearer("stale")), 401, "AUTH_REQUIRED")
        assert (await client.get("/api/v1/setup/status")).json()["setup_required"] is False
        world.access.users.clear()
        check_problem(await client.get("/api/v1/jobs", headers=bearer("stale")), 401, "AUTH_REQUIRED")
        assert (await client.get("/api/v1/setup/status")).json()["setup_required"] is True
