"""Single sections of the settings and the settings as text, against the real file."""

from typing import Any

import pytest

from alchemist_desktop.domain.settings import Settings
from alchemist_desktop.services.vault import Vault
from alchemist_desktop.system.secrets import LazySecrets
from tests.api.real.support import Face
from tests.api.support import check_problem

pytestmark = pytest.mark.anyio

_TRANSCODE: dict[str, Any] = {
    "concurrent_jobs": 3,
    "size_reduction_threshold": 0.25,
    "min_bpp_threshold": 0,
    "min_file_size_mb": 7,
    "output_codec": "h264",
    "quality_profile": "quality",
}
_SYSTEM: dict[str, Any] = {
    "monitoring_poll_interval": 5,
    "conversion_upload_limit_gb": 2,
    "conversion_download_retention_hours": 3,
    "enable_telemetry": False,
}
_FILES: dict[str, Any] = {"delete_source": True, "output_extension": "mp4", "output_suffix": "-x", "replace_strategy": "replace"}


async def test_transcode_is_stored_and_what_is_left_out_gets_its_default(face: Face) -> None:
    before = face.settings.transcode
    assert await face.send("POST", "/settings/transcode", {**_TRANSCODE, "threads": 4}) == {"ok": True}
    shown = await face.get("/settings/transcode")
    assert shown["threads"] == 4
    assert await face.send("POST", "/settings/transcode", _TRANSCODE) == {"ok": True}
    shown = await face.get("/settings/transcode")
    assert shown == {
        **_TRANSCODE, "threads": 0, "allow_fallback": True, "hdr_mode": "preserve", "tonemap_algorithm": "hable",
        "tonemap_peak": 1000.0, "tonemap_desat": 0.2, "subtitle_mode": "copy",
        "stream_rules": {"strip_audio_by_title": [], "keep_audio_languages": [], "keep_only_default_audio": False},
    }  # fmt: skip
    assert face.stored().transcode.predict_size is before.predict_size is False  # not a member of the contract
    mode = await face.get("/engine/mode")
    assert (mode["concurrent_limit"], mode["is_manual_override"]) == (3, True)


@pytest.mark.parametrize(
    ("path", "body", "wrong", "code"),
    [
        ("/settings/transcode", _TRANSCODE, {"concurrent_jobs": 0}, "TRANSCODE_SETTINGS_INVALID"),
        ("/settings/transcode", _TRANSCODE, {"size_reduction_threshold": 1.5}, "TRANSCODE_SETTINGS_INVALID"),
        ("/settings/transcode", _TRANSCODE, {"min_bpp_threshold": -1}, "TRANSCODE_SETTINGS_INVALID"),
        ("/settings/transcode", _TRANSCODE, {"threads": 513}, "TRANSCODE_SETTINGS_INVALID"),
        ("/settings/transcode", _TRANSCODE, {"tonemap_peak": 49}, "TRANSCODE_SETTINGS_INVALID"),
        ("/settings/system", _SYSTEM, {"monitoring_poll_interval": 0.4}, "SYSTEM_SETTINGS_INVALID"),
        ("/settings/system", _SYSTEM, {"conversion_upload_limit_gb": 0}, "SYSTEM_SETTINGS_INVALID"),
        ("/settings/system", _SYSTEM, {"conversion_download_retention_hours": 25}, "SYSTEM_SETTINGS_INVALID"),
        ("/settings/system", _SYSTEM, {"update_check_interval_hours": 169}, "SYSTEM_SETTINGS_INVALID"),
        ("/settings/files", _FILES, {"output_suffix": "a/b"}, "FILE_SETTINGS_INVALID"),
        ("/settings/files", _FILES, {"output_extension": "a\\b"}, "FILE_SETTINGS_INVALID"),
        ("/settings/files", _FILES, {"output_root": "/does/not/exist"}, "FILE_SETTINGS_INVALID"),
        ("/settings/files", _FILES, {"output_root": "relative"}, "FILE_SETTINGS_INVALID"),
    ],
)
async def test_wrong_values_change_nothing(face: Face, path: str, body: dict[str, Any], wrong: dict[str, Any], code: str) -> None:
    before = face.stored()
    check_problem(await face.client.post(f"/api/v1{path}", json={**body, **wrong}), 400, code)
    assert face.stored() == before == face.settings


