"""Targets: what each kind needs, the forms of older clients, and what is never shown."""

from typing import Any

import pytest

from alchemist_desktop.domain.errors import InvalidRequestError
from alchemist_desktop.domain.notification_target import (
    canonical_target,
    checked_target,
    sealed,
    settings_without_secrets,
    up_to_date,
)
from alchemist_desktop.domain.settings import Notifications, NotificationTargetSettings, Settings

GOOD: dict[str, dict[str, Any]] = {
    "discord_webhook": {"webhook_url": "https://discord.com/api/webhooks/1/geheim"},
    "discord_bot": {"bot_token": "geheim", "channel_id": "42"},
    "gotify": {"server_url": "https://push.example.org/", "app_token": "geheim"},
    "ntfy": {"server_url": "https://ntfy.sh", "topic": "films", "access_token": "geheim"},
    "webhook": {"url": "http://example.org:8080/x?key=geheim", "auth_token": "geheim"},
    "telegram": {"bot_token": "geheim", "chat_id": -100123},
    "email": {
        "smtp_host": "mail.example.org",
        "smtp_port": 587,
        "username": "me",
        "password": "geheim",
        "from_address": "Me <me@example.org>",
        "to_addresses": ["you@example.org"],
        "security": "starttls",
    },
}


def target(kind: str, config: dict[str, Any], **members: Any) -> NotificationTargetSettings:
    return NotificationTargetSettings(
        **{"name": "mine", "target_type": kind, "config_json": config, "events": ("encode.failed",)} | members
    )


@pytest.mark.parametrize("kind", GOOD)
def test_every_kind_is_taken_when_it_is_whole_and_refused_when_a_member_is_missing(kind: str) -> None:
    checked_target(target(kind, GOOD[kind]))
    optional = {"access_token", "auth_token", "smtp_port", "username", "password", "security"}
    for member in GOOD[kind].keys() - optional:
        for bad in ({}, {member: ""}, {member: " "}, {member: None}):
            config = {name: value for name, value in GOOD[kind].items() if name != member} | bad
            with pytest.raises(InvalidRequestError, match=member) as caught:
                checked_target(target(kind, config))
            assert caught.value.code == "NOTIFICATION_TARGET_INVALID"
    for member in optional & GOOD[kind].keys():
        checked_target(target(kind, {name: value for name, value in GOOD[kind].items() if name != member}))


@pytest.mark.parametrize(
    "members",
    [{"name": " "}, {"target_type": "pigeon"}, {"events": ()}, {"events": ("encode.finished", "digest")}],
    ids=["name", "kind", "no events", "unknown events"],
)
def test_what_no_target_may_be(members: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError):
        checked_target(target("webhook", GOOD["webhook"], **members))


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "example.org",
        "http://",
        "http:///path",
        "https://me:word@example.org/",
        "https://me@example.org/",
        "https://example.org/#top",
        "https://example.org/a b",
        "https://example.org:99999/",
        "https://[::1/",
        "http://example.org/\r\nX-Evil: 1",
    ],
)
def test_addresses_that_are_none(url: str) -> None:
    with pytest.raises(InvalidRequestError):
        checked_target(target("webhook", {"url": url}))


@pytest.mark.parametrize(
    "change",
    [
        {"to_addresses": []},
        {"to_addresses": "you@example.org"},
        {"to_addresses": ["nobody"]},
        {"to_addresses": ["a@b\r\nBcc: c@d"]},
        {"from_address": "nobody"},
        {"smtp_port": 0},
        {"smtp_port": "587"},
        {"security": "hope"},
    ],
)
def test_mail_that_cannot_go(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequestError):
        checked_target(target("email", GOOD["email"] | change))


@pytest.mark.parametrize(
    ("old", "kind", "config"),
    [
        ({"target_type": "discord", "endpoint_url": "https://d/x"}, "discord_webhook", {"webhook_url": "https://d/x"}),
        (
            {"target_type": "gotify", "endpoint_url": "https://g", "auth_token": "t"},
            "gotify",
            {"server_url": "https://g", "app_token": "t"},
        ),
        (
            {"target_type": "webhook", "endpoint_url": "https://w", "auth_token": "t", "config_json": {"url": "https://own"}},
            "webhook",
            {"url": "https://own", "auth_token": "t"},
        ),
    ],
)
def test_older_shapes_come_into_the_present_one(old: dict[str, Any], kind: str, config: dict[str, Any]) -> None:
    known = canonical_target(NotificationTargetSettings(name="x", events=("completed", "encoding", "remuxing"), **old))
    assert (known.target_type, known.config_json) == (kind, config)
    assert known.events == ("encode.completed", "encode.started")
    assert (known.endpoint_url, known.auth_token) == (None, None)


def test_ids_may_be_numbers_and_are_sent_as_texts() -> None:
    assert checked_target(target("telegram", GOOD["telegram"])).config_json["chat_id"] == "-100123"


def test_addresses_of_old_files_become_targets_unless_there_are_some() -> None:
    old = Notifications(
        enabled=True, webhook_url="https://w", discord_webhook="https://d", notify_on_failure=True, notify_on_complete=True
    )
    new = up_to_date(old)
    assert [(t.target_type, t.events) for t in new.targets] == [
        ("discord_webhook", ("encode.completed", "encode.failed")),
        ("webhook", ("encode.completed", "encode.failed")),
    ]
    assert (new.webhook_url, new.discord_webhook) == (None, None)
    assert up_to_date(new) == new
    for change in ({"enabled": False}, {"notify_on_failure": False, "notify_on_complete": False}):
        assert up_to_date(old.model_copy(update=change)) == old.model_copy(update=change)
    own = target("ntfy", GOOD["ntfy"])
    assert up_to_date(old.model_copy(update={"targets": (own,)})).targets == (own,)


def test_a_secret_that_the_file_only_names_counts_as_given() -> None:
    named = {"webhook_url": sealed("a1b2")}
    assert checked_target(target("discord_webhook", named)).config_json == named
    with pytest.raises(InvalidRequestError):
        checked_target(target("gotify", {"server_url": sealed("a1b2"), "app_token": "t"}))  # no secret, so never named


def test_no_secret_is_left_in_what_everybody_may_see() -> None:
    targets = tuple(target(kind, config) for kind, config in GOOD.items())
    settings = Settings(notifications=Notifications(targets=targets, discord_webhook="https://d/geheim"))
    shown = settings_without_secrets(settings).model_dump_json()
    assert "geheim" not in shown
    assert "ntfy.sh" in shown
