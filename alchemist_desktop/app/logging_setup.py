"""The program's log: a file for each day, the terminal where there is no window, and whoever shows it live."""

import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType

from alchemist_desktop.app.options import LogFormat
from alchemist_desktop.app.redaction import redact
from alchemist_desktop.domain.ids import JobId

_FILE_STEM = "alchemist.log."
_LEVEL_NAMES = {"WARNING": "warn", "CRITICAL": "error"}
_NOISY = ("asyncio", "qasync", "peewee", "watchfiles", "PIL", "multipart", "httpx", "httpcore")
_TALKED_INTO = ("uvicorn",)  # its warnings tell what clients do wrong: anybody could fill the log with them

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One line of the log, secrets removed. `job_id` is what the caller gave as `extra={"job_id": ...}`."""

    level: str  # debug, info, warn, error
    message: str
    job_id: JobId | None
    created_at: datetime


def _level_of(record: logging.LogRecord) -> str:
    return _LEVEL_NAMES.get(record.levelname, record.levelname.lower())


class _TextFormatter(logging.Formatter):
    """`2026-01-31 12:00:00.123 INFO  name: message`, tracebacks below; secrets removed from all of it."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created).isoformat(sep=" ", timespec="milliseconds")
        body = super().format(record)
        return redact(f"{moment} {_level_of(record).upper():5} {record.name}: {body}")


class _JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": _level_of(record),
            "target": record.name,
            "message": redact(record.getMessage()),
        }
        job_id = getattr(record, "job_id", None)
        if job_id is not None:
            entry["job_id"] = job_id
        if record.exc_info:
            entry["traceback"] = redact(self.formatException(record.exc_info))
        return json.dumps(entry)


class DailyFileHandler(logging.Handler):
    """Appends to `alchemist.log.YYYY-MM-DD`; starts the next file at midnight and drops those past their retention.

    The name carries the date from the start, so several processes can share the folder: nothing is ever renamed.
    """

    def __init__(self, folder: Path, *, retention_days: int) -> None:
        super().__init__()
        self._folder = folder
        self._retention_days = retention_days
        self._day: date | None = None
        self._file: logging.FileHandler | None = None

    def emit(self, record: logging.LogRecord) -> None:
        day = datetime.fromtimestamp(record.created).date()
        try:
            file = self._file if self._file is not None and day == self._day else self._start(day)
        except OSError:
            self.handleError(record)
            return
        file.setFormatter(self.formatter)
        file.emit(record)

    def _start(self, day: date) -> logging.FileHandler:
        self._close_file()
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # undecodable file names come as surrogates, which UTF-8 alone cannot write
        self._file = logging.FileHandler(
            self._folder / f"{_FILE_STEM}{day.isoformat()}", encoding="utf-8", errors="backslashreplace"
        )
        self._day = day
        drop_old_files(self._folder, day - timedelta(days=self._retention_days))
        return self._file

    def close(self) -> None:
        self._close_file()
        super().close()

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


def drop_old_files(folder: Path, before: date) -> None:
    """Delete the log files of days before `before`; anything else in the folder stays."""
    for file in folder.glob(f"{_FILE_STEM}*"):
        try:
            day = date.fromisoformat(file.name.removeprefix(_FILE_STEM))
        except ValueError:
            continue
        if day < before:
            file.unlink(missing_ok=True)


class _SinkHandler(logging.Handler):
    def __init__(self, sink: Callable[[LogLine], None]) -> None:
        super().__init__(logging.INFO)
        self._sink = sink

    def emit(self, record: logging.LogRecord) -> None:
        message = record.getMessage()
        if record.exc_info and record.exc_info[1] is not None:
            message = f"{message}: {record.exc_info[1]!r}"
        self._sink(
            LogLine(
                level=_level_of(record),
                message=redact(message),
                job_id=getattr(record, "job_id", None),
                created_at=datetime.fromtimestamp(record.created, UTC),
            )
        )


def add_sink(sink: Callable[[LogLine], None]) -> Callable[[], None]:
    """Give every line of INFO and above to `sink` as well; the returned call ends that.

    `sink` is called on whichever thread logged; it must not block and must not log.
    """
    handler = _SinkHandler(sink)
    logging.getLogger().addHandler(handler)
    return lambda: logging.getLogger().removeHandler(handler)


@contextmanager
def logging_to(
    folder: Path, *, level: str = "info", log_format: LogFormat = "text", retention_days: int = 30, to_stderr: bool = False
) -> Iterator[None]:
    """Log to a daily file in `folder`, and to the terminal if wanted, for as long as the context lasts.

    Exceptions that nobody caught are logged too, with their traceback.
    """
    formatter = _JsonFormatter() if log_format == "json" else _TextFormatter()
    handlers: list[logging.Handler] = [DailyFileHandler(folder, retention_days=retention_days)]
    if to_stderr and sys.stderr is not None:  # a windowed program on Windows has none
        handlers.append(logging.StreamHandler())
    root = logging.getLogger()
    old_level, old_hooks = root.level, (sys.excepthook, threading.excepthook)
    root.setLevel(level.upper())
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in _TALKED_INTO:
        logging.getLogger(name).setLevel(logging.ERROR)
    for handler in handlers:
        handler.setFormatter(formatter)
        root.addHandler(handler)
    sys.excepthook, threading.excepthook = _log_uncaught, _log_thread_error
    try:
        yield
    finally:
        sys.excepthook, threading.excepthook = old_hooks
        root.setLevel(old_level)
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()


def _log_uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
        return
    _log.critical("Something went wrong that nothing was prepared for", exc_info=(kind, error, traceback))


def _log_thread_error(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        name = args.thread.name if args.thread else "a thread"
        _log.critical("Something went wrong in %s", name, exc_info=args.exc_value)
