"""What every test gets: an offscreen Qt, and reports that can travel whatever file names they quote."""

import os
from collections.abc import Generator
from typing import Any

import pytest

# Before the first Qt import, or Qt looks for a display.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")
# The keyring of whoever runs the tests is not theirs to fill.
os.environ.setdefault("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable() -> Generator[None, Any, Any]:
    """Reports travel between processes as UTF-8; names of test files that are not text must not break that."""
    return _printable((yield))


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_printable(key): _printable(member) for key, member in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_printable(member) for member in value)
    return value
