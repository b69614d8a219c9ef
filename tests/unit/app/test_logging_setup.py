"""The log keeps its promises: everything is written, nothing secret is, and old files go."""

import io
import json
import logging
import os
import sys
import threading
from contextlib import redirect_stderr
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alchemist_desktop.app.logging_setup import DailyFileHandler, LogLine, add_sink, drop_old_files, logging_to
from alchemist_desktop.app.redaction import redact
from alchemist_desktop.domain.ids import JobId

_TOKEN = "alc_tok_" + "a1B2" * 12
_SECRETS = [
    (f"token {_TOKEN} used", _TOKEN),
    ("Authorization: Bearer abcDEF123456xyz", "abcDEF123456xyz"),
    ("password=hunter2 given", "hunter2"),
    ('{"password": "hun ter2", "name": "x"}', "hun ter2"),
    ("{'auth_token': 'abc def'}", "abc def"),
    ("ALCHEMIST_SETUP_TOKEN=abc123", "abc123"),
    ("Cookie: alchemist_session=deadbeef; x=1", "deadbeef"),
    ("POST https://discord.com/api/webhooks/123/AbC-dEf failed", "AbC-dEf"),
    ("POST https://hooks.slack.com/services/T0/B0/XyZ failed", "XyZ"),
    ("https://api.telegram.org/bot123:ABC/sendMessage", "123:ABC"),
    ("smtp://me:pa55@mail.example.org", "pa55"),
    ("GET https://push.example.org/message?token=Qwerty", "Qwerty"),
]


def log_text(folder: Path) -> str:
    return "".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("alchemist.log*")))


@pytest.mark.parametrize(("text", "secret"), _SECRETS)
def test_secrets_are_hidden_and_the_rest_stays(text: str, secret: str) -> None:
    hidden = redact(text)
    assert secret not in hidden
    assert "***" in hidden
    assert hidden.split()[0].startswith(text.split()[0][:4])


@pytest.mark.parametrize(
    "text",
    [
        "Scanned /media/Passwords of Rome (2019)/The Token.mkv",
        "http://127.0.0.1:3000/api/v1/jobs",
        "libsvtav1: crf=30 preset=8",
        "12:30:45 secretary",
    ],
)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    assert redact(text) == text


@given(st.text() | st.sampled_from([text for text, _ in _SECRETS]))
def test_hiding_twice_is_hiding_once(text: str) -> None:
    assert redact(redact(text)) == redact(text)


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_secret_reaches_a_file_the_terminal_or_a_sink(tmp_path: Path, log_format: str) -> None:
    lines: list[LogLine] = []
    terminal = io.StringIO()
    with redirect_stderr(terminal), logging_to(tmp_path, log_format="json" if log_format == "json" else "text", to_stderr=True):
        remove = add_sink(lines.append)
        logging.getLogger("x").warning("used %s", _TOKEN)
        try:
            raise ValueError(f"bad {_TOKEN}")
        except ValueError:
            logging.getLogger("x").exception("failed")
        remove()
    everything = log_text(tmp_path) + terminal.getvalue() + "".join(line.message for line in lines)
    assert _TOKEN not in everything
    assert everything.count("alc_tok_***") >= 6
    assert "Traceback" in log_text(tmp_path)


def test_json_lines_carry_what_a_machine_needs(tmp_path: Path) -> None:
    with logging_to(tmp_path, log_format="json"):
        logging.getLogger("alchemist_desktop.engine").warning("Job %d\nfailed", 7, extra={"job_id": 7})
    entry = json.loads(log_text(tmp_path))
    assert datetime.fromisoformat(entry.pop("timestamp")).tzinfo is not None
    assert entry == {"level": "warn", "target": "alchemist_desktop.engine", "message": "Job 7\nfailed", "job_id": 7}


def test_any_file_name_can_be_logged(tmp_path: Path) -> None:
    with logging_to(tmp_path):
        logging.getLogger("x").info("Found %s", os.fsdecode(b"caf\xe9.mkv"))
    assert "Found caf\\udce9.mkv" in log_text(tmp_path)


def test_a_sink_gets_lines_from_info_up_until_it_is_removed(tmp_path: Path) -> None:
    lines: list[LogLine] = []
    log = logging.getLogger("x")
    with logging_to(tmp_path, level="debug"):
        remove = add_sink(lines.append)
        log.debug("too small")
        log.info("first", extra={"job_id": JobId(3)})
        log.critical("second")
        remove()
        log.error("too late")
    assert [(line.level, line.message, line.job_id) for line in lines] == [("info", "first", 3), ("error", "second", None)]
    assert "too small" in log_text(tmp_path)


def test_each_day_has_its_file_and_old_ones_go(tmp_path: Path) -> None:
    handler = DailyFileHandler(tmp_path, retention_days=2)
    today = datetime(2026, 3, 1, 12)
    for days in (-5, -1, 0):
        record = logging.makeLogRecord({"msg": f"day {days}", "created": (today + timedelta(days=days)).timestamp()})
        handler.emit(record)
    handler.close()
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["alchemist.log.2026-02-28", "alchemist.log.2026-03-01"]


def test_other_files_in_the_log_folder_are_left_alone(tmp_path: Path) -> None:
    for name in ("alchemist.log.2020-01-01", "alchemist.log.notes", "alchemist.log.2026-01-01", "holiday.jpg"):
        (tmp_path / name).touch()
    drop_old_files(tmp_path, date(2026, 1, 1))
    assert {file.name for file in tmp_path.iterdir()} == {"alchemist.log.notes", "alchemist.log.2026-01-01", "holiday.jpg"}


def test_uncaught_exceptions_are_logged_with_their_traceback(tmp_path: Path) -> None:
    def fail() -> None:
        raise LookupError("nobody catches this")

    hooks = sys.excepthook, threading.excepthook
    with logging_to(tmp_path):
        thread = threading.Thread(target=fail, name="tester")
        thread.start()
        thread.join()
        error = RuntimeError("nor this")
        sys.excepthook(RuntimeError, error, None)
    text = log_text(tmp_path)
    assert "Something went wrong in tester" in text
    assert "LookupError: nobody catches this" in text
    assert "RuntimeError: nor this" in text
    assert (sys.excepthook, threading.excepthook) == hooks


def test_a_log_folder_that_cannot_be_made_does_not_stop_the_program(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    terminal = io.StringIO()
    with redirect_stderr(terminal), logging_to(tmp_path / "file" / "logs", to_stderr=True):
        logging.getLogger("x").warning("still running")
    assert "still running" in terminal.getvalue()
