"""Whether the first run is still to be done."""

from alchemist_desktop.services.access import AccessService
from alchemist_desktop.services.settings import SettingsService


class SetupState:
    """Setup is required while there is no account or no settings file.

    Once done it stays done, so that a settings file lost later does not open the door to a new account; only when the
    accounts themselves are gone does it begin again.
    """

    def __init__(self, access: AccessService, settings: SettingsService) -> None:
        self._access = access
        self._settings = settings
        self._is_done = False

    async def is_required(self) -> bool:
        if not self._is_done:
            self._is_done = self._settings.file_exists and await self._access.has_user()
        return not self._is_done

    async def recheck(self) -> None:
        """Look again, after a request whose credential nobody knew."""
        if self._is_done and not await self._access.has_user():
            self._is_done = False
