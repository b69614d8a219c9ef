"""A short fuzzing of every scope; `python -m tests.fuzz` does the same at length."""

import os

import pytest

from tests.fuzz.credentials import SCOPES
from tests.fuzz.run import run_scope

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

REQUESTS = int(os.environ.get("ALCHEMIST_FUZZ_REQUESTS", "120"))
_WHOLE = 10_000


@pytest.mark.parametrize("scope", SCOPES)
def test_nothing_is_found(scope: str) -> None:
    parts = run_scope(scope, requests=REQUESTS, seed=1, share=min(1.0, REQUESTS / _WHOLE))
    reports = "\n".join(f"{part.name}\n{part.report}" for part in parts)
    assert not any(part.record.findings for part in parts), reports
    assert sum(part.record.requests for part in parts) > REQUESTS, reports
