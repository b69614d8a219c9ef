"""The settings as the program uses them, and the one way to change them."""

import asyncio
import errno
import os
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from alchemist_desktop.domain.errors import ConflictError, InvalidRequestError, KnownError
from alchemist_desktop.domain.events import SettingsChanged, WatchFolderAdded, WatchFolderRemoved
from alchemist_desktop.domain.settings import Settings, first_fault
from alchemist_desktop.engine.bus import EventBus
from alchemist_desktop.services.vault import Vault
from alchemist_desktop.storage.config_file import load, save


class SettingsService:
    """Holds the current settings; a change is written to the file, then announced (SettingsChanged). One change at a time."""

    def __init__(self, settings: Settings, *, path: Path, is_mutable: bool, bus: EventBus, vault: Vault | None = None) -> None:
        self._current = settings
        self._path = path
        self._is_mutable = is_mutable
        self._bus = bus
        self._vault = vault
        self._lock = asyncio.Lock()

    @property
    def current(self) -> Settings:
        return self._current

    @property
    def is_mutable(self) -> bool:
        """False when ALCHEMIST_CONFIG_MUTABLE forbids writing."""
        return self._is_mutable

    @property
    def file_exists(self) -> bool:
        return self._path.is_file()

    @property
    def path(self) -> Path:
        return self._path

    async def change(self, edit: Callable[[Settings], Settings]) -> Settings:
        """Apply `edit` to the current settings and store the result, if it keeps every rule: whoever edits need check nothing.

        Raises InvalidRequestError (SETTINGS_INVALID), ConflictError (CONFIG_WRITE_BLOCKED, CONFIG_NOT_WRITABLE) or
        KnownError (CONFIG_SAVE_FAILED).
        """
        return await self._change(edit, None)

    async def replace(self, settings: Settings) -> Settings:
        """Store `settings` in place of all that was."""
        return await self.change(lambda _old: settings)

    async def replace_file(self, text: str, settings: Settings) -> Settings:
        """Store `settings`, which is what `text` means, with the comments of `text`. Raises as `change`."""
        return await self._change(lambda _old: settings, text)

    async def reload(self) -> bool:
        """Take over what was written into the file from outside; False when it says what is known already.

        Raises KnownError (CONFIG_INVALID, CONFIG_UNREADABLE) and keeps the settings as they are. A missing file changes nothing.
        """
        async with self._lock:  # so that a change of our own is never taken for one from outside
            if not await asyncio.to_thread(self._path.is_file):
                return False
            old, new = self._current, await asyncio.to_thread(self._load)
            self._current = new
        if new == old:
            return False
        self._announce(old, new)
        return True

    async def add_library(self, path: str) -> Settings:
        """Register a folder as a library. Raises InvalidRequestError (INVALID_PATH) when it is not a folder."""
        folder = await asyncio.to_thread(_real_folder, path)

        def add(settings: Settings) -> Settings:
            if folder in settings.scanner.directories:
                return settings
            return _with_directories(settings, (*settings.scanner.directories, folder))

        return await self.change(add)

    async def remove_library(self, path: str) -> Settings:
        """Forget a library folder; its files and jobs stay."""
        return await self.change(
            lambda settings: _with_directories(settings, tuple(known for known in settings.scanner.directories if known != path))
        )

    async def _change(self, edit: Callable[[Settings], Settings], text: str | None) -> Settings:
        async with self._lock:
            old = self._current
            new = _checked(edit, old)
            if not self._is_mutable:
                raise ConflictError("The configuration is read-only here.", code="CONFIG_WRITE_BLOCKED")
            new = await self._store(new, text)
            self._current = new
        self._announce(old, new)
        return new

    async def _store(self, settings: Settings, text: str | None) -> Settings:
        try:
            return await asyncio.to_thread(self._save, settings, text)
        except KnownError as error:
            raise KnownError(error.message, code="CONFIG_SAVE_FAILED") from error
        except OSError as error:
            if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
                raise ConflictError(f"{self._path} cannot be written: {error.strerror}.", code="CONFIG_NOT_WRITABLE") from error
            raise KnownError(f"{self._path} could not be saved: {error}.", code="CONFIG_SAVE_FAILED") from error

    def _load(self) -> Settings:
        settings = load(self._path)
        return settings if self._vault is None else self._vault.unseal(settings)

    def _save(self, settings: Settings, text: str | None) -> Settings:
        """Write the settings, secrets apart, and return them whole: a text that was put in may name a secret we keep."""
        if self._vault is None:
            save(self._path, settings, text=text)
            return settings
        whole = self._vault.unseal(settings)
        save(self._path, self._vault.seal(whole), text=text)
        self._vault.prune(whole)
        return whole

    def _announce(self, old: Settings, new: Settings) -> None:
        before, after = _watched(old), _watched(new)
        for path in sorted(after - before):
            self._bus.publish(WatchFolderAdded(path=path))
        for path in sorted(before - after):
            self._bus.publish(WatchFolderRemoved(path=path))
        self._bus.publish(SettingsChanged(settings=new))


def _checked(edit: Callable[[Settings], Settings], old: Settings) -> Settings:
    """The result of `edit`, looked over whole: copies of settings are made without a look at their values."""
    try:
        new = Settings.model_validate(edit(old).model_dump(by_alias=True))
    except ValidationError as error:
        key, reason = first_fault(error)
        raise InvalidRequestError(f"{key} is not valid: {reason}.", code="SETTINGS_INVALID") from error
    # Only what is new: a file written by hand may have had such folders before, and everything else can still be changed.
    nowhere = sorted(path for path in _folders(new) - _folders(old) if not os.path.isabs(path))  # noqa: PTH117  # texts
    if nowhere:
        raise InvalidRequestError(f"{nowhere[0]!r} is no absolute path of a folder.", code="SETTINGS_INVALID")
    return new


def _folders(settings: Settings) -> set[str]:
    root = settings.files.output_root
    return _watched(settings) if root is None else {*_watched(settings), root}


def _with_directories(settings: Settings, directories: tuple[str, ...]) -> Settings:
    return settings.model_copy(update={"scanner": settings.scanner.model_copy(update={"directories": directories})})


def _watched(settings: Settings) -> set[str]:
    return {*settings.scanner.directories, *(extra.path for extra in settings.scanner.extra_watch_dirs)}


def _real_folder(path: str) -> str:
    folder = Path(path).expanduser()
    if not folder.is_dir():
        raise InvalidRequestError(f"{path} is not a folder.", code="INVALID_PATH", path=path)
    return str(folder.resolve())
