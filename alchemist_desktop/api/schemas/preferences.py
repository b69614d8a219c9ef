"""Preferences on the wire."""

from alchemist_desktop.api.schemas.bodies import Body


class PreferenceBody(Body):
    """A text to remember."""

    key: str
    value: str


class ThemeBody(Body):
    """The colour theme of connected clients; null for their own."""

    active_theme_id: str | None = None
