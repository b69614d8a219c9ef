"""The bundle: its shape, what a client may leave out, what it may not change."""

from typing import Any

import pytest
from pydantic import BaseModel

from alchemist_desktop.api.schemas.settings import OWN_MEMBERS
from alchemist_desktop.domain.settings import NotificationTargetSettings, Settings
from tests.api.shapes import TargetShape
from tests.api.support import World, check_problem

pytestmark = pytest.mark.anyio

# The whole Config object of the wire contract with its defaults.
_CONTRACT: dict[str, Any] = {
    "appearance": {"active_theme_id": None},
    "updates": {"channel": "stable", "auto_check": True, "check_interval_hours": 24},
    "transcode": {
        "size_reduction_threshold": 0.3,
        "min_bpp_threshold": 0.1,
        "min_file_size_mb": 50,
        "concurrent_jobs": 1,
        "threads": 0,
        "quality_profile": "balanced",
        "output_codec": "av1",
        "allow_fallback": True,
        "hdr_mode": "preserve",
        "tonemap_algorithm": "hable",
        "tonemap_peak": 1000.0,
        "tonemap_desat": 0.2,
        "subtitle_mode": "copy",
        "stream_rules": {"strip_audio_by_title": [], "keep_audio_languages": [], "keep_only_default_audio": False},
        "vmaf_min_score": None,
    },
    "hardware": {
        "preferred_vendor": None,
        "device_path": None,
        "allow_cpu_fallback": True,
        "cpu_preset": "medium",
        "allow_cpu_encoding": True,
    },
    "scanner": {"directories": [], "watch_enabled": False, "extra_watch_dirs": [], "aggressive_directory_pruning": False},
    "notifications": {
        "enabled": False,
        "allow_local_notifications": False,
        "targets": [],
        "daily_summary_time_local": "09:00",
        "webhook_url": None,
        "discord_webhook": None,
        "notify_on_complete": False,
        "notify_on_failure": False,
        "quiet_hours_enabled": False,
        "quiet_hours_start_local": "22:00",
        "quiet_hours_end_local": "08:00",
    },
    "files": {
        "delete_source": False,
        "output_extension": "mkv",
        "output_suffix": "-alchemist",
        "replace_strategy": "keep",
        "output_root": None,
    },
    "schedule": {"windows": []},
    "quality": {"enable_vmaf": False, "min_vmaf_score": 90.0, "revert_on_low_quality": True},
    "system": {
        "monitoring_poll_interval": 2.0,
        "conversion_upload_limit_gb": 8,
        "conversion_download_retention_hours": 1,
        "min_free_space_gb": 10,
        "enable_telemetry": False,
        "log_retention_days": 30,
        "metrics_enabled": False,
        "engine_mode": "balanced",
        "https_only": False,
        "trusted_proxies": [],
        "arr_path_translations": [],
        "ui_theme": None,
        "log_format": "text",
    },
}


def _lacks(known: dict[str, Any], all_members: dict[str, Any], prefix: str = "") -> set[str]:
    """Dotted names of what `all_members` has beyond `known`."""
    found = set()
    for name, value in all_members.items():
        if name not in known:
            found.add(prefix + name)
        elif isinstance(value, dict):
            found |= _lacks(known[name], value, f"{prefix}{name}.")
    return found


