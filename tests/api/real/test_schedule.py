"""Schedule windows and their ids."""

import json
from typing import Any

import pytest

from tests.api.real.support import Face, open_face
from tests.api.support import check_problem

pytestmark = pytest.mark.anyio


def window(start: str = "22:00", end: str = "6:5", days: tuple[int, ...] = (2, 0, 1), *, enabled: bool = True) -> dict[str, Any]:
    return {"start_time": start, "end_time": end, "days_of_week": list(days), "enabled": enabled}


async def test_a_window_comes_back_normalised_with_its_days_as_text(face: Face) -> None:
    added = await face.send("POST", "/settings/schedule", window())
    assert added == {
        "id": added["id"], "start_time": "22:00", "end_time": "06:05", "days_of_week": "[0,1,2]", "enabled": True
    }  # fmt: skip
    assert await face.get("/settings/schedule") == [added]
    assert (await face.get("/settings/bundle"))["settings"]["schedule"]["windows"][0]["days_of_week"] == [0, 1, 2]


async def test_ids_survive_other_changes_and_a_restart(face: Face) -> None:
    ids = [(await face.send("POST", "/settings/schedule", window(start=f"{hour}:00")))["id"] for hour in (1, 2, 3)]
    twin = (await face.send("POST", "/settings/schedule", window(start="2:00")))["id"]
    assert len({*ids, twin}) == 4
    await face.send("DELETE", f"/settings/schedule/{ids[1]}")
    await face.send("POST", "/settings/system", {
        "monitoring_poll_interval": 3, "conversion_upload_limit_gb": 1, "conversion_download_retention_hours": 1,
        "enable_telemetry": False,
    })  # fmt: skip
    left = await face.get("/settings/schedule")
    assert [(known["id"], known["start_time"]) for known in left] == [(ids[0], "01:00"), (ids[2], "03:00"), (twin, "02:00")]
    bundle = (await face.get("/settings/bundle"))["settings"]
    bundle["schedule"]["windows"][0]["enabled"] = False
    await face.send("PUT", "/settings/bundle", bundle)
    assert [known["id"] for known in await face.get("/settings/schedule")] == [ids[0], ids[2], twin]
    async with open_face(face.home / "other") as fresh:
        assert await fresh.get("/settings/schedule") == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"start_time": "24:00"},
        {"end_time": "22:00"},
        {"days_of_week": []},
        {"days_of_week": [7]},
        {"days_of_week": [-1]},
    ],
)
async def test_a_wrong_window_is_refused(face: Face, wrong: dict[str, Any]) -> None:
    check_problem(await face.client.post("/api/v1/settings/schedule", json={**window(), **wrong}), 400, "SCHEDULE_INVALID")
    for name in window():
        rest = {member: value for member, value in window().items() if member != name}
        check_problem(await face.client.post("/api/v1/settings/schedule", json=rest), 422, "INVALID_BODY")
    assert face.stored().schedule.windows == ()


async def test_an_unknown_window_is_told(face: Face) -> None:
    check_problem(await face.client.delete("/api/v1/settings/schedule/99"), 404, "SCHEDULE_WINDOW_NOT_FOUND")
    check_problem(await face.client.delete("/api/v1/settings/schedule/x"), 400, "INVALID_PATH_ID")
    assert json.loads((await face.client.get("/api/schedule")).text)["code"] == "API_ROUTE_NOT_FOUND"
