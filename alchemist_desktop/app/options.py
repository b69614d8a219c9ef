"""What the environment and the command line say about this one run."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

from alchemist_desktop.domain.errors import InvalidRequestError

LogFormat = Literal["text", "json"]

_YES = frozenset({"1", "true", "yes", "on"})
_NO = frozenset({"0", "false", "no", "off"})
_LEVELS = {"trace": "debug", "debug": "debug", "info": "info", "warn": "warning", "warning": "warning", "error": "error"}
_FORMATS: dict[str, LogFormat] = {"json": "json", "text": "text", "compact": "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """Choices that hold for this run alone and are never stored. None leaves the choice to the settings or the platform."""

    config_path: str | None = None
    database_path: str | None = None
    data_dir: str | None = None
    temp_dir: str | None = None
    log_dir: str | None = None
    is_config_mutable: bool = True
    server_host: str | None = None
    server_port: int | None = None  # exactly this one; 0 takes any that is free
    setup_token: str | None = None
    update_feed: str | None = None
    is_cookie_secure: bool = False
    log_format: LogFormat | None = None
    log_level: str = "info"
    is_headless: bool = False

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Blank variables count as unset. Raises InvalidRequestError (SERVER_PORT_INVALID)."""

        def text(*names: str) -> str | None:
            return next((value for name in names if (value := environment.get(name, "").strip())), None)

        port = text("ALCHEMIST_SERVER_PORT")
        return cls(
            config_path=text("ALCHEMIST_CONFIG_PATH", "ALCHEMIST_CONFIG"),
            database_path=text("ALCHEMIST_DB_PATH"),
            data_dir=text("ALCHEMIST_DATA_DIR"),
            temp_dir=text("ALCHEMIST_TEMP_DIR"),
            log_dir=text("ALCHEMIST_LOG_DIR"),
            is_config_mutable=(text("ALCHEMIST_CONFIG_MUTABLE") or "").lower() not in _NO,
            server_port=None if port is None else parse_port(port),
            setup_token=text("ALCHEMIST_SETUP_TOKEN"),
            update_feed=text("ALCHEMIST_UPDATE_FEED"),
            is_cookie_secure=(text("ALCHEMIST_COOKIE_SECURE") or "").lower() in _YES,
            log_format=_FORMATS.get((text("ALCHEMIST_LOG_FORMAT") or "").lower()),
            log_level=_LEVELS.get((text("ALCHEMIST_LOG_LEVEL", "RUST_LOG") or "").lower(), "info"),
        )

    def with_choices(self, **choices: Any) -> Self:
        """These options with what the command line chose; None there means "not chosen"."""
        return replace(self, **{name: value for name, value in choices.items() if value is not None})


def parse_port(text: str) -> int:
    """A TCP port, 0 included. Raises InvalidRequestError (SERVER_PORT_INVALID)."""
    if not (text.isascii() and text.isdigit()) or int(text) > 65535:
        raise InvalidRequestError(f"{text!r} is not a port: use a number from 0 to 65535.", code="SERVER_PORT_INVALID")
    return int(text)
