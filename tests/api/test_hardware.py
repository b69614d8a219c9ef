"""The hardware routes, over a socket: shapes, states and refusals."""

import pytest

from alchemist_desktop.domain.access import AccessLevel
from alchemist_desktop.domain.hardware import Wish
from alchemist_desktop.domain.settings import Hardware
from tests.api.support import World, check_problem
from tests.support.hardware import two_cards

pytestmark = pytest.mark.anyio

SETTINGS = {"allow_cpu_fallback": False, "allow_cpu_encoding": True, "cpu_preset": "FAST"}


async def test_before_the_first_detection_clients_are_told_to_wait(world: World) -> None:
    async with world.client() as client:
        body = check_problem(await client.get("/api/v1/system/hardware"), 503, "HARDWARE_STATE_UNAVAILABLE")
        assert "hardware state" in body["detail"].lower()
        assert (await client.get("/api/v1/system/hardware/probe-log")).json() == {"entries": []}


async def test_what_works_and_why_it_was_chosen(world: World) -> None:
    world.hardware.found = two_cards()
    async with world.client() as client:
        info = (await client.get("/api/v1/system/hardware")).json()
    assert (info["vendor"], info["device_path"]) == ("nvidia", "/dev/nvidia0")
    assert info["supported_codecs"] == ["av1", "h264", "hevc"]
    assert info["backends"][0] == {"kind": "nvenc", "codec": "av1", "encoder": "av1_nvenc", "device_path": "/dev/nvidia0"}
    assert len(info["backends"]) == 5
    assert info["probe_summary"] == {"attempted": 10, "succeeded": 8, "failed": 2}
    assert info["selection_reason"].startswith("NVIDIA RTX 4070 encodes the most")
    assert info["detection_notes"] == ["AMD: No AMD graphics were found among the render nodes of this computer."]
    cells = {(cell["device"], cell["codec"], cell["bit_depth"]): cell for cell in info["matrix"]}
    assert cells["/dev/nvidia1", "av1", 8]["state"] == "failed"
    assert cells["cpu", "av1", 10] | {"reason": ""} == {
        "device": "cpu", "codec": "av1", "bit_depth": 10, "state": "works", "encoder": "libsvtav1", "reason": "",
    }  # fmt: skip


async def test_without_a_card_the_cpu_has_no_backends(world: World) -> None:
    world.hardware.found = two_cards()
    world.hardware.wish = Wish(vendor="cpu")
    async with world.client() as client:
        info = (await client.get("/api/v1/system/hardware")).json()
    assert (info["vendor"], info["device_path"], info["backends"]) == ("cpu", None, [])
    assert info["supported_codecs"] == ["av1", "h264", "hevc"]


async def test_the_log_tells_every_trial_in_ffmpegs_words(world: World) -> None:
    world.hardware.found = two_cards()
    async with world.client() as client:
        entries = (await client.get("/api/v1/system/hardware/probe-log")).json()["entries"]
    failed = [entry for entry in entries if not entry["success"]]
    assert [entry["encoder"] for entry in failed] == ["av1_nvenc", "av1_nvenc"]
    assert failed[0] == {
        "encoder": "av1_nvenc", "backend": "nvenc", "device_path": "/dev/nvidia1", "success": False, "vendor": "nvidia", "codec": "av1",
        "stderr": "[av1_nvenc @ 0x55d0] Codec not supported\n[av1_nvenc @ 0x55d0] No capable devices found", "selected": False,
        "summary": "This card does not encode this codec.", "bit_depth": 8,
    }  # fmt: skip
    assert all(entry["selected"] and entry["stderr"] is None for entry in entries if entry["success"])


async def test_scopes(world: World) -> None:
    world.hardware.found = two_cards()
    reader = world.access.grant(AccessLevel.READ_ONLY)
    async with world.client(reader) as client:
        assert (await client.get("/api/v1/system/hardware")).status_code == 200
        assert (await client.get("/api/v1/system/hardware/probe-log")).status_code == 200
        check_problem(await client.get("/api/v1/settings/hardware"), 403, "API_TOKEN_FORBIDDEN")
        check_problem(await client.post("/api/v1/system/hardware/probe"), 403, "API_TOKEN_FORBIDDEN")
    assert world.hardware.calls == []


async def test_setup_may_read_the_hardware(world: World) -> None:
    world.hardware.found = two_cards()
    world.access.users.clear()
    async with world.client(None) as client:
        assert (await client.get("/api/system/hardware")).status_code == 200
        assert (await client.get("/api/system/hardware/probe-log")).status_code == 401


async def test_settings_are_read_and_changed(world: World) -> None:
    world.hardware.found = two_cards()
    async with world.client() as client:
        assert (await client.get("/api/v1/settings/hardware")).json() == {
            "allow_cpu_fallback": True, "allow_cpu_encoding": True, "cpu_preset": "medium", "preferred_vendor": None,
            "device_path": None,
        }  # fmt: skip
        reply = await client.post("/api/v1/settings/hardware", json={**SETTINGS, "preferred_vendor": "nvidia"})
        assert (reply.status_code, reply.json()) == (200, {"ok": True})
        assert world.hardware.settings == Hardware(allow_cpu_fallback=False, cpu_preset="fast", preferred_vendor="nvidia")
        assert world.hardware.calls == [("probe",)]
        await client.post("/api/v1/settings/hardware", json={**SETTINGS, "cpu_preset": "ludicrous"})
        assert world.hardware.settings.cpu_preset == "medium"
        check_problem(await client.post("/api/v1/settings/hardware", json={"cpu_preset": "fast"}), 422, "INVALID_BODY")
        check_problem(await client.post("/api/v1/settings/hardware", content="{"), 415, "UNSUPPORTED_MEDIA_TYPE")


async def test_probing_again_answers_with_what_was_found(world: World) -> None:
    world.hardware.on_probe = lambda: setattr(world.hardware, "found", two_cards())
    async with world.client() as client:
        info = (await client.post("/api/v1/system/hardware/probe")).json()
    assert info["probe_summary"]["attempted"] == 10
