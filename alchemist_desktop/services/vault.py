"""Takes the secrets of notification targets out of the settings before they are written, and puts them back when read."""

import logging
import secrets
from collections.abc import Callable

from alchemist_desktop.domain.notification_target import SECRET_MEMBERS, canonical_target
from alchemist_desktop.domain.settings import NotificationTargetSettings, Settings
from alchemist_desktop.system.secrets import SecretStore

logger = logging.getLogger(__name__)

_MARK = "secret:"


class Vault:
    """In the file a secret is `secret:<name>`; its text lies in the store under that name.

    The calls block and belong into a thread, one at a time. When the store fails a secret stays in the file, which only
    its user can read, rather than be lost.
    """

    def __init__(self, store: SecretStore) -> None:
        self._store = store
        self._names: dict[str, str] = {}

    def unseal(self, settings: Settings) -> Settings:
        """The settings with the secrets that the file only names."""
        return _with_secrets(settings, self._read)

    def seal(self, settings: Settings) -> Settings:
        """The settings as they may be written down."""
        return _with_secrets(settings, self._write)

    def prune(self, settings: Settings) -> None:
        """Take secrets that are in no target any more out of the store; to be called once `settings` are written."""
        used: set[str] = set()

        def note(value: str) -> str:
            used.add(value)
            return value

        _with_secrets(settings, note)
        for value in set(self._names) - used:
            self._forget(value)

    def _read(self, value: str) -> str:
        if not value.startswith(_MARK):
            return value
        name = value.removeprefix(_MARK)
        try:
            secret = self._store.get(name)
        except OSError as error:
            logger.error("A secret of a notification target cannot be read: %s", error)
            return value
        if secret is None:
            logger.error("A secret of a notification target is gone: enter it anew in the settings")
            return value
        self._names[secret] = name
        return secret

    def _write(self, value: str) -> str:
        if value.startswith(_MARK):
            return value
        name = self._names.get(value)
        if name is None:
            name = secrets.token_hex(8)
            try:
                self._store.set(name, value)
            except OSError as error:
                logger.error("A secret of a notification target stays in the settings file: %s", error)
                return value
            self._names[value] = name
        return _MARK + name

    def _forget(self, value: str) -> None:
        try:
            self._store.delete(self._names.pop(value))
        except OSError as error:
            logger.warning("A secret that is not used any more cannot be deleted: %s", error)


def names_secret(target: NotificationTargetSettings) -> bool:
    """Whether a member of the target stands for a secret that is kept elsewhere, as in the file."""
    return any(isinstance(value, str) and value.startswith(_MARK) for value in target.config_json.values())


def _with_secrets(settings: Settings, change: Callable[[str], str]) -> Settings:
    notifications = settings.notifications
    targets = tuple(_target_with_secrets(canonical_target(target), change) for target in notifications.targets)
    return settings.model_copy(update={"notifications": notifications.model_copy(update={"targets": targets})})


def _target_with_secrets(target: NotificationTargetSettings, change: Callable[[str], str]) -> NotificationTargetSettings:
    members = SECRET_MEMBERS.get(target.target_type, ())
    config = {
        name: change(value) if name in members and isinstance(value, str) and value else value
        for name, value in target.config_json.items()
    }
    return target.model_copy(update={"config_json": config})
