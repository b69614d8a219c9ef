"""Follows the jobs below some folders to their ends, however many there are."""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from alchemist_desktop.app.core import Core
from alchemist_desktop.domain.events import JobChanged, JobProgressed, Published
from alchemist_desktop.domain.ids import JobId
from alchemist_desktop.domain.job import Job, JobState, Phase
from alchemist_desktop.domain.wording import size
from alchemist_desktop.storage.folder_jobs import FolderCounts, FolderJobs

_LOOK_EVERY_S = 2.0
_GATHER_S = 0.2  # jobs may end by the hundred in a second: they are told, and the rest counted, together
_BLOCKED = {
    "manual_paused": "The engine is paused.",
    "scheduled_pause": "The schedule keeps the engine closed now.",
    "draining": "The engine is being drained.",
}


class Follower:
    """A context manager that listens as long as it is entered; `lines` ends when no job below `roots` can go on.

    What is left is counted in the database: only the sentences about jobs that just ended are kept, until they are told.
    """

    def __init__(self, core: Core, roots: Sequence[str]) -> None:
        self._core = core
        self._roots = roots
        self._jobs = FolderJobs(core.database)
        self._changed = asyncio.Event()
        self._ended: list[str] = []
        self._progress: dict[JobId, str] = {}
        self._names: dict[JobId, str] = {}
        self._unsubscribe: Callable[[], None] = lambda: None

    def __enter__(self) -> Self:
        self._unsubscribe = self._core.bus.subscribe(self._on_event)
        return self

    def __exit__(self, *_: object) -> None:
        self._unsubscribe()

    async def lines(self) -> AsyncGenerator[dict[str, Any], None]:
        """A line for each job that ends, passing values in between, the sums at the end."""
        done = 0
        while True:
            counts = await self._jobs.counts(self._roots)
            ended, self._ended = self._ended, []
            total = done + len(ended) + counts.unfinished
            for sentence in ended:
                done += 1
                yield {"text": f"[{done}/{total}] {sentence}"}
            if counts.unfinished == 0 and not self._ended:
                break
            if (obstacle := self._obstacle()) is not None:
                yield {"text": obstacle}
                break
            yield {"progress": ", ".join(self._progress.values())}
            await self._wait()
        async for line in self._summary(counts):
            yield line

    async def _wait(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_EVERY_S):
                await self._changed.wait()
                await asyncio.sleep(_GATHER_S)
        self._changed.clear()

    def _obstacle(self) -> str | None:
        """Why nothing runs and nothing will start, None while something may."""
        status = self._core.engine.status
        if status.active_jobs:
            return None
        if status.blocked_reason == "disk_guardrail":
            return status.disk_block_reason
        return _BLOCKED.get(status.blocked_reason or "")

    async def _summary(self, counts: FolderCounts) -> AsyncGenerator[dict[str, Any], None]:
        words = [f"{count} {state}" for state, count in sorted(counts.by_state.items()) if count]
        if counts.waiting_for_retry:
            words.append(f"{counts.waiting_for_retry} waiting for another try")
        gain = self._gain(await self._jobs.saved_bytes(self._roots))
        yield {"text": f"Done: {', '.join(words) or 'nothing to do'}.{gain}"}
        yield {"failed": counts.not_done}

    def _gain(self, smaller_bytes: int) -> str:
        """Nothing is saved as long as the originals stay, and a result that plays everywhere may be the larger one."""
        if smaller_bytes == 0:
            return ""
        if smaller_bytes < 0:
            return f" Larger by {size(-smaller_bytes)}."
        if self._core.services.settings.current.files.delete_source:
            return f" Saved {size(smaller_bytes)}."
        return f" Smaller by {size(smaller_bytes)}; originals are kept."

    def _on_event(self, published: Published) -> None:
        match published.event:
            case JobChanged(job=job, state_changed=True) if not job.state.is_active:
                self._progress.pop(job.id, None)
                self._names.pop(job.id, None)
                if self._is_ours(job) and (job.state.is_terminal or job.not_before is not None):
                    self._ended.append(_sentence(job))
                    self._changed.set()
            case JobChanged(job=job) if job.state.is_active:
                self._names[job.id] = Path(job.input_path).name
            case JobProgressed(progress=progress) if progress.phase is Phase.ENCODING:
                speed = f" {progress.speed:.1f}x" if progress.speed else ""
                name = self._names.get(progress.job_id, f"job {progress.job_id}")
                self._progress[progress.job_id] = f"{name} {progress.percent:.0f} %{speed}"

    def _is_ours(self, job: Job) -> bool:
        return any(job.input_path.startswith(root.rstrip(os.sep) + os.sep) for root in self._roots)


def _sentence(job: Job) -> str:
    name = Path(job.input_path).name
    if job.state is JobState.COMPLETED and job.output_size_bytes is not None:
        output = Path(job.output_path).name
        return f"completed  {name} -> {output} ({size(job.output_size_bytes)}, {job.encoder}, job {job.id})"
    explanation = job.decision if job.state is JobState.SKIPPED else job.failure
    word = "will retry" if job.state is JobState.QUEUED else str(job.state)
    reason = f": {explanation.summary} {explanation.detail}" if explanation else ""
    return f"{word:10} {name}{reason}"
