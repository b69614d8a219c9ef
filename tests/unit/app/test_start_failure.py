"""Telling why the window did not come up."""

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from alchemist_desktop.app.start_failure import failure_sentence, failure_shown, show_failure
from alchemist_desktop.domain.errors import ConflictError, KnownError

KNOWN = ConflictError("config.toml, line 3: this is no TOML.", code="CONFIG_INVALID")


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_the_sentence_stands_in_a_box_that_closing_ends(qapp: QApplication) -> None:
    told: list[str] = []

    def close_it() -> None:
        for box in QApplication.topLevelWidgets():
            if isinstance(box, QMessageBox) and box.isVisible():
                told.append(box.informativeText())
                box.accept()

    QTimer.singleShot(0, qapp, close_it)
    show_failure(KNOWN)
    assert told == [KNOWN.message]


def test_the_failure_goes_on_to_who_ends_the_program(qapp: QApplication) -> None:
    with pytest.raises(KnownError) as raised, failure_shown():
        raise KNOWN
    assert raised.value is KNOWN


def test_an_unforeseen_failure_is_named() -> None:
    assert failure_sentence(OSError("no room")) == "OSError: no room"
