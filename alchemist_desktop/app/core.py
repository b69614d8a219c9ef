"""Builds every object of the program once, by constructor, and takes them down again in reverse."""

import asyncio
import logging
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TypedDict

from alchemist_desktop.app.clock import SystemClock
from alchemist_desktop.app.log_rows import LogRows
from alchemist_desktop.app.options import Options
from alchemist_desktop.app.paths import Paths
from alchemist_desktop.domain.hardware import Found
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.engine.bus import EventBus
from alchemist_desktop.engine.doctor import LibraryDoctor
from alchemist_desktop.engine.encoder_choice import EncoderDesk, wish_of
from alchemist_desktop.engine.engine import Engine
from alchemist_desktop.engine.follow_settings import first_switches
from alchemist_desktop.engine.intake import Intake
from alchemist_desktop.engine.parts import Parts, Stores
from alchemist_desktop.engine.remembered import RememberedSwitches
from alchemist_desktop.engine.scan import LibraryScanner
from alchemist_desktop.engine.steering import JobSteering
from alchemist_desktop.engine.undo import Undoer
from alchemist_desktop.media.capabilities import cpu_capabilities
from alchemist_desktop.media.devices import find_devices
from alchemist_desktop.media.doctor import FileDoctor
from alchemist_desktop.media.ffmpeg import find_ffmpeg
from alchemist_desktop.media.probe import ProbePool
from alchemist_desktop.media.qprocess import QtProcessRunner
from alchemist_desktop.media.workspace import Workspace
from alchemist_desktop.services.access import AccessService
from alchemist_desktop.services.arr import ArrService
from alchemist_desktop.services.backups import BackupService
from alchemist_desktop.services.browser import BrowserService
from alchemist_desktop.services.config_text import ConfigTextService
from alchemist_desktop.services.container import Services
from alchemist_desktop.services.conversions import ConversionsService
from alchemist_desktop.services.engine_control import EngineService
from alchemist_desktop.services.folders import FoldersService
from alchemist_desktop.services.hardware import HardwareService
from alchemist_desktop.services.intelligence import IntelligenceService
from alchemist_desktop.services.jobs import JobsService
from alchemist_desktop.services.library_health import LibraryHealthService
from alchemist_desktop.services.library_preview import LibraryPreviewService, PreviewSlot
from alchemist_desktop.services.logs import LogsService
from alchemist_desktop.services.metrics import MetricsService
from alchemist_desktop.services.network import NetworkService
from alchemist_desktop.services.notifications import NotificationsService, NotificationTargets
from alchemist_desktop.services.notifier import Notifier
from alchemist_desktop.services.path_intake import PathIntake
from alchemist_desktop.services.preferences import PreferencesService
from alchemist_desktop.services.profiles import ProfilesService
from alchemist_desktop.services.scans import ScansService
from alchemist_desktop.services.schedule import ScheduleService
from alchemist_desktop.services.selftest import SelftestService
from alchemist_desktop.services.settings import SettingsService
from alchemist_desktop.services.stats import StatsService
from alchemist_desktop.services.system_info import SystemService
from alchemist_desktop.services.updates import UpdatesService
from alchemist_desktop.services.vault import Vault
from alchemist_desktop.storage.access import AccessRepository
from alchemist_desktop.storage.attempts import AttemptRepository
from alchemist_desktop.storage.completions import CompletionStore
from alchemist_desktop.storage.conversions import ConversionRepository
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.decisions import DecisionRepository
from alchemist_desktop.storage.hardware import HardwareRepository
from alchemist_desktop.storage.health import HealthRepository
from alchemist_desktop.storage.intelligence import IntelligenceRepository
from alchemist_desktop.storage.jobs import JobRepository
from alchemist_desktop.storage.journal import JournalRepository
from alchemist_desktop.storage.libraries import WatchDirRepository
from alchemist_desktop.storage.logs import LogRepository
from alchemist_desktop.storage.notifications import NotificationRepository
from alchemist_desktop.storage.preferences import PreferenceRepository
from alchemist_desktop.storage.probes import ProbeCache
from alchemist_desktop.storage.profiles import ProfileRepository
from alchemist_desktop.storage.reanalysis import ReanalysisRepository
from alchemist_desktop.storage.schedule import ScheduleIdRepository
from alchemist_desktop.storage.stats import StatsRepository
from alchemist_desktop.storage.trash import TrashRepository
from alchemist_desktop.system.gpu_load import GpuMeter
from alchemist_desktop.system.notify.courier import Courier
from alchemist_desktop.system.processes import ChildRegistry, RecordingRunner
from alchemist_desktop.system.secrets import LazySecrets

