"""The notification routes: shapes, older shapes, refusals."""

from typing import Any

import pytest

from alchemist_desktop.domain.settings import Notifications
from alchemist_desktop.system.notify.courier import Courier
from alchemist_desktop.system.notify.requests import Origins
from tests.api.support import World, check_problem
from tests.support.receivers import HttpReceiver, MailReceiver

pytestmark = pytest.mark.anyio

PATH = "/api/v1/settings/notifications"


def _body(url: str, **changes: Any) -> dict[str, Any]:
    return {
        "name": "mine",
        "target_type": "webhook",
        "config_json": {"url": url},
        "events": ["encode.completed"],
        "enabled": True,
    } | changes


@pytest.fixture
def world() -> World:
    world = World()
    allowed = Notifications(allow_local_notifications=True)
    world.settings.current = world.settings.current.model_copy(update={"notifications": allowed})
    return world


async def test_the_list_begins_empty_with_the_times(world: World) -> None:
    async with world.client() as client:
        assert (await client.get(PATH)).json() == {
            "daily_summary_time_local": "09:00",
            "quiet_hours_enabled": False,
            "quiet_hours_start_local": "22:00",
            "quiet_hours_end_local": "08:00",
            "targets": [],
        }


async def test_a_target_is_added_listed_and_deleted(world: World) -> None:
    async with HttpReceiver() as receiver, world.client() as client:
        body = _body(receiver.url, events=["completed", "encode.failed", "encode.completed", "nonsense"])
        added = (await client.post(PATH, json=body)).json()
        assert added == {
            "id": 1,
            "name": "mine",
            "target_type": "webhook",
            "config_json": {"url": receiver.url},
            "events": ["encode.completed", "encode.failed"],
            "enabled": True,
            "created_at": "2026-04-30T12:00:00Z",
            "last_sent_at": None,
            "last_error": None,
        }
        second = (await client.post("/api/settings/notifications", json=_body(receiver.url))).json()
        assert [target["id"] for target in (await client.get(PATH)).json()["targets"]] == [1, second["id"]]
        assert (await client.delete(f"{PATH}/1")).json() == {"ok": True}
        check_problem(await client.delete(f"{PATH}/1"), 404, "NOTIFICATION_TARGET_NOT_FOUND")
        assert [target["id"] for target in (await client.get(PATH)).json()["targets"]] == [second["id"]]
        assert receiver.requests == []


async def test_older_shapes_are_understood(world: World) -> None:
    async with HttpReceiver() as receiver, world.client() as client:
        body = _body("", target_type="gotify", endpoint_url=receiver.url, auth_token="t", events=["failed"])
        del body["config_json"]
        added = (await client.post(PATH, json=body)).json()
        assert added["config_json"] == {"server_url": receiver.url, "app_token": "t"}
        assert added["events"] == ["encode.failed"]
        discord = _body("", target_type="discord", config_json={}, endpoint_url=receiver.url)
        assert (await client.post(PATH, json=discord)).json()["target_type"] == "discord_webhook"


async def test_a_test_sends_once_and_stores_nothing(world: World) -> None:
    async with HttpReceiver() as receiver, world.client() as client:
        body = _body(f"{receiver.url}/here", enabled=False)
        assert (await client.post(f"{PATH}/test", json=body)).json() == {"ok": True}
        (request,) = receiver.requests
        assert request.path == "/here"
        assert request.json["event"] == "encode.completed"
        assert request.json["data"] == {"type": "JobStateChanged", "data": {"job_id": 0, "status": "completed"}}
        assert (await client.get(PATH)).json()["targets"] == []


async def test_a_test_of_each_kind_arrives(world: World) -> None:
    async with HttpReceiver() as receiver:
        world.courier = Courier(origins=Origins(discord=receiver.url, telegram=receiver.url))
        kinds: dict[str, dict[str, Any]] = {
            "discord_webhook": {"webhook_url": receiver.url},
            "discord_bot": {"bot_token": "t", "channel_id": "1"},
            "gotify": {"server_url": receiver.url, "app_token": "t"},
            "ntfy": {"server_url": receiver.url, "topic": "t"},
            "telegram": {"bot_token": "t", "chat_id": 5},
        }
        with MailReceiver() as mails:
            kinds["email"] = {
                "smtp_host": "localhost",
                "smtp_port": mails.port,
                "security": "none",
                "from_address": "a@b.example",
                "to_addresses": ["c@d.example"],
            }
            async with world.client() as client:
                for kind, config in kinds.items():
                    reply = await client.post(f"{PATH}/test", json=_body("", target_type=kind, config_json=config))
                    assert reply.json() == {"ok": True}, kind
            assert (len(receiver.requests), len(mails.mails)) == (5, 1)


