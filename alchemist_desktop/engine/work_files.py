"""The work folder of one job run, and which file in it becomes what."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from alchemist_desktop.domain.job import Job
from alchemist_desktop.domain.plan import Plan
from alchemist_desktop.media.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFiles:
    """`output` is the work path of the result; `sidecar_work_paths` maps source stream indexes to work paths of extracted
    subtitles, `sidecar_places` those work paths to where they go."""

    output: str
    sidecar_work_paths: Mapping[int, str] = field(default_factory=dict)
    sidecar_places: Mapping[str, str] = field(default_factory=dict)


@asynccontextmanager
async def open_work_files(workspace: Workspace, job: Job, plan: Plan) -> AsyncIterator[WorkFiles]:
    """A work folder for the time of the block; what is left in it afterwards is removed."""
    folder = await asyncio.to_thread(workspace.create_work_dir, job.id, job.output_path, job.library_root)
    try:
        yield _work_files(folder, job, plan)
    finally:
        await asyncio.to_thread(workspace.discard, folder)


def _work_files(folder: str, job: Job, plan: Plan) -> WorkFiles:
    place = PurePath(job.output_path)
    extracted = {stream.index: stream.sidecar for stream in plan.streams if stream.sidecar}
    work_paths = {index: str(Path(folder) / f"stream-{index}{suffix}") for index, suffix in extracted.items()}
    places = {work_paths[index]: str(place.with_name(place.stem + suffix)) for index, suffix in extracted.items()}
    output = str(Path(folder) / f"output.{plan.extension}")
    return WorkFiles(output=output, sidecar_work_paths=work_paths, sidecar_places=places)
