"""Small texts that faces remember."""

from alchemist_desktop.domain.errors import InvalidRequestError
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.services.settings import SettingsService
from alchemist_desktop.storage.preferences import PreferenceRepository

THEME_KEY = "active_theme_id"
_PREFIX = "face/"  # what the program itself remembers is no business of a client
LONGEST_KEY = 200


class PreferencesService:
    """Texts by key, kept apart from what the program remembers for itself."""

    def __init__(self, preferences: PreferenceRepository, settings: SettingsService) -> None:
        self._preferences = preferences
        self._settings = settings

    async def preference(self, key: str) -> str:
        """The text; empty when there is none."""
        stored = await self._preferences.get(_PREFIX + key) or ""
        return stored or (self.theme() or "" if key == THEME_KEY else "")

    async def set_preference(self, key: str, value: str) -> None:
        """Raises InvalidRequestError (SETTING_PREFERENCE_KEY_INVALID)."""
        if not key or len(key) > LONGEST_KEY:
            raise InvalidRequestError(f"The key must have 1 to {LONGEST_KEY} characters.", code="SETTING_PREFERENCE_KEY_INVALID")
        await self._preferences.set(_PREFIX + key, value)

    def theme(self) -> str | None:
        """The colour theme of connected clients."""
        return self._settings.current.appearance.active_theme_id

    async def set_theme(self, theme: str | None) -> None:
        """Raises as SettingsService.change. A theme that was remembered as a preference is forgotten for it."""

        def choose(settings: Settings) -> Settings:
            return settings.model_copy(update={"appearance": settings.appearance.model_copy(update={"active_theme_id": theme})})

        await self._settings.change(choose)
        await self._preferences.set(_PREFIX + THEME_KEY, "")
