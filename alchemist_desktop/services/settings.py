"""The settings as the program uses them, and the one way to change them."""

from collections.abc import Callable

from alchemist_desktop.domain.settings import Settings


class SettingsService:
    """Holds the current settings; a change is validated, written to the file and announced (SettingsChanged)."""

    @property
    def current(self) -> Settings:
        raise NotImplementedError

    @property
    def is_mutable(self) -> bool:
        """False when ALCHEMIST_CONFIG_MUTABLE forbids writing."""
        raise NotImplementedError

    @property
    def file_exists(self) -> bool:
        raise NotImplementedError

    async def change(self, edit: Callable[[Settings], Settings]) -> Settings:
        """Apply `edit` to the current settings and store the result.

        Raises ConflictError (CONFIG_WRITE_BLOCKED, CONFIG_NOT_WRITABLE) or KnownError (CONFIG_SAVE_FAILED).
        """
        raise NotImplementedError

    async def replace(self, settings: Settings) -> Settings:
        raise NotImplementedError

    async def add_library(self, path: str) -> Settings:
        """Register a folder as a library. Raises InvalidRequestError (INVALID_PATH) when it is not a folder."""
        raise NotImplementedError

    async def remove_library(self, path: str) -> Settings:
        """Forget a library folder; its files and jobs stay."""
        raise NotImplementedError
