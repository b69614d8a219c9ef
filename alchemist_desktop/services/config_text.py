"""The settings file as text, for people who edit it as such."""

import asyncio
from typing import Any

from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.services.settings import SettingsService
from alchemist_desktop.storage.config_file import parse_text, text_of


class ConfigTextService:
    """Reads and parses the text; what a text means is told by whoever knows the shapes of its members."""

    def __init__(self, settings: SettingsService) -> None:
        self._settings = settings

    async def read(self) -> str:
        """The file as it is; the defaults, written out, when there is none. Raises KnownError (CONFIG_READ_FAILED)."""
        try:
            return await asyncio.to_thread(text_of, self._settings.path)
        except KnownError as error:
            raise KnownError(error.message, code="CONFIG_READ_FAILED") from error

    async def parse(self, text: str) -> dict[str, Any]:
        """The members of a text. Raises InvalidRequestError (RAW_CONFIG_INVALID)."""
        return await asyncio.to_thread(parse_text, text)