def _pick(known: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    return {name: _pick(item, values[name]) if isinstance(item, dict) else values[name] for name, item in known.items()}


async def test_the_default_bundle_is_that_of_the_contract(world: World) -> None:
    async with world.client() as client:
        bundle = (await client.get("/api/v1/settings/bundle")).json()
    assert (bundle["source_of_truth"], bundle["projection_status"]) == ("toml", "synced")
    assert _pick(_CONTRACT, bundle["settings"]) == _CONTRACT
    assert _lacks(_CONTRACT, bundle["settings"]) == {*OWN_MEMBERS, "server"}


def _changed(settings: Settings, **sections: dict[str, Any]) -> Settings:
    parts: dict[str, BaseModel] = {name: getattr(settings, name).model_copy(update=update) for name, update in sections.items()}
    return settings.model_copy(update=parts)


async def test_what_was_read_can_be_written_back(world: World) -> None:
    target = NotificationTargetSettings(
        name="chat",
        target_type="gotify",
        config_json={"server_url": "https://g.example", "app_token": "s"},
        events=("encode.failed",),
    )
    before = _changed(Settings(), notifications={"targets": (target,)}, scanner={"directories": ("/media/ä",)})
    world.settings.current = before
    async with world.client() as client:
        document = (await client.get("/api/v1/settings/bundle")).json()["settings"]
        TargetShape.model_validate(document["notifications"]["targets"][0])
        assert document["notifications"]["targets"][0]["endpoint_url"] == "https://g.example"
        reply = await client.put("/api/v1/settings/bundle", json=document)
    assert reply.json()["settings"] == document
    assert world.settings.current == before


async def test_a_client_that_knows_the_contract_only_resets_nothing_else(world: World) -> None:
    own: dict[str, Any] = {
        "server": {"lan": True},
        "engine": {"max_attempts": 7},
        "files": {"in_place": True, "output_suffix": "-x"},
        "updates": {"channel": "rc"},
        "transcode": {"predict_size": False, "threads": 9},
    }
    world.settings.current = _changed(Settings(), **own)
    document = {name: section for name, section in _CONTRACT.items() if name not in {"files", "updates"}}
    async with world.client() as client:
        reply = await client.put("/api/v1/settings/bundle", json=document)
    assert reply.status_code == 200
    stored = world.settings.current
    assert (stored.server.lan, stored.engine.max_attempts, stored.files.in_place, stored.transcode.predict_size) == (
        True,
        7,
        True,
        False,
    )
    # What the contract knows and the client leaves out goes back to its default.
    assert (stored.files.output_suffix, stored.updates.channel, stored.transcode.threads) == ("-alchemist", "stable", 0)


async def test_no_client_can_choose_which_program_runs(world: World) -> None:
    world.settings.current = _changed(Settings(), hardware={"ffmpeg_path": "/opt/ffmpeg"})
    document = {**_CONTRACT, "hardware": {**_CONTRACT["hardware"], "ffmpeg_path": "/tmp/evil"}}
    async with world.client() as client:
        reply = await client.put("/api/v1/settings/bundle", json=document)
    assert reply.json()["settings"]["hardware"]["ffmpeg_path"] == "/opt/ffmpeg"
    assert world.settings.current.hardware.ffmpeg_path == "/opt/ffmpeg"


def _target(kind: str, **config: str) -> dict[str, Any]:
    return {"name": "a", "target_type": kind, "config_json": config, "events": ["completed"]}


@pytest.mark.parametrize("server", [{"enabled": False}, {"lan": True, "tls": True}, {"port": 1}])
async def test_no_client_can_send_the_server_elsewhere(world: World, server: dict[str, Any]) -> None:
    world.settings.current = _changed(Settings(), server={"allowed_hosts": ("media.example",)})
    before = world.settings.current.server
    async with world.client() as client:
        reply = await client.put("/api/v1/settings/bundle", json={**_CONTRACT, "server": server})
    assert reply.json()["settings"]["server"] == before.model_dump(mode="json")
    assert world.settings.current.server == before


@pytest.mark.parametrize(
    ("path", "value", "status", "code"),
    [
        ("transcode", None, 422, "INVALID_BODY"),
        ("hardware", None, 422, "INVALID_BODY"),
        ("scanner", None, 422, "INVALID_BODY"),
        ("transcode.concurrent_jobs", None, 422, "INVALID_BODY"),
        ("scanner.directories", None, 422, "INVALID_BODY"),
        ("files.replace_strategy", None, 422, "INVALID_BODY"),
        ("transcode.concurrent_jobs", "1", 422, "INVALID_BODY"),
        ("transcode.output_codec", "vp9", 422, "INVALID_BODY"),
        ("transcode", [], 422, "INVALID_BODY"),
        ("transcode.stream_rules", 5, 422, "INVALID_BODY"),
        ("transcode.concurrent_jobs", 0, 400, "SETTINGS_BUNDLE_INVALID"),
        ("transcode.tonemap_peak", 49, 400, "SETTINGS_BUNDLE_INVALID"),
        ("files.output_suffix", "a/b", 400, "SETTINGS_BUNDLE_INVALID"),
        ("notifications.daily_summary_time_local", "25:00", 400, "SETTINGS_BUNDLE_INVALID"),
        ("notifications.targets", [_target("pager")], 400, "SETTINGS_BUNDLE_INVALID"),
        ("notifications.targets", [_target("gotify")], 400, "SETTINGS_BUNDLE_INVALID"),
        ("notifications.targets", [_target("webhook", url="ftp://x")], 400, "SETTINGS_BUNDLE_INVALID"),
        ("system.arr_path_translations", [{"from": " ", "to": "/b"}], 400, "SETTINGS_BUNDLE_INVALID"),
        ("system.arr_path_translations", [{"from": "/a", "to": ""}], 400, "SETTINGS_BUNDLE_INVALID"),
        ("system.arr_path_translations", [{"from": "/a\0", "to": "/b"}], 400, "SETTINGS_BUNDLE_INVALID"),
    ],
)
async def test_wrong_bundles(world: World, path: str, value: object, status: int, code: str) -> None:
    document = {name: dict(section) for name, section in _CONTRACT.items()}
    *parents, leaf = path.split(".")
    place: dict[str, Any] = document[parents[0]] if parents else document
    if value is None:
        del place[leaf]
    else:
        place[leaf] = value
    async with world.client() as client:
        problem = check_problem(await client.put("/api/v1/settings/bundle", json=document), status, code)
    assert leaf in problem["detail"]
    assert world.settings.current == Settings()


@pytest.mark.parametrize(("content", "status"), [(b"[]", 422), (b"{", 400), (b"", 400), (b'{"a":NaN}', 400)])
async def test_what_is_no_object_is_refused(world: World, content: bytes, status: int) -> None:
    async with world.client() as client:
        reply = await client.put("/api/v1/settings/bundle", content=content, headers={"Content-Type": "application/json"})
    check_problem(reply, status, "INVALID_BODY" if status == 422 else "MALFORMED_JSON")


async def test_writing_can_be_switched_off(world: World) -> None:
    world.settings.is_mutable = False
    async with world.client() as client:
        check_problem(await client.put("/api/v1/settings/bundle", json=_CONTRACT), 409, "CONFIG_WRITE_BLOCKED")
        wrong = {**_CONTRACT, "quality": {**_CONTRACT["quality"], "min_vmaf_score": 101}}
        check_problem(await client.put("/api/v1/settings/bundle", json=wrong), 400, "SETTINGS_BUNDLE_INVALID")


async def test_a_blank_time_stands_for_the_default(world: World) -> None:
    document = {name: dict(section) for name, section in _CONTRACT.items()}
    times = {"daily_summary_time_local": "09:00", "quiet_hours_start_local": "22:00", "quiet_hours_end_local": "08:00"}
    document["notifications"] |= dict.fromkeys(times, " ")
    async with world.client() as client:
        reply = await client.put("/api/v1/settings/bundle", json=document)
    assert {name: reply.json()["settings"]["notifications"][name] for name in times} == times


async def test_addresses_of_old_settings_become_targets(world: World) -> None:
    document = {name: dict(section) for name, section in _CONTRACT.items()}
    document["notifications"] |= {"enabled": True, "notify_on_failure": True, "webhook_url": "https://w"}
    async with world.client() as client:
        shown = (await client.put("/api/v1/settings/bundle", json=document)).json()["settings"]["notifications"]
    assert [(t["target_type"], t["endpoint_url"], t["events"]) for t in shown["targets"]] == [
        ("webhook", "https://w", ["encode.failed"])
    ]
    assert shown["webhook_url"] is None


async def test_old_shapes_of_targets_are_brought_up_to_date(world: World) -> None:
    document = {name: dict(section) for name, section in _CONTRACT.items()}
    document["notifications"]["targets"] = [
        {
            "name": "a",
            "target_type": "discord",
            "config_json": {},
            "endpoint_url": "https://d",
            "events": ["failed", "encode.failed"],
        },
        {
            "name": "b",
            "target_type": "gotify",
            "endpoint_url": "https://g",
            "auth_token": "t",
            "events": ["encoding", "remuxing"],
        },
        {
            "name": "c",
            "target_type": "webhook",
            "config_json": {"url": "https://kept"},
            "endpoint_url": "https://w",
            "auth_token": "t",
            "events": ["encode.failed", "of.tomorrow"],
        },
        {
            "name": "d",
            "target_type": "telegram",
            "config_json": {"bot_token": "x", "chat_id": "1"},
            "endpoint_url": "",
            "events": ["queued"],
        },
    ]
    async with world.client() as client:
        reply = await client.put("/api/v1/settings/bundle", json=document)
    stored = [(t.target_type, t.config_json, t.events) for t in world.settings.current.notifications.targets]
    assert stored == [
        ("discord_webhook", {"webhook_url": "https://d"}, ("encode.failed",)),
        ("gotify", {"server_url": "https://g", "app_token": "t"}, ("encode.started",)),
        ("webhook", {"url": "https://kept", "auth_token": "t"}, ("encode.failed",)),
        ("telegram", {"bot_token": "x", "chat_id": "1"}, ("encode.queued",)),
    ]
    shown = reply.json()["settings"]["notifications"]["targets"]
    assert [target["endpoint_url"] for target in shown] == ["https://d", "https://g", "https://kept", ""]


@pytest.mark.parametrize(
    "target",
    [
        {"name": "a", "target_type": "pigeon", "config_json": {}},
        {"name": " ", "target_type": "webhook", "config_json": {"url": "https://w"}},
        {"name": "a", "target_type": "webhook", "config_json": {}},
        {"name": "a", "target_type": "ntfy", "config_json": {"server_url": "ftp://n", "topic": "t"}},
    ],
)
async def test_a_target_that_no_message_can_reach_is_no_part_of_a_config(world: World, target: dict[str, object]) -> None:
    document = {name: dict(section) for name, section in _CONTRACT.items()}
    document["notifications"]["targets"] = [{"events": ["completed"], **target}]
    async with world.client() as client:
        check_problem(await client.put("/api/v1/settings/bundle", json=document), 400, "SETTINGS_BUNDLE_INVALID")
        assert world.settings.current.notifications.targets == ()
        # what somebody wrote into the file must not keep clients from everything else
        stored = NotificationTargetSettings.model_validate({"events": ("encode.completed",), **target})
        world.settings.current = _changed(Settings(), notifications={"targets": (stored,)})
        assert (await client.put("/api/v1/settings/bundle", json=document)).status_code == 200
