"""The HTTP face put together: services in, one Starlette application out."""

from starlette.applications import Starlette
from starlette.middleware import Middleware

from alchemist_desktop.api.addresses import ClientAddresses
from alchemist_desktop.api.front_door import FrontDoor
from alchemist_desktop.api.hosts import HostCheck
from alchemist_desktop.api.openapi import openapi_document
from alchemist_desktop.api.openapi_schemas import Document
from alchemist_desktop.api.options import ApiOptions
from alchemist_desktop.api.routes.auth import AuthRoutes
from alchemist_desktop.api.routes.backups import BackupRoutes
from alchemist_desktop.api.routes.browser import BrowserRoutes
from alchemist_desktop.api.routes.config_text import ConfigTextRoutes
from alchemist_desktop.api.routes.conversions import ConversionRoutes
from alchemist_desktop.api.routes.engine import EngineRoutes
from alchemist_desktop.api.routes.events import EventRoutes
from alchemist_desktop.api.routes.folders import FolderRoutes
from alchemist_desktop.api.routes.front_page import FrontPageRoutes
from alchemist_desktop.api.routes.hardware import HardwareRoutes
from alchemist_desktop.api.routes.jobs import JobRoutes
from alchemist_desktop.api.routes.library import LibraryRoutes
from alchemist_desktop.api.routes.logs import LogRoutes
from alchemist_desktop.api.routes.maintenance import MaintenanceRoutes
from alchemist_desktop.api.routes.metrics import MetricsRoutes
from alchemist_desktop.api.routes.notifications import NotificationRoutes
from alchemist_desktop.api.routes.openapi import OpenApiRoutes
from alchemist_desktop.api.routes.preferences import PreferenceRoutes
from alchemist_desktop.api.routes.profiles import ProfileRoutes
from alchemist_desktop.api.routes.scans import ScanRoutes
from alchemist_desktop.api.routes.schedule import ScheduleRoutes
from alchemist_desktop.api.routes.sections import SectionRoutes
from alchemist_desktop.api.routes.settings import SettingsRoutes
from alchemist_desktop.api.routes.setup import SetupRoutes
from alchemist_desktop.api.routes.stats import StatsRoutes
from alchemist_desktop.api.routes.system_info import SystemRoutes
from alchemist_desktop.api.routes.tokens import TokenRoutes
from alchemist_desktop.api.routes.webhooks import WebhookRoutes
from alchemist_desktop.api.routing import Endpoint, routes
from alchemist_desktop.api.security import Authentication, RateLimit, SetupGate
from alchemist_desktop.api.setup_state import SetupState
from alchemist_desktop.api.sse import EventHub
from alchemist_desktop.api.throttle import Throttle
from alchemist_desktop.domain.ports import EventSource
from alchemist_desktop.services.container import Services


def create_app(services: Services, events: EventSource, options: ApiOptions) -> Starlette:
    """The application. Everything in it lives on the thread of the loop that serves it."""
    setup = SetupState(services.access, services.settings)
    checks = (
        HostCheck(options.own_names, lambda: (*options.allowed_hosts, *services.settings.current.server.allowed_hosts)),
        RateLimit(Throttle(options.request_rate, options.monotonic_s)),
        SetupGate(setup, options.setup_token),
        Authentication(services.access, setup),
    )
    clients = ClientAddresses(lambda: (*options.trusted_proxies, *services.settings.current.system.trusted_proxies))
    front_door = Middleware(FrontDoor, checks=checks, clients=clients, stop=options.stop)
    return Starlette(routes=routes(documented_endpoints(services, events, options, setup)), middleware=[front_door])


def create_document(services: Services, events: EventSource, options: ApiOptions) -> Document:
    """The OpenAPI document of the application."""
    return openapi_document(documented_endpoints(services, events, options, SetupState(services.access, services.settings)))


def documented_endpoints(services: Services, events: EventSource, options: ApiOptions, setup: SetupState) -> list[Endpoint]:
    """Everything the application serves, the document of it included."""
    endpoints = _endpoints(services, events, options, setup)
    return [*endpoints, *OpenApiRoutes(endpoints).endpoints()]


def _endpoints(services: Services, events: EventSource, options: ApiOptions, setup: SetupState) -> list[Endpoint]:
    hub = EventHub(
        events,
        max_streams=options.max_streams,
        buffer=options.stream_buffer,
        progress_interval_s=options.progress_interval_s,
    )
    logins = Throttle(options.login_rate, options.monotonic_s)
    return [
        *AuthRoutes(services.access, logins, cookie_secure=options.cookie_secure).endpoints(),
        *SetupRoutes(services, setup, cookie_secure=options.cookie_secure).endpoints(),
        *SystemRoutes(services.system, services.engine).endpoints(),
        *HardwareRoutes(services.hardware, services.settings).endpoints(),
        *JobRoutes(services.jobs).endpoints(),
        *EngineRoutes(services.engine).endpoints(),
        *StatsRoutes(services.stats, services.engine).endpoints(),
        *ScanRoutes(services.scans).endpoints(),
        *LibraryRoutes(services).endpoints(),
        *EventRoutes(hub, services.access, options).endpoints(),
        *TokenRoutes(services.access).endpoints(),
        *SettingsRoutes(services.settings).endpoints(),
        *BackupRoutes(services.backups).endpoints(),
        *BrowserRoutes(services.browser).endpoints(),
        *ConfigTextRoutes(services.config_text, services.settings).endpoints(),
        *ConversionRoutes(services.conversions).endpoints(),
        *FolderRoutes(services.folders).endpoints(),
        *LogRoutes(services.logs).endpoints(),
        *MaintenanceRoutes(services).endpoints(),
        *PreferenceRoutes(services.preferences).endpoints(),
        *ProfileRoutes(services.profiles).endpoints(),
        *ScheduleRoutes(services.schedule).endpoints(),
        *SectionRoutes(services.settings, services.engine, services.updates).endpoints(),
        *NotificationRoutes(services.notifications).endpoints(),
        *WebhookRoutes(services.arr).endpoints(),
        *MetricsRoutes(services.metrics, services.settings).endpoints(),
        *FrontPageRoutes().endpoints(),
    ]
