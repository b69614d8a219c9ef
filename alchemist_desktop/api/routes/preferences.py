"""Preferences of clients."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.inputs import read_body
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse, ok
from alchemist_desktop.api.schemas.preferences import PreferenceBody, ThemeBody
from alchemist_desktop.services.preferences import PreferencesService


class PreferenceRoutes:
    """Texts by key, and the colour theme."""

    def __init__(self, preferences: PreferencesService) -> None:
        self._preferences = preferences

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/settings/preferences/{key}", self.read, "SETTING_PREFERENCE_READ_FAILED"),
            Endpoint("POST", "/settings/preferences", self.write, "SETTING_PREFERENCE_SET_FAILED"),
            Endpoint("GET", "/ui/preferences", self.theme),
            Endpoint("POST", "/ui/preferences", self.set_theme, "CONFIG_SAVE_FAILED"),
        ]

    async def read(self, request: Request) -> Response:
        key = str(request.path_params["key"])
        return JsonResponse({"key": key, "value": await self._preferences.preference(key)})

    async def write(self, request: Request) -> Response:
        body = await read_body(request, PreferenceBody)
        key = body.key.strip()
        await self._preferences.set_preference(key, body.value)
        return JsonResponse({"key": key, "value": body.value})

    async def theme(self, _request: Request) -> Response:
        return JsonResponse({"active_theme_id": self._preferences.theme()})

    async def set_theme(self, request: Request) -> Response:
        body = await read_body(request, ThemeBody)
        await self._preferences.set_theme(body.active_theme_id)
        return ok()
