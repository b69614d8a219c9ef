"""Converting single files: handed in, previewed, queued, fetched, and cleared away in time."""

import asyncio
import re
import secrets
import shlex
import shutil
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path, PurePath

from alchemist_desktop.domain.conversion import DEFAULT_CONVERSION, Conversion, ConversionSettings
from alchemist_desktop.domain.errors import ConflictError, InvalidRequestError, NotFoundError
from alchemist_desktop.domain.events import JobAdded, JobRemoved
from alchemist_desktop.domain.job import Job, JobState
from alchemist_desktop.domain.library import FoundFile, MediaFile
from alchemist_desktop.domain.plan import Plan
from alchemist_desktop.domain.planner.conversion import plan_conversion
from alchemist_desktop.domain.probe import Probe
from alchemist_desktop.domain.rules import encoding_rules
from alchemist_desktop.engine.engine import Engine
from alchemist_desktop.engine.parts import Parts
from alchemist_desktop.media.command import build_command
from alchemist_desktop.media.disk import stamp_of

_UNSAFE = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f]')
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]) *(?:\..*)?", re.IGNORECASE)  # to Windows no files at all
_LONGEST_NAME = 150
_DRAFT_LIFETIME = timedelta(hours=24)
_UNSUCCESSFUL = frozenset({JobState.FAILED, JobState.CANCELLED, JobState.SKIPPED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionPreview:
    """What a conversion would do; `command` is FFmpeg's, with names instead of paths."""

    settings: ConversionSettings
    plan: Plan
    probe: Probe
    file_name: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionStatus:
    """A conversion with its live job, if it has one; `output` is the result, once it is there."""

    conversion: Conversion
    job: Job | None
    output: Path | None

    @property
    def state(self) -> str:
        return self.conversion.state.value if self.job is None else self.job.state.value


class ConversionsService:
    """Files lie in `temp`: `uploads/<random>/<name>` and `outputs/<id>/<name>`. Unknown ids raise NotFoundError
    (CONVERSION_JOB_NOT_FOUND). Every call first clears away what is past its time."""

    def __init__(self, parts: Parts, engine: Engine, temp: Path) -> None:
        self._parts = parts
        self._conversions = parts.stores.conversions
        self._engine = engine
        self._temp = temp
        self._lock = asyncio.Lock()

    async def upload_limit_bytes(self) -> int:
        await self.sweep()
        return self._parts.settings().system.conversion_upload_limit_gb * 1024**3

    def make_upload_folder(self) -> Path:
        """A new folder for one file that comes in; `discard_upload` removes it. Raises OSError."""
        folder = self._temp / "uploads" / secrets.token_hex(16)
        folder.mkdir(parents=True, mode=0o700)
        return folder

    async def accept(self, upload: Path, name: str | None) -> Conversion:
        """Take a file that came in, under its own name. Raises InvalidRequestError (CONVERSION_UPLOAD_ANALYSIS_FAILED)."""
        path = upload.with_name(_safe_name(name))
        await asyncio.to_thread(upload.replace, path)
        probe = await self._parts.prober.probe(str(path))
        if not isinstance(probe, Probe):
            raise _unreadable(probe.error)
        if probe.main_video is None:
            raise _unreadable("it holds no video")
        return await self._conversions.add(str(path), probe)

    async def discard_upload(self, folder: Path) -> None:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)

    async def preview_conversion(self, conversion_id: int, settings: ConversionSettings) -> ConversionPreview:
        """What would be done; the choices are kept for the start. Raises InvalidRequestError (CONVERSION_PREVIEW_FAILED)."""
        conversion = await self._need(conversion_id)
        plan, chosen = self._plan(conversion, settings), settings.normalised()
        if conversion.job_id is None:
            await self._conversions.draft(conversion.id, chosen)
        name = PurePath(conversion.upload_path).name
        output = _output_name(conversion, chosen)
        argv = build_command("ffmpeg", plan, conversion.probe, output=output)
        argv = [part.replace(conversion.upload_path, name) for part in argv]
        return ConversionPreview(settings=chosen, plan=plan, probe=conversion.probe, file_name=name, command=shlex.join(argv))

    async def start_conversion(self, conversion_id: int) -> Job:
        """Queue it by the choices last previewed, or the defaults.

        Raises ConflictError (CONVERSION_JOB_ALREADY_STARTED), or as `preview_conversion`.
        """
        async with self._lock:
            conversion = await self._need(conversion_id)
            if conversion.job_id is not None:
                raise ConflictError("This conversion was started already.", code="CONVERSION_JOB_ALREADY_STARTED")
            settings = conversion.settings or DEFAULT_CONVERSION
            self._plan(conversion, settings)
            folder = self._temp / "outputs" / str(conversion.id)
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True, mode=0o700)
            output = str(folder / _output_name(conversion, settings.normalised()))
            job = await self._parts.stores.jobs.add_conversion(await asyncio.to_thread(_found_file, conversion, output))
            await self._conversions.link(conversion.id, job.id, output, settings)
        self._parts.bus.publish(JobAdded(job=job))
        self._engine.wake()
        return job

    async def conversion_status(self, conversion_id: int) -> ConversionStatus:
        conversion = await self._need(conversion_id)
        job = await self._live_job(conversion)
        is_complete = job is None or job.state is JobState.COMPLETED
        output = Path(conversion.output_path) if conversion.output_path and is_complete else None
        is_there = output is not None and await asyncio.to_thread(output.is_file)
        return ConversionStatus(conversion=conversion, job=job, output=output if is_there else None)

    async def mark_downloaded(self, conversion_id: int) -> None:
        """Note that the result was fetched whole; it is cleared away some hours later."""
        await self._conversions.mark_downloaded(conversion_id)

    async def delete_conversion(self, conversion_id: int) -> None:
        """Remove it with its files; its job is archived. Raises ConflictError (CONVERSION_JOB_ACTIVE)."""
        conversion = await self._need(conversion_id)
        job = await self._live_job(conversion)
        if job is not None and job.state.is_active:
            raise ConflictError("The conversion is running; cancel its job first.", code="CONVERSION_JOB_ACTIVE")
        await self._remove(conversion)

    async def sweep(self) -> None:
        """Clear away what is past its time."""
        for conversion in await self._conversions.all():
            if self._is_past(conversion, await self._live_job(conversion)):
                await self._remove(conversion)

    def _plan(self, conversion: Conversion, settings: ConversionSettings) -> Plan:
        rules = encoding_rules(self._parts.settings(), None)
        return plan_conversion(conversion.probe, settings, rules, self._parts.capabilities())

    async def _need(self, conversion_id: int) -> Conversion:
        await self.sweep()
        conversion = await self._conversions.get(conversion_id)
        if conversion is None:
            raise NotFoundError(f"There is no conversion {conversion_id}.", code="CONVERSION_JOB_NOT_FOUND")
        return conversion

    async def _live_job(self, conversion: Conversion) -> Job | None:
        job = await self._parts.stores.jobs.get(conversion.job_id) if conversion.job_id is not None else None
        return None if job is None or job.archived else job

    def _is_past(self, conversion: Conversion, job: Job | None) -> bool:
        now = self._parts.clock.now()
        retention = timedelta(hours=self._parts.settings().system.conversion_download_retention_hours)
        fetched = conversion.downloaded_at
        if job is None:
            return now > (conversion.created_at + _DRAFT_LIFETIME if fetched is None else fetched + retention)
        if job.state in _UNSUCCESSFUL:
            return now > job.updated_at + _DRAFT_LIFETIME
        return job.state is JobState.COMPLETED and fetched is not None and now > fetched + retention

    async def _remove(self, conversion: Conversion) -> None:
        if conversion.job_id is not None:
            for job_id in await self._parts.stores.jobs.archive([conversion.job_id]):
                self._parts.bus.publish(JobRemoved(job_id=job_id))
        await self.discard_upload(Path(conversion.upload_path).parent)
        await self.discard_upload(self._temp / "outputs" / str(conversion.id))
        await self._conversions.delete(conversion.id)


def _safe_name(name: str | None) -> str:
    """The client's name for the file, as one that any file system takes."""
    safe = _UNSAFE.sub("_", name or "").strip().strip(".")
    if not safe:
        return "input.bin"
    if _DEVICES.fullmatch(safe):
        safe = f"_{safe}"
    pure = PurePath(safe)
    return f"{pure.stem[: _LONGEST_NAME // 2]}{pure.suffix[:16]}"


def _output_name(conversion: Conversion, settings: ConversionSettings) -> str:
    return f"{PurePath(conversion.upload_path).stem}.{settings.output_container}"


def _found_file(conversion: Conversion, output: str) -> FoundFile:
    path = conversion.upload_path
    stamp = stamp_of(path)
    media = MediaFile(path=path, stamp=stamp, root=str(PurePath(path).parent))
    device = f"dev:{stamp.device}" if stamp.device else None
    return FoundFile(media=media, output_path=output, spare_output_path=output, profile_id=None, source_device=device)


def _unreadable(reason: str) -> InvalidRequestError:
    return InvalidRequestError(f"The file cannot be converted: {reason}.", code="CONVERSION_UPLOAD_ANALYSIS_FAILED")
