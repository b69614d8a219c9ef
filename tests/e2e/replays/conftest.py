"""What several replays start from."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.replays.site import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    with site.owner, site.program:
        yield site