@pytest.mark.parametrize(
    ("path", "body"), [("/settings/transcode", _TRANSCODE), ("/settings/system", _SYSTEM), ("/settings/files", _FILES)]
)
async def test_a_missing_member_is_told_by_its_name(face: Face, path: str, body: dict[str, Any]) -> None:
    for name in body:
        rest = {member: value for member, value in body.items() if member != name}
        problem = check_problem(await face.client.post(f"/api/v1{path}", json=rest), 422, "INVALID_BODY")
        assert name in problem["detail"]


async def test_system_resets_what_is_left_out(face: Face) -> None:
    more = {"watch_enabled": True, "ui_theme": "dark", "update_channel": "rc", "update_auto_check": False}
    await face.send("POST", "/settings/system", {**_SYSTEM, **more, "update_check_interval_hours": 5})
    assert face.stored().scanner.watch_enabled
    assert face.stored().updates.channel == "rc"
    await face.send("POST", "/settings/system", _SYSTEM)
    assert await face.get("/settings/system") == {
        **_SYSTEM, "watch_enabled": False, "ui_theme": None, "update_channel": "stable", "update_auto_check": True,
        "update_check_interval_hours": 24,
    }  # fmt: skip
    assert face.stored().system.min_free_space_gb == 0  # not a member of this route


async def test_files_answer_with_what_was_stored(face: Face) -> None:
    link, real = face.home / "link", face.home / "results"
    real.mkdir()
    link.symlink_to(real)
    stored = await face.send("POST", "/settings/files", {**_FILES, "output_root": str(link)})
    assert stored == {"id": 1, **_FILES, "output_root": str(real)}
    assert await face.send("POST", "/settings/files", {**_FILES, "output_root": "  "}) == {"id": 1, **_FILES, "output_root": None}
    assert await face.get("/settings/files") == {"id": 1, **_FILES, "output_root": None}


_TEXT = """# my settings
[transcode]
size_reduction_threshold = 0.2
min_bpp_threshold = 0.05   # low
min_file_size_mb = 1
concurrent_jobs = 2
output_codec = "hevc"

[hardware]
allow_cpu_fallback = true
ffmpeg_path = "/tmp/evil"

[scanner]
directories = []

[files]
delete_source = true
output_extension = "mkv"
output_suffix = "-new"
replace_strategy = "replace"

[[notifications.targets]]
name = "chat"
target_type = "discord"
endpoint_url = "https://discord.example/secret-token"
events = ["completed"]

[notifications]
enabled = true
"""


async def test_the_text_is_stored_with_its_comments_and_no_program_can_be_named(face: Face) -> None:
    reply = await face.send("PUT", "/settings/config", {"raw_toml": _TEXT})
    assert reply["raw_toml"] == _TEXT
    assert (reply["source_of_truth"], reply["projection_status"]) == ("toml", "synced")
    assert reply["normalized"]["transcode"]["output_codec"] == "hevc"
    on_disk = face.config_file.read_text()
    assert "# my settings" in on_disk
    assert "# low" in on_disk
    assert "/tmp/evil" not in on_disk
    assert "discord.example" not in on_disk  # secrets lie beside the file, which only names them
    vault = Vault(LazySecrets(face.config_file.with_name("secrets.json")))
    assert face.settings == vault.unseal(face.stored())
    assert face.settings.notifications.targets[0].config_json == {"webhook_url": "https://discord.example/secret-token"}
    shown = await face.get("/settings/config")
    assert shown["raw_toml"] == on_disk
    assert shown["normalized"] == (await face.get("/settings/bundle"))["settings"]
    # What was read, with secrets named only, can be put back.
    again = await face.send("PUT", "/settings/config", {"raw_toml": on_disk})
    assert again["normalized"] == shown["normalized"]
    assert face.config_file.read_text() == on_disk


