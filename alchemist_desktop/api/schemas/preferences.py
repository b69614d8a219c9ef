"""Preferences on the wire."""

from alchemist_desktop.api.schemas.bodies import NOT_BLANK, Body, told
from alchemist_desktop.services.preferences import LONGEST_KEY


class PreferenceBody(Body):
    """A text to remember."""

    key: str = told(pattern=NOT_BLANK, maxLength=LONGEST_KEY)
    value: str


class ThemeBody(Body):
    """The colour theme of connected clients; null for their own."""

    active_theme_id: str | None = None
