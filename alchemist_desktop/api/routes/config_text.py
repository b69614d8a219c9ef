"""The settings file as text."""

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.inputs import read_body
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.config_text import RawConfigBody, raw_config_json, validation_json
from alchemist_desktop.api.schemas.encoding import JsonResponse
from alchemist_desktop.api.schemas.settings import ConfigError, parse_config
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.services.config_text import ConfigTextService
from alchemist_desktop.services.settings import SettingsService


class ConfigTextRoutes:
    """Read, check and replace the text."""

    def __init__(self, texts: ConfigTextService, settings: SettingsService) -> None:
        self._texts = texts
        self._settings = settings

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/settings/config", self.read, "CONFIG_READ_FAILED"),
            Endpoint("PUT", "/settings/config", self.replace, "CONFIG_SAVE_FAILED"),
            Endpoint("POST", "/settings/config/validate", self.validate, "CONFIG_READ_FAILED"),
        ]

    async def read(self, _request: Request) -> Response:
        return JsonResponse(raw_config_json(await self._texts.read(), self._settings.current))

    async def replace(self, request: Request) -> Response:
        body = await read_body(request, RawConfigBody)
        stored = await self._settings.replace_file(body.raw_toml, await self._settings_of(body))
        return JsonResponse(raw_config_json(body.raw_toml, stored))

    async def validate(self, request: Request) -> Response:
        return JsonResponse(validation_json(await self._settings_of(await read_body(request, RawConfigBody))))

    async def _settings_of(self, body: RawConfigBody) -> Settings:
        document = await self._texts.parse(body.raw_toml)
        try:
            return parse_config(document, self._settings.current)
        except ConfigError as error:
            raise ProblemError(400, "RAW_CONFIG_INVALID", error.message) from error
