"""Hardware tests run on the program's own loop, because QProcess needs it."""

import asyncio
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from alchemist_desktop.app.loop import make_loop


@pytest.fixture
def anyio_backend(qapp: QApplication) -> tuple[str, dict[str, Any]]:
    def factory() -> asyncio.AbstractEventLoop:
        return make_loop(qapp)

    return "asyncio", {"loop_factory": factory}
