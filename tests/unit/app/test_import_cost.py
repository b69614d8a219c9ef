"""What costs much to import is not imported before it is needed."""

import subprocess
import sys

import pytest

HEAVY = {"httpx", "prometheus_client", "mcp", "mcp_types", "zeroconf", "cryptography", "keyring", "aiosmtpd"}
ASKS = "import sys, alchemist_desktop.app.{module}; print(*sys.modules)"


@pytest.mark.parametrize("module", ["programs", "window", "web"])
def test_starting_the_program_loads_none_of_the_heavy_libraries(module: str) -> None:
    asked = subprocess.run([sys.executable, "-c", ASKS.format(module=module)], capture_output=True, text=True, check=True)
    loaded = set(asked.stdout.split())
    assert f"alchemist_desktop.app.{module}" in loaded
    assert HEAVY & loaded == set()