async def test_validation_tells_what_is_dangerous_and_nothing_secret(face: Face) -> None:
    before = face.config_file.read_bytes()
    reply = await face.client.post("/api/v1/settings/config/validate", json={"raw_toml": _TEXT})
    assert reply.status_code == 200
    assert "secret-token" not in reply.text
    body = reply.json()
    assert body["valid"] is True
    assert len(body["warnings"]) == 3
    assert body["summary"] == {
        "output_codec": "hevc", "replace_strategy": "replace", "output_root_set": False, "delete_source": True,
        "watch_dirs": 0, "notification_targets": 1, "schedule_windows": 0,
    }  # fmt: skip
    assert face.config_file.read_bytes() == before


@pytest.mark.parametrize(
    "text",
    [
        "not toml at all",
        "",
        "[transcode]\n",
        _TEXT.replace("concurrent_jobs = 2", "concurrent_jobs = 0"),
        _TEXT.replace("min_bpp_threshold = 0.05", "min_bpp_threshold = nan"),
        _TEXT.replace('"hevc"', "1979-05-27"),
        _TEXT.replace('events = ["completed"]', "events = []"),
        _TEXT.replace('"discord"', '"pager"'),
        "a = " + "[" * 5000,
        "#" * 300_000,
    ],
)
async def test_a_wrong_text_is_refused_and_changes_nothing(face: Face, text: str) -> None:
    before = face.config_file.read_bytes()
    for method, path in (("PUT", "/settings/config"), ("POST", "/settings/config/validate")):
        reply = await face.client.request(method, f"/api/v1{path}", json={"raw_toml": text})
        check_problem(reply, 400, "RAW_CONFIG_INVALID")
    assert face.config_file.read_bytes() == before
    assert face.settings == face.stored()


async def test_a_file_that_somebody_broke_is_told_and_not_written_over(face: Face) -> None:
    face.config_file.write_text("[broken")
    for method, path, body in (("POST", "/settings/transcode", _TRANSCODE), ("POST", "/settings/files", _FILES)):
        problem = check_problem(await face.client.request(method, f"/api/v1{path}", json=body), 500, "CONFIG_SAVE_FAILED")
        assert str(face.config_file) in problem["detail"]
    assert face.config_file.read_text() == "[broken"
    assert (await face.get("/settings/config"))["raw_toml"] == "[broken"  # so that it can be mended there


async def test_a_file_that_cannot_be_read_is_told(face: Face) -> None:
    face.config_file.unlink()
    face.config_file.mkdir()
    check_problem(await face.client.get("/api/v1/settings/config"), 500, "CONFIG_READ_FAILED")
    check_problem(await face.client.post("/api/v1/settings/transcode", json=_TRANSCODE), 500, "CONFIG_SAVE_FAILED")


async def test_the_text_of_a_missing_file_is_that_of_the_defaults(face: Face) -> None:
    face.config_file.unlink()
    text = (await face.get("/settings/config"))["raw_toml"]
    await face.send("PUT", "/settings/config", {"raw_toml": text})
    assert face.stored() == Settings()


async def test_a_dot_before_the_extension_is_no_part_of_it(face: Face) -> None:
    files = await face.get("/settings/files")
    stored = await face.send("POST", "/settings/files", {**files, "output_extension": " .mp4"})
    assert stored["output_extension"] == "mp4"
    reply = await face.client.post("/api/v1/settings/files", json={**files, "output_extension": "."})
    check_problem(reply, 400, "FILE_SETTINGS_INVALID")
