"""The work of the one-shot commands, as streams of lines: run here, or in the program that runs already."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from alchemist_desktop.app.core import Core
from alchemist_desktop.app.hardware_report import hardware_lines
from alchemist_desktop.domain.errors import InvalidRequestError, KnownError
from alchemist_desktop.domain.events import JobChanged, JobProgressed, Published
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Job, JobState, Phase
from alchemist_desktop.domain.queries import JobQuery

Line = dict[str, Any]
"""`{"text": ...}` to print, `{"progress": ...}` to show passing values, `{"failed": n}` at the end."""


async def scan_folders(core: Core, folders: list[str]) -> AsyncGenerator[Line, None]:
    """Scan folders and queue what is in them."""
    for folder in folders:
        status = await core.scanner.scan_folder(real_folder(folder))
        yield {"text": f"{folder}: {status.files_found} media files, {status.files_added} new"}
    core.engine.wake()
    yield {"failed": 0}


async def run_folders(core: Core, folders: list[str]) -> AsyncGenerator[Line, None]:
    """Scan folders, and follow their jobs until every one has ended; failed ones make the last line's `failed`."""
    roots = [real_folder(folder) for folder in folders]
    with _Follower(core, roots) as follower:
        async for line in scan_folders(core, roots):
            if "text" in line:
                yield line
        async for line in follower.lines():
            yield line


@dataclass
class _Follower:
    """Watches the jobs below some folders to their ends."""

    core: Core
    roots: list[str]
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _ended: list[Job] = field(default_factory=list)
    _progress: dict[JobId, str] = field(default_factory=dict)
    _unsubscribe: Callable[[], None] = lambda: None

    def __enter__(self) -> Self:
        self._unsubscribe = self.core.bus.subscribe(self._on_event)
        return self

    def __exit__(self, *_: object) -> None:
        self._unsubscribe()

    def _on_event(self, published: Published) -> None:
        match published.event:
            case JobChanged(job=job, state_changed=True) if job.state.is_terminal or _waits_for_retry(job):
                if self._is_ours(job):
                    self._ended.append(job)
                    self._progress.pop(job.id, None)
                    self._changed.set()
            case JobProgressed(progress=progress) if progress.phase is Phase.ENCODING:
                speed = f" {progress.speed:.1f}x" if progress.speed else ""
                self._progress[progress.job_id] = f"{progress.percent:.0f} %{speed}"

    async def lines(self) -> AsyncGenerator[Line, None]:
        waiting = {job.id for job in await self._jobs() if _has_work_left(job)} | {job.id for job in self._ended}
        total, done = len(waiting), 0
        while waiting:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), 2.0)
            self._changed.clear()
            ended, self._ended = self._ended, []
            for job in ended:
                if job.id in waiting:
                    waiting.discard(job.id)
                    done += 1
                    yield {"text": f"[{done}/{total}] {_sentence(job)}"}
            if not ended:
                waiting = await self._still_waiting(waiting)
                yield {"progress": ", ".join(self._progress[job_id] for job_id in waiting if job_id in self._progress)}
        async for line in self._summary():
            yield line

    async def _still_waiting(self, waiting: set[JobId]) -> set[JobId]:
        """Leaves out those whose end was not told one by one, or that are gone."""
        looked_at = list(waiting)[:500]
        jobs = await self.core.parts.stores.jobs.get_many(looked_at)
        return waiting - {job_id for job_id in looked_at if job_id not in jobs or not _has_work_left(jobs[job_id])}

    async def _summary(self) -> AsyncGenerator[Line, None]:
        jobs = await self._jobs()
        counts = Counter(job.state for job in jobs)
        words = ", ".join(f"{count} {state}" for state, count in sorted(counts.items()))
        done = [job for job in jobs if job.state is JobState.COMPLETED and job.output_size_bytes is not None]
        stats = [await self.core.parts.stores.stats.for_job(job.id) for job in done]
        saved = sum(figures.input_size_bytes - figures.output_size_bytes for figures in stats if figures)
        yield {"text": f"Done: {words or 'nothing to do'}. Saved {saved / 1e6:.1f} MB."}
        yield {"failed": sum(count for state, count in counts.items() if state not in {JobState.COMPLETED, JobState.SKIPPED})}

    async def _jobs(self) -> list[Job]:
        jobs = await self.core.parts.stores.jobs.find(JobQuery(limit=None))
        return [job for job in jobs if self._is_ours(job)]

    def _is_ours(self, job: Job) -> bool:
        return any(job.input_path.startswith(root.rstrip(os.sep) + os.sep) for root in self.roots)


def _has_work_left(job: Job) -> bool:
    return not job.state.is_terminal and not job.archived and not _waits_for_retry(job)


def _waits_for_retry(job: Job) -> bool:
    return job.state is JobState.QUEUED and job.not_before is not None


def _sentence(job: Job) -> str:
    name = Path(job.input_path).name
    if job.state is JobState.COMPLETED and job.output_size_bytes is not None:
        return f"completed  {name} -> {Path(job.output_path).name} ({job.output_size_bytes / 1e6:.2f} MB, {job.encoder})"
    explanation = job.decision if job.state is JobState.SKIPPED else job.failure
    word = "will retry" if _waits_for_retry(job) else str(job.state)
    reason = f": {explanation.summary} {explanation.detail}" if explanation else ""
    return f"{word:10} {name}{reason}"


def real_folder(path: str) -> str:
    """The folder's real path. Raises InvalidRequestError (INVALID_PATH)."""
    folder = Path(path).expanduser()
    if not folder.is_dir():
        raise InvalidRequestError(f"{path} is not a folder.", code="INVALID_PATH", path=path)
    return str(folder.resolve())


async def undo_job(core: Core, job_id: int) -> AsyncGenerator[Line, None]:
    """Bring the original of one job back."""
    path = await core.services.jobs.undo(JobId(job_id))
    yield {"text": f"The original is back: {path}"}
    yield {"failed": 0}


def answer(core: Core, show: Callable[[], None]) -> Callable[[Line], AsyncGenerator[Mapping[str, Any], None]]:
    """How the running program answers another start of itself."""

    async def handle(request: Line) -> AsyncGenerator[Mapping[str, Any], None]:
        if request == {"command": "show"}:
            show()
            return
        async for line in _asked_for(core, request):
            yield line

    return handle


def _asked_for(core: Core, request: Line) -> AsyncGenerator[Line, None]:
    match request:
        case {"command": "scan", "paths": [*paths]}:
            return scan_folders(core, paths)
        case {"command": "run", "paths": [*paths]}:
            return run_folders(core, paths)
        case {"command": "hardware", "json": bool(as_json)}:
            return hardware_lines(core, as_json=as_json)
        case {"command": "undo", "job": int(job_id)}:
            return undo_job(core, job_id)
        case _:
            raise KnownError("The running program does not know this request.", code="REQUEST_UNKNOWN")
