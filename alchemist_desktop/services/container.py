"""The services, together: what a face is given."""

from dataclasses import dataclass

from alchemist_desktop.services.access import AccessService
from alchemist_desktop.services.arr import ArrService
from alchemist_desktop.services.engine_control import EngineService
from alchemist_desktop.services.jobs import JobsService
from alchemist_desktop.services.metrics import MetricsService
from alchemist_desktop.services.network import NetworkService
from alchemist_desktop.services.notifications import NotificationsService
from alchemist_desktop.services.scans import ScansService
from alchemist_desktop.services.settings import SettingsService
from alchemist_desktop.services.stats import StatsService
from alchemist_desktop.services.system_info import SystemService


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Every use case of the program, one member per noun."""

    access: AccessService
    arr: ArrService
    engine: EngineService
    jobs: JobsService
    metrics: MetricsService
    network: NetworkService
    notifications: NotificationsService
    scans: ScansService
    settings: SettingsService
    stats: StatsService
    system: SystemService
