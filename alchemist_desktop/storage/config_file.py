"""Reads and writes the settings file, keeping what people wrote into it besides the settings."""

import os
import re
import tomllib
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import tomlkit
from pydantic import BaseModel, ValidationError
from tomlkit.exceptions import TOMLKitError

from alchemist_desktop.domain.errors import InvalidRequestError, KnownError
from alchemist_desktop.domain.notification_target import up_to_date
from alchemist_desktop.domain.settings import Settings, first_fault

# Folder names may hold bytes that are no UTF-8; they go into the file as they are.
_ERRORS = "surrogateescape"
_MAX_TEXT = 256 * 1024  # far more than any settings; parsing takes its time
# Parsing a key takes time by the square of its parts, and whatever reads the outcome would have to go as deep.
_DEEP_KEY = re.compile(r"""(?<![\w"'-])(?:[\w"'-]++[ \t]*+\.[ \t]*+){50}""")


def load(path: Path) -> Settings:
    """The settings of a file; the defaults when there is none.

    Raises KnownError (CONFIG_INVALID, CONFIG_UNREADABLE) naming what is wrong; the file stays as it is.
    """
    text = _read(path)
    if text is None:
        return Settings()
    try:
        settings = Settings.model_validate(_parse(text, path).unwrap())
    except ValidationError as error:
        key, reason = first_fault(error)
        raise KnownError(f"In {path}, {key} is not valid: {reason}.", code="CONFIG_INVALID", path=str(path)) from error
    return settings.model_copy(update={"notifications": up_to_date(settings.notifications)})


def save(path: Path, settings: Settings, *, text: str | None = None) -> None:
    """Write the settings, whole or not at all. Comments and unknown members stay: those of `text`, else of the present file.

    Raises KnownError (CONFIG_INVALID) rather than write over a file that cannot be read, and OSError as the system gave it.
    """
    text = _read(path) if text is None else text
    document = tomlkit.document() if text is None else _parse(text, path)
    _merge(document, settings.model_dump(mode="json", by_alias=True, exclude_none=True), settings)
    _write(path, tomlkit.dumps(document).encode(errors=_ERRORS))


def text_of(path: Path) -> str:
    """The file as it is; the defaults, written out, when there is none. Raises KnownError (CONFIG_UNREADABLE)."""
    text = _read(path)
    if text is None:
        document = tomlkit.document()
        settings = Settings()
        _merge(document, settings.model_dump(mode="json", by_alias=True, exclude_none=True), settings)
        return tomlkit.dumps(document)
    return text


def parse_text(text: str) -> dict[str, Any]:
    """The members that a settings file with this text would have. Raises InvalidRequestError (RAW_CONFIG_INVALID)."""
    if len(text) > _MAX_TEXT:
        raise InvalidRequestError(f"The text is longer than {_MAX_TEXT} characters.", code="RAW_CONFIG_INVALID")
    if _DEEP_KEY.search(text):
        raise InvalidRequestError("The text has a key of very many parts.", code="RAW_CONFIG_INVALID")
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise InvalidRequestError(f"This is not valid TOML: {error}.", code="RAW_CONFIG_INVALID") from error


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode(errors=_ERRORS)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise KnownError(f"{path} cannot be read: {error.strerror}.", code="CONFIG_UNREADABLE", path=str(path)) from error


def _parse(text: str, path: Path) -> tomlkit.TOMLDocument:
    try:
        return tomlkit.parse(text)
    except TOMLKitError as error:
        raise KnownError(f"{path} is not valid TOML: {error}.", code="CONFIG_INVALID", path=str(path)) from error


def _merge(table: MutableMapping[str, Any], values: Mapping[str, Any], section: BaseModel) -> None:
    """Bring `table` to `values`; what is equal already keeps its form, what is not in the settings stays."""
    for name, field in type(section).model_fields.items():
        key = field.alias or name
        child = getattr(section, name)
        if key not in values:
            table.pop(key, None)
        elif isinstance(child, BaseModel):
            if not isinstance(table.get(key), MutableMapping):
                table[key] = tomlkit.table()
            _merge(table[key], values[key], child)
        elif key not in table or _plain(table[key]) != values[key]:
            table[key] = _without_none(values[key])


def _plain(item: Any) -> Any:
    return item.unwrap() if hasattr(item, "unwrap") else item


def _without_none(value: Any) -> Any:
    """TOML has no null: a member without a value is left out."""
    if isinstance(value, dict):
        return {key: _without_none(member) for key, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_without_none(member) for member in value if member is not None]
    return value


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # A link is kept: its target is what gets replaced. The temporary file is made with mode 0600.
    target = Path(os.path.realpath(path))
    with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            file.close()
            Path(file.name).replace(target)
        except BaseException:
            with suppress(OSError):
                Path(file.name).unlink()
            raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Make the rename durable, where folders can be opened for that."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
