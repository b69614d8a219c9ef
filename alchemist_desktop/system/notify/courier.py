"""Delivers a message to a target, whatever its kind."""

from dataclasses import dataclass, field

from alchemist_desktop.domain.notification import Notice
from alchemist_desktop.domain.notification_target import URL_MEMBERS, TargetType, checked_target
from alchemist_desktop.domain.settings import NotificationTargetSettings
from alchemist_desktop.system.notify.http import HttpSender
from alchemist_desktop.system.notify.mail import MailSender
from alchemist_desktop.system.notify.requests import Origins, http_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Courier:
    """The way out. Both calls check the target anew: a file edited by hand, or a name that leads elsewhere by now."""

    http: HttpSender = field(default_factory=HttpSender)
    mail: MailSender = field(default_factory=MailSender)
    origins: Origins = field(default_factory=Origins)

    async def check(self, target: NotificationTargetSettings, *, allow_local: bool) -> NotificationTargetSettings:
        """The target in its full form, when messages may go there. Raises InvalidRequestError."""
        known = checked_target(target)
        if known.target_type == TargetType.EMAIL:
            await self.mail.check(known.config_json, allow_local=allow_local)
        elif known.target_type in URL_MEMBERS:
            await self.http.check(str(known.config_json[URL_MEMBERS[known.target_type]]), allow_local=allow_local)
        return known

    async def deliver(self, target: NotificationTargetSettings, notice: Notice, *, allow_local: bool) -> None:
        """Returns when the message has arrived. Raises DeliveryError or InvalidRequestError."""
        known = checked_target(target)
        if known.target_type == TargetType.EMAIL:
            await self.mail.send(known.config_json, notice, allow_local=allow_local)
        else:
            await self.http.send(http_request(known, notice, self.origins), allow_local=allow_local)
