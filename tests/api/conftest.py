"""Fixtures of the API tests."""

import pytest

from tests.api.support import World


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def world() -> World:
    return World()
