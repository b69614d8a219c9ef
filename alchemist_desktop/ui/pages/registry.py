"""The pages of the window in the order of the navigation."""

from alchemist_desktop.ui.pages.hardware import HardwarePage
from alchemist_desktop.ui.pages.health import HealthPage
from alchemist_desktop.ui.pages.library import LibraryPage
from alchemist_desktop.ui.pages.network import NetworkPage
from alchemist_desktop.ui.pages.page import Page
from alchemist_desktop.ui.pages.queue import QueuePage

PAGES: tuple[type[Page], ...] = (QueuePage, LibraryPage, HardwarePage, HealthPage, NetworkPage)
