"""Fixtures of the delivery tests."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

import pytest

from alchemist_desktop.system.certificate import own_certificate


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def tls(tmp_path: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Both ends of a TLS connection: the server's, for the name push.test, and that of a client that trusts it."""
    made = own_certificate(tmp_path / "tls", frozenset({"push.test"}), datetime.now(UTC))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(made.certificate_file, made.key_file)
    return server, ssl.create_default_context(cafile=str(made.certificate_file))
