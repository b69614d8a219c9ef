"""Keeps secrets apart from the settings: in the system's keyring, or where there is none in a file for this user alone."""

import json
import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

logger = logging.getLogger(__name__)

_SERVICE = "alchemist-desktop"


class SecretStore(Protocol):
    """Texts by name. The calls may block; a store that fails raises OSError."""

    def get(self, name: str) -> str | None: ...

    def set(self, name: str, value: str) -> None: ...

    def delete(self, name: str) -> None: ...


class FileSecrets:
    """A JSON file of mode 0600, replaced whole by every change."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, name: str) -> str | None:
        return self._read().get(name)

    def set(self, name: str, value: str) -> None:
        self._write({**self._read(), name: value})

    def delete(self, name: str) -> None:
        known = self._read()
        if known.pop(name, None) is not None:
            self._write(known)

    def _read(self) -> dict[str, str]:
        try:
            return dict(json.loads(self._path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise OSError(f"{self._path} is damaged") from error

    def _write(self, secrets: dict[str, str]) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.")  # made with mode 0600
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(secrets, file)
        Path(name).replace(self._path)


class KeyringSecrets:
    """The keyring of the desktop. What it refuses goes to `fallback`, where it is looked for too."""

    def __init__(self, backend: "KeyringBackend", fallback: SecretStore) -> None:
        self._backend = backend
        self._fallback = fallback

    def get(self, name: str) -> str | None:
        from keyring.errors import KeyringError

        try:
            value = self._backend.get_password(_SERVICE, name)
        except KeyringError as error:
            logger.warning("The system's keyring does not answer: %s", error)
            value = None
        return value if value is not None else self._fallback.get(name)

    def set(self, name: str, value: str) -> None:
        from keyring.errors import KeyringError

        try:
            self._backend.set_password(_SERVICE, name, value)
        except KeyringError as error:
            logger.warning("The system's keyring takes no secret, so a file for this user alone does: %s", error)
            self._fallback.set(name, value)
        else:
            self._fallback.delete(name)

    def delete(self, name: str) -> None:
        from keyring.errors import KeyringError

        self._fallback.delete(name)
        try:
            if self._backend.get_password(_SERVICE, name) is not None:
                self._backend.delete_password(_SERVICE, name)
        except KeyringError as error:
            logger.warning("The system's keyring does not answer: %s", error)


class LazySecrets:
    """Chooses between keyring and file when the first secret is asked for: looking for a keyring takes its time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._store: SecretStore | None = None

    def get(self, name: str) -> str | None:
        return self._chosen().get(name)

    def set(self, name: str, value: str) -> None:
        self._chosen().set(name, value)

    def delete(self, name: str) -> None:
        self._chosen().delete(name)

    def _chosen(self) -> SecretStore:
        if self._store is None:
            import keyring

            file = FileSecrets(self._path)
            backend = keyring.get_keyring()
            is_real = float(getattr(backend, "priority", 0)) >= 1 and bool(getattr(backend, "backends", True))
            self._store = KeyringSecrets(backend, file) if is_real else file
        return self._store
