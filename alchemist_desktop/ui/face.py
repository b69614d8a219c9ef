"""What every page of the window is given."""

from dataclasses import dataclass

from alchemist_desktop.services.container import Services
from alchemist_desktop.ui.bridge import Bridge
from alchemist_desktop.ui.figures import Figures
from alchemist_desktop.ui.intake import Intake
from alchemist_desktop.ui.memory import Memory
from alchemist_desktop.ui.notices import Notices
from alchemist_desktop.ui.tasks import Tasks
from alchemist_desktop.ui.theme import Theme


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """The services below, and the window's own shared parts; one per window."""

    services: Services
    bridge: Bridge
    tasks: Tasks
    notices: Notices
    theme: Theme
    memory: Memory
    figures: Figures
    intake: Intake
