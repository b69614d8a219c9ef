"""The asyncio backend of AnyIO's tests."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
