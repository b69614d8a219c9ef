"""The work folder of one job run, and which file in it becomes what."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from alchemist_desktop.domain.job import Job
from alchemist_desktop.domain.library import fitting_name
from alchemist_desktop.domain.plan import Plan
from alchemist_desktop.media.command import pictures_to_extract
from alchemist_desktop.media.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkFiles:
    """`output` is the work path of the result; `sidecar_work_paths` maps source stream indexes to work paths of extracted
    subtitles, `sidecar_places` those work paths to where they go. `picture_work_paths` has, by source stream index, where the
    cover pictures lie that are attached to the result."""

    output: str
    sidecar_work_paths: Mapping[int, str] = field(default_factory=dict)
    sidecar_places: Mapping[str, str] = field(default_factory=dict)
    picture_work_paths: Mapping[int, str] = field(default_factory=dict)


def sidecar_place(output_path: str, suffix: str) -> str:
    """Where an extracted subtitle goes: beside the result, under its name."""
    place = PurePath(output_path)
    return str(place.with_name(fitting_name(place.stem, suffix)))


@asynccontextmanager
async def open_work_files(
    workspace: Workspace, job: Job, plan: Plan, *, is_needed_later: Callable[[], bool] = lambda: False
) -> AsyncIterator[WorkFiles]:
    """A work folder for the time of the block; what is left in it afterwards is removed, unless it `is_needed_later`."""
    folder = await asyncio.to_thread(workspace.create_work_dir, job.id, job.output_path, job.library_root)
    try:
        yield _work_files(folder, job, plan)
    finally:
        if not is_needed_later():
            await asyncio.to_thread(workspace.discard, folder)


def _work_files(folder: str, job: Job, plan: Plan) -> WorkFiles:
    extracted = {stream.index: stream.sidecar for stream in plan.streams if stream.sidecar}
    work_paths = {index: str(Path(folder) / f"stream-{index}{suffix}") for index, suffix in extracted.items()}
    places = {work_paths[index]: sidecar_place(job.output_path, suffix) for index, suffix in extracted.items()}
    output = str(Path(folder) / f"output.{plan.extension}")
    pictures = {stream.index: str(Path(folder) / f"picture-{stream.index}") for stream in pictures_to_extract(plan)}
    return WorkFiles(output=output, sidecar_work_paths=work_paths, sidecar_places=places, picture_work_paths=pictures)
