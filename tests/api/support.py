"""The face over a real socket, with services in memory behind it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

import httpx

from alchemist_desktop.api.app import create_app
from alchemist_desktop.api.options import ApiOptions, Rate
from alchemist_desktop.api.server import EmbeddedServer
from alchemist_desktop.app.clock import SystemClock
from alchemist_desktop.domain.access import AccessLevel
from alchemist_desktop.engine.bus import EventBus
from alchemist_desktop.services.access import AccessService
from alchemist_desktop.services.arr import ArrService
from alchemist_desktop.services.container import Services
from alchemist_desktop.services.engine_control import EngineService
from alchemist_desktop.services.hardware import HardwareService
from alchemist_desktop.services.intelligence import IntelligenceService
from alchemist_desktop.services.jobs import JobsService
from alchemist_desktop.services.library_health import LibraryHealthService
from alchemist_desktop.services.library_preview import LibraryPreviewService
from alchemist_desktop.services.metrics import MetricsService
from alchemist_desktop.services.network import NetworkService
from alchemist_desktop.services.notifications import NotificationsService, NotificationTargets
from alchemist_desktop.services.scans import ScansService
from alchemist_desktop.services.settings import SettingsService
from alchemist_desktop.services.stats import StatsService
from alchemist_desktop.services.system_info import SystemService
from alchemist_desktop.storage.notifications import NotificationRepository
from alchemist_desktop.storage.stats import StatsRepository
from alchemist_desktop.system.notify.courier import Courier
from tests.api.in_memory import (
    PASSWORD,
    FixedStats,
    FixedSystem,
    InMemoryAccess,
    InMemoryEngine,
    InMemoryJobs,
    InMemoryScans,
    InMemorySettings,
    InMemoryTargetRecords,
)
from tests.api.library_in_memory import FixedIntelligence, FixedPreview, InMemoryHealth
from tests.support.hardware import MemoryHardware
from tests.support.unused_services import Broken, unused_services

Json = Any
_IN_MEMORY = frozenset(
    {
        "access",
        "arr",
        "engine",
        "hardware",
        "health",
        "intelligence",
        "jobs",
        "metrics",
        "network",
        "notifications",
        "preview",
        "scans",
        "settings",
        "stats",
        "system",
    }
)
FULL = "alc_tok_full_access"


@dataclass
class World:
    """Everything behind the face, set up and with one account, and the requests a test makes of it."""

    access: InMemoryAccess = field(default_factory=InMemoryAccess)
    engine: InMemoryEngine = field(default_factory=InMemoryEngine)
    hardware: MemoryHardware = field(default_factory=MemoryHardware)
    jobs: InMemoryJobs = field(default_factory=InMemoryJobs)
    health: InMemoryHealth = field(default_factory=InMemoryHealth)
    intelligence: FixedIntelligence = field(default_factory=FixedIntelligence)
    preview: FixedPreview = field(default_factory=FixedPreview)
    scans: InMemoryScans = field(default_factory=InMemoryScans)
    settings: InMemorySettings = field(default_factory=InMemorySettings)
    stats: FixedStats = field(default_factory=FixedStats)
    system: FixedSystem = field(default_factory=FixedSystem)
    target_records: InMemoryTargetRecords = field(default_factory=InMemoryTargetRecords)
    courier: Courier = field(default_factory=Courier)
    clock: SystemClock = field(default_factory=SystemClock)
    bus: EventBus = field(default_factory=EventBus)
    options: ApiOptions = field(default_factory=lambda: ApiOptions(request_rate=Rate(capacity=10**6, per_s=0)))
    broken: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        self.access.users["admin"] = PASSWORD
        self.access.bus = self.bus
        for level in AccessLevel:
            self.access.grant(level)

    def set_options(self, **changes: object) -> None:
        self.options = replace(self.options, **changes)  # type: ignore[arg-type] # the members are named right here

    def services(self) -> Services:
        def part(name: str) -> object:
            return Broken() if name in self.broken else getattr(self, name)

        return Services(
            access=cast("AccessService", part("access")),
            arr=ArrService(cast("JobsService", part("jobs")), lambda: self.settings.current),
            engine=cast("EngineService", part("engine")),
            health=cast("LibraryHealthService", part("health")),
            intelligence=cast("IntelligenceService", part("intelligence")),
            hardware=cast("HardwareService", part("hardware")),
            jobs=cast("JobsService", part("jobs")),
            preview=cast("LibraryPreviewService", part("preview")),
            metrics=MetricsService(cast("StatsRepository", part("stats"))),
            network=NetworkService(cast("SettingsService", self.settings), self.bus),
            notifications=self._notifications(),
            scans=cast("ScansService", part("scans")),
            settings=cast("SettingsService", part("settings")),
            stats=cast("StatsService", part("stats")),
            system=cast("SystemService", part("system")),
            **unused_services(_IN_MEMORY),
        )

    def _notifications(self) -> NotificationsService:
        settings = cast("SettingsService", self.settings)
        targets = NotificationTargets(settings, cast("NotificationRepository", self.target_records))
        return NotificationsService(settings, targets, self.courier, self.clock)

    def server(self, *, port: int = 0) -> EmbeddedServer:
        app = create_app(self.services(), self.bus, self.options)
        return EmbeddedServer(app, stop_event=self.options.stop, port=port)

    @asynccontextmanager
    async def client(self, token: str | None = FULL) -> AsyncIterator[httpx.AsyncClient]:
        """The face served on some port, and a client that carries `token` as bearer."""
        server = self.server()
        await server.start()
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        try:
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{server.port}", headers=headers, trust_env=False, timeout=10
            ) as client:
                yield client
        finally:
            await server.stop()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def check_problem(reply: httpx.Response, status: int, code: str) -> Json:
    """Check that the reply is a whole problem document with this status and code."""
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    body = reply.json()
    assert body["code"] == body["error"]["code"] == code
    assert body["status"] == status
    assert body["detail"] == body["error"]["message"]
    assert body["type"] == "urn:alchemist:problem:" + code.lower().replace("_", "-")
    assert body["docs_url"] == body["error"]["docs_url"]
    assert body["docs_url"] == f"https://deadsignal.works/alchemist/docs/errors/#{code.lower()}"
    assert body["instance"] == reply.request.url.raw_path.decode().partition("?")[0]
    assert body["request_id"] == reply.headers["x-request-id"]
    assert body["title"]
    return body
