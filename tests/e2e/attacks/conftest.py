"""Programs to attack, one for each module of tests."""

from collections.abc import Iterator

import pytest

from tests.support.target import Target


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A program that is set up; it must still run and answer when the tests are through."""
    with Target(tmp_path_factory.mktemp("target")) as running:
        yield running
        assert running.client(token=None).get("/health").status_code == 200
        assert "Traceback" not in running.program.output + running.log


@pytest.fixture(scope="module")
def tls_target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """The same with encrypted connections."""
    with Target(tmp_path_factory.mktemp("tls"), {"server": {"tls": True}}) as running:
        yield running
