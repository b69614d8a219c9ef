"""The tasks that stand beside the engine: schedule, analysis, folder watch, housekeeping."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from alchemist_desktop.app.config_watch import follow_config
from alchemist_desktop.app.core import Core
from alchemist_desktop.app.keep_awake import KeepAwake
from alchemist_desktop.domain.errors import KnownError
from alchemist_desktop.engine.analysis import AnalysisPass
from alchemist_desktop.engine.follow_settings import SettingsFollower
from alchemist_desktop.engine.recovery import retry_waiting
from alchemist_desktop.engine.schedule_keeper import ScheduleKeeper
from alchemist_desktop.engine.stranded import StrandedJobs
from alchemist_desktop.engine.watch import LibraryWatch
from alchemist_desktop.system.power import make_inhibitor

logger = logging.getLogger(__name__)

_HOUSEKEEPING_EVERY_S = 6 * 3600.0
_UNUSED_PROBES_STAY = timedelta(days=90)
_RETRY_WAITING_EVERY_S = 60.0
_LOOK_FOR_STRANDED_EVERY_S = 60.0
_LOOK_FOR_UPDATES_EVERY_S = 3600.0
_RESTART_AFTER_S = 10.0

Work = Callable[[], Coroutine[Any, Any, None]]


@asynccontextmanager
async def standing_tasks(core: Core) -> AsyncIterator[None]:
    """Runs them for the time of the block. One that fails is logged and begun again: the others never notice."""
    keeper = ScheduleKeeper(core.parts.clock, core.parts.settings, core.engine.set_schedule_closed)
    keeper.check()  # before the engine takes its first job
    watch = LibraryWatch(core.parts, core.intake, core.scanner, wake_engine=core.engine.wake)
    analysis = AnalysisPass(core.parts, core.engine)
    works: dict[str, Work] = {
        "schedule": keeper.keep,
        "analysis": analysis.keep,
        "folder watch": watch.keep,
        "settings file": lambda: follow_config(core.services.settings),
        "housekeeping": lambda: _keep_house(core),
        "waiting replacements": lambda: _retry_replacements(core),
        "stranded jobs": lambda: _queue_stranded(core, analysis),
        "notifications": core.notifier.keep,
        "look for updates": lambda: _look_for_updates(core),
    }
    follower = SettingsFollower(core.parts.settings(), core.engine, core.remembered, check_schedule=keeper.check)
    unsubscribe = core.bus.subscribe(follower.on_event)
    tasks = [asyncio.create_task(_stand(name, work), name=name) for name, work in works.items()]
    try:
        with KeepAwake(core.bus, core.engine, make_inhibitor()):
            yield
    finally:
        unsubscribe()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _stand(name: str, work: Work) -> None:
    while True:
        try:
            await work()
        except Exception:  # the border of a standing task
            logger.exception("The %s failed; it begins again shortly", name)
            await asyncio.sleep(_RESTART_AFTER_S)


async def _retry_replacements(core: Core) -> None:
    while True:
        await asyncio.sleep(_RETRY_WAITING_EVERY_S)
        await retry_waiting(core.parts)


async def _queue_stranded(core: Core, analysis: AnalysisPass) -> None:
    stranded = StrandedJobs(core.parts, lambda job_id: core.engine.context(job_id) is not None or analysis.is_looking_at(job_id))
    while True:
        await asyncio.sleep(_LOOK_FOR_STRANDED_EVERY_S)
        if await stranded.queue_again():
            core.engine.wake()


async def _look_for_updates(core: Core) -> None:
    """Now and every hour, as far as the settings want it; the answer is asked for no more often than they say."""
    told: str | None = None
    while True:
        if core.services.updates.has_feed and core.parts.settings().updates.auto_check:
            try:
                status = await core.services.updates.update_status()
            except KnownError as error:
                logger.info("%s", error.message)
            else:
                if status.is_update_available and status.latest_version != told:
                    told = status.latest_version
                    logger.info("Version %s is there: %s", told, status.release_url or status.guidance)
        await asyncio.sleep(_LOOK_FOR_UPDATES_EVERY_S)


async def _keep_house(core: Core) -> None:
    """Now and every few hours: what is past its time leaves the trash and the conversions, the log and the known probes."""
    while True:
        freed = await core.undoer.empty_trash()
        if freed:
            logger.info("Originals past their time left the trash: %.1f MB became free", freed / 1e6)
        now = core.parts.clock.now()
        await core.logs.prune(now - timedelta(days=core.parts.settings().system.log_retention_days or 30))
        await core.parts.stores.probes.prune(now - _UNUSED_PROBES_STAY)
        await core.services.conversions.sweep()
        await asyncio.sleep(_HOUSEKEEPING_EVERY_S)
