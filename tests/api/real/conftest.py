"""These tests run on the program's own loop, because QProcess needs it."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from alchemist_desktop.app.loop import make_loop
from tests.api.real.support import Face, open_face


@pytest.fixture
def anyio_backend(qapp: QApplication) -> tuple[str, dict[str, Any]]:
    def factory() -> asyncio.AbstractEventLoop:
        return make_loop(qapp)

    return "asyncio", {"loop_factory": factory}


@pytest.fixture
async def face(tmp_path: Path) -> AsyncIterator[Face]:
    async with open_face(tmp_path) as opened:
        yield opened