async def test_a_test_that_does_not_arrive_says_why_without_the_secret(world: World) -> None:
    async with HttpReceiver(replies=["401 No"]) as receiver, world.client() as client:
        body = _body(f"{receiver.url}/geheim", config_json={"url": f"{receiver.url}/geheim", "auth_token": "geheim"})
        problem = check_problem(await client.post(f"{PATH}/test", json=body), 500, "NOTIFICATION_TEST_FAILED")
        assert "401" in problem["detail"]
        assert "geheim" not in problem["detail"]


@pytest.mark.parametrize(
    "changes",
    [
        {"name": ""},
        {"target_type": "pigeon"},
        {"events": []},
        {"events": ["nonsense"]},
        {"config_json": {}},
        {"config_json": {"url": "ftp://x"}},
        {"config_json": {"url": "http://no-such-host.invalid/"}},
        {"config_json": {"url": "http://me@127.0.0.1/"}},
        {"target_type": "email", "config_json": {"smtp_host": "localhost", "from_address": "a@b", "to_addresses": []}},
    ],
)
async def test_targets_that_cannot_be_are_refused_and_not_stored(world: World, changes: dict[str, Any]) -> None:
    async with world.client() as client:
        for path in (PATH, f"{PATH}/test"):
            check_problem(
                await client.post(path, json=_body("http://127.0.0.1:1/", **changes)), 400, "NOTIFICATION_TARGET_INVALID"
            )
        assert (await client.get(PATH)).json()["targets"] == []


@pytest.mark.parametrize("change", [{"name": 5}, {"events": "x"}, {"enabled": "yes"}, {"config_json": []}])
async def test_wrong_types_are_422(world: World, change: dict[str, Any]) -> None:
    async with world.client() as client:
        check_problem(await client.post(PATH, json=_body("http://127.0.0.1:1/", **change)), 422, "INVALID_BODY")


async def test_local_receivers_are_refused_unless_the_owner_allows_them() -> None:
    world = World()
    async with HttpReceiver() as receiver, world.client() as client:
        for path in (PATH, f"{PATH}/test"):
            problem = check_problem(await client.post(path, json=_body(receiver.url)), 400, "NOTIFICATION_TARGET_INVALID")
            assert "local" in problem["detail"]
        assert receiver.requests == []


async def test_some_or_all_times_are_changed(world: World) -> None:
    async with world.client() as client:
        assert (await client.put(PATH, json={"daily_summary_time_local": "7:5"})).json() == {"ok": True}
        body = {"quiet_hours_enabled": True, "quiet_hours_start_local": "23:00", "quiet_hours_end_local": "06:30"}
        assert (await client.put(PATH, json=body)).json() == {"ok": True}
        assert (await client.put(PATH, json={})).json() == {"ok": True}
        shown = (await client.get(PATH)).json()
        assert shown == {"daily_summary_time_local": "07:05", **body, "targets": []}


async def test_a_blank_time_is_the_default(world: World) -> None:
    async with world.client() as client:
        times = {"daily_summary_time_local": "7:05", "quiet_hours_start_local": "1:00", "quiet_hours_end_local": "2:00"}
        await client.put(PATH, json=times)
        assert (await client.put(PATH, json=dict.fromkeys(times, " "))).status_code == 200
        shown = (await client.get(PATH)).json()
        assert {name: shown[name] for name in times} == {
            "daily_summary_time_local": "09:00", "quiet_hours_start_local": "22:00", "quiet_hours_end_local": "08:00",
        }  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        {"daily_summary_time_local": "25:00"},
        {"quiet_hours_start_local": "noon"},
        {"quiet_hours_enabled": True, "quiet_hours_start_local": "08:00"},
    ],
)
async def test_times_that_are_none_change_nothing(world: World, body: dict[str, Any]) -> None:
    async with world.client() as client:
        before = (await client.get(PATH)).json()
        check_problem(await client.put(PATH, json=body), 400, "NOTIFICATIONS_SETTINGS_INVALID")
        assert (await client.get(PATH)).json() == before


async def test_settings_that_may_not_be_written_are_told(world: World) -> None:
    async with HttpReceiver() as receiver, world.client() as client:
        await client.post(PATH, json=_body(receiver.url))
        world.settings.is_mutable = False
        check_problem(await client.post(PATH, json=_body(receiver.url)), 409, "CONFIG_WRITE_BLOCKED")
        check_problem(await client.put(PATH, json={"quiet_hours_enabled": True}), 409, "CONFIG_WRITE_BLOCKED")
        check_problem(await client.delete(f"{PATH}/1"), 409, "CONFIG_WRITE_BLOCKED")
        check_problem(await client.put(PATH, json={"quiet_hours_start_local": "x"}), 400, "NOTIFICATIONS_SETTINGS_INVALID")