logger = logging.getLogger(__name__)

_PROBE_TIMEOUT_S = 60.0
# What a stopped FFmpeg wrote is thrown away, so it gets little time to end well.
_QUIT_GRACE_S = 1.0
_TERMINATE_GRACE_S = 0.5
_OWNER_KEY = "installation_id"


class _PlainServices(TypedDict):
    access: AccessService
    arr: ArrService
    backups: BackupService
    browser: BrowserService
    config_text: ConfigTextService
    intelligence: IntelligenceService
    metrics: MetricsService
    network: NetworkService
    preferences: PreferencesService
    preview: LibraryPreviewService
    profiles: ProfilesService
    schedule: ScheduleService
    selftest: SelftestService
    settings: SettingsService
    system: SystemService


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """Everything below the faces."""

    options: Options
    paths: Paths
    database: Database
    bus: EventBus
    parts: Parts
    engine: Engine
    scanner: LibraryScanner
    intake: Intake
    undoer: Undoer
    logs: LogRepository
    doctor: LibraryDoctor
    remembered: RememberedSwitches
    notifier: Notifier
    services: Services


@asynccontextmanager
async def open_core(
    options: Options, paths: Paths, settings: Settings, find: Callable[[], Found] = find_devices
) -> AsyncIterator[Core]:
    """The program without its faces, the engine built but not started; closed in reverse order at the end.

    `find` looks for encoding devices. To be entered by the one process that holds the instance lock. Raises KnownError.
    """
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        ffmpeg = asyncio.create_task(asyncio.to_thread(find_ffmpeg, settings.hardware.ffmpeg_path))
        opening = asyncio.ensure_future(asyncio.to_thread(Database.open, str(paths.database)))
        stack.push_async_callback(_close_when_open, opening)
        database = await asyncio.shield(opening)
        bus = EventBus()
        stores = _stores(database, clock)
        logs = LogRepository(database)
        await stack.enter_async_context(LogRows(logs, bus))
        vault = Vault(LazySecrets(paths.config_file.with_name("secrets.json")))
        settings = await asyncio.to_thread(vault.unseal, settings)
        settings_service = SettingsService(
            settings, path=paths.config_file, is_mutable=options.is_config_mutable, bus=bus, vault=vault
        )
        prober = ProbePool(workers=max(2, os.cpu_count() or 2), timeout_s=_PROBE_TIMEOUT_S)
        stack.callback(prober.close)
        info = await ffmpeg
        desk = EncoderDesk(cpu_capabilities(info), lambda: wish_of(settings_service.current))
        parts = Parts(
            stores=stores,
            bus=bus,
            clock=clock,
            runner=await _runner(paths),
            prober=prober,
            workspace=Workspace(await _installation_id(stores.preferences)),
            ffmpeg=info,
            settings=lambda: settings_service.current,
            capabilities=desk.capabilities,
            encoders=desk,
        )
        core = await _assemble(options, paths, database, parts, settings_service, logs, find)
        stack.push_async_callback(core.services.intelligence.close)
        stack.push_async_callback(core.doctor.cancel)
        stack.push_async_callback(core.services.hardware.stop)
        await core.services.hardware.start()
        yield core


async def _close_when_open(opening: "asyncio.Future[Database]") -> None:
    """Also when the start was cancelled meanwhile: nothing may happen to the database after the lock was given back."""
    await asyncio.wait((opening,))
    if opening.exception() is None:
        await opening.result().close()


async def _runner(paths: Paths) -> RecordingRunner:
    """What starts FFmpeg; children that outlived an earlier run are ended first, for they may still write."""
    registry = ChildRegistry(paths.database.with_name(f"{paths.database.name}.children"))
    for orphan in await asyncio.to_thread(registry.end_leftovers):
        logger.warning("Process %d, left behind by an earlier run, was ended", orphan.pid)
    return RecordingRunner(QtProcessRunner(quit_grace_s=_QUIT_GRACE_S, terminate_grace_s=_TERMINATE_GRACE_S), registry)


