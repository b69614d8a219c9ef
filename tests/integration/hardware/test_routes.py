"""The hardware routes over the real services, on a made-up machine."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from alchemist_desktop.api.app import create_app
from alchemist_desktop.api.options import ApiOptions
from alchemist_desktop.api.server import EmbeddedServer
from alchemist_desktop.app.hardware_report import hardware_lines
from alchemist_desktop.domain.events import HardwareChanged
from tests.integration.hardware.machine import TWO_CARDS, Machine
from tests.support.core import collect

pytestmark = pytest.mark.anyio


async def test_settings_over_the_wire_choose_the_card(tmp_path: Path) -> None:
    machine = Machine(tmp_path, TWO_CARDS)
    body = {"allow_cpu_fallback": True, "allow_cpu_encoding": True, "cpu_preset": "fast"}
    async with machine.core(start=False) as core:
        await core.services.hardware.ready()
        await core.services.settings.change(lambda settings: settings)
        await core.services.access.create_user("admin", "a long password")
        server = EmbeddedServer(create_app(core.services, core.bus, options := ApiOptions()), stop_event=options.stop, port=0)
        await server.start()
        try:
            async with httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{server.port}/api/v1", trust_env=False, timeout=60
            ) as client:
                await client.post("/auth/login", json={"username": "admin", "password": "a long password"})
                assert (await client.get("/system/hardware")).json()["device_path"] == "/dev/nvidia0"
                told = collect(core)
                chosen = await client.post("/settings/hardware", json={**body, "device_path": " /dev/nvidia1 "})
                assert (chosen.status_code, chosen.json()) == (200, {"ok": True})
                info = (await client.get("/system/hardware")).json()
                assert (info["device_path"], info["supported_codecs"]) == ("/dev/nvidia1", ["h264", "hevc"])
                assert info["selection_reason"] == "NVIDIA GTX 1660 was chosen in the settings."
                assert any(isinstance(event, HardwareChanged) for event in told)
                for device in ("/dev/dri/renderD999", "/dev/\0", "/" + "d" * 5000):
                    wrong = await client.post("/settings/hardware", json={**body, "device_path": device})
                    assert (wrong.status_code, wrong.json()["code"]) == (400, "HARDWARE_SETTINGS_INVALID"), device
                assert (await client.get("/settings/hardware")).json()["device_path"] == "/dev/nvidia1"
                back = await client.post("/settings/hardware", json={**body, "device_path": "  ", "preferred_vendor": "NVIDIA"})
                assert back.status_code == 200
                assert (await client.get("/settings/hardware")).json()["preferred_vendor"] == "nvidia"
                load = (await client.get("/system/resources")).json()
                assert {"gpu_utilization", "gpu_memory_percent"} <= set(load)
        finally:
            await server.stop()


async def test_the_report_for_the_terminal(tmp_path: Path) -> None:
    machine = Machine(tmp_path, TWO_CARDS)
    async with machine.core(start=False) as core:
        lines = [line async for line in hardware_lines(core, as_json=False)]
    text = "\n".join(str(line.get("text", "")) for line in lines)
    assert "NVIDIA GTX 1660" in text
    assert "FAILED" in text
    assert "NVIDIA GTX 1660, av1_nvenc at 8 bit: This card does not encode this codec." in text
    assert lines[-1] == {"failed": 0}


def test_the_command_writes_one_json_document(tmp_path: Path) -> None:
    home = {
        "ALCHEMIST_DATA_DIR": str(tmp_path / "d"),
        "ALCHEMIST_CONFIG_PATH": str(tmp_path / "c.toml"),
        "ALCHEMIST_LOG_DIR": str(tmp_path / "l"),
        "ALCHEMIST_TEMP_DIR": str(tmp_path / "t"),
    }
    argv = [sys.executable, "-m", "alchemist_desktop", "hardware", "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={**os.environ, **home})
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    on_the_cpu = {cell["codec"]: cell["state"] for cell in told["matrix"] if (cell["device"], cell["bit_depth"]) == ("cpu", 8)}
    assert on_the_cpu == {"av1": "works", "hevc": "works", "h264": "works"}
    assert isinstance(told["probe_log"], list)
