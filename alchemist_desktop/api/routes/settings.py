"""The settings as one bundle."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.inputs import read_json
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse
from alchemist_desktop.api.schemas.settings import ConfigError, bundle_json, parse_config
from alchemist_desktop.services.settings import SettingsService


class SettingsRoutes:
    """Read and replace the whole configuration."""

    def __init__(self, settings: SettingsService) -> None:
        self._settings = settings

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/settings/bundle", self.bundle, "CONFIG_READ_FAILED"),
            Endpoint("PUT", "/settings/bundle", self.replace, "CONFIG_SAVE_FAILED"),
        ]

    async def bundle(self, _request: Request) -> Response:
        return JsonResponse(bundle_json(self._settings.current))

    async def replace(self, request: Request) -> Response:
        document = await read_json(request)
        if not isinstance(document, dict):
            raise ProblemError(422, "INVALID_BODY", "The body must be an object.")
        try:
            settings = parse_config(document, self._settings.current)
        except ConfigError as error:
            status, code = (422, "INVALID_BODY") if error.is_shape else (400, "SETTINGS_BUNDLE_INVALID")
            raise ProblemError(status, code, error.message) from error
        return JsonResponse(bundle_json(await self._settings.replace(settings)))
