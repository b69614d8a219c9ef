"""What the window is told at its start: where it remembers things, where its pictures lie, how it should look."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class ThemeChoice(StrEnum):
    """Looks a person can ask for; SYSTEM follows the desktop."""

    LIGHT = "light"
    DARK = "dark"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True, kw_only=True)
class UiOptions:
    """`settings_file` is an INI file the window owns; `resources` is the folder that holds `icons/`.

    `use_tray` None asks the desktop whether it has a tray.
    """

    settings_file: Path
    resources: Path
    theme: ThemeChoice = ThemeChoice.SYSTEM
    use_tray: bool | None = None
