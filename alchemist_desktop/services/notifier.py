"""Tells people what happens: turns events into messages, keeps them until they are delivered, and holds them at night."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from alchemist_desktop.domain.errors import InvalidRequestError, KnownError
from alchemist_desktop.domain.events import Event, JobAdded, JobListChanged, Published, ScanCompleted, ScanStarted
from alchemist_desktop.domain.ids import NotificationTargetId
from alchemist_desktop.domain.notification import (
    Notice,
    NotificationEvent,
    condense,
    digest,
    notice_for,
    queued_notice,
    retry_delay_s,
)
from alchemist_desktop.domain.notification_times import SummaryMark, is_held, is_quiet, is_summary_due, summary_notice
from alchemist_desktop.domain.ports import Clock, EventSource
from alchemist_desktop.services.notifications import NotificationTarget, NotificationTargets
from alchemist_desktop.services.settings import SettingsService
from alchemist_desktop.storage.notifications import NewNotice, NotificationRepository, WaitingNotice
from alchemist_desktop.system.notify.courier import Courier
from alchemist_desktop.system.notify.delivery import DeliveryError

logger = logging.getLogger(__name__)

_CLOCK_EVERY_S = 30.0
_HEADING = "While quiet hours lasted"


@dataclass
class _Scan:
    """What a running scan added one by one, so that only the rest is told in one message."""

    is_running: bool = False
    added: int = 0
    told_as_list: bool = False


@dataclass
class Notifier:
    """One standing task, `keep`, until it is cancelled. Messages in the outbox survive the end of the program.

    `gather_s` is how long a message waits for others of its kind, so that a burst becomes one message.
    """

    settings: SettingsService
    targets: NotificationTargets
    repository: NotificationRepository
    courier: Courier
    clock: Clock
    bus: EventSource
    gather_s: float = 2.0
    _waiting: list[Notice] = field(default_factory=list)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _stored: asyncio.Event = field(default_factory=asyncio.Event)
    _scan: _Scan = field(default_factory=_Scan)

    async def keep(self) -> None:
        """Listen, store and deliver."""
        unsubscribe = self.bus.subscribe(self._on_event)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._store_notices())
                group.create_task(self._deliver_notices())
                group.create_task(self._follow_clock())
        finally:
            unsubscribe()
            await self._store()

    def _on_event(self, published: Published) -> None:
        event = published.event
        if not isinstance(event, Event):
            return
        notices = [notice for notice in (self._of_scan(event), notice_for(event, self.clock.now())) if notice is not None]
        if notices and self.settings.current.notifications.targets:
            self._waiting += notices
            self._arrived.set()

    def _of_scan(self, event: Event) -> Notice | None:
        """Large scans tell their finds as "the list changed": how many there were is known at their end."""
        scan = self._scan
        match event:
            case ScanStarted():
                self._scan = _Scan(is_running=True)
            case JobAdded():
                scan.added += 1
            case JobListChanged():
                scan.told_as_list = True
            case ScanCompleted(status=status) if scan.is_running:
                self._scan = _Scan()
                rest = status.files_added - scan.added
                if scan.told_as_list and rest > 0:
                    return queued_notice(rest, self.clock.now())
        return None

    async def _store_notices(self) -> None:
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            await self._store()

    async def _store(self) -> None:
        if not self._waiting:
            return
        try:
            listeners = await self._listeners()
            # From here on a cancellation loses nothing: a write that has begun counts whole.
            notices, self._waiting = self._waiting, []
            await self.repository.add(self._addressed(notices, listeners))
        except KnownError as error:  # a full disk, say
            logger.error("Messages are lost: %s", error.message)
        self._stored.set()

    def _addressed(self, notices: Sequence[Notice], listeners: Sequence[NotificationTarget]) -> list[NewNotice]:
        due_at = self.clock.now() + timedelta(seconds=self.gather_s)
        local, times = self.clock.local_now(), self.settings.current.notifications
        return [
            NewNotice(target_id=target.record.id, notice=notice, due_at=due_at, is_held=is_held(notice.event, times, local))
            for target in listeners
            for notice in notices
            if notice.event in target.settings.events
        ]

    async def _listeners(self) -> list[NotificationTarget]:
        return [target for target in await self.targets.all() if target.settings.enabled]

    # Delivering

    async def _deliver_notices(self) -> None:
        while True:
            self._stored.clear()
            try:
                await self._deliver_due()
                wait_s = await self._until_next_s()
            except KnownError as error:
                logger.error("Messages cannot be delivered now: %s", error.message)
                wait_s = _CLOCK_EVERY_S
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._stored.wait()

    async def _until_next_s(self) -> float:
        due_at = await self.repository.next_due_at()
        seconds = _CLOCK_EVERY_S if due_at is None else (due_at - self.clock.now()).total_seconds()
        return min(max(seconds, 0.01), _CLOCK_EVERY_S)

    async def _deliver_due(self) -> None:
        by_target: dict[NotificationTargetId, list[WaitingNotice]] = {}
        for entry in await self.repository.due():
            by_target.setdefault(entry.target_id, []).append(entry)
        if not by_target:
            return
        targets = {target.record.id: target for target in await self.targets.all()}
        await asyncio.gather(*(self._deliver_all(targets.get(number), entries) for number, entries in by_target.items()))

    async def _deliver_all(self, target: NotificationTarget | None, entries: Sequence[WaitingNotice]) -> None:
        """All that is due for one target, in order; a burst is made one message first."""
        if target is not None and await self._condensed(entries):
            return  # what they became is due at once
        for entry in entries:
            if target is None or not target.settings.enabled:
                await self.repository.dropped(entry, "The target is switched off.")
            elif not await self._deliver(target, entry):
                return  # the others wait behind it

    async def _condensed(self, entries: Sequence[WaitingNotice]) -> bool:
        """Whether new messages became fewer; what failed before stays as it is, or it would count as new for ever."""
        now = self.clock.now()
        fresh = [entry for entry in entries if not entry.attempts]
        fewer = condense([entry.notice for entry in fresh], now)
        if len(fewer) == len(fresh):
            return False
        new = [NewNotice(target_id=fresh[0].target_id, notice=notice, due_at=now) for notice in fewer]
        await self.repository.replace([entry.id for entry in fresh], new)
        self._stored.set()
        return True

    async def _deliver(self, target: NotificationTarget, entry: WaitingNotice) -> bool:
        allow_local = self.settings.current.notifications.allow_local_notifications
        try:
            await self.courier.deliver(target.settings, entry.notice, allow_local=allow_local)
        except InvalidRequestError as error:
            await self._give_up(target, entry, error.message)
        except DeliveryError as error:
            delay_s = retry_delay_s(entry.attempts + 1)
            if error.is_final or delay_s is None:
                await self._give_up(target, entry, error.message)
                return True
            delay_s = max(delay_s, error.retry_after_s or 0.0)
            logger.warning("A message to %s did not arrive and is tried again: %s", target.settings.name, error.message)
            await self.repository.postponed(entry, self.clock.now() + timedelta(seconds=delay_s), error.message)
            return False
        else:
            await self.repository.delivered(entry)
        return True

    async def _give_up(self, target: NotificationTarget, entry: WaitingNotice, reason: str) -> None:
        logger.error("A message to %s is given up: %s", target.settings.name, reason)
        await self.repository.dropped(entry, reason)

    # The clock

    async def _follow_clock(self) -> None:
        while True:
            try:
                await self.look_at_clock()
            except KnownError as error:
                logger.error("The daily summary cannot be made now: %s", error.message)
            await asyncio.sleep(_CLOCK_EVERY_S)

    async def look_at_clock(self) -> None:
        """Send what quiet hours kept back once they are over, and the summary when its time has come."""
        local, times = self.clock.local_now(), self.settings.current.notifications
        if not is_quiet(times, local):
            await self._release_held()
        mark = await self.repository.summary_mark()
        now = SummaryMark(at=self.clock.now(), local=local)
        if mark is None:
            await self.repository.mark_summary(now)
        elif is_summary_due(mark, times, local):
            await self._summarise(mark, now)

    async def _release_held(self) -> None:
        now = self.clock.now()
        by_target: dict[NotificationTargetId, list[WaitingNotice]] = {}
        for entry in await self.repository.due(held=True, limit=10_000):
            by_target.setdefault(entry.target_id, []).append(entry)
        for target_id, entries in by_target.items():
            told = digest([entry.notice for entry in entries], now, heading=_HEADING)
            await self.repository.replace(
                [entry.id for entry in entries], [NewNotice(target_id=target_id, notice=told, due_at=now)]
            )
        if by_target:
            self._stored.set()

    async def _summarise(self, mark: SummaryMark, now: SummaryMark) -> None:
        listeners = [t for t in await self._listeners() if NotificationEvent.DAILY_SUMMARY in t.settings.events]
        notices = []
        if listeners:
            notice = summary_notice(await self.repository.figures(mark.at), mark.at, now.at)
            notices = [NewNotice(target_id=target.record.id, notice=notice, due_at=now.at) for target in listeners]
        await self.repository.mark_summary(now, notices)
        self._stored.set()
