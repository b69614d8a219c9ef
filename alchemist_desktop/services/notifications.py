"""Where messages go: the targets and the times, and trying a target out."""

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from alchemist_desktop.domain.errors import InvalidRequestError, KnownError, NotFoundError
from alchemist_desktop.domain.ids import NotificationTargetId
from alchemist_desktop.domain.notification import trial_notice
from alchemist_desktop.domain.notification_target import SECRET_MEMBERS
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.domain.settings import Notifications, NotificationTargetSettings, Settings
from alchemist_desktop.services.settings import SettingsService
from alchemist_desktop.storage.notifications import NotificationRepository, TargetRecord
from alchemist_desktop.system.notify.courier import Courier
from alchemist_desktop.system.notify.delivery import DeliveryError


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationTarget:
    """A target with its id, and how its last delivery went."""

    settings: NotificationTargetSettings
    record: TargetRecord


class NotificationTargets:
    """The targets of the settings, each with the id it keeps for as long as it is one."""

    def __init__(self, settings: SettingsService, repository: NotificationRepository) -> None:
        self._settings = settings
        self._repository = repository

    async def all(self) -> list[NotificationTarget]:
        targets = self._settings.current.notifications.targets
        prints = fingerprints(targets)
        records = await self._repository.sync(prints)
        return [NotificationTarget(settings=t, record=records[p]) for t, p in zip(targets, prints, strict=True)]

    async def keep(self, kept: Sequence[NotificationTarget]) -> None:
        """Of what was known only these stay, in this order."""
        prints = fingerprints([target.settings for target in kept])
        await self._repository.keep({target.record.id: p for target, p in zip(kept, prints, strict=True)})


class NotificationsService:
    """List, add, remove and try targets; change the times. Whatever changes is stored in the settings."""

    def __init__(self, settings: SettingsService, targets: NotificationTargets, courier: Courier, clock: Clock) -> None:
        self._settings = settings
        self._targets = targets
        self._courier = courier
        self._clock = clock

    @property
    def times(self) -> Notifications:
        """The present settings; of interest are the times in them."""
        return self._settings.current.notifications

    async def list_targets(self) -> list[NotificationTarget]:
        return await self._targets.all()

    async def add_target(self, target: NotificationTargetSettings) -> NotificationTarget:
        """Raises InvalidRequestError (NOTIFICATION_TARGET_INVALID), and what storing settings raises."""
        checked = await self._check(target)

        def add(settings: Settings) -> Settings:
            return _with_targets(settings, (*settings.notifications.targets, checked))

        await self._settings.change(add)
        return (await self._targets.all())[-1]

    async def remove_target(self, target_id: NotificationTargetId) -> None:
        """Forget a target and what waits for it. Raises NotFoundError (NOTIFICATION_TARGET_NOT_FOUND)."""
        known = await self._targets.all()
        position = next((number for number, target in enumerate(known) if target.record.id == target_id), None)
        if position is None:
            raise NotFoundError("There is no such notification target.", code="NOTIFICATION_TARGET_NOT_FOUND")
        gone = known[position].settings

        def remove(settings: Settings) -> Settings:
            targets = settings.notifications.targets
            if position >= len(targets) or targets[position] != gone:
                raise KnownError("The targets changed meanwhile.", code="NOTIFICATION_CONFIG_OUT_OF_SYNC")
            return _with_targets(settings, targets[:position] + targets[position + 1 :])

        await self._settings.change(remove)
        await self._targets.keep(known[:position] + known[position + 1 :])

    async def change_times(self, changes: dict[str, object]) -> Notifications:
        """Set some of the times. Raises InvalidRequestError (NOTIFICATIONS_SETTINGS_INVALID)."""

        def change(settings: Settings) -> Settings:
            members = {**settings.notifications.model_dump(), **changes}
            try:
                notifications = Notifications.model_validate(members)
            except ValueError as error:  # pydantic's own is one
                raise InvalidRequestError(
                    "Times are written as HH:MM, and quiet hours must not start and end at the same time.",
                    code="NOTIFICATIONS_SETTINGS_INVALID",
                ) from error
            return settings.model_copy(update={"notifications": notifications})

        return (await self._settings.change(change)).notifications

    async def test_target(self, target: NotificationTargetSettings) -> None:
        """Send a message there now; nothing is stored.

        Raises InvalidRequestError (NOTIFICATION_TARGET_INVALID) or KnownError (NOTIFICATION_TEST_FAILED).
        """
        checked = await self._check(target)
        try:
            await self._courier.deliver(
                checked, trial_notice(self._clock.now()), allow_local=self.times.allow_local_notifications
            )
        except DeliveryError as error:
            raise KnownError(error.message, code="NOTIFICATION_TEST_FAILED") from error

    async def _check(self, target: NotificationTargetSettings) -> NotificationTargetSettings:
        return await self._courier.check(target, allow_local=self.times.allow_local_notifications)


def _with_targets(settings: Settings, targets: Sequence[NotificationTargetSettings]) -> Settings:
    return settings.model_copy(update={"notifications": settings.notifications.model_copy(update={"targets": tuple(targets)})})


def fingerprints(targets: Sequence[NotificationTargetSettings]) -> list[str]:
    """What tells the targets apart and survives a change of their events or secrets; secrets are no part of it."""
    seen = Counter[str]()
    found = []
    for target in targets:
        secret = SECRET_MEMBERS.get(target.target_type, ())
        public = {name: value for name, value in target.config_json.items() if name not in secret}
        content = json.dumps([target.name, target.target_type, public], sort_keys=True, default=str)
        digest = hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:32]
        seen[digest] += 1
        found.append(f"{digest}-{seen[digest]}")
    return found
