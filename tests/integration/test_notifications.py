"""From an event to the receiver: every kind of target, bursts, quiet hours, retries, the summary, and a restart."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alchemist_desktop.domain.engine_state import ScanStatus
from alchemist_desktop.domain.events import EngineIdle, JobAdded, JobChanged, JobListChanged, ScanCompleted, ScanStarted
from alchemist_desktop.domain.explanation import explain
from alchemist_desktop.domain.job import JobState
from alchemist_desktop.domain.notification import NotificationEvent
from alchemist_desktop.domain.settings import Notifications, NotificationTargetSettings, Settings
from alchemist_desktop.engine.bus import EventBus
from alchemist_desktop.services.notifications import NotificationsService, NotificationTargets
from alchemist_desktop.services.notifier import Notifier
from alchemist_desktop.services.settings import SettingsService
from alchemist_desktop.services.vault import Vault
from alchemist_desktop.storage.config_file import load, save
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.notifications import NotificationRepository
from alchemist_desktop.system.notify.courier import Courier
from alchemist_desktop.system.notify.requests import Origins
from alchemist_desktop.system.secrets import FileSecrets
from tests.api.in_memory import make_job
from tests.support.receivers import HttpReceiver, MailReceiver

pytestmark = pytest.mark.anyio

SECRET = "s3cr3t-of-mine"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class MovedClock:
    """The real time, moved by as much as a test says; local time is UTC."""

    def __init__(self, start: datetime | None = None) -> None:
        self.offset = (start - datetime.now(UTC)) if start else timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def local_now(self) -> datetime:
        return self.now().replace(tzinfo=None)

    def monotonic_s(self) -> float:
        return self.now().timestamp()


NOON = datetime(2026, 5, 10, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 5, 10, 23, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Installation:
    """The notifications of a program whose files lie in one folder."""

    service: NotificationsService
    notifier: Notifier
    repository: NotificationRepository
    database: Database
    bus: EventBus
    clock: MovedClock
    settings: SettingsService


@asynccontextmanager
async def installed(
    home: Path, url: str = "", clock: MovedClock | None = None, *, run: bool = True
) -> AsyncIterator[Installation]:
    """Open what lies in `home`, as the program does at its start; with `run` messages are delivered."""
    clock = clock or MovedClock(NOON)
    vault = Vault(FileSecrets(home / "secrets.json"))
    settings = vault.unseal(load(home / "config.toml"))
    local = settings.notifications.model_copy(update={"allow_local_notifications": True})
    bus = EventBus()
    settings_service = SettingsService(
        settings.model_copy(update={"notifications": local}), path=home / "config.toml", is_mutable=True, bus=bus, vault=vault
    )
    database = Database.open(str(home / "a.db"))
    repository = NotificationRepository(database, clock)
    courier = Courier(origins=Origins(discord=url, telegram=url))
    targets = NotificationTargets(settings_service, repository)
    service = NotificationsService(settings_service, targets, courier, clock)
    notifier = Notifier(settings_service, targets, repository, courier, clock, bus, gather_s=0.2)
    task = asyncio.create_task(notifier.keep()) if run else None
    await asyncio.sleep(0)
    try:
        yield Installation(service, notifier, repository, database, bus, clock, settings_service)
    finally:
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await database.close()


def webhook(url: str, *events: NotificationEvent, **more: Any) -> NotificationTargetSettings:
    wanted = tuple(event.value for event in events or tuple(NotificationEvent))
    return NotificationTargetSettings(
        **{"name": "mine", "target_type": "webhook", "config_json": {"url": url}, "events": wanted} | more
    )


def done(number: int = 7, state: JobState = JobState.COMPLETED) -> JobChanged:
    failure = explain("disk_full", error="No space.") if state is JobState.FAILED else None
    return JobChanged(job=make_job(number, state, input_path=f"/m/film {number}.mkv", failure=failure), state_changed=True)


async def eventually(is_reached: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not is_reached():
            await asyncio.sleep(0.02)


def all_kinds(url: str, mail_port: int) -> dict[str, dict[str, Any]]:
    return {
        "discord_webhook": {"webhook_url": f"{url}/discord/{SECRET}"},
        "discord_bot": {"bot_token": SECRET, "channel_id": "42"},
        "gotify": {"server_url": f"{url}/gotify", "app_token": SECRET},
        "ntfy": {"server_url": f"{url}/ntfy", "topic": "films", "access_token": SECRET},
        "webhook": {"url": f"{url}/webhook", "auth_token": SECRET},
        "telegram": {"bot_token": SECRET, "chat_id": "1"},
        "email": {
            "smtp_host": "127.0.0.1",
            "smtp_port": mail_port,
            "security": "none",
            "username": "me",
            "password": SECRET,
            "from_address": "a@example.org",
            "to_addresses": ["b@example.org"],
        },
    }


async def test_every_kind_of_target_is_saved_tested_fired_and_survives_a_restart(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with HttpReceiver() as receiver:
        with MailReceiver() as mails:
            kinds = all_kinds(receiver.url, mails.port)
            async with installed(tmp_path, receiver.url) as program:
                for kind, members in kinds.items():
                    target = webhook("", target_type=kind, config_json=members, name=kind)
                    await program.service.test_target(target)
                    stored = await program.service.add_target(target)
                    assert (stored.settings.name, stored.settings.config_json) == (kind, members)
                assert (len(receiver.requests), len(mails.mails)) == (6, 1)
                ids = [target.record.id for target in await program.service.list_targets()]
                program.bus.publish(done())
                await eventually(lambda: (len(receiver.requests), len(mails.mails)) == (12, 2))
                await eventually(lambda: _is_empty(tmp_path))

            config = (tmp_path / "config.toml").read_text()
            assert SECRET not in config
            assert "ntfy" in config
            assert (tmp_path / "secrets.json").stat().st_mode & 0o777 == 0o600
            assert SECRET in (tmp_path / "secrets.json").read_text()

            async with installed(tmp_path, receiver.url) as program:
                known = await program.service.list_targets()
                assert {target.settings.target_type: target.settings.config_json for target in known} == kinds
                assert [target.record.id for target in known] == ids
                assert all(target.record.last_sent_at and not target.record.last_error for target in known)
                program.bus.publish(done(8))
                await eventually(lambda: (len(receiver.requests), len(mails.mails)) == (18, 3))
            assert all("film 8.mkv" in request.body.decode() for request in receiver.requests[12:])
            assert "film 8.mkv" in mails.mails[2].content
    assert SECRET not in caplog.text


def _outbox(home: Path) -> list[tuple[int, int]]:
    """Which of the waiting messages are held, and how often each was tried."""
    connection = sqlite3.connect(home / "a.db")
    try:
        return connection.execute("SELECT is_held, attempts FROM outbox ORDER BY id").fetchall()
    finally:
        connection.close()


def _is_empty(home: Path) -> bool:
    return not _outbox(home)


def _held_only(home: Path) -> bool:
    return all(held for held, _ in _outbox(home))


async def test_a_removed_target_gets_nothing_and_takes_its_secret_along(tmp_path: Path) -> None:
    async with HttpReceiver() as receiver, installed(tmp_path) as program:
        config = {"url": receiver.url, "auth_token": SECRET}
        gone = await program.service.add_target(webhook("", config_json=config, name="gone"))
        kept = await program.service.add_target(webhook(f"{receiver.url}/kept"))
        await program.service.remove_target(gone.record.id)
        assert [target.record.id for target in await program.service.list_targets()] == [kept.record.id]
        program.bus.publish(done())
        await receiver.until(1)
        assert [request.path for request in receiver.requests] == ["/kept"]
        left = json.loads((tmp_path / "secrets.json").read_text())
        assert list(left.values()) == [f"{receiver.url}/kept"]


async def test_only_what_was_asked_for_is_sent_and_nothing_to_targets_that_are_off(tmp_path: Path) -> None:
    async with HttpReceiver() as receiver, installed(tmp_path) as program:
        await program.service.add_target(webhook(f"{receiver.url}/failures", NotificationEvent.FAILED))
        await program.service.add_target(webhook(f"{receiver.url}/off", enabled=False))
        await program.service.add_target(webhook(f"{receiver.url}/idle", NotificationEvent.ENGINE_IDLE))
        program.bus.publish(done())
        program.bus.publish(done(9, JobState.FAILED))
        program.bus.publish(EngineIdle())
        await receiver.until(2)
        assert {(request.path, request.json["event"]) for request in receiver.requests} == {
            ("/failures", "encode.failed"),
            ("/idle", "engine.idle"),
        }
        failed = next(request for request in receiver.requests if request.path == "/failures")
        assert failed.json["failure_explanation"]["code"] == "disk_full"


async def test_a_burst_is_one_message(tmp_path: Path) -> None:
    async with HttpReceiver() as receiver, installed(tmp_path) as program:
        await program.service.add_target(webhook(receiver.url))
        for number in range(60):
            program.bus.publish(JobAdded(job=make_job(number, input_path=f"/m/film {number}.mkv")))
        program.bus.publish(done())
        await receiver.until(2)
        await eventually(lambda: _is_empty(tmp_path))
        queued, completed = (request.json for request in receiver.requests)
        assert queued["message"].splitlines()[0] == "60 queued."
        assert queued["event"] == "encode.queued"
        assert "film 0.mkv" in queued["message"]
        assert completed["event"] == "encode.completed"


async def test_a_large_scan_is_one_message_with_its_number(tmp_path: Path) -> None:
    async with HttpReceiver() as receiver, installed(tmp_path) as program:
        await program.service.add_target(webhook(receiver.url, NotificationEvent.QUEUED))
        program.bus.publish(ScanStarted())
        program.bus.publish(JobListChanged())
        program.bus.publish(ScanCompleted(status=ScanStatus(files_found=5000, files_added=4321)))
        (request,) = await receiver.until(1)
        assert request.json["message"] == "4321 files are queued."


async def test_a_receiver_that_is_down_gets_its_messages_later_in_their_order(tmp_path: Path) -> None:
    clock = MovedClock(NOON)
    async with HttpReceiver(replies=["503 Busy"]) as receiver:
        async with installed(tmp_path, clock=clock) as program:
            await program.service.add_target(webhook(receiver.url))
            program.bus.publish(done(1))
            program.bus.publish(done(2))
            await receiver.until(1)
            await eventually(lambda: _outbox(tmp_path) == [(0, 1), (0, 0)])
            (target,) = await program.service.list_targets()
            assert target.record.last_error is not None
            assert "503" in target.record.last_error
        # The program ended meanwhile, and a day is not over yet.
        clock.offset += timedelta(seconds=20)
        async with installed(tmp_path, clock=clock) as program:
            await receiver.until(3)
            await eventually(lambda: _is_empty(tmp_path))
            (target,) = await program.service.list_targets()
            assert target.record.last_error is None
        assert ["film 1" in r.json["message"] for r in receiver.requests] == [True, True, False]


async def test_a_refused_message_is_given_up_and_the_next_one_goes_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with HttpReceiver(replies=["401 No"]) as receiver, installed(tmp_path) as program:
        await program.service.add_target(webhook(receiver.url))
        program.bus.publish(done(1))
        program.bus.publish(done(2))
        await receiver.until(2)
        await eventually(lambda: _is_empty(tmp_path))
    assert "given up" in caplog.text


async def test_quiet_hours_hold_back_and_then_send_one_digest(tmp_path: Path) -> None:
    clock = MovedClock(NIGHT)
    async with HttpReceiver() as receiver:
        async with installed(tmp_path, clock=clock) as program:
            await program.service.change_times({"quiet_hours_enabled": True})
            await program.service.add_target(webhook(receiver.url))
            program.bus.publish(done(1))
            program.bus.publish(done(2))
            program.bus.publish(EngineIdle())
            program.bus.publish(done(3, JobState.FAILED))
            (urgent,) = await receiver.until(1)
            assert urgent.json["event"] == "encode.failed"
            await eventually(lambda: _held_only(tmp_path))
            await program.notifier.look_at_clock()
        clock.offset += timedelta(hours=8, minutes=59)
        async with installed(tmp_path, clock=clock, run=False) as program:
            await program.notifier.look_at_clock()
            assert await program.repository.due() == [], "quiet hours are not over yet"
        clock.offset += timedelta(minutes=1)
        async with installed(tmp_path, clock=clock) as program:
            await receiver.until(2)
            await eventually(lambda: _is_empty(tmp_path))
        body = receiver.requests[1].json
        assert len(receiver.requests) == 2
        assert body["event"] == "digest"
        assert body["message"].splitlines()[0] == "While quiet hours lasted: 2 completed, 1 times idle."
        assert "film 1.mkv" in body["message"]


async def test_the_daily_summary_covers_everything_since_the_last_one(tmp_path: Path) -> None:
    clock = MovedClock(NOON)
    async with HttpReceiver() as receiver:
        async with installed(tmp_path, clock=clock, run=False) as program:
            await program.service.add_target(webhook(receiver.url, NotificationEvent.DAILY_SUMMARY))
            await program.notifier.look_at_clock()
            await _insert_history(program.database, clock.now() + timedelta(hours=6))
            await program.notifier.look_at_clock()
            assert await program.repository.due() == [], "the first summary comes at its time, not at once"
        clock.offset += timedelta(hours=21, minutes=1)
        async with installed(tmp_path, clock=clock) as program:
            (request,) = await receiver.until(1)
            await eventually(lambda: _is_empty(tmp_path))
            await program.notifier.look_at_clock()
            assert await program.repository.next_due_at() is None
        assert request.json["event"] == "daily.summary"
        assert request.json["summary"] == {
            "completed": 2,
            "failed": 1,
            "skipped": 1,
            "bytes_saved": 1200,
            "top_failure_reasons": ["disk_full"],
            "top_skip_reasons": ["below_min_file_size"],
        }


async def _insert_history(database: Database, at: datetime) -> None:
    micros = int(at.timestamp() * 1e6)
    job = (
        "INSERT INTO jobs(kind, input_path, output_path, state, priority, progress, attempt_count, size_bytes, mtime_ns, device,"
        " inode, archived, source_changed, created_at, updated_at) VALUES ('library', ?, ?, ?, 0, 0, 0, 1, '1', '1', '1', 0, 0, 1, 1)"
    )
    figures = (
        "INSERT INTO stats(job_id, input_path, input_size_bytes, output_size_bytes, compression_ratio, encode_time_s, encode_speed,"
        " avg_bitrate_kbps, output_codec, encoder, duration_s, source_codec, quality, created_at)"
        " VALUES (?, 'x', 1000, 400, 0.6, 1, 1, 1, 'av1', 'x', 1, 'h264', 'balanced', ?)"
    )

    def insert(db: Any) -> None:
        for number, state in enumerate(("completed", "completed", "failed", "queued", "skipped"), start=1):
            db.sql(job, (f"/m/{number}", f"/o/{number}", state))
        for job_id, when in ((1, micros), (2, micros), (1, 5)):
            db.sql(figures, (job_id, when))
        for job_id in (3, 3, 4):  # the fourth healed by itself
            db.sql("INSERT INTO failures(job_id, code, explanation, created_at) VALUES (?, 'disk_full', '', ?)", (job_id, micros))
        db.sql(
            "INSERT INTO decisions(job_id, action, code, explanation, created_at) VALUES (5, 'skip', 'below_min_file_size', '', ?)",
            (micros,),
        )

    await database.write(insert)


async def test_addresses_of_an_older_file_are_served_and_become_targets(tmp_path: Path) -> None:
    async with HttpReceiver() as receiver:
        old = Notifications(
            enabled=True, webhook_url=f"{receiver.url}/old", notify_on_failure=True, allow_local_notifications=True
        )
        save(tmp_path / "config.toml", Settings(notifications=old))
        async with installed(tmp_path) as program:
            program.bus.publish(done(1, JobState.FAILED))
            await receiver.until(1)
            await program.service.add_target(webhook(f"{receiver.url}/new"))
            program.bus.publish(done(2, JobState.FAILED))
            await receiver.until(3)
            kept = program.settings.current.notifications
            assert [target.config_json["url"] for target in kept.targets] == [f"{receiver.url}/old", f"{receiver.url}/new"]
            assert kept.webhook_url is None
        assert receiver.url not in (tmp_path / "config.toml").read_text()  # now a secret, as addresses of webhooks are


async def test_what_is_told_right_before_the_end_is_not_lost(tmp_path: Path) -> None:
    async with HttpReceiver() as receiver:
        async with installed(tmp_path) as program:
            await program.service.add_target(webhook(receiver.url))
            program.bus.publish(done())
        assert not _is_empty(tmp_path)
        async with installed(tmp_path):
            (request,) = await receiver.until(1)
            assert "film 7.mkv" in request.json["message"]


async def test_retries_end_after_a_day(tmp_path: Path) -> None:
    clock = MovedClock(NOON)
    async with HttpReceiver(replies=["500 Oh"] * 20) as receiver:
        async with installed(tmp_path, clock=clock) as program:
            await program.service.add_target(webhook(receiver.url, NotificationEvent.COMPLETED))
            program.bus.publish(done())
        for number in range(1, 10):
            async with installed(tmp_path, clock=clock):
                await receiver.until(number)
                await eventually(lambda n=number: [tried for _, tried in _outbox(tmp_path)] == ([n] if n < 9 else []))  # type: ignore[misc]
            clock.offset += timedelta(hours=13)
        async with installed(tmp_path, clock=clock, run=False) as program:
            (target,) = await program.service.list_targets()
            assert target.record.last_error == "127.0.0.1 refused the message with status 500."
        assert len(receiver.requests) == 9
