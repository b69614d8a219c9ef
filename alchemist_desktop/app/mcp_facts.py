"""What an assistant may learn of the program: read from the database, and from the running program where there is one."""

import os
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from alchemist_desktop import __version__
from alchemist_desktop.api.schemas.encoding import rfc3339
from alchemist_desktop.api.schemas.engine import scan_status_json
from alchemist_desktop.api.schemas.stats import savings_json
from alchemist_desktop.app.instance_server import ask_instance
from alchemist_desktop.app.paths import Paths
from alchemist_desktop.domain.engine_state import EngineMode, ScanStatus
from alchemist_desktop.domain.errors import InvalidRequestError, UnavailableError
from alchemist_desktop.domain.job import ACTIVE_STATES, Job, JobState
from alchemist_desktop.domain.ports import Clock
from alchemist_desktop.domain.queries import JobQuery, JobSort
from alchemist_desktop.domain.schedule import is_open
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.engine.remembered import RememberedSwitches
from alchemist_desktop.engine.switches import Switches
from alchemist_desktop.storage.config_file import load
from alchemist_desktop.storage.database import Database
from alchemist_desktop.storage.job_reader import JobReader
from alchemist_desktop.storage.preferences import PreferenceRepository
from alchemist_desktop.storage.stats import StatsRepository

PROTOCOL_VERSION = "2025-06-18"
_MOST_JOBS, _DEFAULT_JOBS = 50, 10

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One question that can be asked; `read` answers it from its arguments."""

    name: str
    title: str
    description: str
    properties: Mapping[str, Any]
    read: Callable[[Mapping[str, Any]], Awaitable[Facts]]


class McpFacts:
    """The answers. Nothing here changes anything: the database is open for reading alone."""

    def __init__(self, database: Database, paths: Paths, clock: Clock) -> None:
        self._database = database
        self._paths = paths
        self._clock = clock
        self._jobs = JobReader(database)
        self._stats = StatsRepository(database, clock)

    def tools(self) -> tuple[Tool, ...]:
        limit = {"type": "integer", "minimum": 1, "maximum": _MOST_JOBS, "default": _DEFAULT_JOBS}
        listed: tuple[tuple[str, str, str, Mapping[str, Any], Callable[[Mapping[str, Any]], Awaitable[Facts]]], ...] = (
            ("engine_status", "Engine status", "Whether the engine works, and how much at once.", {}, self._engine_status),
            ("job_summary", "Job summary", "How many jobs there are in each state.", {}, self._job_summary),
            ("recent_jobs", "Recent jobs", "The jobs that changed last.", {"limit": limit}, self._recent_jobs),
            ("savings_summary", "Savings", "How much space encoding has saved.", {}, self._savings),
            ("scan_status", "Scan status", "The scan of the libraries, if the program runs.", {}, self._scan_status),
            ("system_health", "System health", "Versions, and whether the database answers.", {}, self._health),
        )
        return tuple(
            Tool(name=f"alchemist_{name}", title=title, description=description, properties=properties, read=read)
            for name, title, description, properties, read in listed
        )

    async def _engine_status(self, _arguments: Mapping[str, Any]) -> Facts:
        live = await self._live()
        if live is not None:
            return dict(live["engine"])
        settings = load(self._paths.config_file)
        return engine_facts(await self._remembered(settings))

    async def _remembered(self, settings: Settings) -> Switches:
        """What the engine would begin with, were the program started now."""
        fresh = Switches(cpu_count=os.cpu_count() or 1, mode=EngineMode(settings.system.engine_mode))
        switches = await RememberedSwitches(PreferenceRepository(self._database)).restore(fresh)
        return replace(switches, scheduler_paused=not is_open(settings.schedule.windows, self._clock.local_now()))

    async def _job_summary(self, _arguments: Mapping[str, Any]) -> Facts:
        counts = await self._jobs.count_by_state()
        return {
            "active": sum(counts.get(state, 0) for state in ACTIVE_STATES),
            "queued": counts.get(JobState.QUEUED, 0),
            "completed": counts.get(JobState.COMPLETED, 0),
            "failed": counts.get(JobState.FAILED, 0) + counts.get(JobState.CANCELLED, 0),
        }

    async def _recent_jobs(self, arguments: Mapping[str, Any]) -> Facts:
        limit = arguments.get("limit", _DEFAULT_JOBS)
        if not isinstance(limit, int) or isinstance(limit, bool) or not 1 <= limit <= _MOST_JOBS:
            raise InvalidRequestError(f"limit is a whole number from 1 to {_MOST_JOBS}.", code="MCP_ARGUMENT_INVALID")
        jobs = await self._jobs.find(JobQuery(sort=JobSort.UPDATED_AT, descending=True, limit=limit))
        return {"limit": limit, "jobs": [_job_facts(job) for job in jobs]}

    async def _savings(self, _arguments: Mapping[str, Any]) -> Facts:
        return savings_json(await self._stats.savings())

    async def _scan_status(self, _arguments: Mapping[str, Any]) -> Facts:
        live = await self._live()
        if live is None:
            return {"available": False, **scan_status_json(ScanStatus())}
        return {"available": True, **live["scan"]}

    async def _health(self, _arguments: Mapping[str, Any]) -> Facts:
        return {
            "version": __version__,
            "database_ready": await self._database.check(),
            "mcp_mode": "read_only",
            "protocol_version": PROTOCOL_VERSION,
            "tools": [tool.name for tool in self.tools()],
        }

    async def _live(self) -> Facts | None:
        """What the running program says of itself; None when none runs."""
        try:
            async for line in ask_instance(self._paths.database, {"command": "status"}):
                if "engine" in line:
                    return line
        except UnavailableError:
            return None
        return None


def engine_facts(switches: Switches) -> Facts:
    return {
        "engine_mode": switches.mode.value,
        "is_paused": switches.manual_paused or switches.scheduler_paused,
        "is_manual_paused": switches.manual_paused,
        "is_scheduler_paused": switches.scheduler_paused,
        "is_draining": switches.draining,
        "concurrent_jobs_limit": switches.concurrent_limit,
    }


def _job_facts(job: Job) -> Facts:
    return {
        "id": job.id,
        "input_path": _shown(job.input_path),
        "output_path": _shown(job.output_path),
        "status": job.state.value,
        "priority": job.priority,
        "progress": job.progress,
        "attempt_count": job.attempt_count,
        "decision_reason": job.decision.reason if job.decision else None,
        "updated_at": rfc3339(job.updated_at),
    }


def _shown(path: str) -> str:
    """A path as text: undecodable bytes are no part of JSON."""
    return path.encode("utf-8", "backslashreplace").decode()
