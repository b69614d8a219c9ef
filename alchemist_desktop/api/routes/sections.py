"""Single sections of the settings."""

import asyncio
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.inputs import read_body
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.encoding import JsonResponse, ok
from alchemist_desktop.api.schemas.sections import (
    FilesBody,
    SystemBody,
    TranscodeBody,
    files_json,
    system_json,
    transcode_json,
    with_files,
    with_system,
    with_transcode,
)
from alchemist_desktop.domain.engine_state import EngineMode
from alchemist_desktop.services.engine_control import EngineService
from alchemist_desktop.services.settings import SettingsService
from alchemist_desktop.services.updates import UpdatesService

_SAVE_FAILED = "CONFIG_SAVE_FAILED"


class SectionRoutes:
    """Read and change what and how is encoded, the files and the program's own ways."""

    def __init__(self, settings: SettingsService, engine: EngineService, updates: UpdatesService) -> None:
        self._settings = settings
        self._engine = engine
        self._updates = updates

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/settings/transcode", self.transcode),
            Endpoint("POST", "/settings/transcode", self.set_transcode, _SAVE_FAILED),
            Endpoint("GET", "/settings/system", self.system),
            Endpoint("POST", "/settings/system", self.set_system, _SAVE_FAILED),
            Endpoint("GET", "/settings/files", self.files),
            Endpoint("POST", "/settings/files", self.set_files, _SAVE_FAILED),
        ]

    async def transcode(self, _request: Request) -> Response:
        return JsonResponse(transcode_json(self._settings.current.transcode))

    async def set_transcode(self, request: Request) -> Response:
        body = await read_body(request, TranscodeBody)
        stored = await self._settings.change(lambda settings: with_transcode(settings, body))
        mode = EngineMode(stored.system.engine_mode)
        await self._engine.set_mode(mode, jobs_override=stored.transcode.concurrent_jobs)
        return ok()

    async def system(self, _request: Request) -> Response:
        return JsonResponse(system_json(self._settings.current))

    async def set_system(self, request: Request) -> Response:
        body = await read_body(request, SystemBody)
        await self._settings.change(lambda settings: with_system(settings, body))
        self._updates.forget()
        return ok()

    async def files(self, _request: Request) -> Response:
        return JsonResponse(files_json(self._settings.current.files))

    async def set_files(self, request: Request) -> Response:
        body = await read_body(request, FilesBody)
        root = (body.output_root or "").strip()
        output_root = await asyncio.to_thread(_existing_folder, root) if root else None
        stored = await self._settings.change(lambda settings: with_files(settings, body, output_root))
        return JsonResponse(files_json(stored.files))


def _existing_folder(path: str) -> str:
    try:
        folder = Path(path).resolve(strict=True)
        is_folder = Path(path).is_absolute() and folder.is_dir()
    except (OSError, ValueError, RuntimeError):
        is_folder = False
    if not is_folder:
        raise ProblemError(400, "FILE_SETTINGS_INVALID", f"{path} is not a folder.")
    return str(folder)
