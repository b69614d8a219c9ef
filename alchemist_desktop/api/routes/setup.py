"""The first run: an account, the settings and the first scan."""

import asyncio
import os
from collections.abc import Iterable
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from alchemist_desktop.api.credentials import set_session
from alchemist_desktop.api.errors import ProblemError
from alchemist_desktop.api.exchange import exchange_of
from alchemist_desktop.api.inputs import read_body
from alchemist_desktop.api.routing import Endpoint
from alchemist_desktop.api.schemas.encoding import JsonObject, JsonResponse
from alchemist_desktop.api.schemas.settings import ConfigError, parse_config
from alchemist_desktop.api.schemas.setup import SetupBody, setup_document
from alchemist_desktop.api.setup_state import SetupState
from alchemist_desktop.domain.engine_state import EngineMode
from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.services.container import Services


class SetupRoutes:
    """Tells whether setup is required, and carries it out, once."""

    def __init__(self, services: Services, setup: SetupState, *, cookie_secure: bool) -> None:
        self._services = services
        self._setup = setup
        self._cookie_secure = cookie_secure
        self._lock = asyncio.Lock()  # two wizards at once must not both succeed

    def endpoints(self) -> list[Endpoint]:
        return [
            Endpoint("GET", "/setup/status", self.status),
            Endpoint("POST", "/setup/complete", self.complete, "SETUP_USER_CREATE_FAILED"),
        ]

    async def status(self, _request: Request) -> Response:
        settings = self._services.settings
        return JsonResponse(
            {
                "setup_required": await self._setup.is_required(),
                "enable_telemetry": settings.current.system.enable_telemetry,
                "config_mutable": settings.is_mutable,
            }
        )

    async def complete(self, request: Request) -> Response:
        await self._refuse_when_done()  # before the body, which anybody may send
        body = await read_body(request, SetupBody)
        async with self._lock:
            await self._refuse_when_done()
            _check_account(body)
            if await self._services.access.is_taken(body.username):  # where only the settings file was lost
                raise ProblemError(400, "SETUP_USERNAME_INVALID", "There is an account of this name already.")
            settings = await self._checked_settings(body)
            return await self._carry_out(request, body, settings)

    async def _refuse_when_done(self) -> None:
        if not await self._setup.is_required():
            raise ProblemError(403, "SETUP_ALREADY_COMPLETE", "Setup was already done.")

    async def _checked_settings(self, body: SetupBody) -> Settings:
        if body.settings is None:
            _check_choices(body)
        service = self._services.settings
        if not service.is_mutable:
            raise ProblemError(409, "CONFIG_WRITE_BLOCKED", "Writing the settings is switched off on this computer.")
        document = setup_document(body, service.current)
        _check_shape(document, service.current)
        folders = await asyncio.to_thread(_existing_folders, document["scanner"]["directories"])
        document = {**document, "scanner": {**document["scanner"], "directories": folders, "watch_enabled": True}}
        if not folders:
            raise ProblemError(400, "SETUP_DIRECTORIES_REQUIRED", "Choose at least one library folder.")
        if document["transcode"]["concurrent_jobs"] == 0:
            raise ProblemError(400, "SETUP_CONCURRENT_JOBS_REQUIRED", "At least one job must be allowed to run.")
        try:
            return parse_config(document, service.current)
        except ConfigError as error:
            raise ProblemError(400, "SETUP_VALIDATION_FAILED", error.message) from error

    async def _carry_out(self, request: Request, body: SetupBody, settings: Settings) -> Response:
        username = body.username.strip()
        stored = await self._services.settings.replace(settings)
        await self._services.access.create_user(username, body.password)
        exchange_of(request).failure_code = "SETUP_SESSION_CREATE_FAILED"
        token = await self._services.access.open_session(username)
        concurrent_jobs = stored.transcode.concurrent_jobs
        await self._services.engine.set_mode(EngineMode(stored.system.engine_mode), jobs_override=concurrent_jobs)
        self._services.scans.start()
        message = "Setup is done. The libraries are being scanned."
        response = JsonResponse({"status": "saved", "message": message, "concurrent_jobs": concurrent_jobs})
        set_session(response, token, is_secure=self._cookie_secure)
        return response


def _check_account(body: SetupBody) -> None:
    if len(body.username.strip().encode()) < 3:
        raise ProblemError(400, "SETUP_USERNAME_INVALID", "The name must have at least 3 characters.")
    if len(body.password.encode()) < 8:
        raise ProblemError(400, "SETUP_PASSWORD_INVALID", "The password must have at least 8 characters.")


def _check_choices(body: SetupBody) -> None:
    if body.concurrent_jobs < 1:
        raise ProblemError(400, "SETUP_CONCURRENT_JOBS_INVALID", "At least one job must be allowed to run.")
    if not 0 <= body.size_reduction_threshold <= 1:
        raise ProblemError(400, "SETUP_THRESHOLD_INVALID", "The size reduction threshold lies between 0 and 1.")
    if body.min_bpp_threshold < 0:
        raise ProblemError(400, "SETUP_BPP_INVALID", "The bits-per-pixel threshold must not be negative.")


def _check_shape(document: JsonObject, current: Settings) -> None:
    """Wrong values are told later, when the folders are known to be right."""
    try:
        parse_config(document, current)
    except ConfigError as error:
        if error.is_shape:
            raise ProblemError(400, "SETUP_CONFIG_INVALID", error.message) from error


def _existing_folders(paths: Iterable[str]) -> list[str]:
    """The folders by their real paths, each once. Runs in a thread: a sleeping disk may take its time."""
    return list(dict.fromkeys(_existing_folder(path.strip()) for path in paths if path.strip()))


def _existing_folder(path: str) -> str:
    try:
        folder = Path(path).resolve(strict=True)
    except (OSError, ValueError):
        folder = None
    if folder is None or not Path(path).is_absolute() or not os.access(folder, os.R_OK) or not folder.is_dir():
        raise ProblemError(400, "SETUP_DIRECTORIES_INVALID", f"{path} is not a folder this program can read.")
    return str(folder)
