"""The library's health, intelligence and previews: their shapes and their refusals."""

import pytest

from tests.api.shapes import JobShape
from tests.api.support import World, check_problem

pytestmark = pytest.mark.anyio


async def test_health_summary_has_the_members_of_the_contract(world: World) -> None:
    async with world.client() as client:
        body = (await client.get("/api/v1/library/health")).json()
    assert (body["total_checked"], body["issues_found"], body["last_run"]) == (7, 2, "2026-04-30 12:00:00")
    assert (body["running"], body["unfinished_depth"]) == (False, None)


async def test_issues_carry_job_and_report_even_for_files_without_a_job(world: World) -> None:
    async with world.client() as client:
        reply = await client.get("/api/v1/library/health/issues")
    first, stray = reply.json()
    for issue in (first, stray):
        JobShape.model_validate(issue["job"])
        assert issue["report"]["category"] == "truncated_file"
        assert issue["report"]["summary"] == "The file is cut off."
        assert issue["report"]["raw_output"] == "1 of 2 bytes"
        assert "get the file again" in issue["report"]["advice"]
        assert (issue["depth"], issue["checked_at"]) == ("packets", "2026-04-30T12:00:00Z")
    assert (first["job"]["id"], first["job"]["status"]) == (1, "completed")
    assert (stray["job"]["id"], stray["job"]["input_path"]) == (0, "/media/stray.mkv")


@pytest.mark.parametrize("prefix", ["/api/v1", "/api"])
async def test_one_health_scan_at_a_time(world: World, prefix: str) -> None:
    async with world.client() as client:
        started = await client.post(f"{prefix}/library/health/scan")
        assert (started.status_code, started.json()) == (202, {"ok": True, "status": "accepted"})
        check_problem(await client.post(f"{prefix}/library/health/scan"), 409, "HEALTH_SCAN_IN_PROGRESS")
        running = (await client.get(f"{prefix}/library/health")).json()
        assert (await client.post(f"{prefix}/library/health/cancel")).json() == {"ok": True}
        again = await client.post(f"{prefix}/library/health/scan?depth=full&fresh=true&yield_to_jobs=true")
    assert running["running"] is True
    assert again.status_code == 202
    assert world.health.started == [("sample", False, False), ("full", True, True)]


async def test_a_depth_nobody_knows_is_refused(world: World) -> None:
    async with world.client() as client:
        check_problem(await client.post("/api/v1/library/health/scan?depth=deepest"), 400, "INVALID_QUERY")
    assert world.health.started == []


async def test_one_job_is_checked_again(world: World) -> None:
    async with world.client() as client:
        reply = await client.post("/api/v1/library/health/scan/1")
        check_problem(await client.post("/api/v1/library/health/scan/2"), 404, "JOB_NOT_FOUND")
        check_problem(await client.post("/api/v1/library/health/scan/x"), 400, "INVALID_PATH_ID")
    assert (reply.status_code, reply.json()) == (200, {"job_id": 1, "issue_found": True})


async def test_intelligence_has_the_members_of_the_contract(world: World) -> None:
    async with world.client() as client:
        body = (await client.get("/api/v1/library/intelligence")).json()
    (group,) = body["duplicate_groups"]
    assert (group["stem"], group["count"], group["freed_bytes"], group["proved"]) == ("copy 1", 3, 1000, True)
    assert group["paths"][0] == {"id": 1, "path": "/media/Copy 1.mkv", "status": "queued"}
    assert body["total_duplicates"] == 2
    assert body["recommendation_counts"] == {
        "duplicates": 1,
        "remux_only_candidate": 0,
        "wasteful_audio_layout": 1,
        "commentary_cleanup_candidate": 0,
    }
    (advice,) = body["recommendations"]
    assert advice["type"] == "wasteful_audio_layout"
    assert (advice["path"], advice["freed_bytes"]) == ("/media/a.mkv", 42)
    assert all(isinstance(advice[name], str) and advice[name] for name in ("title", "summary", "suggested_action"))


@pytest.mark.parametrize(("given", "taken"), [({}, 60), ({"max_files": 0}, 1), ({"max_files": 7}, 7), ({"max_files": 900}, 200)])
async def test_preview_tells_what_would_be_done(world: World, given: dict[str, int], taken: int) -> None:
    async with world.client() as client:
        body = (await client.post("/api/v1/library/preview", json={"path": "/media", **given})).json()
    assert world.preview.asked == [("/media", taken)]
    assert body == {
        "scanned": 2,
        "truncated": True,
        "counts": {"skip": 0, "remux": 0, "encode": 1, "error": 1},
        "bytes_under_consideration": {"skip": 0, "remux": 0, "encode": 1000},
        "samples": [
            {"path": "/media/a.mkv", "action": "encode", "reason": "transcode_h264_source", "size_bytes": 1000},
            {"path": "/media/b.mkv", "action": "error", "reason": "Invalid data", "size_bytes": 0},
        ],
    }


async def test_preview_is_refused_while_busy_and_under_the_legacy_prefix(world: World) -> None:
    async with world.client() as client:
        check_problem(await client.post("/api/v1/library/preview", json={"path": "/busy"}), 429, "PREVIEW_BUSY")
        check_problem(await client.post("/api/library/preview", json={"path": "/media"}), 405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("part", "method", "path", "code"),
    [
        ("health", "GET", "/library/health", "GET_HEALTH_SUMMARY_FAILED"),
        ("health", "GET", "/library/health/issues", "GET_HEALTH_ISSUES_FAILED"),
        ("health", "POST", "/library/health/scan/1", "HEALTH_CHECK_FAILED"),
        ("intelligence", "GET", "/library/intelligence", "GET_INTELLIGENCE_JOBS_FAILED"),
    ],
)
async def test_faults_have_the_code_of_their_route(world: World, part: str, method: str, path: str, code: str) -> None:
    world.broken = frozenset({part})
    async with world.client() as client:
        body = check_problem(await client.request(method, f"/api/v1{path}"), 500, code)
    assert "secret detail" not in body["detail"]


@pytest.mark.parametrize("path", ["/library/health", "/library/health/issues", "/library/intelligence"])
async def test_reading_is_open_to_read_only_tokens(world: World, path: str) -> None:
    async with world.client("alc_tok_read_only") as client:
        assert (await client.get(f"/api/v1{path}")).status_code == 200
        check_problem(await client.post("/api/v1/library/health/scan"), 403, "API_TOKEN_FORBIDDEN")