async def _assemble(
    options: Options,
    paths: Paths,
    database: Database,
    parts: Parts,
    settings: SettingsService,
    logs: LogRepository,
    find: Callable[[], Found],
) -> Core:
    remembered = RememberedSwitches(parts.stores.preferences)
    engine = Engine(parts, await remembered.restore(first_switches(settings.current, os.cpu_count() or 1)))
    intake = Intake(parts)
    scanner = LibraryScanner(parts, intake)
    undoer = Undoer(parts)
    checks = HealthRepository(database, parts.clock)
    doctor = _doctor(parts, checks, engine)
    notes, courier = NotificationRepository(database, parts.clock), Courier()
    targets = NotificationTargets(settings, notes)
    jobs = JobsService(parts.stores, engine, JobSteering(parts, engine), PathIntake(parts, engine, intake), undoer, logs)
    hardware = HardwareService(
        desk=parts.encoders,
        engine=engine,
        settings=settings,
        store=HardwareRepository(database, parts.clock),
        runner=parts.runner,
        ffmpeg=parts.ffmpeg,
        bus=parts.bus,
        find=find,
    )
    services = Services(
        engine=EngineService(engine, settings, remembered),
        hardware=hardware,
        health=LibraryHealthService(doctor, checks, parts.stores),
        jobs=jobs,
        notifications=NotificationsService(settings, targets, courier, parts.clock),
        scans=ScansService(scanner),
        conversions=ConversionsService(parts, engine, paths.temp),
        folders=FoldersService(parts, settings, engine, ReanalysisRepository(database)),
        stats=StatsService(parts, engine),
        logs=LogsService(logs, paths.logs),
        updates=UpdatesService(feed=options.update_feed, settings=parts.settings, clock=parts.clock),
        **_plain_services(paths, database, parts, settings, jobs),
    )
    parts.bus.subscribe(services.metrics.on_event)
    return Core(
        options=options, paths=paths, database=database, bus=parts.bus, parts=parts, engine=engine, scanner=scanner,
        intake=intake, undoer=undoer, logs=logs, doctor=doctor, remembered=remembered,
        notifier=Notifier(settings, targets, notes, courier, parts.clock, parts.bus), services=services,
    )  # fmt: skip


def _plain_services(
    paths: Paths, database: Database, parts: Parts, settings: SettingsService, jobs: JobsService
) -> _PlainServices:
    """Those that need nothing of the engine's running parts."""
    slot = PreviewSlot()
    return _PlainServices(
        access=AccessService(AccessRepository(database, parts.clock), parts.clock, parts.bus),
        arr=ArrService(jobs, parts.settings),
        backups=BackupService(database, paths.temp),
        browser=BrowserService(parts.settings, slot),
        config_text=ConfigTextService(settings),
        intelligence=IntelligenceService(IntelligenceRepository(database), parts.clock),
        metrics=MetricsService(parts.stores.stats),
        network=NetworkService(settings, parts.bus),
        preferences=PreferencesService(parts.stores.preferences, settings),
        preview=LibraryPreviewService(parts, slot),
        profiles=ProfilesService(parts.stores.profiles, parts.stores.watch_dirs),
        schedule=ScheduleService(settings, ScheduleIdRepository(database)),
        selftest=SelftestService(parts, paths.temp),
        settings=settings,
        system=SystemService(ffmpeg=parts.ffmpeg, database=database, clock=parts.clock, settings=parts.settings, gpu=GpuMeter()),
    )


def _doctor(parts: Parts, checks: HealthRepository, engine: Engine) -> LibraryDoctor:
    return LibraryDoctor(
        checks=checks,
        examiner=FileDoctor(parts.runner, parts.ffmpeg.path, parts.prober),
        bus=parts.bus,
        clock=parts.clock,
        settings=parts.settings,
        is_engine_busy=lambda: bool(engine.contexts()),
    )


def _stores(database: Database, clock: SystemClock) -> Stores:
    return Stores(
        jobs=JobRepository(database, clock),
        decisions=DecisionRepository(database, clock),
        attempts=AttemptRepository(database),
        completions=CompletionStore(database),
        stats=StatsRepository(database, clock),
        probes=ProbeCache(database, clock),
        profiles=ProfileRepository(database, clock),
        watch_dirs=WatchDirRepository(database, clock),
        journal=JournalRepository(database),
        trash=TrashRepository(database, clock),
        preferences=PreferenceRepository(database),
        conversions=ConversionRepository(database, clock),
    )


async def _installation_id(preferences: PreferenceRepository) -> str:
    """What marks work folders as ours; two installations may share a volume."""
    known = await preferences.get(_OWNER_KEY)
    if known:
        return known
    fresh = secrets.token_hex(16)
    await preferences.set(_OWNER_KEY, fresh)
    return fresh
