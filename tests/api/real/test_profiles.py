"""Profiles and preferences."""

from typing import Any

import pytest

from tests.api.real.support import Face
from tests.api.support import check_problem

pytestmark = pytest.mark.anyio

_BODY: dict[str, Any] = {
    "name": " Mine ", "preset": "mine", "codec": "HEVC", "quality_profile": "quality", "hdr_mode": "preserve",
    "audio_mode": " copy ", "crf_override": 21, "notes": "  ",
}  # fmt: skip


async def test_the_presets_are_those_every_client_knows(face: Face) -> None:
    presets = await face.get("/profiles/presets")
    members = ("id", "name", "preset", "codec", "quality_profile", "hdr_mode", "audio_mode")
    assert [tuple(preset[member] for member in members) for preset in presets] == [
        (1, "Space Saver", "space_saver", "av1", "speed", "tonemap", "aac"),
        (2, "Quality First", "quality_first", "hevc", "quality", "preserve", "copy"),
        (3, "Balanced", "balanced", "av1", "balanced", "preserve", "copy"),
        (4, "Streaming", "streaming", "h264", "balanced", "tonemap", "aac_stereo"),
    ]
    assert all(preset["builtin"] and preset["notes"] and "created_at" not in preset for preset in presets)


async def test_a_profile_is_made_changed_and_deleted(face: Face) -> None:
    made = await face.send("POST", "/profiles", _BODY, status=201)
    assert {name: made[name] for name in ("name", "codec", "audio_mode", "crf_override", "notes", "builtin")} == {
        "name": "Mine", "codec": "hevc", "audio_mode": "copy", "crf_override": 21, "notes": None, "builtin": False
    }  # fmt: skip
    path = f"/profiles/{made['id']}"
    changed = await face.send("PUT", path, {**_BODY, "name": "Other", "notes": "why", "crf_override": None})
    assert changed == {
        **made, "name": "Other", "notes": "why", "crf_override": None, "updated_at": changed["updated_at"]
    }  # fmt: skip
    assert [known["id"] for known in await face.get("/profiles")] == [1, 2, 3, 4, made["id"]]
    assert await face.send("DELETE", path) == {"ok": True}
    check_problem(await face.client.delete(f"/api/v1{path}"), 404, "PROFILE_NOT_FOUND")


async def test_built_in_profiles_stay_as_they_are(face: Face) -> None:
    check_problem(await face.client.put("/api/v1/profiles/1", json={**_BODY, "name": ""}), 409, "BUILTIN_PROFILE_READ_ONLY")
    check_problem(await face.client.delete("/api/v1/profiles/4"), 409, "BUILTIN_PROFILE_DELETE_BLOCKED")


async def test_a_profile_in_use_is_not_deleted(face: Face) -> None:
    made = await face.send("POST", "/profiles", _BODY, status=201)
    watched = await face.send("POST", "/settings/watch-dirs", {"path": str(face.home)})
    await face.send("PATCH", f"/watch-dirs/{watched['id']}/profile", {"profile_id": made["id"]})
    check_problem(await face.client.delete(f"/api/v1/profiles/{made['id']}"), 409, "PROFILE_IN_USE")


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"codec": "vp9"}, {"audio_mode": ""}, {"crf_override": -1}, {"crf_override": 10**30}]
)
async def test_a_wrong_profile_is_refused_before_it_is_looked_for(face: Face, wrong: dict[str, Any]) -> None:
    check_problem(await face.client.post("/api/v1/profiles", json={**_BODY, **wrong}), 400, "INVALID_PROFILE")
    check_problem(await face.client.put("/api/v1/profiles/99", json={**_BODY, **wrong}), 400, "INVALID_PROFILE")
    check_problem(await face.client.put("/api/v1/profiles/99", json=_BODY), 404, "PROFILE_NOT_FOUND")


async def test_preferences_are_kept_apart_from_the_programs_own(face: Face) -> None:
    await face.core.parts.stores.preferences.set("installation", "secret")
    assert await face.get("/settings/preferences/installation") == {"key": "installation", "value": ""}
    stored = await face.send("POST", "/settings/preferences", {"key": " saved_job_views ", "value": "[]"})
    assert stored == await face.get("/settings/preferences/saved_job_views") == {"key": "saved_job_views", "value": "[]"}
    await face.send("POST", "/settings/preferences", {"key": "installation", "value": "mine"})
    assert await face.core.parts.stores.preferences.get("installation") == "secret"
    for wrong in (" ", "k" * 201):
        reply = await face.client.post("/api/v1/settings/preferences", json={"key": wrong, "value": ""})
        check_problem(reply, 400, "SETTING_PREFERENCE_KEY_INVALID")


async def test_the_theme_is_a_setting_and_a_preference(face: Face) -> None:
    assert await face.get("/ui/preferences") == {"active_theme_id": None}
    assert await face.send("POST", "/ui/preferences", {"active_theme_id": "night"}) == {"ok": True}
    assert await face.get("/ui/preferences") == {"active_theme_id": "night"}
    assert (await face.get("/settings/preferences/active_theme_id"))["value"] == "night"
    assert face.stored().appearance.active_theme_id == "night"
    assert await face.send("POST", "/ui/preferences", {}) == {"ok": True}
    assert face.stored().appearance.active_theme_id is None
    bundle = (await face.get("/settings/bundle"))["settings"]
    await face.send("PUT", "/settings/bundle", {**bundle, "appearance": {"active_theme_id": "dawn"}})
    assert (await face.get("/settings/preferences/active_theme_id"))["value"] == "dawn"
