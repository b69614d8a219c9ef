"""The services, together: what a face is given."""

from dataclasses import dataclass

from alchemist_desktop.services.access import AccessService
from alchemist_desktop.services.arr import ArrService
from alchemist_desktop.services.backups import BackupService
from alchemist_desktop.services.browser import BrowserService
from alchemist_desktop.services.config_text import ConfigTextService
from alchemist_desktop.services.conversions import ConversionsService
from alchemist_desktop.services.engine_control import EngineService
from alchemist_desktop.services.folders import FoldersService
from alchemist_desktop.services.hardware import HardwareService
from alchemist_desktop.services.intelligence import IntelligenceService
from alchemist_desktop.services.jobs import JobsService
from alchemist_desktop.services.library_health import LibraryHealthService
from alchemist_desktop.services.library_preview import LibraryPreviewService
from alchemist_desktop.services.logs import LogsService
from alchemist_desktop.services.metrics import MetricsService
from alchemist_desktop.services.network import NetworkService
from alchemist_desktop.services.notifications import NotificationsService
from alchemist_desktop.services.preferences import PreferencesService
from alchemist_desktop.services.profiles import ProfilesService
from alchemist_desktop.services.scans import ScansService
from alchemist_desktop.services.schedule import ScheduleService
from alchemist_desktop.services.selftest import SelftestService
from alchemist_desktop.services.settings import SettingsService
from alchemist_desktop.services.stats import StatsService
from alchemist_desktop.services.system_info import SystemService
from alchemist_desktop.services.updates import UpdatesService


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Every use case of the program, one member per noun."""

    access: AccessService
    arr: ArrService
    engine: EngineService
    health: LibraryHealthService
    intelligence: IntelligenceService
    hardware: HardwareService
    jobs: JobsService
    preview: LibraryPreviewService
    metrics: MetricsService
    network: NetworkService
    notifications: NotificationsService
    scans: ScansService
    settings: SettingsService
    stats: StatsService
    system: SystemService
    backups: BackupService
    browser: BrowserService
    config_text: ConfigTextService
    conversions: ConversionsService
    folders: FoldersService
    logs: LogsService
    preferences: PreferencesService
    profiles: ProfilesService
    schedule: ScheduleService
    selftest: SelftestService
    updates: UpdatesService
