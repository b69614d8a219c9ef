"""Where and when messages are sent."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.inputs import read_body, row_id
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse, ok
from alchemist_desktop.api.schemas.notifications import TargetBody, TimesBody, notification_target_json, notifications_json
from alchemist_desktop.domain.ids import NotificationTargetId
from alchemist_desktop.services.notifications import NotificationsService


class NotificationRoutes:
    """List, add, remove and try targets; change the times."""

    def __init__(self, notifications: NotificationsService) -> None:
        self._notifications = notifications

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/settings/notifications", self.list_all, "NOTIFICATIONS_LIST_FAILED"),
            Endpoint("PUT", "/settings/notifications", self.change_times, "CONFIG_SAVE_FAILED"),
            Endpoint("POST", "/settings/notifications", self.add, "NOTIFICATIONS_LIST_FAILED"),
            Endpoint("DELETE", "/settings/notifications/{id}", self.remove, "NOTIFICATIONS_LIST_FAILED"),
            Endpoint("POST", "/settings/notifications/test", self.test, "NOTIFICATION_TEST_FAILED"),
        ]

    async def list_all(self, _request: Request) -> Response:
        return JsonResponse(notifications_json(self._notifications.times, await self._notifications.list_targets()))

    async def change_times(self, request: Request) -> Response:
        body = await read_body(request, TimesBody)
        await self._notifications.change_times(body.model_dump(exclude_none=True))
        return ok()

    async def add(self, request: Request) -> Response:
        body = await read_body(request, TargetBody)
        return JsonResponse(notification_target_json(await self._notifications.add_target(body.settings())))

    async def remove(self, request: Request) -> Response:
        await self._notifications.remove_target(NotificationTargetId(row_id(request)))
        return ok()

    async def test(self, request: Request) -> Response:
        body = await read_body(request, TargetBody)
        await self._notifications.test_target(body.settings())
        return ok()
